"""Animals with a lit back. Local units: about 100 tall, feet at (0, 0), looking right, y down."""

from __future__ import annotations

import math
from dataclasses import dataclass

from videocraft.generation.illustrators.builtin import wings
from videocraft.generation.illustrators.builtin.drawing import Colour, Drawing, mix, rgb, shade


@dataclass(frozen=True)
class Beast:
    """A four-legged animal's measures, for a shoulder height of about 60."""

    fur: str
    length: float = 70
    body: float = 26
    leg: float = 34
    neck: tuple[float, float] = (16, 22)
    """From shoulder to head: across, up."""
    head: tuple[float, float] = (14, 10)
    snout: float = 13
    ears: float = 10
    tail: tuple[float, float] = (-22, -10)
    """From rump to tip: across, down."""
    tail_width: float = 5
    legs_width: float = 8
    extra: str = ""
    size: float = 1.0
    """Shoulder height relative to a grown-up's height times 0.45."""


BEASTS: dict[str, Beast] = {
    "dog": Beast("b07a48", 58, 22, 32, size=0.75, tail=(-20, -26)),
    "wolf": Beast("6f7480", 70, 26, 36, (20, 12), tail=(-26, 18), tail_width=11, size=0.95),
    "fox": Beast("d0662a", 58, 18, 26, (16, 14), tail=(-38, 8), tail_width=15, ears=14, size=0.6),
    "cat": Beast("5a5560", 48, 18, 24, (10, 18), (12, 10), 5, 11, (-14, -40), 4, 6, size=0.45),
    "lion": Beast("c99a52", 78, 30, 36, (14, 20), (17, 13), 12, 6, (-30, 14), 4, 11, "mane", 1.2),
    "tiger": Beast("d88a3a", 82, 27, 32, (18, 12), (16, 12), 10, 7, (-36, 6), 5, 10, "stripes", 1.1),
    "bear": Beast("5a4232", 78, 42, 30, (20, 8), (18, 14), 12, 6, (-4, 2), 6, 17, size=1.3),
    "horse": Beast("7a4a2c", 84, 34, 56, (26, 44), (13, 11), 26, 9, (-20, 44), 11, 9, "horse", 1.75),
    "deer": Beast("9a6a42", 66, 26, 50, (18, 40), (11, 9), 15, 11, (-6, 6), 6, 6, "antlers", 1.35),
    "cow": Beast("8a6a52", 92, 42, 38, (20, 10), (17, 13), 18, 9, (-12, 40), 4, 11, "horns", 1.4),
    "sheep": Beast("dcd6c8", 62, 36, 22, (16, 6), (12, 10), 8, 8, (-4, 4), 7, 6, "wool", 0.75),
    "elephant": Beast("7d7f88", 104, 62, 46, (22, 6), (28, 26), 8, 0, (-10, 34), 4, 24, "trunk", 2.3),
    "rabbit": Beast("a89a8a", 32, 22, 12, (8, 12), (11, 9), 4, 26, (-5, -2), 9, 6, size=0.32),
    "camel": Beast("c49a5e", 84, 34, 58, (34, 40), (13, 10), 16, 6, (-10, 28), 4, 9, "hump", 1.8),
    "dinosaur": Beast("5f7a4a", 96, 46, 46, (30, 40), (24, 15), 22, 0, (-86, 26), 26, 19, "spikes", 2.6),
}

SIZES: dict[str, float] = {
    "dragon": 2.6,
    "bird": 0.9,
    "fish": 0.5,
    "whale": 3.2,
    "shark": 1.6,
    "turtle": 0.7,
    "butterfly": 0.4,
    "penguin": 0.6,
    "swan": 0.55,
    "bee": 0.3,
}
FLYING = frozenset({"dragon", "bird", "butterfly", "bee"})
AFLOAT = frozenset({"swan"})
"""They swim on the water where there is some."""
SWIMMING = frozenset({"fish", "whale", "shark", "turtle"})


def size_of(animal: str) -> float:
    """Its height relative to a grown-up's, as drawn."""
    beast = BEASTS.get(animal)
    return beast.size * 45 / (beast.leg + beast.body) if beast else SIZES.get(animal, 1.0)


def fur_of(animal: str) -> Colour:
    """Its own colour."""
    beast = BEASTS.get(animal)
    others = {"dragon": "6e2f35", "bird": "3a3f4a", "fish": "e08a3a", "whale": "4a6a88", "shark": "6a7d8c",
              "turtle": "5a7a4a", "butterfly": "e0783a", "penguin": "23262e",
              "swan": "ecebe6", "bee": "e0a830"}  # fmt: skip
    return rgb(beast.fur if beast else others.get(animal, "5a5560"))


def draw_animal(drawing: Drawing, animal: str, coat: Colour, light: Colour) -> None:
    """Draw one, in its local units."""
    if animal in BEASTS:
        _beast(drawing, BEASTS[animal], coat, light)
        return
    {"dragon": _dragon, "fish": _fish, "whale": _whale, "shark": _shark, "turtle": _turtle,
        "butterfly": wings.butterfly, "penguin": wings.penguin, "swan": wings.swan, "bee": wings.bee}.get(
        animal, wings.bird
    )(drawing, coat, light)  # fmt: skip


def _beast(d: Drawing, b: Beast, coat: Colour, light: Colour) -> None:
    dark, lit = shade(coat, 0.66), mix(coat, light, 0.22)
    half, top = b.length / 2, -(b.leg + b.body)
    hip, shoulder = (-half * 0.78, top + b.body * 0.55), (half * 0.72, top + b.body * 0.55)
    for x, way, tone in (
        (hip[0] + 7, -1, dark),
        (shoulder[0] - 8, 1, dark),
        (hip[0], -1, coat),
        (shoulder[0], 1, coat),
    ):
        bend = -way * b.leg * 0.1
        w = b.legs_width
        d.limb(
            [(x, shoulder[1]), (x + bend, -b.leg * 0.5), (x + bend * 0.2, -2)],
            [w * 1.8, w * 0.95, w * 0.62],
            tone,
        )
        d.ellipse(x + bend * 0.2 + 2, -2, w * 0.55, 2.6, shade(tone, 0.7))
    tx, ty = hip[0] - b.legs_width * 0.8, top + b.body * 0.35
    d.limb([(tx, ty), (tx + b.tail[0] * 0.5, ty + b.tail[1] * 0.35), (tx + b.tail[0], ty + b.tail[1])],
           [b.tail_width, b.tail_width * 1.05, b.tail_width * 0.45], coat)  # fmt: skip
    if b.extra == "hump":
        d.smooth([(-22, top + 8), (-8, top - 20), (6, top - 20), (22, top + 8)], coat)
    back = [(-half, top + b.body * 0.42), (-half * 0.55, top), (half * 0.1, top + b.body * 0.07),
        (half * 0.75, top - 1),
            (half * 1.02, top + b.body * 0.4)]  # fmt: skip
    belly = [(half * 0.6, top + b.body * 0.95), (0, top + b.body * 0.92), (-half * 0.6, top + b.body * 0.84)]
    d.smooth([*back, *belly], coat)
    d.smooth(
        [back[0], back[1], back[2], back[3], (half * 0.6, top + b.body * 0.22), (0, top + b.body * 0.28)], lit
    )
    head = (shoulder[0] + b.neck[0], top + b.body * 0.25 - b.neck[1])
    d.limb([(shoulder[0] - 2, top + b.body * 0.42), head], [b.body * 0.74, b.head[1] * 1.35], coat)
    _beast_head(d, b, head, coat, lit, dark)
    _extras(d, b, head, top, half, coat, dark)


def _beast_head(
    d: Drawing, b: Beast, head: tuple[float, float], coat: Colour, lit: Colour, dark: Colour
) -> None:
    hx, hy = head
    if b.extra == "mane":
        for number in range(12):
            angle = 2 * math.pi * number / 12
            d.ellipse(
                hx - 3 + math.cos(angle) * 17,
                hy + 3 + math.sin(angle) * 18,
                10,
                10,
                shade(rgb("7a4a22"), 0.4 + max(coat)),
            )
    if b.ears:
        d.polygon(
            [
                (hx - 7, hy - b.head[1] * 0.5),
                (hx - 4, hy - b.head[1] * 0.7 - b.ears),
                (hx + 2, hy - b.head[1] * 0.7),
            ],
            dark,
        )
    d.ellipse(hx, hy, b.head[0] * 0.85, b.head[1], coat)
    d.limb(
        [(hx + 3, hy + 2), (hx + b.head[0] * 0.5 + b.snout, hy + b.snout * 0.42)],
        [b.head[1] * 1.5, b.head[1] * 0.85],
        coat,
    )
    if b.ears:
        d.polygon(
            [
                (hx - 2, hy - b.head[1] * 0.6),
                (hx + 1, hy - b.head[1] * 0.75 - b.ears),
                (hx + 6, hy - b.head[1] * 0.6),
            ],
            lit,
        )
    d.ellipse(hx + b.head[0] * 0.35, hy - 1.5, 1.4, 1.6, (0.03, 0.03, 0.03))
    d.ellipse(hx + b.head[0] * 0.5 + b.snout + 2, hy + b.snout * 0.42 - 2, 2.0, 1.7, shade(coat, 0.3))


def _extras(
    d: Drawing, b: Beast, head: tuple[float, float], top: float, half: float, coat: Colour, dark: Colour
) -> None:
    hx, hy = head
    if b.extra == "stripes":
        for number in range(8):
            x = -half * 0.8 + number * half * 0.21
            d.polygon([(x, top + 2), (x + 4, top + 1), (x + 1, top + b.body * 0.6)], shade(coat, 0.25))
    elif b.extra == "horse":
        d.smooth(
            [
                (hx - 6, hy - 10),
                (hx - 16, hy + 8),
                (half * 0.5, top + 2),
                (half * 0.75, top - 6),
                (hx - 4, hy + 8),
            ],
            shade(coat, 0.4),
        )
    elif b.extra == "antlers":
        for way in (-1, 1):
            stem = [(hx - 2, hy - 8), (hx - 6 + way * 6, hy - 26), (hx - 2 + way * 14, hy - 44)]
            d.limb(stem, [3, 2.4, 1], shade(coat, 0.8))
            d.limb([stem[1], (stem[1][0] + way * 10, stem[1][1] - 8)], [2, 0.8], shade(coat, 0.8))
    elif b.extra == "horns":
        d.limb(
            [(hx, hy - 10), (hx + 6, hy - 18), (hx + 14, hy - 20)], [4, 3, 1], mix(coat, (1.0, 1.0, 1.0), 0.5)
        )
    elif b.extra == "wool":
        for number in range(16):
            angle = 2 * math.pi * number / 16
            d.ellipse(
                math.cos(angle) * half * 0.8,
                top + b.body * 0.45 + math.sin(angle) * b.body * 0.38,
                10,
                9,
                shade(coat, 0.9 + 0.1 * (number % 2)),
            )
        d.ellipse(0, top + b.body * 0.45, half * 0.8, b.body * 0.4, coat)
    elif b.extra == "trunk":
        d.limb(
            [(hx + 14, hy + 2), (hx + 26, hy + 28), (hx + 24, hy + 58), (hx + 32, hy + 68)],
            [17, 12, 8, 6],
            coat,
        )
        d.smooth(
            [(hx - 8, hy - 20), (hx - 34, hy - 14), (hx - 34, hy + 20), (hx - 14, hy + 30), (hx - 2, hy + 4)],
            dark,
        )
        d.limb([(hx + 14, hy + 16), (hx + 30, hy + 30), (hx + 42, hy + 26)], [5, 4, 1.4], (0.92, 0.9, 0.84))
    elif b.extra == "spikes":
        for number in range(9):
            x = -half * 0.9 + number * half * 0.22
            d.polygon([(x - 5, top + 5), (x, top - 11 + abs(number - 4)), (x + 5, top + 5)], dark)


def _dragon(d: Drawing, coat: Colour, light: Colour) -> None:
    dark, lit = shade(coat, 0.5), mix(coat, light, 0.25)
    d.smooth(
        [(-4, -56), (-30, -104), (-84, -128), (-76, -98), (-60, -84), (-58, -66), (-38, -60), (-30, -44)],
        dark,
    )
    d.limb([(-30, -34), (-64, -22), (-98, -34), (-124, -22)], [20, 12, 7, 3], coat)
    d.polygon([(-120, -30), (-142, -18), (-118, -14)], dark)
    d.limb([(-14, -26), (-24, -12), (-14, 0)], [14, 9, 5], dark)
    d.limb([(18, -28), (12, -10), (22, 0)], [12, 8, 5], dark)
    d.smooth([(-40, -40), (-10, -58), (24, -56), (40, -44), (24, -22), (-16, -20)], coat)
    d.limb([(28, -46), (52, -66), (56, -92), (72, -104)], [26, 18, 13, 12], coat)
    for number in range(9):
        x, y = -60 + number * 11, -34 - 22 * math.sin(number / 8 * math.pi * 0.7)
        d.polygon([(x - 4, y + 3), (x - 2, y - 9), (x + 5, y + 2)], dark)
    d.smooth([(62, -112), (78, -116), (108, -104), (106, -98), (80, -94), (64, -98)], coat)
    d.polygon([(68, -112), (50, -128), (74, -116)], lit)
    d.ellipse(80, -107, 2.2, 1.6, rgb("ffd24a"))
    wing = [(2, -52), (8, -112), (60, -158), (40, -118), (44, -104), (28, -92), (26, -74), (10, -66)]
    d.polygon(
        [
            (2, -50),
            (-2, -120),
            (-40, -164),
            (-112, -150),
            (-84, -128),
            (-88, -110),
            (-60, -104),
            (-58, -84),
            (-30, -78),
        ],
        coat,
    )
    for tip in ((-112, -150), (-88, -110), (-58, -84)):
        d.line([(-2, -120) if tip[0] < -100 else (-8, -112), tip], 2.4, lit)
    d.polygon(wing, shade(coat, 0.78))
    d.limb([(2, -50), (-2, -120), (-40, -164)], [9, 6, 2], lit)


def _fish(d: Drawing, coat: Colour, light: Colour) -> None:
    d.polygon([(-34, -40), (-62, -62), (-54, -40), (-62, -18)], shade(coat, 0.75))
    d.smooth([(-38, -40), (-6, -62), (34, -54), (50, -40), (34, -26), (-6, -20)], coat)
    d.smooth([(-30, -44), (-6, -60), (34, -53), (48, -42), (10, -46)], mix(coat, light, 0.35))
    d.polygon([(-4, -60), (6, -80), (20, -56)], shade(coat, 0.8))
    d.ellipse(34, -43, 4, 4, (0.95, 0.95, 0.95))
    d.ellipse(35, -43, 2, 2, (0.02, 0.02, 0.02))


def _whale(d: Drawing, coat: Colour, light: Colour) -> None:
    d.smooth([(-118, -54), (-150, -78), (-128, -44), (-152, -22), (-116, -42)], shade(coat, 0.8))
    d.smooth(
        [(-124, -50), (-60, -70), (10, -86), (78, -78), (104, -52), (88, -26), (20, -14), (-60, -34)], coat
    )
    d.smooth([(100, -42), (60, -40), (10, -34), (20, -14), (88, -26)], mix(coat, (1.0, 1.0, 1.0), 0.55))
    d.smooth([(-110, -54), (-60, -70), (10, -86), (78, -78), (30, -72), (-50, -58)], mix(coat, light, 0.3))
    d.smooth([(26, -26), (6, 8), (-18, 14), (2, -20)], shade(coat, 0.7))
    d.ellipse(74, -48, 2.4, 2.4, (0.02, 0.02, 0.02))


def _shark(d: Drawing, coat: Colour, light: Colour) -> None:
    d.polygon([(-84, -46), (-122, -86), (-104, -46), (-116, -20)], shade(coat, 0.8))
    d.polygon([(-8, -62), (10, -98), (26, -60)], shade(coat, 0.8))
    d.smooth([(-96, -46), (-30, -66), (40, -62), (92, -44), (40, -26), (-30, -34)], coat)
    d.smooth([(90, -42), (40, -26), (-30, -34), (20, -38)], mix(coat, (1.0, 1.0, 1.0), 0.6))
    d.smooth([(-80, -50), (-30, -66), (40, -62), (86, -47), (20, -54)], mix(coat, light, 0.3))
    d.polygon([(24, -34), (2, -2), (6, -32)], shade(coat, 0.7))
    d.ellipse(66, -48, 2.2, 2.2, (0.02, 0.02, 0.02))


def _turtle(d: Drawing, coat: Colour, light: Colour) -> None:
    for x, y, tx, ty in ((30, -34, 62, -6), (-30, -34, -54, -14), (34, -46, 66, -72)):
        d.limb([(x, y), (tx, ty)], [18, 7], shade(coat, 0.85))
    d.ellipse(58, -46, 14, 10, mix(coat, light, 0.2))
    d.smooth([(-50, -36), (-30, -64), (10, -72), (46, -52), (50, -36), (0, -26)], shade(coat, 0.62))
    for x in (-24, 2, 26):
        d.ellipse(x, -50 + abs(x) * 0.12, 11, 9, shade(coat, 0.85))
