"""Whether frames come at a constant rate, and at which: pure arithmetic on presentation times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from videocraft.media.time import median, snap_rate

# Rounding every time to the clock's tick moves neighbours by less than a tick each; phones whose clock is
# coarse (1/600 s) jitter by one more.
_JITTER_TICKS = 2
# On a coarser clock a wobbling recording can't be told from rounding.
_LEAST_TICKS = 4


@dataclass(frozen=True, slots=True)
class Cadence:
    """How the pictures of a stream follow one another."""

    rate: Fraction
    """Frames per second: of the grid when constant, else of the median frame."""
    is_constant: bool
    longest_gap: Fraction
    """Seconds."""


def measure(windows: Sequence[Sequence[int]], time_base: Fraction) -> Cadence | None:
    """The cadence of one or more uninterrupted runs of frames.

    Args:
        windows: presentation times in ticks, ascending in each run; one run is a whole stream, several are
            samples of one.
        time_base: seconds of a tick.

    Returns:
        ``None`` when no two frames follow each other.
    """
    steps = [after - before for window in windows for before, after in pairwise(window)]
    if not steps:
        return None
    longest_gap = max(steps) * time_base
    typical = median(steps)
    if typical <= 0:
        return None
    # On a millisecond clock the frames of 30 fps last 33 and 34: their mean says 30, the median does not.
    like = [step for step in steps if abs(step - typical) <= 1]
    step = Fraction(sum(like), len(like))
    nominal = snap_rate(1 / (step * time_base))
    longest = max(windows, key=len)
    mean = Fraction(longest[-1] - longest[0], len(longest) - 1)
    for rate in dict.fromkeys((nominal, 1 / (step * time_base), 1 / (mean * time_base))):
        if all(_on_grid(window, 1 / (rate * time_base)) for window in windows):
            return Cadence(rate, is_constant=True, longest_gap=longest_gap)
    return Cadence(nominal, is_constant=False, longest_gap=longest_gap)


def _on_grid(window: Sequence[int], step: Fraction) -> bool:
    """Whether the times are a grid of ``step`` ticks, but for rounding."""
    if not window:
        return True
    steps, scale = step.numerator, step.denominator
    first = window[0]
    # In whole numbers: a Fraction for each frame of two hours would take a second.
    errors = [(time - first) * scale - index * steps for index, time in enumerate(window)]
    spread = max(errors) - min(errors)
    return spread == 0 or (step >= _LEAST_TICKS and spread <= _JITTER_TICKS * scale)
