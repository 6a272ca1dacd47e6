"""All cameras of a session against their master."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path

from videocraft.media.crew import Crew
from videocraft.media.process import Stopped
from videocraft.media.sync.apart import LONGEST_SECONDS, SHORTEST_SECONDS, listen_apart
from videocraft.media.sync.coarse import candidates
from videocraft.media.sync.judge import nothing, verdict
from videocraft.media.sync.match import Match, look
from videocraft.media.sync.report import PairResult, SyncReport, Track
from videocraft.media.sync.sound import Sound, listen

_CANDIDATES = 8
_CLOSELY = 3
_SAME_PLACE_S = 0.02
_SHARE_OF_LISTENING = 0.8


def measure(
    tracks: Mapping[str, Track],
    master: str,
    *,
    workdir: Path,
    should_stop: Callable[[], bool],
    on_progress: Callable[[float], None],
) -> SyncReport:
    """Measure every camera's offset to the master's, from their sound.

    Every camera is decoded once, several at a time; see the package for the method.

    Args:
        tracks: by camera label; with the master.
        master: a label of ``tracks``.
        workdir: an existing folder for 16 kB a second of sound; its files are removed.
        should_stop: asked often, from several threads.
        on_progress: gets 0 to 1, from several threads, never less than before.

    Raises:
        ValueError: ``master`` is none of ``tracks``.
        MediaError: a file has no sound (``MISSING_AUDIO_TRACK``) or can't be read.
        process.Stopped: ``should_stop`` said so.
    """
    if master not in tracks:
        raise ValueError(f"the master camera {master} is none of {', '.join(tracks)}")
    work = _Work(tracks, master, workdir, should_stop, _Progress(on_progress, len(tracks)))
    try:
        return SyncReport(master, work.run())
    finally:
        work.clean_up()


def compare(label: str, master: Sound, camera: Sound, *, should_stop: Callable[[], bool]) -> PairResult:
    """Measure one camera.

    Raises:
        process.Stopped: ``should_stop`` said so.
    """
    if should_stop():
        raise Stopped
    coarse = candidates(master.flux, camera.flux, _CANDIDATES)
    looked = [
        (match, candidate)
        for candidate in coarse
        if (match := look(master, camera, candidate, closely=False, should_stop=should_stop)) is not None
    ]
    if not looked:
        return verdict(label, master, camera, None, [])
    looked.sort(key=lambda pair: -pair[0].strength * pair[0].share)
    close: list[Match] = []
    for rough, candidate in looked:
        if len(close) >= _CLOSELY or any(_is_same(rough, match) for match in close):
            continue
        match = look(master, camera, candidate, closely=True, should_stop=should_stop)
        if match is not None and not any(_is_same(match, kept) for kept in close):
            close.append(match)
    if not close:
        return nothing(label, ["The recordings have no second of sound in common."])
    close.sort(key=lambda match: -match.strength * match.share)
    return verdict(label, master, camera, close[0], close[1:])


def _is_same(one: Match, other: Match) -> bool:
    return abs(one.middle_offset_s - other.middle_offset_s) < _SAME_PLACE_S


class _Work:
    """Listening and comparing, shared out over the processors.

    A pair is compared as soon as both of its sounds are there, while others are still listened to.
    """

    def __init__(
        self,
        tracks: Mapping[str, Track],
        master: str,
        workdir: Path,
        should_stop: Callable[[], bool],
        progress: _Progress,
    ) -> None:
        # Every pair needs the master: it comes first.
        self._order = [master, *sorted(set(tracks) - {master})]
        self._tracks = tracks
        self._paths = {label: workdir / f"sound-{number}.s16" for number, label in enumerate(self._order)}
        self._progress = progress
        self._threads = min(len(self._order), len(os.sched_getaffinity(0)))
        self._crew = Crew(self._threads, "sync", should_stop)

    def run(self) -> dict[str, PairResult]:
        """The pairs by label. The first error stops the rest, and is raised."""
        master, *others = self._order
        with self._crew as crew:
            sounds = {label: crew.submit(self._listen, label) for label in self._order}
            # They begin after all listening has begun, so whatever they wait for is under way.
            pairs = {
                label: crew.submit(self._compare, label, sounds[master], sounds[label]) for label in others
            }
        self._progress.to(1.0)
        return {label: pair.result() for label, pair in pairs.items()}

    def clean_up(self) -> None:
        """Remove the sounds."""
        for path in self._paths.values():
            path.unlink(missing_ok=True)

    def _listen(self, label: str) -> Sound:
        track, tell = self._tracks[label], self._progress.of(label)
        is_worth_it = SHORTEST_SECONDS <= track.info.duration <= LONGEST_SECONDS
        hear = listen_apart if is_worth_it and self._threads > 1 else listen
        return hear(track, self._paths[label], should_stop=self._crew.stopped, on_progress=tell)

    def _compare(self, label: str, master: Future[Sound], camera: Future[Sound]) -> PairResult:
        pair = compare(label, master.result(), camera.result(), should_stop=self._crew.stopped)
        self._progress.compared()
        return pair


class _Progress:
    """The progress of several threads as one number that never goes back."""

    def __init__(self, tell: Callable[[float], None], cameras: int) -> None:
        self._tell = tell
        self._cameras = cameras
        self._shares: dict[str, float] = {}
        self._compared = 0
        self._highest = 0.0
        self._lock = threading.Lock()

    def of(self, label: str) -> Callable[[float], None]:
        """Where the listening to one camera tells its share."""

        def tell(share: float) -> None:
            with self._lock:
                self._shares[label] = share
            self._update()

        return tell

    def compared(self) -> None:
        """One more pair is compared."""
        with self._lock:
            self._compared += 1
        self._update()

    def _update(self) -> None:
        with self._lock:
            listened = sum(self._shares.values()) / self._cameras
            compared = self._compared / max(1, self._cameras - 1)
        self.to(_SHARE_OF_LISTENING * listened + (1 - _SHARE_OF_LISTENING) * compared)

    def to(self, fraction: float) -> None:
        """All that is done, 0 to 1."""
        with self._lock:
            if fraction <= self._highest:
                return
            self._highest = fraction
            self._tell(fraction)
