"""All cameras of a session against their master."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from videocraft.media.process import Stopped
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
    progress = _Progress(on_progress, len(tracks))
    sounds = _listen_to_all(tracks, workdir, should_stop, progress)
    try:
        pairs = {}
        others = sorted(set(tracks) - {master})
        for done, label in enumerate(others):
            pairs[label] = compare(label, sounds[master], sounds[label], should_stop=should_stop)
            share = (done + 1) / len(others)
            progress.to(_SHARE_OF_LISTENING + (1 - _SHARE_OF_LISTENING) * share)
    finally:
        for sound in sounds.values():
            sound.path.unlink(missing_ok=True)
    progress.to(1.0)
    return SyncReport(master, pairs)


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


def _listen_to_all(
    tracks: Mapping[str, Track], workdir: Path, should_stop: Callable[[], bool], progress: _Progress
) -> dict[str, Sound]:
    failed = threading.Event()
    threads = min(len(tracks), len(os.sched_getaffinity(0)))
    with ThreadPoolExecutor(threads, thread_name_prefix="listen") as pool:
        futures = {
            label: pool.submit(
                listen,
                track,
                workdir / f"sound-{number}.s16",
                should_stop=lambda: failed.is_set() or should_stop(),
                on_progress=progress.of(label),
            )
            for number, (label, track) in enumerate(tracks.items())
        }
        for future in futures.values():
            future.add_done_callback(lambda done: failed.set() if done.exception() else None)
    errors = [error for future in futures.values() if (error := future.exception()) is not None]
    if errors:
        for number in range(len(tracks)):
            (workdir / f"sound-{number}.s16").unlink(missing_ok=True)
        # The others were stopped because of the first; their Stopped is not the story.
        raise min(errors, key=lambda error: isinstance(error, Stopped))
    return {label: future.result() for label, future in futures.items()}


class _Progress:
    """The progress of several threads as one number that never goes back."""

    def __init__(self, tell: Callable[[float], None], cameras: int) -> None:
        self._tell = tell
        self._cameras = cameras
        self._shares: dict[str, float] = {}
        self._highest = 0.0
        self._lock = threading.Lock()

    def of(self, label: str) -> Callable[[float], None]:
        """Where the listening to one camera tells its share."""

        def tell(share: float) -> None:
            with self._lock:
                self._shares[label] = share
                total = sum(self._shares.values()) / self._cameras
            self.to(_SHARE_OF_LISTENING * total)

        return tell

    def to(self, fraction: float) -> None:
        with self._lock:
            if fraction <= self._highest:
                return
            self._highest = fraction
            self._tell(fraction)
