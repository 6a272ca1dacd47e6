"""Objects by their shapes. Local units: standing on (0, 0), y down, as tall as ``things`` says."""

from __future__ import annotations

import math

from videocraft.generation.illustrators.builtin.drawing import Colour, Drawing, mix, rgb, shade

_DARK: Colour = (0.05, 0.05, 0.06)


def house(d: Drawing, c: Colour, light: Colour) -> None:
    roof = mix(shade(c, 0.45), rgb("7a3a2a"), 0.4)
    d.rect(38, -118, 16, 40, shade(c, 0.5))
    d.polygon([(-64, -60), (64, -60), (64, 0), (-64, 0)], c)
    d.polygon([(-64, -60), (-64, 0), (-20, 0), (-20, -60)], shade(c, 0.76))
    d.polygon([(-76, -56), (-50, -108), (50, -108), (76, -56)], roof)
    d.polygon([(-76, -56), (-50, -108), (-20, -108), (-24, -56)], shade(roof, 0.7))
    d.rect(6, -36, 20, 36, shade(c, 0.3), radius=2)
    for x in (-50, 36):
        d.rect(x, -44, 18, 20, rgb("ffd98a"))
        d.line([(x + 9, -44), (x + 9, -24)], 1.6, shade(c, 0.35))


def tree(d: Drawing, c: Colour, light: Colour) -> None:
    d.limb([(0, 2), (2, -50), (0, -80)], [13, 9, 6], shade(rgb("5a4030"), max(c) * 1.4))
    for x, y, r, tone in ((0, -96, 40, 0.6), (-30, -82, 28, 0.6), (32, -84, 28, 0.65),
        (0, -122, 30, 0.8), (-18, -98, 26, 0.95),
                          (20, -100, 27, 1.0), (4, -124, 22, 1.15), (26, -112, 16, 1.3)):  # fmt: skip
        d.ellipse(x, y, r, r * 0.86, shade(c, tone))


def tent(d: Drawing, c: Colour, light: Colour) -> None:
    d.polygon([(-84, 0), (-10, -96), (28, -88), (96, -4)], shade(c, 0.7))
    d.polygon([(-84, 0), (-10, -96), (40, 0)], c)
    d.polygon([(-40, 0), (-10, -96), (4, 0)], rgb("ffcf7a"))
    d.polygon([(-30, 0), (-10, -74), (-6, 0)], shade(c, 0.35))


def flame(d: Drawing, x: float, y: float, size: float) -> None:
    """A flame of three tongues, ``size`` units tall."""
    for w, h, tone in (
        (0.42, 1.0, (0.95, 0.32, 0.08)),
        (0.3, 0.78, (1.0, 0.6, 0.15)),
        (0.17, 0.5, (1.0, 0.93, 0.65)),
    ):
        d.smooth([(x, y - size * h), (x + size * w * 0.55, y - size * h * 0.5),
            (x + size * w, y - size * 0.22), (x + size * w * 0.5, y),
                  (x - size * w * 0.5, y), (x - size * w, y - size * 0.25),
                      (x - size * w * 0.35, y - size * h * 0.45)], tone)  # fmt: skip


def campfire(d: Drawing, c: Colour, light: Colour) -> None:
    for number in range(7):
        x = -60 + number * 20
        d.ellipse(x, -4 + 3 * (number % 2), 13, 9, shade(rgb("6a6660"), max(c) * (0.8 + 0.1 * (number % 3))))
    d.limb([(-46, -4), (34, -26)], [13, 11], rgb("3a2416"))
    d.limb([(46, -4), (-34, -26)], [13, 11], rgb("4a2e1a"))
    flame(d, -22, -12, 62)
    flame(d, 24, -12, 54)
    flame(d, 0, -8, 102)


def torch(d: Drawing, c: Colour, light: Colour) -> None:
    d.limb([(0, 0), (0, -62)], [7, 11], rgb("5a3a20"))
    d.rect(-9, -68, 18, 9, rgb("3a3a3e"))
    flame(d, 0, -64, 46)


def lighthouse(d: Drawing, c: Colour, light: Colour) -> None:
    d.polygon([(-20, 0), (-13, -150), (13, -150), (20, 0)], mix((0.93, 0.92, 0.9), c, 0.4))
    for y in (-30, -80, -128):
        d.polygon(
            [(-19 - y * 0.045, y), (19 + y * 0.045, y), (17 + y * 0.045, y - 22), (-17 - y * 0.045, y - 22)],
            mix(rgb("b0352e"), c, 0.3),
        )
    d.polygon([(-20, 0), (-13, -150), (-4, -150), (-7, 0)], shade(c, 0.5))
    d.rect(-17, -156, 34, 7, _DARK)
    d.rect(-10, -178, 20, 22, (1.0, 0.95, 0.7))
    d.polygon([(-14, -178), (0, -196), (14, -178)], mix(rgb("8a2a24"), c, 0.3))


def windmill(d: Drawing, c: Colour, light: Colour) -> None:
    d.polygon([(-28, 0), (-17, -110), (17, -110), (28, 0)], c)
    d.polygon([(-28, 0), (-17, -110), (-6, -110), (-10, 0)], shade(c, 0.7))
    d.polygon([(-20, -108), (0, -134), (20, -108)], shade(c, 0.45))
    for number in range(4):
        angle = math.radians(28 + 90 * number)
        dx, dy = math.cos(angle), math.sin(angle)
        d.polygon([(8 * dx, -112 + 8 * dy), (84 * dx, -112 + 84 * dy),
            (84 * dx - 16 * dy, -112 + 84 * dy + 16 * dx),
                   (16 * dx - 16 * dy, -112 + 16 * dy + 16 * dx)], mix(c, (1.0, 1.0, 1.0), 0.35))  # fmt: skip
        d.line([(0, -112), (86 * dx, -112 + 86 * dy)], 3, shade(c, 0.35))


def tower(d: Drawing, c: Colour, light: Colour) -> None:
    d.rect(-22, -150, 44, 150, c)
    d.rect(-22, -150, 15, 150, shade(c, 0.7))
    d.rect(-29, -168, 58, 20, shade(c, 1.05))
    for x in (-29, -12, 5, 20):
        d.rect(x, -178, 10, 11, c)
    d.rect(-5, -126, 10, 20, rgb("ffd98a"), radius=5)
    d.rect(-5, -70, 10, 20, shade(c, 0.3), radius=5)


def statue(d: Drawing, c: Colour, light: Colour) -> None:
    d.rect(-34, -30, 68, 30, shade(c, 0.8))
    d.rect(-40, -34, 80, 7, c)
    d.smooth([(-20, -34), (-24, -80), (-16, -112), (0, -118), (16, -112), (24, -80), (20, -34)], c)
    d.smooth([(-20, -34), (-24, -80), (-16, -112), (-4, -116), (-8, -70), (-6, -34)], shade(c, 0.66))
    d.limb([(14, -106), (32, -130), (30, -156)], [11, 8, 6], c)
    d.limb([(-14, -104), (-26, -82), (-12, -66)], [11, 9, 7], shade(c, 0.8))
    d.ellipse(0, -130, 11, 14, mix(c, light, 0.15))


def portal(d: Drawing, c: Colour, light: Colour) -> None:
    d.ellipse(0, -90, 66, 96, shade(c, 0.55))
    d.ellipse(0, -90, 54, 84, (0.25, 0.5, 1.0))
    d.ellipse(4, -90, 42, 68, (0.5, 0.8, 1.0))
    d.ellipse(8, -90, 24, 42, (0.95, 1.0, 1.0))
    for number in range(12):
        angle = 2 * math.pi * number / 12
        d.rect(
            60 * math.cos(angle) - 7,
            -90 + 90 * math.sin(angle) - 7,
            14,
            14,
            shade(c, 0.8 if number % 2 else 1.1),
            radius=2,
        )
    d.polygon([(-80, 0), (80, 0), (64, -14), (-64, -14)], shade(c, 0.7))


def chest(d: Drawing, c: Colour, light: Colour) -> None:
    gold = mix(rgb("e2aa33"), light, 0.25)
    d.smooth([(-66, -74), (-62, -112), (-30, -126), (30, -126), (62, -112), (66, -74)], shade(c, 0.62))
    d.smooth([(-54, -76), (-50, -102), (0, -112), (50, -102), (54, -76)], shade(c, 0.3))
    for number in range(26):
        x = -52 + (number * 37) % 105
        y = -60 - (number * 23) % 20 * (1 - abs(x) / 70)
        d.ellipse(x, y, 9, 5.5, shade(gold, 0.72 + 0.1 * (number % 5)))
    d.ellipse(-18, -74, 8, 8, rgb("c2304a"))
    d.ellipse(20, -76, 7, 7, rgb("3a8ad0"))
    d.polygon([(-8, -72), (0, -90), (8, -72)], rgb("52c890"))
    d.polygon([(-68, -58), (68, -58), (64, 0), (-64, 0)], c)
    d.polygon([(-68, -58), (-28, -58), (-28, 0), (-64, 0)], shade(c, 0.72))
    for y in (-40, -20):
        d.line([(-66, y), (66, y)], 1.6, shade(c, 0.45))
    for x in (-56, 44):
        d.rect(x, -60, 12, 60, shade(gold, 0.75))
    d.rect(-70, -62, 140, 9, shade(gold, 0.9), radius=2)
    d.rect(-12, -62, 24, 26, gold, radius=4)
    d.ellipse(0, -51, 4, 4, _DARK)
    d.rect(-1.6, -50, 3.2, 9, _DARK)


def sword(d: Drawing, c: Colour, light: Colour) -> None:
    d.smooth([(-46, 0), (-30, -26), (10, -34), (44, -20), (52, 0)], shade(rgb("6a6a70"), max(c)))
    d.polygon([(-7, -20), (-6.5, -110), (0, -124), (0, -20)], shade(c, 0.75))
    d.polygon([(0, -20), (0, -124), (6.5, -110), (7, -20)], mix(c, light, 0.45))
    with d.placed(0, -146):
        d.rect(-30, 12, 60, 8, rgb("c2983c"), radius=3)
        d.rect(-4.5, -22, 9, 36, rgb("5a3420"), radius=2)
        d.ellipse(0, -25, 8, 8, rgb("c2983c"))


def crown(d: Drawing, c: Colour, light: Colour) -> None:
    d.polygon(
        [
            (-56, -14),
            (-66, -86),
            (-34, -50),
            (-18, -98),
            (0, -52),
            (18, -98),
            (34, -50),
            (66, -86),
            (56, -14),
        ],
        c,
    )
    d.polygon([(-56, -14), (-66, -86), (-34, -50), (-18, -98), (-14, -14)], shade(c, 0.72))
    d.rect(-58, -26, 116, 22, mix(c, light, 0.25), radius=4)
    for x, tone in ((-36, "c2304a"), (0, "3a8ad0"), (36, "42b878")):
        d.ellipse(x, -15, 8, 8, rgb(tone))
    for x, y in ((-66, -88), (-18, -100), (18, -100), (66, -88)):
        d.ellipse(x, y, 6, 6, mix(c, (1.0, 1.0, 1.0), 0.4))


def crystal(d: Drawing, c: Colour, light: Colour) -> None:
    for x, h, w, turn in ((-34, 62, 15, -20), (34, 70, 16, 18), (0, 112, 22, 0)):
        with d.placed(x, 0, turn=turn):
            d.polygon([(-w, -12), (-w * 0.9, -h * 0.75), (0, -h), (0, 0)], shade(c, 0.7))
            d.polygon([(0, 0), (0, -h), (w * 0.9, -h * 0.75), (w, -12)], mix(c, (1.0, 1.0, 1.0), 0.35))
            d.polygon(
                [(-w * 0.2, -h * 0.2), (0, -h), (w * 0.35, -h * 0.7), (w * 0.2, -h * 0.15)],
                mix(c, (1.0, 1.0, 1.0), 0.7),
            )


def key(d: Drawing, c: Colour, light: Colour) -> None:
    d.ellipse(-46, -34, 26, 26, c)
    d.ellipse(-46, -34, 13, 13, shade(c, 0.2))
    d.limb([(-22, -34), (68, -34)], [9, 9], mix(c, light, 0.25))
    for x, h in ((44, 22), (58, 28)):
        d.rect(x, -34, 9, h, c)


def treasure_map(d: Drawing, c: Colour, light: Colour) -> None:
    d.smooth([(-84, -84), (-20, -92), (30, -84), (84, -92), (78, -6), (20, 0), (-30, -8), (-80, 0)], c)
    d.smooth([(-84, -84), (-62, -88), (-58, -6), (-80, 0)], shade(c, 0.72))
    d.smooth([(84, -92), (64, -88), (60, -4), (78, -6)], shade(c, 0.78))
    ink = shade(c, 0.35)
    d.curve([(-48, -60), (-24, -72), (4, -60), (26, -70), (46, -56)], 2.4, ink)
    for number in range(7):
        t = number / 6
        d.ellipse(-40 + 70 * t, -26 - 18 * math.sin(t * 5), 2.8, 2.4, rgb("a8322a"))
    d.line([(34, -34), (50, -18)], 4, rgb("a8322a"))
    d.line([(50, -34), (34, -18)], 4, rgb("a8322a"))


def book(d: Drawing, c: Colour, light: Colour) -> None:
    page = mix(rgb("f2ead8"), light, 0.15)
    d.polygon([(-88, -10), (-80, -52), (0, -40), (80, -52), (88, -10), (0, 0)], c)
    d.smooth([(-80, -16), (-74, -58), (-30, -64), (0, -46), (0, -6), (-40, -20)], shade(page, 0.84))
    d.smooth([(80, -16), (74, -58), (30, -64), (0, -46), (0, -6), (40, -20)], page)
    for number in range(5):
        y = -50 + number * 7
        d.line([(14, y + 4), (64, y - 5)], 1.4, shade(page, 0.6))
        d.line([(-64, y - 5), (-14, y + 4)], 1.4, shade(page, 0.5))


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


def phone(d: Drawing, c: Colour, light: Colour) -> None:
    d.rect(-27, -110, 54, 108, shade(c, 0.35), radius=9)
    d.rect(-23, -104, 46, 96, (0.12, 0.2, 0.36), radius=6)
    d.rect(-23, -104, 46, 34, (0.3, 0.55, 0.95), radius=6)
    for number, tone in enumerate(("e8604a", "f0b84a", "58c08a", "7a7ae0", "e87aa8", "4ab8d8")):
        d.rect(-18 + (number % 3) * 13, -62 + (number // 3) * 15, 10, 10, rgb(tone), radius=2.5)
    d.rect(-18, -96, 24, 5, (0.95, 0.97, 1.0), radius=2)
    d.rect(-18, -86, 34, 4, (0.75, 0.85, 1.0), radius=2)
    d.rect(-18, -24, 36, 9, (0.92, 0.95, 1.0), radius=4)


def laptop(d: Drawing, c: Colour, light: Colour) -> None:
    d.polygon([(-66, -96), (66, -96), (70, -8), (-70, -8)], shade(c, 0.4))
    d.polygon([(-60, -90), (60, -90), (63, -13), (-63, -13)], (0.1, 0.15, 0.24))
    for number in range(7):
        tone = ("5ac8d8", "8ad07a", "e8a85a", "c88ae0")[number % 4]
        d.rect(-52 + 8 * (number % 3), -82 + number * 9, 34 + (number * 17) % 40, 4, rgb(tone), radius=2)
    d.polygon([(-70, -8), (70, -8), (92, 6), (-92, 6)], mix(c, light, 0.2))
    d.polygon([(-92, 6), (92, 6), (90, 10), (-90, 10)], shade(c, 0.5))


def camera(d: Drawing, c: Colour, light: Colour) -> None:
    d.rect(-24, -84, 40, 18, shade(c, 0.7), radius=4)
    d.rect(-60, -72, 120, 72, c, radius=9)
    d.rect(-60, -44, 120, 22, shade(c, 0.5))
    d.ellipse(6, -36, 32, 32, shade(c, 0.35))
    d.ellipse(6, -36, 24, 24, (0.06, 0.1, 0.18))
    d.ellipse(6, -36, 15, 15, (0.14, 0.24, 0.42))
    d.ellipse(13, -43, 5, 5, (0.85, 0.92, 1.0))
    d.ellipse(46, -62, 5, 5, rgb("c03a30"))


def cup(d: Drawing, c: Colour, light: Colour) -> None:
    d.ellipse(0, -5, 70, 10, shade(c, 0.7))
    d.ellipse(0, -8, 66, 8, mix(c, light, 0.15))
    d.curve([(38, -66), (66, -62), (62, -36), (32, -28)], 9, shade(c, 0.85))
    d.smooth([(-44, -80), (44, -80), (38, -36), (22, -8), (-22, -8), (-38, -36)], c)
    d.smooth([(-44, -80), (-20, -80), (-20, -36), (-10, -8), (-22, -8), (-38, -36)], shade(c, 0.78))
    d.ellipse(0, -80, 44, 10, mix(c, (1.0, 1.0, 1.0), 0.3))
    d.ellipse(0, -79, 38, 7.5, rgb("4a2a16"))
    for x in (-14, 4, 20):
        d.curve([(x, -92), (x + 7, -106), (x - 4, -120), (x + 5, -136)], 4, (1.0, 1.0, 1.0), 0.28)


def bottle(d: Drawing, c: Colour, light: Colour) -> None:
    d.smooth(
        [
            (-9, -128),
            (9, -128),
            (10, -92),
            (26, -72),
            (27, -6),
            (20, 0),
            (-20, 0),
            (-27, -6),
            (-26, -72),
            (-10, -92),
        ],
        c,
    )
    d.smooth([(12, -80), (21, -66), (22, -10), (14, -6)], mix(c, (1.0, 1.0, 1.0), 0.55))
    d.rect(-26, -54, 52, 32, mix(rgb("f0e8d8"), light, 0.1))
    d.rect(-18, -46, 36, 4, shade(c, 0.6))
    d.rect(-12, -36, 24, 3, shade(c, 0.6))
    d.rect(-10, -140, 20, 16, rgb("c8a24a"), radius=2)


def food(d: Drawing, c: Colour, light: Colour) -> None:
    d.ellipse(0, -8, 96, 17, shade(mix(c, (0.95, 0.95, 0.93), 0.85), 0.8))
    d.ellipse(0, -12, 92, 15, mix((0.95, 0.95, 0.93), light, 0.15))
    d.smooth([(-54, -16), (-46, -44), (-10, -60), (30, -54), (56, -30), (54, -14), (0, -8)], c)
    d.smooth([(-40, -34), (-10, -58), (28, -52), (50, -32), (10, -40)], mix(c, light, 0.35))
    for x, y, tone in (
        (-28, -34, "c23a2e"),
        (6, -48, "6aa84a"),
        (30, -32, "c23a2e"),
        (-6, -24, "e8c24a"),
        (-42, -20, "6aa84a"),
    ):
        d.ellipse(x, y, 8, 6, rgb(tone))


def flower(d: Drawing, c: Colour, light: Colour) -> None:
    green = shade(rgb("4a8a42"), 0.5 + max(light) * 0.4)
    d.curve([(0, 0), (5, -40), (0, -82)], 5, green)
    d.smooth([(2, -24), (26, -46), (44, -44), (26, -24)], green)
    d.smooth([(2, -40), (-22, -58), (-38, -54), (-22, -38)], shade(green, 0.8))
    for number in range(8):
        angle = 2 * math.pi * number / 8
        d.ellipse(
            21 * math.cos(angle),
            -96 + 21 * math.sin(angle),
            17,
            10,
            shade(c, 0.8 + 0.04 * number),
            turn=45.0 * number,
        )
    d.ellipse(0, -96, 13, 13, rgb("e8b83a"))
    d.ellipse(3, -99, 7, 7, rgb("f8dc7a"))


def plant(d: Drawing, c: Colour, light: Colour) -> None:
    d.smooth([(-70, 0), (-40, -20), (0, -26), (40, -20), (70, 0)], rgb("4a3222"))
    d.curve([(0, -22), (2, -50), (0, -76)], 5, c)
    d.smooth([(0, -74), (-34, -92), (-50, -118), (-18, -112)], shade(c, 0.8))
    d.smooth([(0, -74), (30, -98), (56, -112), (38, -76)], mix(c, light, 0.3))


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


def box(d: Drawing, c: Colour, light: Colour) -> None:
    d.polygon([(-56, -70), (24, -70), (24, 0), (-56, 0)], c)
    d.polygon([(24, -70), (60, -84), (60, -16), (24, 0)], shade(c, 0.66))
    d.polygon([(-56, -70), (-18, -84), (60, -84), (24, -70)], mix(c, light, 0.3))
    d.polygon([(-24, -70), (-8, -70), (-8, 0), (-24, 0)], rgb("c23a4a"))
    d.polygon([(-24, -70), (-8, -70), (29, -84), (14, -84)], rgb("d85a68"))


def guitar(d: Drawing, c: Colour, light: Colour) -> None:
    with d.placed(0, -4, turn=16):
        d.rect(-5, -150, 10, 92, rgb("3a2418"))
        d.rect(-9, -170, 18, 24, rgb("2a1a10"), radius=3)
        d.smooth(
            [
                (0, -76),
                (26, -68),
                (22, -46),
                (38, -18),
                (22, 2),
                (-22, 2),
                (-38, -18),
                (-22, -46),
                (-26, -68),
            ],
            c,
        )
        d.smooth(
            [(10, -72), (26, -66), (22, -46), (38, -18), (26, -8), (22, -30), (12, -48)], mix(c, light, 0.35)
        )
        d.ellipse(0, -40, 11, 11, _DARK)
        d.rect(-12, -16, 24, 5, rgb("2a1a10"))


def piano(d: Drawing, c: Colour, light: Colour) -> None:
    d.smooth([(-90, -62), (-80, -84), (60, -84), (104, -70), (96, -58), (-88, -54)], shade(c, 0.6))
    d.polygon([(-70, -82), (20, -150), (98, -128), (60, -82)], shade(c, 0.45))
    for x in (-76, 84):
        d.polygon([(x - 5, -56), (x + 5, -56), (x + 2, 0), (x - 2, 0)], shade(c, 0.4))
    d.rect(-96, -62, 74, 8, (0.92, 0.91, 0.88))
    for number in range(9):
        d.rect(-92 + 8 * number, -62, 3.4, 5, _DARK)


def ball(d: Drawing, c: Colour, light: Colour) -> None:
    d.ellipse(0, -40, 40, 40, c)
    d.smooth([(-40, -40), (-30, -66), (-14, -58), (-14, -22), (-6, -2), (-28, -10)], shade(c, 0.72))
    for x, y in ((2, -42), (-28, -60), (28, -64), (30, -20), (-18, -10)):
        d.polygon([(x + 10 * math.cos(a), y + 9 * math.sin(a)) for a in (0, 1.26, 2.51, 3.77, 5.03)], _DARK)


def umbrella(d: Drawing, c: Colour, light: Colour) -> None:
    d.curve([(0, -104), (0, -10), (8, 0), (16, -8)], 4, _DARK)
    d.smooth(
        [
            (-78, -76),
            (-50, -114),
            (0, -128),
            (50, -114),
            (78, -76),
            (52, -86),
            (26, -78),
            (0, -88),
            (-26, -78),
            (-52, -86),
        ],
        c,
    )
    d.smooth([(0, -128), (50, -114), (78, -76), (52, -86), (26, -80), (20, -110)], mix(c, light, 0.3))


def flag(d: Drawing, c: Colour, light: Colour) -> None:
    d.line([(0, 0), (0, -150)], 4.5, rgb("4a3a2e"))
    d.smooth([(0, -148), (34, -156), (68, -142), (104, -150), (100, -96), (66, -90), (34, -102), (0, -94)], c)
    d.smooth([(34, -156), (52, -150), (50, -94), (34, -102)], shade(c, 0.72))


def door(d: Drawing, c: Colour, light: Colour) -> None:
    d.rect(-42, -124, 84, 124, shade(c, 0.5))
    d.rect(-34, -116, 68, 116, c)
    for y in (-106, -52):
        d.rect(-26, y, 23, 44, shade(c, 0.75))
        d.rect(3, y, 23, 44, shade(c, 0.75))
    d.ellipse(26, -58, 4, 4, rgb("e0b84a"))


def skull(d: Drawing, c: Colour, light: Colour) -> None:
    d.smooth([(-44, -66), (-28, -104), (28, -104), (44, -66), (30, -36), (24, -8), (-24, -8), (-30, -36)], c)
    d.smooth(
        [(-44, -66), (-28, -104), (-8, -106), (-18, -60), (-12, -8), (-24, -8), (-30, -36)], shade(c, 0.72)
    )
    for x in (-17, 17):
        d.ellipse(x, -58, 11, 12, _DARK)
    d.polygon([(0, -46), (-6, -32), (6, -32)], _DARK)
    for x in (-14, -5, 4, 13):
        d.line([(x, -22), (x, -10)], 1.8, shade(c, 0.35))


def shoe(d: Drawing, c: Colour, light: Colour) -> None:
    d.smooth([(-76, -66), (-40, -76), (-24, -56), (30, -34), (78, -24), (88, -8), (-78, -8), (-82, -40)], c)
    d.smooth([(-30, -56), (26, -36), (70, -24), (20, -24), (-30, -40)], mix(c, light, 0.35))
    d.smooth([(-82, -12), (0, -14), (90, -12), (88, 2), (-80, 2)], (0.93, 0.93, 0.92))
    for number in range(4):
        x, y = -18 + number * 13, -54 + number * 7
        d.line([(x - 5, y + 5), (x + 8, y - 2)], 3, (0.95, 0.95, 0.95))
    d.curve([(-66, -30), (-20, -16), (40, -22)], 6, mix(c, (1.0, 1.0, 1.0), 0.6))


def microphone(d: Drawing, c: Colour, light: Colour) -> None:
    d.ellipse(0, -2, 30, 5, shade(c, 0.4))
    d.line([(0, -2), (0, -70)], 4, shade(c, 0.5))
    d.rect(-17, -126, 34, 58, c, radius=17)
    for number in range(5):
        d.line([(-14, -114 + 9 * number), (14, -114 + 9 * number)], 1.6, shade(c, 0.5))
    d.rect(4, -120, 6, 44, mix(c, light, 0.5), radius=3)
    d.rect(-19, -86, 38, 7, shade(c, 0.4))


def telescope(d: Drawing, c: Colour, light: Colour) -> None:
    for x in (-36, 4, 40):
        d.line([(0, -72), (x, 0)], 5, rgb("5a3c24"))
    d.limb([(-62, -50), (64, -118)], [16, 26], c)
    d.limb([(-40, -64), (60, -122)], [4, 7], mix(c, light, 0.5))
    d.ellipse(66, -119, 6, 14, (0.4, 0.6, 0.8), turn=-28)


def bench(d: Drawing, c: Colour, light: Colour) -> None:
    for y in (-92, -74, -46):
        d.rect(-96, y, 192, 11, mix(c, light, 0.12) if y != -46 else c, radius=2)
    for x in (-78, 68):
        d.rect(x, -92, 8, 92, _DARK)


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
