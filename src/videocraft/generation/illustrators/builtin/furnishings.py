"""What furnishes a room or a workshop. Local units: standing on (0, 0), y down, as tall as in ``things``."""

from __future__ import annotations

import math

from videocraft.generation.illustrators.builtin.drawing import Colour, Drawing, mix, rgb, shade
from videocraft.generation.illustrators.builtin.structures import flame

_DARK: Colour = (0.05, 0.05, 0.06)


def lamp(d: Drawing, c: Colour, light: Colour) -> None:
    d.ellipse(0, -3, 26, 5, shade(c, 0.4))
    d.line([(0, -4), (0, -66)], 4.5, shade(c, 0.5))
    d.polygon([(-40, -58), (-22, -104), (22, -104), (40, -58)], rgb("ffdf9a"))
    d.polygon([(-40, -58), (-22, -104), (-6, -104), (-14, -58)], rgb("e8b868"))


def lantern(d: Drawing, c: Colour, light: Colour) -> None:
    d.curve([(-18, -84), (0, -112), (18, -84)], 4, shade(c, 0.6))
    d.polygon([(-24, -74), (-12, -90), (12, -90), (24, -74)], shade(c, 0.5))
    d.rect(-21, -74, 42, 58, rgb("ffcf70"), radius=4)
    d.ellipse(0, -40, 13, 20, (1.0, 0.96, 0.8))
    for x in (-21, -1.5, 17):
        d.rect(x, -74, 4, 58, shade(c, 0.4))
    d.rect(-26, -17, 52, 12, shade(c, 0.5), radius=3)


def candle(d: Drawing, c: Colour, light: Colour) -> None:
    d.ellipse(0, -4, 34, 7, rgb("8a6a38"))
    d.rect(-12, -66, 24, 62, c, radius=3)
    d.rect(-12, -66, 8, 62, shade(c, 0.75), radius=3)
    d.line([(0, -66), (0, -74)], 2, _DARK)
    flame(d, 0, -70, 34)


def clock(d: Drawing, c: Colour, light: Colour) -> None:
    d.ellipse(0, -52, 52, 52, shade(c, 0.6))
    d.ellipse(0, -52, 44, 44, mix(rgb("f4eedf"), light, 0.15))
    for number in range(12):
        a = math.radians(30 * number)
        d.line(
            [(36 * math.sin(a), -52 - 36 * math.cos(a)), (41 * math.sin(a), -52 - 41 * math.cos(a))],
            2.4,
            _DARK,
        )
    d.line([(0, -52), (-17, -72)], 4, _DARK)
    d.line([(0, -52), (14, -82)], 2.6, _DARK)
    d.ellipse(0, -52, 3.6, 3.6, rgb("b03a30"))


def table(d: Drawing, c: Colour, light: Colour) -> None:
    for x in (-76, 70):
        d.rect(x, -66, 8, 66, shade(c, 0.6))
    d.polygon([(-96, -66), (96, -66), (82, -80), (-82, -80)], mix(c, light, 0.2))
    d.rect(-96, -66, 192, 9, shade(c, 0.7))


def chair(d: Drawing, c: Colour, light: Colour) -> None:
    for x, h in ((-26, 48), (22, 48), (-14, 44), (30, 44)):
        d.rect(x, -h, 5, h, shade(c, 0.55))
    d.polygon([(-30, -48), (32, -48), (38, -58), (-22, -58)], mix(c, light, 0.2))
    d.rect(-27, -122, 8, 72, c)
    d.polygon([(-27, -122), (-19, -126), (-15, -62), (-21, -58)], shade(c, 0.8))


def piano(d: Drawing, c: Colour, light: Colour) -> None:
    d.smooth([(-90, -62), (-80, -84), (60, -84), (104, -70), (96, -58), (-88, -54)], shade(c, 0.6))
    d.polygon([(-70, -82), (20, -150), (98, -128), (60, -82)], shade(c, 0.45))
    for x in (-76, 84):
        d.polygon([(x - 5, -56), (x + 5, -56), (x + 2, 0), (x - 2, 0)], shade(c, 0.4))
    d.rect(-96, -62, 74, 8, (0.92, 0.91, 0.88))
    for number in range(9):
        d.rect(-92 + 8 * number, -62, 3.4, 5, _DARK)


def door(d: Drawing, c: Colour, light: Colour) -> None:
    d.rect(-42, -124, 84, 124, shade(c, 0.5))
    d.rect(-34, -116, 68, 116, c)
    for y in (-106, -52):
        d.rect(-26, y, 23, 44, shade(c, 0.75))
        d.rect(3, y, 23, 44, shade(c, 0.75))
    d.ellipse(26, -58, 4, 4, rgb("e0b84a"))


def telescope(d: Drawing, c: Colour, light: Colour) -> None:
    for x in (-36, 4, 40):
        d.line([(0, -72), (x, 0)], 5, rgb("5a3c24"))
    d.limb([(-62, -50), (64, -118)], [16, 26], c)
    d.limb([(-40, -64), (60, -122)], [4, 7], mix(c, light, 0.5))
    d.ellipse(66, -119, 6, 14, (0.4, 0.6, 0.8), turn=-28)


def machine(d: Drawing, c: Colour, light: Colour) -> None:
    d.rect(-46, -26, 92, 26, shade(c, 0.5), radius=4)
    d.limb([(0, -24), (-22, -90)], [30, 22], c)
    d.limb([(-22, -90), (48, -126)], [22, 15], mix(c, light, 0.2))
    for x, y, r in ((0, -26, 20), (-22, -90, 16), (48, -126, 11)):
        d.ellipse(x, y, r, r, shade(c, 0.6))
        d.ellipse(x, y, r * 0.5, r * 0.5, (0.8, 0.82, 0.84))
    for way in (-1, 1):
        d.line([(52, -122), (70 + way * 4, -108 - way * 12), (78, -94)], 5, shade(c, 0.6))


def mirror(d: Drawing, c: Colour, light: Colour) -> None:
    d.ellipse(0, -72, 46, 72, c)
    d.ellipse(0, -72, 38, 63, mix((0.55, 0.65, 0.75), light, 0.3))
    d.polygon([(-20, -118), (-2, -128), (-28, -50), (-34, -70)], (0.92, 0.96, 1.0))


def trophy(d: Drawing, c: Colour, light: Colour) -> None:
    d.rect(-26, -12, 52, 12, shade(c, 0.4), radius=2)
    d.polygon([(-8, -12), (-5, -50), (5, -50), (8, -12)], shade(c, 0.7))
    for way in (-1, 1):
        d.curve([(way * 34, -104), (way * 60, -98), (way * 52, -66), (way * 22, -60)], 7, shade(c, 0.85))
    d.smooth([(-38, -112), (38, -112), (32, -66), (0, -44), (-32, -66)], c)
    d.smooth([(-38, -112), (-14, -112), (-14, -66), (-4, -46), (-32, -66)], shade(c, 0.7))
    d.ellipse(0, -112, 38, 7, mix(c, light, 0.5))
