"""The progress of an export whose pieces are made at the same time."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable

from videocraft.media.smartcut import Plan

AUDIO_COST = 0.35
"""What a frame's time of sound costs to decode and encode, where encoding a frame costs 1."""
_COPY_COST = 0.03
CHECK_SHARE = 0.03
"""Part of the progress that is left for checking the finished file."""
_LEAST_STEP = 0.002
"""Progress is told when it moved this far: often enough for a bar, seldom enough to cost nothing."""


class Meter:
    """Adds up the progress of pieces that are made at the same time; thread-safe, never going back."""

    def __init__(self, plan: Plan, include_audio: bool, tell: Callable[[float, str], None]) -> None:
        encoded = plan.frames - plan.frames_copied
        self._total = encoded + _COPY_COST * plan.frames + (AUDIO_COST * plan.frames if include_audio else 0)
        self._plan = plan
        self._tell = tell
        self._done = 0.0
        self._fraction = 0.0
        self._lock = threading.Lock()

    def part(self, cost: float, frames: int) -> Callable[[int], None]:
        """A reporter for one piece: it is told how many of its ``frames`` are done."""
        reported = 0.0

        def report(done: int) -> None:
            nonlocal reported
            now = cost * min(1.0, done / frames)
            with self._lock:
                if now > reported:
                    self._advance(now - reported)
                    reported = now

        return report

    def joined(self) -> None:
        """One more picture stands in the output."""
        with self._lock:
            self._advance(_COPY_COST)

    def _advance(self, cost: float) -> None:
        self._done += cost
        fraction = min(1.0, self._done / self._total)
        if fraction < 1.0 and fraction - self._fraction < _LEAST_STEP:
            return
        self._fraction = fraction
        segments = len(self._plan.pieces)
        at = bisect_right(self._plan.boundaries, int(fraction * self._plan.frames))
        told = fraction * (1 - CHECK_SHARE)
        self._tell(told, f"Processing segment {min(at, segments)} of {segments}")
