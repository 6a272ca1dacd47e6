"""What is held, or lies on a table. Local units: standing on (0, 0), y down, as tall as ``things`` says."""

from __future__ import annotations

import math

from videocraft.generation.illustrators.builtin.drawing import Colour, Drawing, mix, rgb, shade

_DARK: Colour = (0.05, 0.05, 0.06)


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


def apple(d: Drawing, c: Colour, light: Colour) -> None:
    d.curve([(2, -86), (5, -102), (14, -112)], 5, rgb("5a3a22"))
    d.smooth([(10, -100), (28, -116), (48, -110), (30, -96)], rgb("5a9a42"))
    half = [(14, 0), (38, -16), (52, -62), (34, -96)]
    d.smooth([(0, -86), *((-x, y) for x, y in reversed(half)), *half], c)
    d.smooth([(6, -84), (34, -94), (50, -62), (38, -20), (30, -58)], mix(c, light, 0.4))
    d.smooth([(-48, -56), (-36, -16), (-14, -2), (4, -2), (-26, -24)], shade(c, 0.7))
    d.ellipse(24, -74, 7, 11, mix(c, (1.0, 1.0, 1.0), 0.6), 0.8, turn=20.0)


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
