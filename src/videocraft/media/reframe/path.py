"""From where the subject was seen to where the window stands: one smooth line through each shot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d, median_filter

if TYPE_CHECKING:
    from numpy.typing import NDArray

CALM = 0.12
"""A subject that stays within this share of the window's length leaves the window where it is."""
SPEED = 1.2
"""Most window lengths a second that the window moves."""
_MEDIAN_SECONDS = 0.8
"""Sightings that last no longer than half of this are mistakes of the detector."""
_SOFT_SECONDS = 0.35
"""Standard deviation of the Gaussian that rounds starts and stops."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where the subject is at an instant.

    ``at`` is the frame's number; ``centre`` a share of the picture's length along the axis of the movement.
    """

    at: int
    centre: float


def smooth_path(
    sightings: Sequence[Sighting], shots: Sequence[tuple[int, int]], *, window: float, rate: float
) -> NDArray[np.float64]:
    """Centre of the window for every frame, as a share of the picture's length, shape (frames,).

    Within a shot no step is larger than ``SPEED * window / rate``, and the window never leaves the picture;
    at a cut it may be somewhere else at once. A shot in which nothing was seen stays in the middle.

    Args:
        sightings: by frame, ascending.
        shots: half-open ranges of frames, one after the other from 0.
        window: its length, as a share of the picture's, above 0 and at most 1.
        rate: frames a second.
    """
    frames = shots[-1][1] if shots else 0
    path = np.full(frames, 0.5)
    numbers = np.array([sighting.at for sighting in sightings], dtype=np.int64)
    centres = np.array([sighting.centre for sighting in sightings], dtype=np.float64)
    half = min(window, 1.0) / 2
    for first, last in shots:
        inside = (numbers >= first) & (numbers < last)
        if last > first and inside.any():
            aim = np.interp(np.arange(first, last), numbers[inside], centres[inside])
            path[first:last] = _line(np.clip(aim, half, 1 - half), window, rate)
    return path


def _line(aim: NDArray[np.float64], window: float, rate: float) -> NDArray[np.float64]:
    # Each step keeps bounds and slope of the one before, so what is promised holds at the end.
    steady = median_filter(aim, size=_odd(_MEDIAN_SECONDS * rate), mode="nearest")
    if np.ptp(steady) <= CALM * window:
        return np.full(len(aim), float(np.median(steady)))
    slow = limit_slope(steady, SPEED * window / rate)
    return np.asarray(gaussian_filter1d(slow, _SOFT_SECONDS * rate, mode="nearest"))


def limit_slope(values: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """The mean of the two envelopes of slope ``step``: a line of that slope between both sides.

    Source: the McShane-Whitney extensions of a function; each has the slope, and so has their mean.
    """
    ramp = np.arange(len(values)) * step
    above = np.minimum(
        np.minimum.accumulate(values - ramp) + ramp,
        (np.minimum.accumulate((values + ramp)[::-1]))[::-1] - ramp,
    )
    below = np.maximum(
        np.maximum.accumulate(values + ramp) - ramp,
        (np.maximum.accumulate((values - ramp)[::-1]))[::-1] + ramp,
    )
    return np.asarray((above + below) / 2)


def _odd(value: float) -> int:
    return 2 * int(value / 2) + 1
