"""Measures of a scene: how large people and things are at a shot size, where they stand, how they are lit."""

from __future__ import annotations

from videocraft.generation.base import Shot
from videocraft.generation.illustrators.builtin.drawing import Colour, mix, shade
from videocraft.generation.illustrators.builtin.frame import Frame

HEIGHTS = {
    Shot.EXTREME_WIDE: 120.0,
    Shot.WIDE: 290.0,
    Shot.FULL: 620.0,
    Shot.MEDIUM: 1280.0,
    Shot.CLOSE_UP: 2700.0,
    Shot.EXTREME_CLOSE_UP: 7600.0,
}
"""Height of a grown-up in units: half of one is in a medium shot, head and shoulders in a close-up."""

OBJECT = {
    Shot.EXTREME_WIDE: 150.0,
    Shot.WIDE: 300.0,
    Shot.FULL: 500.0,
    Shot.MEDIUM: 480.0,
    Shot.CLOSE_UP: 600.0,
    Shot.EXTREME_CLOSE_UP: 820.0,
}
"""Height of a thing that a picture is about."""


def tall_of(frame: Frame) -> float:
    return HEIGHTS[frame.idea.shot] * (
        frame.narrow**0.8 if frame.near or frame.idea.shot is Shot.FULL else 1.0
    )


def foot_of(frame: Frame) -> float:
    """How far down the feet of the subject are."""
    if frame.idea.shot is Shot.EXTREME_WIDE:
        return frame.horizon + (frame.ground - frame.horizon) * 0.62
    return 952.0 if frame.idea.shot is Shot.FULL else frame.ground


def across(frame: Frame, number: int, count: int) -> float:
    """By thirds: one alone stands on the third away from the light, more of them share the middle."""
    if count == 1:
        return 0.5 if frame.idea.shot is Shot.EXTREME_CLOSE_UP else 0.5 - 0.13 * frame.light_side
    spread = {2: 0.34, 3: 0.5}.get(count, 0.66)
    return 0.5 + spread * (number / (count - 1) - 0.5)


def ambient(frame: Frame) -> Colour:
    """The light on people: a little brighter than on the land, so that they stand out."""
    if frame.idea.indoors:
        warm = mix((1.0, 0.96, 0.9), frame.colours.light, 0.3)
        return shade(warm, 0.92)
    return mix(frame.colours.ambient, frame.colours.light, 0.5 if frame.near else 0.22)


def dim(frame: Frame) -> float:
    """Faces stay readable: nearer shots are lit better than figures before a sunset."""
    return min(1.0, frame.subject_dim * (1.25 if frame.near else 1.0))
