"""Puts people and things into a place: where, how large, in which light."""

from __future__ import annotations

from videocraft.generation.base import Shot
from videocraft.generation.illustrators.builtin import creatures, herds, terrain
from videocraft.generation.illustrators.builtin.animals import draw_animals, rider_tall, riders, saddle_share
from videocraft.generation.illustrators.builtin.drawing import mix, rgb, shade, times
from videocraft.generation.illustrators.builtin.figures import draw_person, dress
from videocraft.generation.illustrators.builtin.frame import HEIGHT, Frame, Glow
from videocraft.generation.illustrators.builtin.idea import Outfit, Person, Place, Pose, Time
from videocraft.generation.illustrators.builtin.poses import SKELETONS, TALL
from videocraft.generation.illustrators.builtin.staging import (
    HEIGHTS,
    OBJECT,
    across,
    ambient,
    dim,
    foot_of,
    tall_of,
)
from videocraft.generation.illustrators.builtin.things import THINGS, Thing

_EYES = {Shot.MEDIUM: 250.0, Shot.CLOSE_UP: 430.0, Shot.EXTREME_CLOSE_UP: 470.0}
"""Where the middle of the head is in shots that do not show the feet."""


_HEAD = 69.6 / 75
_IN_HAND = frozenset(
    "phone book map cup lantern key camera bottle flower candle crown crystal "
    "torch umbrella microphone food skull ball".split()
)
_RIDER_SEAT = 0.82
"""How high on its back an animal is sat on, of its height in local units of 100."""

_FACING = frozenset({Pose.SIT, Pose.KNEEL, Pose.LIE, Pose.RUN, Pose.WALK, Pose.CLIMB})
_LONG_LIGHT = frozenset({Time.SUNSET, Time.DAWN, Time.DUSK})


def cast(frame: Frame) -> None:
    """Everything and everybody of the scene."""
    idea = frame.idea
    if idea.crowd and not frame.near and idea.place is not Place.STAGE:
        _crowd(frame)
    # Nearer, no more than three have room side by side.
    people = idea.people[: 3 if frame.near else 5]
    _things(frame, main=not people and not idea.animals)
    draw_animals(frame, main=not people)
    for number, person in enumerate(people):
        _person(frame, person, number, len(people))


# -- people -------------------------------------------------------------------------------------------


_LIVELY = (Pose.DANCE, Pose.REACH, Pose.RUN)


def _own_pose(frame: Frame, number: int) -> Pose:
    """Who plays together does not do so in step."""
    pose = frame.idea.pose
    return _LIVELY[number % 3] if pose is Pose.DANCE and number else pose


def _person(frame: Frame, person: Person, number: int, count: int) -> None:
    shot, pose = frame.idea.shot, _own_pose(frame, number)
    if frame.near and pose in _FACING:
        pose = Pose.STAND
    if shot in {Shot.CLOSE_UP, Shot.EXTREME_CLOSE_UP}:
        pose = Pose.STAND
    carried = _carried(frame) if number == 0 else None
    if carried and pose in {Pose.STAND, Pose.SIT, Pose.BACK, Pose.KNEEL, Pose.POINT}:
        pose = Pose.HOLD
    if number and pose is Pose.POINT:
        pose = Pose.STAND
    tall = tall_of(frame) * (0.78 if count > 1 and frame.near else 0.85 if count > 3 else 1.0)
    x = frame.x(across(frame, number, count))
    foot = foot_of(frame)
    if shot in _EYES:
        foot = _EYES[shot] + (0 if count == 1 else 40) + tall * person.height * _HEAD
    elif pose is Pose.RIDE and number < riders(frame):
        tall = rider_tall(frame)
        x, foot = _saddle(frame, number, tall)
    elif pose is Pose.LIE and frame.idea.place is Place.BEDROOM:
        x, foot, tall = frame.x(0.29), 700.0, tall * 0.55
    elif frame.idea.place in {Place.SPACE, Place.SKY, Place.UNDERWATER}:
        foot = 560 + tall * 0.5
    if not frame.near and pose not in {Pose.RIDE, Pose.LIE}:
        _shadow(frame, x, foot, tall * person.height)
    who = dress(person, ambient(frame), frame.colours.light, frame.light_side, dim(frame))
    mirror = (number == count - 1 and count > 1) or (count == 1 and frame.light_side < 0)
    if pose is Pose.RIDE:
        mirror = frame.light_side < 0  # as their animals
    width = max(1.0, tall * 0.0045) if not frame.near else min(7.0, tall * 0.0028)
    draw_person(frame.subject, who, pose, x, foot, tall, frame.rim, mirror=mirror, rim_width=width)
    if carried:
        hand = SKELETONS[pose].arms[1][1]
        unit = tall * person.height / TALL
        _thing(
            frame,
            THINGS[carried],
            x + hand[0] * unit * (-1 if mirror else 1),
            foot - hand[1] * unit + unit,
            tall * THINGS[carried].size * 0.55,
        )


def _carried(frame: Frame) -> str | None:
    """What the first person holds, where the hands are in the picture."""
    if frame.idea.shot in {Shot.CLOSE_UP, Shot.EXTREME_CLOSE_UP} or not frame.idea.people:
        return None
    return next((name for name in frame.idea.things if name in _IN_HAND), None)


def _saddle(frame: Frame, rider: int, tall: float) -> tuple[float, float]:
    """Where a rider's feet hang: on the flanks of the animal that ``_mount`` drew."""
    mount = tall * creatures.size_of(frame.idea.animals[0])
    return frame.x(saddle_share(frame, rider)), foot_of(frame) - mount * _RIDER_SEAT + tall * 0.24


def _shadow(frame: Frame, x: float, foot: float, tall: float) -> None:
    if frame.idea.place in {Place.SPACE, Place.SKY, Place.UNDERWATER}:
        return
    frame.subject.ellipse(x, foot, tall * 0.16, tall * 0.022, (0.01, 0.01, 0.03), 0.5)
    if not frame.idea.indoors and frame.sun is not None and frame.idea.time in _LONG_LIGHT:
        away = -1 if frame.sun[0] > x else 1
        frame.subject.polygon([(x - tall * 0.07, foot), (x + tall * 0.07, foot),
            (x + away * tall * 0.5 + tall * 0.06, foot + tall * 0.3),
                               (x + away * tall * 0.5 - tall * 0.09, foot + tall * 0.3)], (0.01, 0.01,
                                   0.03), 0.22)  # fmt: skip


def _crowd(frame: Frame) -> None:
    """Many people behind, each with a look of their own, paler the farther they stand."""
    count = 18 if frame.idea.shot is Shot.FULL else 26
    base = min(HEIGHTS[frame.idea.shot], 330.0)
    top, foot = frame.horizon + 60, frame.ground - 30
    for number in range(count):
        near = (number / count) ** 1.1
        y = top + (foot - top) * near
        tall = base * (0.3 + 0.42 * near)
        person = Person(
            f"crowd {number}", Outfit.CASUAL if number % 4 else Outfit.COAT, height=frame.pick(0.86, 1.05)
        )
        who = dress(
            person,
            mix(ambient(frame), frame.colours.haze, 0.55 * (1 - near)),
            frame.colours.light,
            frame.light_side,
            dim(frame) * 0.8,
        )
        pose = (Pose.STAND, Pose.WALK, Pose.BACK, Pose.STAND)[number % 4]
        draw_person(
            frame.subject,
            who,
            pose,
            frame.pick(0.02, 0.98) * frame.width,
            y,
            tall,
            frame.rim,
            mirror=bool(number % 2),
            rim_width=0.9,
        )


# -- things -------------------------------------------------------------------------------------------


def _things(frame: Frame, *, main: bool) -> None:
    for number, name in enumerate(frame.idea.things):
        thing = THINGS.get(name)
        if thing is None or (
            name == "tree" and frame.idea.place in {Place.FOREST, Place.JUNGLE, Place.GARDEN}
        ):
            continue
        if thing.floats and frame.idea.indoors:
            continue
        if any(person.holds == name for person in frame.idea.people):
            continue
        if name == _carried(frame) or (
            frame.near and name in {"table", "bench", "chair"} and len(frame.idea.things) > 1
        ):
            continue
        if name == "house" and frame.idea.place in {Place.VILLAGE, Place.HARBOR} and not main:
            continue
        if frame.near and not thing.held and (number or not main):
            _behind(frame, thing, number)
        else:
            _place(frame, name, number, main=main)


def _place(frame: Frame, name: str, number: int, *, main: bool) -> None:
    thing, count = THINGS[name], frame.idea.count_of(name)
    shot = frame.idea.shot
    lone = main and number == 0
    if lone:
        tall = min(OBJECT[shot], 4000.0) * frame.narrow**0.85
        if thing.size > 1.4 and not frame.near:
            tall *= 1.15
        x = frame.x(0.5 - 0.05 * frame.light_side if thing.held else 0.5 - 0.1 * frame.light_side)
    else:
        tall = tall_of(frame) * thing.size if not frame.near else 340.0 * (0.7 + 0.5 * min(1.0, thing.size))
        tall = min(tall, 640.0)
        x = frame.x(_beside(frame, number))
    if count > 1 and not thing.floats:
        tall *= 0.8
    foot = _thing_foot(frame, thing, tall, lone=lone)
    kind = {"": herds.Kind.GROUND, "water": herds.Kind.WATERLINE}.get(thing.floats, herds.Kind.AIR)
    on_table = thing.held and (frame.near or (frame.idea.indoors and lone))
    if on_table:
        foot = _surface(frame, x, lone=lone)
        kind = herds.Kind.TABLE
    for spot in herds.spots(count, kind, near=frame.near):
        px, py, size = herds.at(frame, spot, x, foot, tall, kind)
        if kind is herds.Kind.GROUND:
            frame.subject.ellipse(px, py, size * 0.75, size * 0.05, (0.01, 0.01, 0.03), 0.4)
        _thing(frame, thing, px, py, size)


def _beside(frame: Frame, number: int) -> float:
    """A place across for a thing: in a gap between people, or beside one alone, towards the light."""
    people = len(frame.idea.people)
    if people > 1 and number == 0:
        return 0.5 if people == 2 else 0.5 + 0.125 * frame.light_side
    return 0.5 + (0.25 + 0.11 * (number % 2)) * frame.light_side * (1.0 if number != 2 else -1.3)


def _thing_foot(frame: Frame, thing: Thing, tall: float, *, lone: bool) -> float:
    if frame.idea.place in {Place.SPACE, Place.SKY} or thing.floats == "space":
        return 520 + tall * 0.5 if frame.idea.place is Place.SPACE else 640 + tall * 0.3
    if thing.floats == "air":
        return 330 + tall * 0.5
    if thing.floats == "water" and frame.water is not None:
        top, bottom = frame.water
        return top + (bottom - top) * (0.34 if lone else 0.2)
    return foot_of(frame) + (8 if not lone else 0)


def _behind(frame: Frame, thing: Thing, number: int) -> None:
    """In near shots large things stand behind, out of focus with the rest of the place."""
    tall = 300.0 * min(1.6, thing.size)
    x = frame.x(0.5 + 0.2 * frame.light_side - 0.1 * number)
    tone = frame.lit(rgb(thing.colour), 0.15)
    with frame.back.placed(x, frame.ground - 60, tall / thing.units):
        thing.draw(frame.back, tone, frame.colours.light)


def _surface(frame: Frame, x: float, *, lone: bool) -> float:
    """A table top before the lens for small things to stand on, with their shadow."""
    y = 800.0 if lone else 850.0
    wood = shade(times(rgb("7a5538"), ambient(frame)), dim(frame))
    bands = 8
    for number in range(bands):
        frame.subject.rect(
            -10, y + 26 * number, frame.width + 20, HEIGHT - y, shade(wood, 0.95 - 0.075 * number)
        )
    frame.subject.rect(-10, y, frame.width + 20, 4, mix(wood, frame.rim, 0.5))
    frame.subject.ellipse(x, y + 62, 260 * frame.narrow, 30, (0.01, 0.01, 0.02), 0.4)
    return y + 60


def _thing(frame: Frame, thing: Thing, x: float, foot: float, tall: float) -> None:
    light = frame.colours.light
    tone = shade(times(rgb(thing.colour), ambient(frame)), dim(frame))
    mirror = frame.light_side < 0
    layer = frame.back if thing.floats == "water" and not frame.near else frame.subject

    def draw() -> None:
        with layer.placed(x, foot, tall / thing.units, mirror=mirror):
            thing.draw(layer, tone, light)

    width = min(5.0, max(0.8, tall * 0.005))
    layer.rimmed(draw, frame.rim, frame.light_side * width, -width)
    if thing.glow:
        frame.near_glows.append(Glow(x, foot - tall * 0.55, tall * 0.95, rgb(thing.glow), 0.5))


def framing(frame: Frame) -> None:
    """Something dark and blurred at the edge, which gives depth; only where nothing frames yet."""
    if (
        not frame.front.is_empty
        or frame.near
        or frame.idea.place in {Place.SPACE, Place.SKY, Place.STUDIO, Place.SEA}
    ):
        return
    dark = mix(frame.colours.shadow, (0.0, 0.0, 0.0), 0.35)
    side = -frame.light_side
    edge = frame.x(0.0 if side < 0 else 1.0)
    if frame.idea.indoors:
        frame.front.rect(edge - 60 if side > 0 else edge - 40, -20, 100, HEIGHT + 40, dark)
        return
    if frame.idea.place in {Place.SKYLINE, Place.ROOFTOP, Place.STREET, Place.MARKET, Place.RAILWAY,
        Place.ROAD, Place.DESERT, Place.PLANET,
                            Place.SNOWFIELD, Place.VOLCANO, Place.CANYON}:  # fmt: skip
        crest = [
            (edge - side * 420.0 * t, HEIGHT + 20 - 150 * (1 - t) ** 1.5 + frame.pick(-12, 12))
            for t in (0, 0.15, 0.3, 0.5, 0.7, 0.85, 1)
        ]
        frame.front.polygon(
            [
                (edge + side * 40, HEIGHT + 40),
                (edge + side * 40, 850),
                *crest,
                (edge - side * 420, HEIGHT + 40),
            ],
            dark,
        )
        return
    branch = [
        (edge + side * 30, 60.0),
        (edge - side * 120, 110.0),
        (edge - side * 300, 90.0),
        (edge - side * 430, 150.0),
    ]
    frame.front.limb(branch, [26, 18, 11, 3], dark)
    for px, py in branch[1:]:
        for _ in range(9):
            terrain.blob(
                frame.front,
                frame.rng,
                px + frame.pick(-90, 90),
                py + frame.pick(-50, 60),
                frame.pick(14, 34),
                dark,
            )
