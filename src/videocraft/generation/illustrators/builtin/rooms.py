"""Furnished rooms, each a shell with what stands in it."""

from __future__ import annotations

import math
from collections.abc import Callable

from videocraft.generation.illustrators.builtin.drawing import mix, rgb, shade
from videocraft.generation.illustrators.builtin.frame import Frame, Glow, Shaft
from videocraft.generation.illustrators.builtin.walls import Room, Walls

Furnish = Callable[[Walls], None]


def _living(r: Walls) -> None:
    f = r.frame
    r.boards()
    r.window(f.x(0.27), 270, f.width * 0.16, 230)
    r.picture(f.x(0.52), 300, 130 * f.narrow, 96)
    f.back.ellipse(f.x(0.5), 800, f.width * 0.3, 62, r.under(rgb("8a4a3e")))
    f.back.ellipse(f.x(0.5), 800, f.width * 0.26, 50, r.under(rgb("a8614e")))
    x, w = f.x(0.4), f.width * 0.28
    sofa = r.under(rgb("5a7484"))
    f.back.rect(x, 560, w, 130, shade(sofa, 0.8), radius=22)
    f.back.rect(x - 22, 610, 48, 110, sofa, radius=20)
    f.back.rect(x + w - 26, 610, 48, 110, sofa, radius=20)
    f.back.rect(x + 14, 640, w - 28, 62, mix(sofa, f.colours.light, 0.16), radius=14)
    _floor_lamp(r, f.x(0.75), 700)
    _pot_plant(r, f.x(0.24), 730, 170)


def _bedroom(r: Walls) -> None:
    f = r.frame
    r.boards()
    r.window(f.x(0.56), 260, f.width * 0.17, 250)
    x, w = f.x(0.25), f.width * 0.34
    f.back.rect(x - 8, 520, w + 16, 170, r.under(rgb("6a452c")), radius=14)
    f.back.rect(x, 630, w, 150, r.under(rgb("e0dcd4")), radius=16)
    f.back.smooth(
        [
            (x - 6, 690),
            (x + w * 0.3, 668),
            (x + w * 0.7, 680),
            (x + w + 6, 668),
            (x + w + 14, 800),
            (x - 14, 800),
        ],
        r.under(rgb("6f86a4")),
    )
    for share in (0.08, 0.54):
        f.back.rect(x + w * share, 610, w * 0.38, 54, r.under(rgb("f4f1ea")), radius=22)
    _floor_lamp(r, f.x(0.7), 710)


def _kitchen(r: Walls) -> None:
    f = r.frame
    for row in range(7):
        for column in range(16):
            f.back.rect(
                f.x(0.2) + f.width * 0.6 * column / 16 + 1,
                400 + row * 26,
                f.width * 0.6 / 16 - 2,
                24,
                shade(r.wall, 1.06 if (row + column) % 2 else 1.0),
            )
    r.window(f.x(0.42), 240, f.width * 0.16, 190)
    for share in (0.2, 0.62):
        r.box(f.x(share), 380, f.width * 0.18, 170, rgb("5f7f78"), 0)
        f.back.rect(f.x(share + 0.089), 220, 3, 150, shade(r.wall, 0.4))
    r.box(f.x(0.2), 720, f.width * 0.6, 130, rgb("6a8a82"), 20)
    for share in (0.3, 0.4, 0.5, 0.6, 0.7):
        f.back.rect(f.x(share), 600, 3, 110, shade(r.wall, 0.35))
    steel = r.under(rgb("b8bcc0"))
    f.back.rect(f.x(0.26), 540, 70, 44, steel, radius=6)
    f.back.rect(f.x(0.26) - 8, 536, 86, 8, shade(steel, 0.7), radius=4)
    for number, hue in enumerate(("c8442e", "e0b040", "5a8a44")):
        f.back.ellipse(f.x(0.64) + number * 26, 566, 15, 15, r.under(rgb(hue)))
    r.pendant(f.x(0.36), 150, 0.9)
    r.pendant(f.x(0.64), 150, 0.9)


def _office(r: Walls) -> None:
    f = r.frame
    r.window(f.x(0.24), 230, f.width * 0.52, 270, panes=5, shaft=False)
    f.shafts.append(Shaft(f.x(0.3), 200, 55, 26, 760, f.colours.light, 0.25))
    for share in (0.24, 0.45, 0.66):
        x = f.x(share)
        r.box(x - 20, 700, f.width * 0.15, 84, rgb("a88a68"), 12)
        r.screen(x + 14, 540, 92 * max(0.7, f.narrow), 60, rgb("5ab0e8"))
        f.back.rect(x + 54, 600, 10, 12, (0.1, 0.1, 0.11))
        f.back.rect(x + 6, 640, 54, 70, r.under(rgb("3a4048")), radius=14)
    _pot_plant(r, f.x(0.81), 760, 210)
    r.pendant(f.x(0.35), 90, 0.8)
    r.pendant(f.x(0.65), 90, 0.8)


def _library(r: Walls) -> None:
    f = r.frame
    r.boards()
    r.shelves(f.x(0.2), 190, f.width * 0.22, 490, 6)
    r.shelves(f.x(0.58), 190, f.width * 0.22, 490, 6)
    r.window(f.x(0.44), 200, f.width * 0.12, 330)
    for side in (0, 1):
        for number in range(5):
            t = number / 5
            x0, x1 = (f.x(0.2) * (1 - t) - 10 * t, f.x(0.2) * (0.8 - t) - 10) if not side else (
                f.x(0.8) + f.x(0.2) * t, f.x(0.8) + f.x(0.2) * (t + 0.2))  # fmt: skip
            f.back.polygon(
                [(x0, 190 - 200 * t), (x1, 150 - 200 * t), (x1, 720 + 300 * t), (x0, 690 + 300 * t)],
                shade(r.under(rgb("6a452a")), 0.42 + 0.08 * (number % 2)),
            )
    r.box(f.x(0.38), 760, f.width * 0.24, 96, rgb("7a4c2c"), 18)
    _desk_lamp(r, f.x(0.44), 648)
    for number in range(3):
        f.back.rect(
            f.x(0.52),
            634 - number * 12,
            60,
            12,
            r.under((rgb("8a3a30"), rgb("3a5a6a"), rgb("a8823e"))[number]),
        )


def _classroom(r: Walls) -> None:
    f = r.frame
    f.back.rect(f.x(0.29), 250, f.width * 0.42, 230, r.under(rgb("6a4a30")))
    f.back.rect(f.x(0.3), 260, f.width * 0.4, 208, r.under(rgb("2f5a48")))
    chalk = r.under(rgb("e8ece4"))
    for number in range(4):
        y = 300 + number * 36
        f.back.line([(f.x(0.33), y), (f.x(0.33) + f.width * f.pick(0.1, 0.2), y)], 3, chalk)
    f.back.line([(f.x(0.58), 420), (f.x(0.66), 420), (f.x(0.62), 310), (f.x(0.58), 420)], 3, chalk)
    r.window(f.x(0.03), 240, f.width * 0.12, 330, panes=2)
    for row, (y, size) in enumerate(((740, 0.8), (850, 1.15))):
        for number in range(4):
            x = f.x(0.16 + 0.22 * number) + (row % 2) * 40
            r.box(x, y, 150 * size * f.narrow, 66 * size, rgb("b08858"), 14 * size)


def _laboratory(r: Walls) -> None:
    f = r.frame
    for share in (0.24, 0.44, 0.64):
        r.screen(f.x(share), 260, f.width * 0.13, 120, rgb("3fd8c8"))
    r.box(f.x(0.2), 720, f.width * 0.6, 120, rgb("c8d4d8"), 22)
    hues = (rgb("4ad8a0"), rgb("e86a9a"), rgb("f0c04a"), rgb("5aa0f0"))
    for number in range(8):
        x = f.x(0.25 + 0.065 * number)
        hue, h = hues[number % 4], f.pick(30, 64)
        f.back.polygon(
            [(x - 4, 580 - h), (x + 4, 580 - h), (x + 5, 556), (x + 17, 584), (x - 17, 584), (x - 5, 556)],
            mix(r.wall, (1.0, 1.0, 1.0), 0.4),
        )
        f.back.polygon([(x - 9, 566), (x + 9, 566), (x + 16, 583), (x - 16, 583)], hue)
        f.glows.append(Glow(x, 574, 46, hue, 0.5))
    f.glows.append(Glow(f.x(0.5), 200, 700, rgb("bfe8ff"), 0.3, squash=0.5))


def _cafe(r: Walls) -> None:
    f = r.frame
    r.boards()
    f.back.rect(f.x(0.2), 440, f.width * 0.6, 250, r.under(rgb("5a3a28")))
    for row in range(3):
        y = 270 + row * 62
        f.back.rect(f.x(0.26), y + 40, f.width * 0.3, 7, r.under(rgb("3a2618")))
        for number in range(14):
            hue = (rgb("4a8a5a"), rgb("b06a30"), rgb("d8b060"), rgb("8a3a40"))[int(f.rng.integers(4))]
            h = f.pick(22, 38)
            f.back.rect(
                f.x(0.265) + number * f.width * 0.021, y + 40 - h, 11 * f.narrow, h, r.under(hue), radius=3
            )
    r.window(f.x(0.62), 240, f.width * 0.15, 230)
    r.box(f.x(0.2), 720, f.width * 0.4, 150, rgb("7a4e30"), 18)
    for share in (0.3, 0.5, 0.7):
        r.pendant(f.x(share), 120, 0.8)
    for share in (0.68, 0.13):
        x = f.x(share)
        f.back.ellipse(x, 740, 80, 15, r.under(rgb("8a5c38")))
        f.back.line([(x, 744), (x, 850)], 9, r.under(rgb("2a2420")))


def _workshop(r: Walls) -> None:
    f = r.frame
    r.window(f.x(0.55), 230, f.width * 0.22, 190, panes=4)
    f.back.rect(f.x(0.23), 280, f.width * 0.25, 180, r.under(rgb("7a5c3c")))
    for number in range(8):
        x = f.x(0.25) + number * f.width * 0.028
        f.back.line([(x, 310), (x, 310 + f.pick(50, 110))], 6, r.under(rgb("8a8c90")))
        f.back.rect(x - 9, 300, 18, 14, r.under(rgb("4a4c52")))
    r.box(f.x(0.22), 730, f.width * 0.5, 116, rgb("7a5632"), 20)
    f.back.rect(f.x(0.28), 560, 90, 36, r.under(rgb("5a5e66")), radius=4)
    f.back.ellipse(f.x(0.62), 588, 26, 26, r.under(rgb("6a6e76")))
    f.glows.append(Glow(f.x(0.34), 560, 260, rgb("ff8a30"), 0.45))
    r.pendant(f.x(0.45), 150)


def _spaceship(r: Walls) -> None:
    f = r.frame
    d = f.back
    d.polygon([(f.x(0.22), 230), (f.x(0.78), 230), (f.x(0.84), 480), (f.x(0.16), 480)], (0.02, 0.03, 0.08))
    for _ in range(160):
        radius = f.pick(0.6, 2.2)
        d.ellipse(f.x(f.pick(0.2, 0.8)), f.pick(236, 474), radius, radius, (0.8, 0.88, 1.0))
    d.ellipse(f.x(0.62), 420, 130, 130, (0.16, 0.3, 0.5))
    d.ellipse(f.x(0.62) + 24, 440, 112, 112, (0.07, 0.13, 0.25))
    steel = r.under(rgb("5c6472"))
    d.polygon([(f.x(0.14), 480), (f.x(0.86), 480), (f.x(0.95), 620), (f.x(0.05), 620)], steel)
    for number in range(-1, 2):
        d.polygon(
            [
                (f.x(0.5 + 0.19 * number) - 5, 230),
                (f.x(0.5 + 0.19 * number) + 5, 230),
                (f.x(0.5 + 0.23 * number) + 7, 482),
                (f.x(0.5 + 0.23 * number) - 7, 482),
            ],
            shade(steel, 0.7),
        )
    for number in range(30):
        hue = (rgb("4ae0ff"), rgb("ffb04a"), rgb("ff5a6a"), rgb("7affb0"))[int(f.rng.integers(4))]
        d.rect(f.x(0.12) + (number % 15) * f.width * 0.052, 510 + (number // 15) * 44, 20, 9, hue, radius=2)
    f.glows += [
        Glow(f.x(0.5), 560, 700, rgb("3fa8ff"), 0.4, squash=0.35),
        Glow(f.x(0.62), 420, 300, rgb("6ab0ff"), 0.3),
    ]


def _studio(r: Walls) -> None:
    f = r.frame
    d = f.back
    for number in range(24):
        t = number / 23
        d.ellipse(
            f.x(0.5), 560, f.width * (0.95 - 0.75 * t), 700 * (1 - 0.78 * t), shade(r.wall, 0.72 + 0.4 * t)
        )
    for number in range(9):
        t = number / 8
        d.ellipse(f.x(0.5), 905, f.width * (0.5 - 0.22 * t), 130 - 60 * t, shade(r.wall, 0.98 - 0.035 * t))
    f.glows.append(Glow(f.x(0.5), 480, 620, (1.0, 1.0, 1.0), 0.25))


def _floor_lamp(r: Walls, x: float, foot: float) -> None:
    r.frame.back.line([(x, foot), (x, foot - 190)], 5, shade(r.wall, 0.3))
    r.frame.back.ellipse(x, foot, 28, 6, shade(r.wall, 0.3))
    r.frame.back.polygon(
        [(x - 44, foot - 186), (x - 26, foot - 246), (x + 26, foot - 246), (x + 44, foot - 186)],
        mix(rgb("ffdca0"), r.wall, 0.12),
    )
    r.frame.glows.append(Glow(x, foot - 200, 300, rgb("ffcf8a"), 0.6))


def _desk_lamp(r: Walls, x: float, foot: float) -> None:
    r.frame.back.line([(x, foot), (x, foot - 44)], 4, rgb("8a6a34"))
    r.frame.back.smooth(
        [(x - 34, foot - 42), (x - 26, foot - 64), (x + 26, foot - 64), (x + 34, foot - 42)], rgb("3f8a5c")
    )
    r.frame.glows.append(Glow(x, foot - 36, 190, rgb("ffd890"), 0.6))


def _pot_plant(r: Walls, x: float, foot: float, tall: float) -> None:
    d = r.frame.back
    leaf = r.under(rgb("4f8a52"))
    for number in range(9):
        angle = math.radians(-150 + number * 15)
        tip = (x + math.cos(angle) * tall * 0.5, foot - tall * 0.35 + math.sin(angle) * tall * 0.62)
        mid = (x + math.cos(angle) * tall * 0.22, foot - tall * 0.35 + math.sin(angle) * tall * 0.34)
        d.smooth(
            [(x, foot - tall * 0.32), (mid[0] - 12, mid[1]), tip, (mid[0] + 12, mid[1])],
            shade(leaf, r.frame.pick(0.65, 1.1)),
        )
    d.polygon(
        [
            (x - tall * 0.18, foot - tall * 0.34),
            (x + tall * 0.18, foot - tall * 0.34),
            (x + tall * 0.13, foot),
            (x - tall * 0.13, foot),
        ],
        r.under(rgb("b0674a")),
    )


_ROOMS: dict[str, tuple[Room, Furnish]] = {
    "room": (Room("c8b49a", "8a6244"), _living),
    "bedroom": (Room("b4a8b0", "8a6a50"), _bedroom),
    "kitchen": (Room("e0d8c8", "a08868"), _kitchen),
    "office": (Room("c8ced4", "7f8690"), _office),
    "library": (Room("8a6a4c", "6f4a30", bright=0.62), _library),
    "classroom": (Room("d4cdb4", "a8845c"), _classroom),
    "laboratory": (Room("b4c8d0", "8898a0"), _laboratory),
    "cafe": (Room("8a5e48", "6a4630", bright=0.7), _cafe),
    "workshop": (Room("8a7e70", "6a6058", bright=0.62), _workshop),
    "spaceship": (Room("6a7688", "4a5462", bright=0.95), _spaceship),
    "studio": (Room("d8d6d2", "d0ccc6", bright=1.0), _studio),
}


def room(name: str) -> Callable[[Frame], None]:
    """The builder of a furnished room."""
    kind, furnish = _ROOMS[name]

    def build(frame: Frame) -> None:
        walls = Walls(frame, kind)
        walls.shell()
        furnish(walls)

    return build
