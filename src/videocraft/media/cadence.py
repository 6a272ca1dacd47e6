"""Whether frames come at a constant rate, and at which: pure arithmetic on presentation times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from videocraft.media.time import median, round_half_up, snap_rate

# Rounding every time to the clock's tick moves neighbours by less than a tick each; phones whose clock is
# coarse (1/600 s) jitter by one more.
_JITTER_TICKS = 2
# On a coarser clock a wobbling recording can't be told from rounding.
_LEAST_TICKS = 4

_COMMON_RATES = (
    *map(Fraction, (10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 90, 100, 120, 240)),
    *(Fraction(whole * 1000, 1001) for whole in (24, 30, 60, 120)),
)
"""What cameras and phones are set to."""
_OFF_COMMON = Fraction(4, 100)
"""How far from the set rate the usual frame of a wobbling recording may be."""
_OFF_MEAN = Fraction(3, 10_000)
"""How far the mean of a recording without drop-outs may be: 29.97 and 30 are three times as far apart."""
_MANY = 0.4
"""So large a share of the steps says what the usual one is; of jitter that hides it fewer are alike."""
_RUN = 12
"""Frames in a row over which jitter cancels out."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """How the pictures of a stream follow one another."""

    rate: Fraction
    """Frames per second: of the grid when constant, else what the recorder was set to, as far as it shows."""
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
    rate = _nominal(1 / (_usual(steps, windows, typical) * time_base), 1 / (mean * time_base))
    return Cadence(rate, is_constant=False, longest_gap=longest_gap)


def _usual(steps: Sequence[int], windows: Sequence[Sequence[int]], typical: int) -> Fraction:
    """Ticks from a picture to the next where none is missing, of a recording that wobbles."""
    alike = [step for step in steps if 10 * abs(step - typical) <= typical]
    runs = [
        after - before for window in windows for before, after in zip(window, window[_RUN:], strict=False)
    ]
    if len(alike) >= _MANY * len(steps) or not runs:
        # Many are alike: the others are drop-outs, or beside a picture that is late (two for each).
        return Fraction(sum(alike), len(alike))
    # Every picture comes a little early or late, so that no single step says anything.
    return max(Fraction(median(runs), _RUN), Fraction(1, _RUN))


def _nominal(usual: Fraction, mean: Fraction) -> Fraction:
    """The rate that a recorder was set to, from those of its usual frame and of all of its frames."""
    near = [rate for rate in _COMMON_RATES if abs(rate - usual) <= _OFF_COMMON * usual]
    exact = [rate for rate in near if abs(rate - mean) <= _OFF_MEAN * mean]
    if near:
        return min(exact or near, key=lambda rate: abs(rate - (mean if exact else usual)))
    whole = round_half_up(usual)
    return Fraction(whole) if whole else usual


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
