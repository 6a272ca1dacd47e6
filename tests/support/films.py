"""Making films in tests: sources, a store of stages that counts, and the pictures of what came out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from videocraft.media import ffmpeg
from videocraft.media.captions.transcript import Segment, Transcript, Word
from videocraft.media.compose.film import Film, FilmReport, Source
from videocraft.media.compose.render import make_film
from videocraft.media.edit import Tools
from videocraft.media.probe import MediaInfo, probe
from videocraft.media.process import Limits

Pictures = NDArray[np.uint8]

LIMITS = Limits(wall_seconds=120, cpu_seconds=240)


def source(path: Path) -> Source:
    """A file as a source of films."""
    (info,) = probe([path], images=True)
    assert isinstance(info, MediaInfo), info
    return Source(path, info)


@dataclass
class Stages:
    """Keeps pieces in a folder, and the names of those that were made."""

    folder: Path
    made: list[str] = field(default_factory=list)

    def __call__(self, name: str, key: Mapping[str, Any], make: Callable[[Path], None], /) -> Path:
        digest = hashlib.sha256(json.dumps([name, key], sort_keys=True, allow_nan=False).encode()).hexdigest()
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{digest}{Path(name).suffix}"
        if not path.exists():
            part = self.folder / f"part-{digest}{Path(name).suffix}"
            make(part)
            part.rename(path)
            self.made.append(name)
        return path


@dataclass
class Made:
    """A film that was made, and what was said meanwhile."""

    path: Path
    report: FilmReport
    progress: list[float]
    stages: Stages


def compose(
    film: Film, folder: Path, *, stages: Stages | None = None, should_stop: Callable[[], bool] = lambda: False
) -> Made:
    """Make ``film`` in ``folder``."""
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    stages = stages or Stages(folder / "stages")
    progress: list[float] = []
    report = make_film(
        film,
        folder / "film.mp4",
        workdir=work,
        tools=Tools(ffmpeg.binary(), LIMITS, 2),
        stage=stages,
        should_stop=should_stop,
        on_progress=lambda fraction, _: progress.append(fraction),
        warn=lambda _: None,
    )
    return Made(folder / "film.mp4", report, progress, stages)


def pictures(path: Path) -> Pictures:
    """All frames as RGB, shape (frames, height, width, 3)."""
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def spoken(text: str, *, start: float = 0.2, each: float = 0.25, duration: float = 60.0) -> Transcript:
    """A transcript in which every word lasts ``each`` seconds."""
    words = tuple(
        Word(word, start + number * each, start + (number + 1) * each)
        for number, word in enumerate(text.split())
    )
    return Transcript("en", duration, (Segment(text, start, words[-1].end, words),))
