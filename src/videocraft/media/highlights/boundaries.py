"""Where a clip may begin and end: in the pause beside its words, on a cut when one is near."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from videocraft.media.silences import Silence

LEAD_SECONDS = 0.25
"""Air before the first word."""
TAIL_SECONDS = 0.45
"""Air behind the last word: a voice fades, and recognisers end words early."""
CUT_REACH_SECONDS = 0.6
"""A cut so near is where the clip begins or ends; else a picture of another shot would flash by."""

RECOGNISER_SECONDS = 0.3
"""Times of words may be so wrong; a silence so near shows where the voice really begins or ends."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """The silence around the words of a clip, in seconds.

    From the end of the word before to its first word, and from the end of its last word to the next one.
    """

    before: float
    first_word: float
    last_word: float
    after: float

    def begin(self, cuts: Sequence[float] = ()) -> float:
        """Where the clip begins."""
        low, high = self.begins_within
        cut = _last_within(cuts, low, high)
        if cut is not None:
            return cut
        # No more than half of the pause: the other half belongs to what was said before.
        return max(0.0, self.first_word - LEAD_SECONDS, (self.first_word + self.before) / 2)

    def end(self, cuts: Sequence[float] = ()) -> float:
        """Where the clip ends."""
        low, high = self.ends_within
        cut = _first_within(cuts, low, high)
        if cut is not None:
            return cut
        return min(self.last_word + TAIL_SECONDS, (self.last_word + self.after) / 2)

    @property
    def begins_within(self) -> tuple[float, float]:
        """Where a cut would be its begin."""
        return max(self.before, self.first_word - CUT_REACH_SECONDS), self.first_word

    @property
    def ends_within(self) -> tuple[float, float]:
        """Where a cut would be its end."""
        return self.last_word, min(self.after, self.last_word + CUT_REACH_SECONDS)


def onset(word: float, silences: Sequence[Silence]) -> float:
    """Where the sound of a word begins that is said to start at ``word``: at the end of a silence near it."""
    at = bisect_right(silences, word + RECOGNISER_SECONDS, key=lambda silence: silence.end) - 1
    if at >= 0 and silences[at].end >= word - RECOGNISER_SECONDS:
        return silences[at].end
    return word


def offset(word: float, silences: Sequence[Silence]) -> float:
    """Where the sound of a word ends that is said to end at ``word``: at the begin of a silence near it."""
    at = bisect_left(silences, word - RECOGNISER_SECONDS, key=lambda silence: silence.start)
    if at < len(silences) and silences[at].start <= word + RECOGNISER_SECONDS:
        return silences[at].start
    return word


def _last_within(cuts: Sequence[float], low: float, high: float) -> float | None:
    at = bisect_left(cuts, high + 1e-9) - 1
    return cuts[at] if at >= 0 and cuts[at] >= low else None


def _first_within(cuts: Sequence[float], low: float, high: float) -> float | None:
    at = bisect_left(cuts, low - 1e-9)
    return cuts[at] if at < len(cuts) and cuts[at] <= high else None
