"""Where several of a kind are: a herd on the ground, a flock in the air, a row on a table."""

from __future__ import annotations

import math
from enum import Enum, auto
from typing import NamedTuple

from videocraft.generation.illustrators.builtin.frame import Frame

_MOST = 9
_MOST_NEAR = 3
_GOLDEN_ANGLE = 2.39996
"""Turned by it from one to the next, points fill a disc evenly (Vogel's sunflower)."""


_TOP, _BOTTOM = 30.0, 860.0
"""Between these whatever flies or swims is seen whole."""


class Kind(Enum):
    """What it stands on, or does not."""

    GROUND = auto()
    AIR = auto()
    WATER = auto()
    """Swims below the surface."""
    WATERLINE = auto()
    """Floats on it."""
    TABLE = auto()


class Spot(NamedTuple):
    """One of several, relative to the first: across and up in heights of one, and its size."""

    across: float
    up: float
    scale: float


def spots(count: int, kind: Kind, *, near: bool) -> list[Spot]:
    """Those of a herd, the farthest first, so that the nearer ones are drawn over them."""
    count = min(count, _MOST_NEAR if near else _MOST)
    return sorted((_spot(number, kind) for number in range(count)), key=lambda spot: spot.scale)


def _spot(number: int, kind: Kind) -> Spot:
    if number == 0:
        return Spot(0.0, 0.0, 1.0)
    side = 1 if number % 2 else -1
    row = (number + 1) // 2
    if kind in {Kind.AIR, Kind.WATER}:
        angle, radius = number * _GOLDEN_ANGLE, math.sqrt(number)
        return Spot(
            1.15 * radius * math.cos(angle), 0.72 * radius * math.sin(angle), max(0.42, 0.86 - 0.055 * number)
        )
    if kind is Kind.TABLE:
        return Spot(0.92 * row * side, 0.0, 0.97 - 0.05 * row)
    # Farther back on either side, and a little apart from a straight line.
    return Spot(
        (0.95 * row + 0.12 * (number % 3)) * side, 0.0, max(0.4, 1.0 - 0.13 * row - 0.05 * (number % 3))
    )


def at(
    frame: Frame, spot: Spot, x: float, foot: float, tall: float, kind: Kind
) -> tuple[float, float, float]:
    """Place and height of one of several whose first stands at ``x`` and ``foot``, ``tall`` high."""
    px = x + spot.across * tall
    edge = 0.06 * frame.width
    if not edge <= px <= frame.width - edge:
        # Who would stand outside turns to the other side, a little farther back.
        px = min(max(x - spot.across * tall * 0.8, edge), frame.width - edge)
    if kind is Kind.GROUND and not frame.near:
        # What stands on level ground reaches down from the horizon as far as it is large.
        return px, frame.horizon + (foot - frame.horizon) * spot.scale, tall * spot.scale
    if kind is Kind.WATERLINE and frame.water is not None:
        top = frame.water[0]
        return px, top + (foot - top) * spot.scale, tall * spot.scale
    if kind in {Kind.AIR, Kind.WATER}:
        py = foot - spot.up * tall
        if not _TOP + tall * spot.scale <= py <= _BOTTOM:
            py = foot + spot.up * tall * 0.8
        return px, min(max(py, _TOP + tall * spot.scale), _BOTTOM), tall * spot.scale
    return px, foot, tall * spot.scale
