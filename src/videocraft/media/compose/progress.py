"""The progress of a film whose pieces are made at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable

_RENDERED = 0.93
"""Share of the progress at which every piece is there; joining and checking are the rest."""
_JOINED = 0.97
_LEAST_STEP = 0.002


class Meter:
    """Adds up the frames of pieces; thread-safe, never going back."""

    def __init__(self, frames: int, tell: Callable[[float, str], None]) -> None:
        self._frames = frames
        self._tell = tell
        self._done = 0
        self._told = 0.0
        self._lock = threading.Lock()

    def part(self, frames: int) -> Callable[[int], None]:
        """A reporter for one piece: it is told how many of its ``frames`` are done."""
        reported = 0

        def report(done: int) -> None:
            nonlocal reported
            with self._lock:
                now = min(done, frames)
                if now > reported:
                    self._done += now - reported
                    reported = now
                    self._advance(_RENDERED * self._done / self._frames, "Rendering scenes")

        return report

    def joining(self) -> None:
        """All pieces are there."""
        with self._lock:
            self._advance(_RENDERED, "Joining the scenes")

    def checking(self) -> None:
        """The film is written."""
        with self._lock:
            self._advance(_JOINED, "Checking the finished film")

    def _advance(self, fraction: float, message: str) -> None:
        if fraction - self._told >= _LEAST_STEP or fraction >= _RENDERED:
            self._told = max(self._told, fraction)
            self._tell(self._told, message)
