"""Objects. Local units: 100 about as tall as in ``SIZES``; standing on (0, 0), y down."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from videocraft.generation.illustrators.builtin import furnishings, objects, structures, vehicles
from videocraft.generation.illustrators.builtin.drawing import Colour, Drawing

Draw = Callable[[Drawing, Colour, Colour], None]
"""Draws in local units with its own colour (already lit) and the colour of the light."""


class Thing(NamedTuple):
    """``size``: its height relative to a grown-up; ``colour``: its own; ``glow``: of the light it gives.

    ``held``: small enough to lie on a table in nearer shots; ``floats``: it is in the air,
        on water or in space.
    """

    draw: Draw
    size: float
    colour: str
    glow: str = ""
    held: bool = False
    floats: str = ""
    units: float = 110.0
    """Its height in local units."""


THINGS: dict[str, Thing] = {
    "car": Thing(vehicles.car, 1.0, "a83232"),
    "truck": Thing(vehicles.truck, 1.5, "3a5a8a"),
    "bus": Thing(vehicles.bus, 1.6, "c8902a"),
    "bicycle": Thing(vehicles.bicycle, 0.62, "b8433a"),
    "motorcycle": Thing(vehicles.motorcycle, 0.75, "3a3a44"),
    "ship": Thing(vehicles.ship, 3.2, "6a4528", floats="water", units=210),
    "boat": Thing(vehicles.boat, 1.2, "8a5a34", floats="water"),
    "plane": Thing(vehicles.plane, 1.7, "3a6ab0", floats="air"),
    "helicopter": Thing(vehicles.helicopter, 1.5, "4a5a4a", floats="air"),
    "balloon": Thing(vehicles.balloon, 1.6, "c8493a", floats="air", units=190),
    "rocket": Thing(vehicles.rocket, 1.9, "c83a30", "ff9a40", floats="space", units=250),
    "spaceship": Thing(vehicles.spaceship, 1.9, "8a94a4", "6ac8ff", floats="air"),
    "train": Thing(vehicles.train, 1.55, "3f4a44"),
    "house": Thing(structures.house, 2.0, "b09878", "ffc870"),
    "tree": Thing(structures.tree, 1.9, "4f7a3a"),
    "tent": Thing(structures.tent, 1.1, "c8763a", "ffb860"),
    "campfire": Thing(structures.campfire, 0.5, "888888", "ff8a30"),
    "torch": Thing(structures.torch, 0.9, "888888", "ff9a40"),
    "lighthouse": Thing(structures.lighthouse, 3.0, "d8d4cc", "fff0b0", units=180),
    "windmill": Thing(structures.windmill, 3.0, "c0b098", units=170),
    "tower": Thing(structures.tower, 3.0, "8a8478", units=170),
    "statue": Thing(structures.statue, 1.6, "9a9a92", units=150),
    "portal": Thing(structures.portal, 1.3, "8a8a98", "5aa8ff", units=180),
    "chest": Thing(objects.chest, 0.5, "7a4a26", "ffcf60", held=True),
    "sword": Thing(objects.sword, 0.75, "c8d0d8", "dfeaff", held=True, units=170),
    "crown": Thing(objects.crown, 0.3, "e0aa35", "ffd870", held=True),
    "crystal": Thing(objects.crystal, 0.42, "6ac8e8", "7adcff", held=True),
    "key": Thing(objects.key, 0.22, "d0a03c", held=True),
    "map": Thing(objects.treasure_map, 0.27, "dcc496", held=True),
    "book": Thing(objects.book, 0.3, "7a3030", held=True),
    "lamp": Thing(furnishings.lamp, 0.5, "8a7050", "ffd890", held=True),
    "street_lamp": Thing(structures.street_lamp, 2.1, "4a4e58", "ffd890", units=215),
    "apple": Thing(objects.apple, 0.16, "c23a2e", held=True),
    "lantern": Thing(furnishings.lantern, 0.4, "6a5a40", "ffb850", held=True),
    "candle": Thing(furnishings.candle, 0.28, "efe6d2", "ffb850", held=True),
    "clock": Thing(furnishings.clock, 0.4, "7a5a3a", held=True),
    "phone": Thing(objects.phone, 0.22, "3a3e48", "9ac0ff", held=True),
    "laptop": Thing(objects.laptop, 0.36, "a8adb6", "8ab8ff", held=True),
    "camera": Thing(objects.camera, 0.26, "3a3a40", held=True),
    "cup": Thing(objects.cup, 0.2, "e8e2d6", held=True),
    "bottle": Thing(objects.bottle, 0.34, "3a6a4a", held=True, units=140),
    "food": Thing(objects.food, 0.3, "c88a3c", held=True),
    "flower": Thing(objects.flower, 0.22, "d0405a", held=True),
    "plant": Thing(objects.plant, 0.35, "5aa040", held=True),
    "table": Thing(furnishings.table, 0.55, "8a5c38"),
    "chair": Thing(furnishings.chair, 0.62, "7a5030"),
    "box": Thing(objects.box, 0.35, "b88a56", held=True),
    "guitar": Thing(objects.guitar, 0.62, "b06a2c", held=True, units=170),
    "piano": Thing(furnishings.piano, 0.75, "30303a"),
    "ball": Thing(objects.ball, 0.28, "e8e4da", held=True),
    "umbrella": Thing(objects.umbrella, 0.6, "b03a48"),
    "flag": Thing(structures.flag, 1.4, "b03a34", units=150),
    "door": Thing(furnishings.door, 1.3, "7a4a2e"),
    "skull": Thing(objects.skull, 0.25, "dcd4c0", held=True),
    "shoe": Thing(objects.shoe, 0.2, "d0493c", held=True),
    "microphone": Thing(objects.microphone, 0.2, "9aa0aa", held=True),
    "telescope": Thing(furnishings.telescope, 0.9, "b08a3c"),
    "bench": Thing(structures.bench, 0.5, "7a5230"),
    "robot_arm": Thing(furnishings.machine, 1.0, "d08a2c"),
    "mirror": Thing(furnishings.mirror, 0.9, "b0883c"),
    "trophy": Thing(furnishings.trophy, 0.4, "e0aa35", "ffd870", held=True),
}
"""Every object by the name that the vocabulary gives it."""
