"""How many scenes a film has, and how long each is: on a grid of half seconds, adding up exactly."""

from __future__ import annotations

import math
from collections.abc import Sequence

SECONDS_A_SCENE = 5.0
FEWEST = 3
MOST = 60

GRID = 0.5
"""Seconds. What a film's length has beyond the grid is part of its last scene."""


def scene_count(duration: float) -> int:
    """The number of scenes of a film of so many seconds: about one in five seconds, 3 to 60."""
    return min(MOST, max(FEWEST, math.floor(duration / SECONDS_A_SCENE + 0.5)))


def divide(duration: float, weights: Sequence[float]) -> list[float]:
    """Divide a film among its scenes in proportion to ``weights``.

    All but the last scene are whole half seconds, none is shorter than that, and the sum is ``duration`` to
    the last bit (multiples of the grid add up exactly in binary). The largest remainders get what is left
    over: Hamilton's method of apportionment.

    Args:
        duration: seconds; at least half a second for each weight.
        weights: one for each scene, positive.

    Raises:
        ValueError: a weight is not positive, or there is too little time.
    """
    if not weights or any(not (weight > 0 and math.isfinite(weight)) for weight in weights):
        raise ValueError("every scene needs a positive weight")
    steps = math.floor(duration / GRID)
    spare = steps - len(weights)
    if spare < 0:
        raise ValueError(f"{duration:g} seconds are too short for {len(weights)} scenes")
    total = math.fsum(weights)
    exact = [spare * weight / total for weight in weights]
    shares = [math.floor(value) for value in exact]
    by_remainder = sorted(range(len(weights)), key=lambda index: (shares[index] - exact[index], index))
    for index in by_remainder[: spare - sum(shares)]:
        shares[index] += 1
    lengths = [GRID * (1 + share) for share in shares]
    before = sum(lengths[:-1])
    last = duration - before
    # As people write it, where that is the same sum.
    short = round(last, 3)
    lengths[-1] = short if before + short == duration else last
    return lengths
