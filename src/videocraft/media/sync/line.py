"""The line through the windows: offset and drift, whatever part of the windows is wrong.

RANSAC (Fischler & Bolles, "Random sample consensus", 1981), with every pair of points tried instead of
random ones, for they are few; then weighted least squares through those that agree. Their slope is drawn
towards zero as far as
the points leave it open: on a short overlap no drift can be measured, and most recorders have little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videocraft.media.sync.coarse import MAX_DRIFT

TOLERANCE_S = 0.0003
"""How far a window may lie off the line and count as agreeing."""

_CAP = 20.0
"""No window counts for more than this height: one loud clap must not outvote the rest."""
_DRIFT_PRIOR = 50e-6
_LEAST_ERROR_S = 2e-5

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """``offset_s`` at camera second ``middle_s``, growing by ``drift`` a second."""

    offset_s: float
    drift: float
    middle_s: float
    support: float = 0.0

    def at(self, time_s: float) -> float:
        """The offset at a second of the camera."""
        return self.offset_s + self.drift * (time_s - self.middle_s)


def consensus(times: Array, offsets: Array, heights: Array) -> Line | None:
    """The line with the most support of one polarity; None without points.

    Args:
        times, offsets: of the points, seconds; one time may have several.
        heights: signed, over noise.
    """
    best: Line | None = None
    for sign in (1, -1):
        chosen = np.flatnonzero(heights * sign > 0)
        line = _consensus(times[chosen], offsets[chosen], np.minimum(np.abs(heights[chosen]), _CAP))
        if line is not None and (best is None or line.support > best.support):
            best = line
    return best


def _consensus(times: Array, offsets: Array, weights: Array) -> Line | None:
    if not len(times):
        return None
    one, two = np.triu_indices(len(times), 1)
    apart = times[two] - times[one]
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = (offsets[two] - offsets[one]) / apart
    possible = (apart != 0) & (np.abs(slopes) <= MAX_DRIFT)
    # A single point is a line too: without it, a lone window would have none.
    starts = np.concatenate([np.arange(len(times)), one[possible]])
    slopes = np.concatenate([np.zeros(len(times)), slopes[possible]])
    best, best_support = 0, -1.0
    for first in range(0, len(starts), 512):  # bounded memory
        part = slice(first, first + 512)
        expected = offsets[starts[part], None] + slopes[part, None] * (times - times[starts[part], None])
        support = ((np.abs(expected - offsets) < TOLERANCE_S) * weights).sum(axis=1)
        if support.max() > best_support:
            best, best_support = first + int(support.argmax()), float(support.max())
    return Line(float(offsets[starts[best]]), float(slopes[best]), float(times[starts[best]]), best_support)


def fit(times: Array, offsets: Array, heights: Array) -> Line:
    """Weighted least squares through points that agree, at least one."""
    weights = np.minimum(np.abs(heights), _CAP) ** 2
    total = weights.sum()
    middle = float((weights * times).sum() / total)
    offset = float((weights * offsets).sum() / total)
    from_middle = times - middle
    spread = float((weights * from_middle**2).sum())
    slope = float((weights * from_middle * (offsets - offset)).sum()) / spread if spread > 0 else 0.0
    for _ in range(2):
        residuals = offsets - offset - slope * from_middle
        error = max(float((weights * residuals**2).sum() / total), _LEAST_ERROR_S**2)
        prior = total / max(len(times), 1) * error / _DRIFT_PRIOR**2
        slope = float((weights * from_middle * (offsets - offset)).sum()) / (spread + prior)
    return Line(offset, max(-MAX_DRIFT, min(MAX_DRIFT, slope)), middle, float(total))
