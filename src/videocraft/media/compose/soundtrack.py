"""The sound of a film as an encoded file that is kept, with what was measured in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from videocraft.media.check import peak_warnings
from videocraft.media.compose import sound
from videocraft.media.compose.film import Film
from videocraft.media.compose.loudness import Mastering, Measured
from videocraft.media.crew import Crew
from videocraft.media.edit import Stage, Tools


@dataclass(frozen=True)
class Soundtrack:
    """The encoded sound of a whole film.

    Attributes:
        loudness: integrated, in LUFS; None when silent or not to be heard.
        warnings: what is odd about it, in sentences.
    """

    path: Path
    loudness: float | None
    warnings: tuple[str, ...]


class Recording:
    """Makes the soundtrack of a film, or finds it.

    Args:
        stage: keeps the sound and what was measured in it: a film whose pictures change needs neither again.
        key: what every stage of the film depends on.
        warn: gets what could not be reached.
    """

    def __init__(
        self,
        film: Film,
        *,
        workdir: Path,
        tools: Tools,
        stage: Stage,
        crew: Crew,
        key: Mapping[str, Any],
        warn: Callable[[str], None],
    ) -> None:
        self._film = film
        self._placed = sound.place(film)
        self._samples = sound.length_of(film)
        self._workdir = workdir
        self._stage = stage
        self._crew = crew
        self._mastering = Mastering(tools, crew.stopped, warn)
        self._key = {
            **key,
            "samples": self._samples,
            "loudness": repr(film.loudness),
            "clips": [
                [
                    clip.source.identity,
                    clip.begin,
                    [[str(span.start), span.samples] for span in clip.spans],
                    *(clip.gain, clip.fade_in, clip.fade_out, clip.is_ducked),
                ]
                for clip in self._placed
            ],
        }

    def make(self) -> Soundtrack:
        """Mix, master and measure what is not there yet."""
        measured: Measured | None = None

        def encode(path: Path) -> None:
            nonlocal measured
            measured = self._encode(path)

        def note(path: Path) -> None:
            found = measured or self._mastering.measure_file(track)
            path.write_text(json.dumps([found.loudness, found.peak]), encoding="utf-8")

        track = self._stage("sound.mp4", self._key, encode)
        if not self._placed:
            # Silent on purpose.
            return Soundtrack(track, None, ())
        loudness, peak = json.loads(self._stage("sound.json", self._key, note).read_text(encoding="utf-8"))
        return Soundtrack(track, loudness, tuple(peak_warnings(peak)))

    def _encode(self, path: Path) -> Measured | None:
        mixed = self._workdir / "mix.f32"
        sound.mix(self._placed, self._samples, mixed, self._crew.check)
        try:
            if self._placed:
                return self._mastering.master(mixed, self._film.loudness, path)
            self._mastering.encode(mixed, path)
            return None
        finally:
            mixed.unlink()
