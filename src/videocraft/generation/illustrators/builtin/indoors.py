"""Rooms: a back wall, side walls, floor and ceiling in one-point perspective, and what stands in them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from videocraft.generation.illustrators.builtin import terrain
from videocraft.generation.illustrators.builtin.drawing import Colour, mix, rgb, shade
from videocraft.generation.illustrators.builtin.frame import HEIGHT, Frame, Glow, Mist, Shaft
from videocraft.generation.illustrators.builtin.idea import Look, Time

_DARK = frozenset({Time.NIGHT, Time.DUSK})


@dataclass(frozen=True)
class Room:
    """Colours of a room, and how bright it is by day (1) and by lamps."""

    wall: str
    floor: str
    window: bool = True
    lamps: int = 1
    bright: float = 0.75


class _Walls:
    """The room's geometry: the back wall's box, and points on walls and floor by depth (0 back, 1 lens)."""

    def __init__(self, frame: Frame, kind: Room) -> None:
        self.frame = frame
        dark = frame.idea.time in _DARK or frame.idea.look in {Look.NOIR, Look.HORROR}
        level = kind.bright * (0.5 if dark else 1.0)
        warm = rgb("ffd2a0") if dark else mix((1.0, 1.0, 1.0), frame.colours.light, 0.35)
        self.light = (warm[0] * level, warm[1] * level, warm[2] * level)
        self.dark = dark
        self.left, self.right, self.top, self.foot = frame.x(0.2), frame.x(0.8), 190.0, 690.0
        self.wall = self.under(rgb(kind.wall))
        self.floor = self.under(rgb(kind.floor))
        frame.horizon, frame.ground, frame.clouds, frame.sun = 520, 900, 0, None
        frame.subject_dim = 0.9 if not dark else 0.68

    def under(self, surface: Colour) -> Colour:
        return (surface[0] * self.light[0], surface[1] * self.light[1], surface[2] * self.light[2])

    def shell(self) -> None:
        """Floor, ceiling and walls, each paler towards the back where the light is."""
        d, w = self.frame.back, self.frame.width
        bands = 36
        for number in range(bands):
            t = number / bands
            left, right = -20 + (self.left + 20) * t, w + 20 - (w + 20 - self.right) * t
            top, foot = -30 + (self.top + 30) * t, HEIGHT + 160 - (HEIGHT + 160 - self.foot) * t
            fade = 0.5 + 0.5 * t
            for points, tone in (
                (
                    [(left, top), (right, top), (self.right, self.top), (self.left, self.top)],
                    shade(self.wall, 0.72 * fade),
                ),
                (
                    [(left, foot), (right, foot), (self.right, self.foot), (self.left, self.foot)],
                    shade(self.floor, fade),
                ),
                (
                    [(left, top), (self.left, self.top), (self.left, self.foot), (left, foot)],
                    shade(self.wall, 0.66 * fade),
                ),
                (
                    [(right, top), (self.right, self.top), (self.right, self.foot), (right, foot)],
                    shade(self.wall, 0.8 * fade),
                ),
            ):
                d.polygon(points, tone)
        d.rect(self.left, self.top, self.right - self.left, self.foot - self.top, self.wall)
        d.rect(self.left, self.foot - 16, self.right - self.left, 16, shade(self.wall, 0.65))

    def boards(self) -> None:
        """Lines on the floor towards the vanishing point."""
        for number in range(13):
            t = number / 12
            x0 = self.left + (self.right - self.left) * t
            x1 = self.frame.width * (t * 2.2 - 0.6)
            self.frame.back.line([(x0, self.foot), (x1, HEIGHT + 20)], 1.6, shade(self.floor, 0.55))

    def window(self, x: float, y: float, w: float, h: float, *, panes: int = 2, shaft: bool = True) -> None:
        """A window with the sky behind it, and its light falling into the room."""
        frame = self.frame
        outside = frame.colours.low if not self.dark else frame.colours.middle
        frame.back.rect(x - 9, y - 9, w + 18, h + 18, shade(self.wall, 1.25))
        for number in range(8):
            frame.back.rect(
                x, y + h * number / 8, w, h / 8 + 1, mix(frame.colours.middle, outside, number / 7)
            )
        for number in range(1, panes):
            frame.back.rect(x + w * number / panes - 3, y, 6, h, shade(self.wall, 1.1))
        frame.back.rect(x, y + h * 0.45, w, 5, shade(self.wall, 1.1))
        power = 0.3 if self.dark else 0.55
        frame.glows.append(Glow(x + w / 2, y + h / 2, max(w, h) * 1.3, frame.colours.light, power * 0.7))
        if shaft:
            way = 1 if x + w / 2 < frame.width / 2 else -1
            frame.light_side = -way
            for number in range(panes):
                frame.shafts.append(
                    Shaft(
                        x + w * (number + 0.5) / panes,
                        y + h * 0.3,
                        90 - way * 38,
                        9,
                        760,
                        frame.colours.light,
                        power,
                    )
                )

    def pendant(self, x: float, drop: float, size: float = 1.0) -> None:
        """A lamp that hangs from the ceiling with its cone of light."""
        hue = rgb("ffd596")
        self.frame.back.line([(x, -10), (x, drop)], 3, shade(self.wall, 0.3))
        self.frame.back.polygon([(x - 34 * size, drop + 30 * size), (x - 10 * size, drop),
            (x + 10 * size, drop), (x + 34 * size, drop + 30 * size)],
                                shade(self.wall, 0.35))  # fmt: skip
        self.frame.back.ellipse(x, drop + 31 * size, 22 * size, 6 * size, (1.0, 0.95, 0.8))
        self.frame.glows.append(Glow(x, drop + 34 * size, 200 * size, hue, 0.6))
        self.frame.shafts.append(Shaft(x, drop + 24 * size, 90, 52, 620, hue, 0.3 if self.dark else 0.16))

    def box(self, x: float, foot: float, w: float, h: float, surface: Colour, lid: float = 14.0) -> None:
        """A piece of furniture seen from the front, with its lit top."""
        tone = self.under(surface)
        self.frame.back.rect(x, foot - h, w, h, tone)
        self.frame.back.rect(x, foot - h * 0.25, w, h * 0.25, shade(tone, 0.78))
        self.frame.back.polygon([(x - 4, foot - h), (x + w + 4, foot - h), (x + w - 6, foot - h - lid),
            (x + 6, foot - h - lid)],
                                mix(tone, self.frame.colours.light, 0.3))  # fmt: skip

    def shelves(self, x: float, y: float, w: float, h: float, rows: int) -> None:
        """Bookshelves, full."""
        d = self.frame.back
        wood = self.under(rgb("6a452a"))
        d.rect(x, y, w, h, shade(wood, 0.4))
        step = h / rows
        for row in range(rows):
            px = x + 6
            while px < x + w - 10:
                bw, bh = self.frame.pick(7, 17), step * self.frame.pick(0.6, 0.84)
                hue = (
                    rgb("8a3a30"),
                    rgb("3a5a6a"),
                    rgb("a8823e"),
                    rgb("4a6a4a"),
                    rgb("6a4a6a"),
                    rgb("b8a888"),
                )[int(self.frame.rng.integers(6))]
                tone = shade(self.under(hue), self.frame.pick(0.6, 1.05))
                d.rect(px, y + step * (row + 1) - 6 - bh, bw - 1.5, bh, tone)
                d.rect(px, y + step * (row + 1) - 6 - bh * 0.8, bw - 1.5, 3, mix(tone, rgb("e0c070"), 0.5))
                px += bw
            d.rect(x, y + step * (row + 1) - 7, w, 7, wood)

    def picture(self, x: float, y: float, w: float, h: float) -> None:
        """A framed landscape."""
        d = self.frame.back
        d.rect(x - 7, y - 7, w + 14, h + 14, self.under(rgb("7a5a34")))
        d.rect(x, y, w, h, self.under(rgb("a8c0d0")))
        d.polygon([(x, y + h), (x, y + h * 0.6), (x + w * 0.35, y + h * 0.35),
            (x + w * 0.6, y + h * 0.65), (x + w, y + h * 0.5), (x + w, y + h)],
                  self.under(rgb("6a7a5a")))  # fmt: skip

    def screen(self, x: float, y: float, w: float, h: float, hue: Colour) -> None:
        """A lit display with a chart on it."""
        d = self.frame.back
        d.rect(x - 5, y - 5, w + 10, h + 10, (0.05, 0.05, 0.06), radius=4)
        d.rect(x, y, w, h, mix(hue, (0.03, 0.05, 0.1), 0.65))
        line = [(x + w * i / 8, y + h * (0.75 - 0.5 * self.frame.pick(0, 1))) for i in range(1, 8)]
        d.line(line, max(1.5, h * 0.03), mix(hue, (1.0, 1.0, 1.0), 0.4))
        for number in range(4):
            d.rect(x + w * 0.08, y + h * (0.12 + 0.09 * number), w * self.frame.pick(0.2, 0.5), h * 0.04, hue)
        self.frame.glows.append(Glow(x + w / 2, y + h / 2, w * 1.1, hue, 0.35))


Furnish = Callable[[_Walls], None]


def _living(r: _Walls) -> None:
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


def _bedroom(r: _Walls) -> None:
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


def _kitchen(r: _Walls) -> None:
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


def _office(r: _Walls) -> None:
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


def _library(r: _Walls) -> None:
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


def _classroom(r: _Walls) -> None:
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


def _laboratory(r: _Walls) -> None:
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


def _cafe(r: _Walls) -> None:
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


def _workshop(r: _Walls) -> None:
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


def _spaceship(r: _Walls) -> None:
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


def _studio(r: _Walls) -> None:
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


def _floor_lamp(r: _Walls, x: float, foot: float) -> None:
    r.frame.back.line([(x, foot), (x, foot - 190)], 5, shade(r.wall, 0.3))
    r.frame.back.ellipse(x, foot, 28, 6, shade(r.wall, 0.3))
    r.frame.back.polygon(
        [(x - 44, foot - 186), (x - 26, foot - 246), (x + 26, foot - 246), (x + 44, foot - 186)],
        mix(rgb("ffdca0"), r.wall, 0.12),
    )
    r.frame.glows.append(Glow(x, foot - 200, 300, rgb("ffcf8a"), 0.6))


def _desk_lamp(r: _Walls, x: float, foot: float) -> None:
    r.frame.back.line([(x, foot), (x, foot - 44)], 4, rgb("8a6a34"))
    r.frame.back.smooth(
        [(x - 34, foot - 42), (x - 26, foot - 64), (x + 26, foot - 64), (x + 34, foot - 42)], rgb("3f8a5c")
    )
    r.frame.glows.append(Glow(x, foot - 36, 190, rgb("ffd890"), 0.6))


def _pot_plant(r: _Walls, x: float, foot: float, tall: float) -> None:
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
    "spaceship": (Room("4a5464", "3a424e", bright=0.7), _spaceship),
    "studio": (Room("d8d6d2", "d0ccc6", bright=1.0), _studio),
}


def room(name: str) -> Callable[[Frame], None]:
    """The builder of a furnished room."""
    kind, furnish = _ROOMS[name]

    def build(frame: Frame) -> None:
        walls = _Walls(frame, kind)
        walls.shell()
        furnish(walls)

    return build


def corridor(frame: Frame) -> None:
    walls = _Walls(frame, Room("7f8a88", "5c605f", bright=0.6))
    walls.left, walls.right, walls.top, walls.foot = frame.x(0.41), frame.x(0.59), 390, 640
    walls.shell()
    for number in range(5):
        t = (number / 5) ** 1.5
        for side in (-1, 1):
            x0 = frame.x(0.5) + side * (frame.x(0.09) + frame.width * 0.42 * t)
            x1 = frame.x(0.5) + side * (frame.x(0.09) + frame.width * 0.42 * (t + 0.05 + 0.1 * t))
            top, foot = 455 - 330 * t, 640 + 330 * t
            frame.back.polygon(
                [(x0, top), (x1, top - 50 * t), (x1, foot + 40 * t), (x0, foot)], shade(walls.wall, 0.38)
            )
        y = 390 - 390 * t
        frame.back.polygon([(frame.x(0.5) - 20 - 90 * t, y), (frame.x(0.5) + 20 + 90 * t, y),
            (frame.x(0.5) + 14 + 70 * t, y + 6 + 14 * t),
                            (frame.x(0.5) - 14 - 70 * t, y + 6 + 14 * t)], rgb("f4fbe8"))  # fmt: skip
        frame.glows.append(Glow(frame.x(0.5), y + 20, 80 + 320 * t, rgb("dff0d8"), 0.4))
    frame.back.rect(frame.x(0.46), 450, frame.width * 0.08, 190, mix(walls.wall, (1.0, 1.0, 1.0), 0.6))
    frame.glows.append(Glow(frame.x(0.5), 540, 240, rgb("f0fff0"), 0.6))


def hall(frame: Frame) -> None:
    walls = _Walls(frame, Room("b0a088", "8a7864", bright=0.66))
    walls.left, walls.right, walls.top, walls.foot = frame.x(0.34), frame.x(0.66), 120, 650
    walls.shell()
    x = frame.x(0.5)
    glass = (rgb("e8604a"), rgb("4a8ae0"), rgb("f0c04a"), rgb("5ab878"))
    frame.back.rect(x - 64, 220, 128, 270, mix(walls.wall, frame.colours.light, 0.75), radius=60)
    for number in range(24):
        frame.back.rect(
            x - 52 + (number % 4) * 27,
            262 + (number // 4) * 36,
            23,
            32,
            mix(glass[(number * 7) % 4], frame.colours.light, 0.35),
        )
    frame.glows.append(Glow(x, 340, 420, frame.colours.light, 0.55))
    for way in (-20, 0, 20):
        frame.shafts.append(Shaft(x + way, 250, 90 + way * 1.4, 10, 800, frame.colours.light, 0.45))
    frame.back.polygon(
        [(x - 40, 650), (x + 40, 650), (x + 230, HEIGHT + 10), (x - 230, HEIGHT + 10)],
        walls.under(rgb("8a2a30")),
    )
    for number in range(5):
        near = ((number + 1) / 5) ** 1.4
        for side in (-1, 1):
            px = x + side * (frame.width * 0.17 + frame.width * 0.32 * near)
            foot, w = 655 + 330 * near, 16 + 46 * near
            tone = shade(walls.wall, 1.1 - 0.55 * near)
            frame.back.rect(px - w / 2, -20, w, foot + 20, tone)
            frame.back.rect(
                px - w / 2 if side > 0 else px + w * 0.1, -20, w * 0.4, foot + 20, shade(tone, 0.65)
            )
            frame.back.rect(px - w * 0.75, foot - w * 0.5, w * 1.5, w * 0.5, shade(tone, 0.75))
            frame.back.rect(px - w * 0.7, 110 - 110 * near, w * 1.4, w * 0.4, shade(tone, 0.9))


def cave(frame: Frame) -> None:
    """Looking out, or to a light within: rings of rock that darken towards the lens."""
    frame.horizon, frame.ground, frame.clouds = 600, 880, 0.3
    frame.subject_dim = 0.62
    x, y = frame.x(0.56), 470.0
    rock = mix(rgb("6a6258"), frame.colours.ambient, 0.3)
    opening = mix(frame.colours.low, frame.colours.light, 0.5)
    frame.back.rect(-5, -5, frame.width + 10, HEIGHT + 10, opening)
    rings = 8
    for number in range(rings):
        near = (number + 1) / rings
        r = 150 + 560 * near**1.3
        points = []
        for step in range(26):
            a = 2 * math.pi * step / 26
            wobble = 1 + frame.pick(-0.13, 0.13)
            points.append(
                (
                    x + math.cos(a) * r * 1.15 * wobble * frame.width / 1500,
                    y + math.sin(a) * r * 0.92 * wobble,
                )
            )
        tone = mix(mix(opening, rock, 0.35 + 0.5 * near), (0.02, 0.02, 0.03), 0.15 + 0.75 * near**1.2)
        outer = [
            (-50, -50),
            (frame.width + 50, -50),
            (frame.width + 50, HEIGHT + 50),
            (-50, HEIGHT + 50),
            (-50, -50),
        ]
        frame.back.polygon([*outer, *points, points[0]], tone)
    floor = mix(rock, (0.02, 0.02, 0.03), 0.5)
    for number in range(7):
        edge = terrain.outline(frame, 700 + number * 44, 8 + number * 3, 5, 0.5)
        frame.back.polygon(
            [*edge, (edge[-1][0], HEIGHT + 5), (edge[0][0], HEIGHT + 5)],
            mix(mix(opening, floor, 0.55), floor, number / 6),
        )
    for _ in range(16):
        px, length = frame.pick(0, frame.width), frame.pick(60, 260)
        frame.back.polygon(
            [(px - length * 0.13, -10), (px + length * 0.13, -10), (px + frame.pick(-6, 6), length)],
            mix(floor, (0.0, 0.0, 0.0), 0.45),
        )
    frame.glows.append(Glow(x, y, 430, frame.colours.light, 0.6))
    for number in range(3):
        frame.shafts.append(
            Shaft(x - 60 + 60 * number, y - 150, 62 + 26 * number, 11, 760, frame.colours.light, 0.5)
        )
    frame.mists.append(Mist(720, 90, 0.35, frame.colours.light))
    frame.light_side = 1 if x > frame.width / 2 else -1
    frame.sun = None


def stage(frame: Frame) -> None:
    frame.horizon, frame.ground, frame.clouds, frame.sun = 560, 850, 0, None
    frame.subject_dim = 0.85
    d = frame.back
    d.rect(-5, -5, frame.width + 10, HEIGHT + 10, (0.035, 0.025, 0.05))
    red = rgb("8a1f2c")
    for number in range(26):
        x = frame.width * number / 26
        for strip in range(4):
            d.rect(
                x + frame.width / 104 * strip,
                -5,
                frame.width / 104 + 1,
                720,
                shade(red, (0.5, 0.75, 0.95, 0.65)[strip] * 0.62),
            )
    for number in range(6):
        d.rect(-5, 715 + number * 40, frame.width + 10, 300, shade(rgb("7a5234"), 0.78 - 0.09 * number))
    hues = (rgb("ffd9a0"), rgb("ff7ab0"), rgb("7ab8ff"), rgb("ffd9a0"))
    for number, hue in enumerate(hues):
        x = frame.x(0.2 + 0.2 * number)
        d.rect(x - 16, 6, 32, 36, (0.06, 0.06, 0.07), radius=4)
        d.ellipse(x, 44, 16, 7, mix(hue, (1.0, 1.0, 1.0), 0.6))
        frame.shafts.append(Shaft(x, 40, 90 + (1.5 - number) * -13, 17, 900, hue, 0.6))
        frame.glows.append(Glow(x + (1.5 - number) * 120, 800, 260, hue, 0.4, squash=0.3))
    for number in range(int(frame.width / 62)):
        x = 62 * number + frame.pick(-14, 14)
        frame.front.ellipse(x, 985 + frame.pick(-12, 20), 24, 29, (0.02, 0.015, 0.03))
        frame.front.smooth(
            [(x - 52, 1060), (x - 34, 1010), (x + 34, 1010), (x + 52, 1060)], (0.02, 0.015, 0.03)
        )
