"""Puts animals into a place: alone, in herds and flocks, and below their riders."""

from __future__ import annotations

from videocraft.generation.base import Shot
from videocraft.generation.illustrators.builtin import creatures, herds
from videocraft.generation.illustrators.builtin.drawing import rgb, shade, times
from videocraft.generation.illustrators.builtin.frame import Frame
from videocraft.generation.illustrators.builtin.idea import Place, Pose
from videocraft.generation.illustrators.builtin.staging import OBJECT, across, ambient, dim, foot_of, tall_of

_MOST_RIDERS = 3


def draw_animals(frame: Frame, *, main: bool) -> None:
    """Every kind, each as often as the prompt says; ``main``: the picture is about them."""
    for number, animal in enumerate(frame.idea.animals):
        count, kind = frame.idea.count_of(animal), _kind_of(frame, animal)
        tall = _animal_size(frame, animal, number, count, main=main)
        share = 0.5 + (0.06 if main else 0.24) * frame.light_side + 0.3 * number
        if number == 0 and riders(frame):
            for rider in range(riders(frame)):
                _mount(frame, animal, rider)
            continue
        x, foot = frame.x(min(0.84, max(0.16, share))), _animal_foot(frame, kind, tall, main=main)
        for spot in herds.spots(count, kind, near=frame.near):
            px, py, size = herds.at(frame, spot, x, foot, tall, kind)
            if kind is herds.Kind.GROUND:
                frame.subject.ellipse(px, py, size * 0.5, size * 0.05, (0.01, 0.01, 0.03), 0.45)
            _animal(frame, animal, px, py, size)
        if animal == "bird" and not frame.near:
            _flock(frame)


def riders(frame: Frame) -> int:
    """How many ride, each on an animal of the first kind."""
    return min(len(frame.idea.people), _MOST_RIDERS) if frame.idea.pose is Pose.RIDE else 0


def _mount(frame: Frame, animal: str, rider: int) -> None:
    tall = min(rider_tall(frame) * creatures.size_of(animal), 760.0)
    x, foot = frame.x(saddle_share(frame, rider)), foot_of(frame)
    frame.subject.ellipse(x, foot, tall * 0.5, tall * 0.05, (0.01, 0.01, 0.03), 0.45)
    _animal(frame, animal, x, foot, tall)


def rider_tall(frame: Frame) -> float:
    """Height of a grown-up on an animal's back: several need room beside each other."""
    return tall_of(frame) * (1.0 if riders(frame) == 1 else 0.66)


def saddle_share(frame: Frame, rider: int) -> float:
    """Where across a rider's animal stands."""
    return 0.5 if riders(frame) == 1 else across(frame, rider, riders(frame)) * 1.3 - 0.15


def _animal_size(frame: Frame, animal: str, number: int, count: int, *, main: bool) -> float:
    """The height of the first of its kind."""
    own, flying = creatures.size_of(animal), animal in creatures.FLYING
    if main:
        tall = OBJECT[frame.idea.shot] * (1.0 if number == 0 else 0.7) * frame.narrow
        tall *= 0.8 if flying else 1.0
        tall = tall if frame.near else min(tall, 330 + 330 * own)
    else:
        # What flies does so above the heads.
        tall = min(tall_of(frame) * own, 340.0 if flying and not frame.near else 760.0)
    if animal in creatures.AFLOAT and not frame.near:
        tall *= 0.65
    if count > 1 and not frame.near:
        tall *= 0.55 if flying and count > 4 else 0.8
    return tall


def _animal_foot(frame: Frame, kind: herds.Kind, tall: float, *, main: bool) -> float:
    """How far down the first of its kind reaches."""
    if kind is herds.Kind.AIR:
        return 440 + tall * 0.55 if main else max(60 + tall, 200 + tall * 0.3)
    if kind is herds.Kind.WATERLINE and frame.water is not None:
        return frame.water[0] + (frame.water[1] - frame.water[0]) * 0.55
    if kind is herds.Kind.WATER:
        return 560 + tall * 0.4
    if main and frame.near:
        return 890.0 if frame.idea.shot is Shot.MEDIUM else 1010.0
    return foot_of(frame)


def _kind_of(frame: Frame, animal: str) -> herds.Kind:
    if animal in creatures.FLYING:
        return herds.Kind.AIR
    if animal in creatures.AFLOAT and frame.water is not None and not frame.near:
        return herds.Kind.WATERLINE
    swims = animal in creatures.SWIMMING or frame.idea.place is Place.UNDERWATER
    return herds.Kind.WATER if swims else herds.Kind.GROUND


def _animal(frame: Frame, animal: str, x: float, foot: float, tall: float) -> None:
    coat = shade(times(creatures.fur_of(animal), ambient(frame)), dim(frame))
    mirror = frame.light_side < 0

    def draw() -> None:
        with frame.subject.placed(x, foot, tall / 100, mirror=mirror):
            creatures.draw_animal(frame.subject, animal, coat, frame.colours.light)

    width = min(6.0, max(1.0, tall * 0.007))
    frame.subject.rimmed(draw, frame.rim, frame.light_side * width, -width * 0.8)


def _flock(frame: Frame) -> None:
    tone = frame.lit(rgb("2a2e38"), 0.3)
    for _ in range(9):
        x, y, size = frame.x(frame.pick(0.1, 0.9)), frame.pick(110, 380), frame.pick(7, 17)
        frame.back.curve(
            [
                (x - size, y - size * 0.5),
                (x - size * 0.4, y - size * 0.55),
                (x, y),
                (x + size * 0.4, y - size * 0.55),
                (x + size, y - size * 0.5),
            ],
            2.0,
            tone,
        )
