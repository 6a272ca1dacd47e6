"""Where a clip may begin and end: in the pause beside its words, on a cut when one is near."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

LEAD_SECONDS = 0.25
"""Air before the first word."""
TAIL_SECONDS = 0.45
"""Air behind the last word: a voice fades, and recognisers end words early."""
CUT_REACH_SECONDS = 0.6
"""A cut so near is where the clip begins or ends; else a picture of another shot would flash by."""


def begin_before(first_word: float, last_end: float, cuts: Sequence[float]) -> float:
    """Begin of a clip whose first word starts at ``first_word``; the word before it ends at ``last_end``."""
    earliest = max(last_end, first_word - CUT_REACH_SECONDS)
    cut = _last_within(cuts, earliest, first_word)
    if cut is not None:
        return cut
    # No more than half of the pause: the other half belongs to what was said before.
    return max(0.0, first_word - LEAD_SECONDS, (first_word + last_end) / 2)


def end_behind(last_word: float, next_start: float, cuts: Sequence[float]) -> float:
    """End of a clip whose last word ends at ``last_word``; the next word starts at ``next_start``."""
    cut = _first_within(cuts, last_word, min(next_start, last_word + CUT_REACH_SECONDS))
    if cut is not None:
        return cut
    return min(last_word + TAIL_SECONDS, (last_word + next_start) / 2)


def _last_within(cuts: Sequence[float], low: float, high: float) -> float | None:
    at = bisect_left(cuts, high + 1e-9) - 1
    return cuts[at] if at >= 0 and cuts[at] >= low else None


def _first_within(cuts: Sequence[float], low: float, high: float) -> float | None:
    at = bisect_left(cuts, low - 1e-9)
    return cuts[at] if at < len(cuts) and cuts[at] <= high else None
