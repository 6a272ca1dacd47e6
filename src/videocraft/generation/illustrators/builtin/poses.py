"""Bodies in poses: where the joints of a grown-up are, in tenths of a head; y counts up from the ground."""

from __future__ import annotations

from dataclasses import dataclass

from videocraft.generation.illustrators.builtin.drawing import Point
from videocraft.generation.illustrators.builtin.idea import Pose

TALL = 75.0
"""A grown-up measures seven and a half heads."""


@dataclass(frozen=True)
class Skeleton:
    """Joints: of arms and legs the far one first. ``side`` says that the body is seen from the side."""

    head: Point
    neck: Point
    hip: Point
    arms: tuple[tuple[Point, Point], tuple[Point, Point]]
    """(elbow, hand) of each arm."""
    legs: tuple[tuple[Point, Point], tuple[Point, Point]]
    """(knee, foot) of each leg."""
    side: bool = False
    back: bool = False


SKELETONS: dict[Pose, Skeleton] = {
    Pose.STAND: Skeleton(
        (0.3, 69.6), (0, 62.5), (0, 38), (((-10.4, 49.5), (-9.2, 38.5)), ((10.6, 49), (9.6, 38))),
        (((-4.9, 20.5), (-5.6, 2)), ((4.6, 20.5), (6.4, 2))),
    ),
    Pose.BACK: Skeleton(
        (0, 69.6), (0, 62.5), (0, 38), (((-10.6, 49.5), (-10.2, 38.5)), ((10.4, 49), (10.0, 38))),
        (((-4.6, 20.5), (-5.4, 2)), ((4.8, 20.5), (5.8, 2))), back=True,
    ),
    Pose.WALK: Skeleton(
        (2.6, 69.2), (1.2, 62), (0, 38.5), (((5.2, 50), (10.2, 42.5)), ((-4.6, 49.5), (-6.8, 39.5))),
        (((-1.4, 20.5), (-10.2, 4.6)), ((5.6, 21.5), (9.4, 2))), side=True,
    ),
    Pose.RUN: Skeleton(
        (9.2, 67), (6, 60.5), (0, 38), (((12, 50.5), (17.5, 58)), ((-2.6, 52), (-4.5, 42.5))),
        (((-5.6, 24), (-18, 19)), ((10.2, 30), (8.4, 13))), side=True,
    ),
    Pose.SIT: Skeleton(
        (2.6, 52.6), (1.2, 45.6), (-1, 21.5), (((6.2, 33.5), (14, 29)), ((3.2, 32.5), (12.4, 27))),
        (((13.2, 22.5), (12.4, 2)), ((15.2, 21.5), (16, 2))), side=True,
    ),
    Pose.RIDE: Skeleton(
        (1.4, 52.6), (0.4, 45.6), (-1, 21.5), (((6.2, 33.5), (12, 29)), ((3.2, 33), (11.4, 27.5))),
        (((8.6, 16), (5.6, 1)), ((9.6, 15.5), (6.6, 0))), side=True,
    ),
    Pose.HOLD: Skeleton(
        (0.5, 69.6), (0, 62.5), (0, 38), (((-10.4, 49.5), (-9.2, 38.5)), ((11.4, 48.6), (8.6, 53.4))),
        (((-4.9, 20.5), (-5.6, 2)), ((4.6, 20.5), (6.4, 2))),
    ),
    Pose.KNEEL: Skeleton(
        (9.6, 46.5), (6.4, 40.6), (-1, 19), (((11.5, 29.5), (17.6, 22)), ((7.5, 28), (15, 18.5))),
        (((-3, 3.2), (-17, 2.6)), ((11, 20.5), (10.2, 2))), side=True,
    ),
    Pose.REACH: Skeleton(
        (0.6, 69.4), (0, 62.5), (0, 38), (((-12.4, 67.5), (-14, 79)), ((12, 68), (15.4, 79.5))),
        (((-5.6, 20.5), (-7.4, 2)), ((5, 20.5), (7.8, 2))),
    ),
    Pose.POINT: Skeleton(
        (1.4, 69.5), (0, 62.5), (0, 38), (((-10.4, 50), (-6.2, 41)), ((16.6, 57.5), (26.5, 62))),
        (((-4.9, 20.5), (-6.2, 2)), ((5, 20.5), (6.4, 2))),
    ),
    Pose.FIGHT: Skeleton(
        (3.4, 66), (1.6, 59.5), (-0.6, 35.5), (((9, 50), (17, 54)), ((-6, 66), (1.6, 76))),
        (((-9.4, 19), (-15, 2)), ((9.4, 22), (12.6, 2))),
    ),
    Pose.DANCE: Skeleton(
        (2.2, 69.4), (1, 62.5), (0, 38.5), (((-13.5, 57), (-22, 63)), ((8.2, 70), (6.5, 81.5))),
        (((-2.2, 20.5), (-1.2, 2)), ((8.8, 24), (15.6, 8))),
    ),
    Pose.CLIMB: Skeleton(
        (1.6, 69), (0.6, 62), (0, 38), (((-9.2, 69), (-6.2, 80)), ((10, 62), (13.4, 72))),
        (((-6.2, 21.5), (-5.2, 3)), ((9, 32), (7.8, 16))), back=True,
    ),
    Pose.LIE: Skeleton(
        (0.3, 69.6), (0, 62.5), (0, 38), (((-10, 49.5), (-6, 40)), ((10, 49), (6, 41))),
        (((-3.4, 20.5), (-3.6, 2)), ((3.6, 20.5), (4.2, 2))),
    ),
}  # fmt: skip
