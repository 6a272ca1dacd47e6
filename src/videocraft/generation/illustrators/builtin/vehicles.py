"""Cars, ships, planes, trains and rockets. Local units as in ``things``; y down, looking right."""

from __future__ import annotations

from videocraft.generation.illustrators.builtin.drawing import Colour, Drawing, mix, rgb, shade


def _wheel(d: Drawing, x: float, radius: float) -> None:
    d.ellipse(x, -radius, radius, radius, (0.05, 0.05, 0.06))
    d.ellipse(x, -radius, radius * 0.58, radius * 0.58, (0.5, 0.52, 0.56))
    d.ellipse(x, -radius, radius * 0.2, radius * 0.2, (0.15, 0.15, 0.17))


def car(d: Drawing, tone: Colour, light: Colour) -> None:
    glass = mix((0.1, 0.14, 0.2), light, 0.25)
    d.ellipse(0, -1, 132, 7, (0.02, 0.02, 0.03), 0.5)
    d.smooth([(-124, -20), (-120, -46), (-84, -54), (-52, -86), (16, -88), (58, -56), (110, -46),
        (126, -30), (122, -14), (-118, -12)],
             tone)  # fmt: skip
    d.smooth(
        [(-118, -40), (-84, -54), (-52, -86), (16, -88), (58, -56), (110, -46), (60, -48), (-60, -48)],
        mix(tone, light, 0.3),
    )
    d.polygon([(-72, -54), (-46, -80), (-18, -82), (-18, -54)], glass)
    d.polygon([(-11, -54), (-11, -82), (14, -82), (44, -54)], glass)
    d.polygon([(-118, -28), (122, -26), (120, -12), (-116, -12)], shade(tone, 0.55))
    for x in (-74, 76):
        d.ellipse(x, -20, 27, 25, shade(tone, 0.3))
        _wheel(d, x, 21)
    d.ellipse(116, -37, 8, 6, (1.0, 0.95, 0.75))
    d.ellipse(-120, -40, 4, 6, (0.9, 0.15, 0.12))


def truck(d: Drawing, tone: Colour, light: Colour) -> None:
    d.rect(-150, -128, 190, 104, mix((0.85, 0.85, 0.83), tone, 0.35), radius=4)
    d.rect(-150, -128, 190, 16, mix(tone, light, 0.3))
    d.smooth([(44, -24), (44, -104), (92, -106), (118, -68), (136, -60), (138, -24)], tone)
    d.polygon([(62, -68), (62, -98), (90, -98), (108, -68)], mix((0.1, 0.14, 0.2), light, 0.25))
    d.rect(-150, -32, 288, 12, (0.12, 0.12, 0.14))
    for x in (-104, -56, 92):
        _wheel(d, x, 22)


def bus(d: Drawing, tone: Colour, light: Colour) -> None:
    d.rect(-150, -122, 300, 104, tone, radius=14)
    d.rect(-150, -122, 300, 16, mix(tone, light, 0.35), radius=10)
    for number in range(6):
        d.rect(-138 + number * 46, -98, 38, 38, mix((0.12, 0.16, 0.22), light, 0.3), radius=4)
    d.rect(-150, -44, 300, 8, mix(tone, (1.0, 1.0, 1.0), 0.6))
    for x in (-92, 92):
        _wheel(d, x, 22)


def bicycle(d: Drawing, tone: Colour, light: Colour) -> None:
    for x in (-44, 44):
        for turn in range(6):
            d.line(
                [
                    (x, -32),
                    (
                        x + 30 * (1, 0.5, -0.5, -1, -0.5, 0.5)[turn],
                        -32 + 30 * (0, 0.87, 0.87, 0, -0.87, -0.87)[turn],
                    ),
                ],
                0.8,
                (0.5, 0.5, 0.5),
            )
        d.curve([(x - 32, -32), (x, -64), (x + 32, -32), (x, 0), (x - 32, -32)], 4, (0.07, 0.07, 0.08))
    d.line([(-44, -32), (-16, -76), (30, -76), (-4, -32), (-44, -32)], 4.5, tone)
    d.line([(-4, -32), (-20, -86)], 4.5, tone)
    d.line([(44, -32), (28, -92), (42, -96)], 4, mix(tone, light, 0.3))
    d.line([(-32, -88), (-10, -88)], 6, (0.1, 0.08, 0.07))


def motorcycle(d: Drawing, tone: Colour, light: Colour) -> None:
    d.smooth([(-64, -56), (-20, -62), (10, -78), (40, -74), (36, -46), (0, -28), (-40, -34)], tone)
    d.smooth([(-10, -64), (10, -80), (38, -76), (24, -64)], mix(tone, light, 0.4))
    d.rect(-30, -40, 46, 20, (0.35, 0.36, 0.4), radius=6)
    d.line([(34, -78), (60, -26)], 6, (0.6, 0.62, 0.66))
    d.line([(30, -78), (22, -96)], 4, (0.1, 0.1, 0.1))
    d.limb([(-14, -22), (-70, -20)], [7, 9], (0.65, 0.66, 0.7))
    for x in (-58, 60):
        _wheel(d, x, 27)


def ship(d: Drawing, tone: Colour, light: Colour) -> None:
    """A three-master under sail; the waterline is at 0."""
    wood, sail = tone, mix(rgb("efe6d2"), light, 0.25)
    for x, tall in ((-70, 190), (0, 240), (66, 180)):
        d.limb([(x, -30), (x, -tall)], [5, 3], shade(wood, 0.6))
        for number in range(3):
            y = -tall + 14 + number * (tall - 70) / 3
            w = 30 + 9 * number
            h = (tall - 80) / 3 + 6
            d.smooth([(x - w, y), (x + w, y), (x + w + 13, y + h * 0.55), (x + w, y + h), (x - w, y + h),
                (x - w + 12, y + h * 0.5)],
                     shade(sail, 0.86 if number % 2 else 1.0))  # fmt: skip
            d.smooth([(x - w, y), (x - w * 0.3, y), (x - w * 0.2 + 8, y + h * 0.5), (x - w * 0.3, y + h),
                (x - w, y + h), (x - w + 12, y + h * 0.5)],
                     shade(sail, 0.7))  # fmt: skip
        d.polygon([(x, -tall - 2), (x + 24, -tall + 4), (x, -tall + 10)], rgb("a03030"))
    d.polygon([(96, -30), (150, -76), (92, -150)], shade(sail, 0.92))
    d.line([(92, -38), (156, -78)], 4, shade(wood, 0.6))
    d.smooth(
        [
            (-128, -70),
            (-112, -40),
            (-40, -30),
            (60, -30),
            (112, -52),
            (96, -14),
            (80, 6),
            (-96, 6),
            (-120, -24),
        ],
        wood,
    )
    d.smooth(
        [
            (-128, -70),
            (-112, -40),
            (-40, -30),
            (60, -30),
            (112, -52),
            (104, -34),
            (50, -18),
            (-60, -18),
            (-118, -32),
        ],
        mix(wood, light, 0.3),
    )
    for x in range(-84, 84, 24):
        d.rect(x, -14, 8, 7, shade(wood, 0.3))


def boat(d: Drawing, tone: Colour, light: Colour) -> None:
    d.smooth([(-80, -34), (-40, -24), (40, -24), (82, -38), (58, 4), (-60, 4)], tone)
    d.smooth(
        [(-80, -34), (-40, -24), (40, -24), (82, -38), (70, -22), (0, -14), (-72, -20)],
        mix(tone, light, 0.35),
    )
    d.line([(-30, -34), (-78, 8)], 3.5, shade(tone, 0.6))


def plane(d: Drawing, tone: Colour, light: Colour) -> None:
    white = mix(tone, (0.95, 0.95, 0.96), 0.75)
    d.polygon([(-110, -54), (-142, -104), (-118, -104), (-78, -62)], tone)
    d.smooth(
        [(-136, -52), (-100, -62), (90, -66), (132, -54), (144, -44), (128, -36), (80, -32), (-90, -40)],
        white,
    )
    d.smooth([(-120, -54), (-100, -62), (90, -66), (132, -54), (40, -56)], mix(white, light, 0.4))
    d.polygon([(-10, -46), (40, -48), (-22, 8), (-54, 10)], shade(white, 0.72))
    d.polygon([(-112, -50), (-92, -50), (-120, -28), (-134, -28)], shade(white, 0.72))
    d.ellipse(2, -24, 20, 8, shade(white, 0.55))
    for number in range(13):
        d.ellipse(-72 + number * 13, -53, 3, 3.4, (0.12, 0.16, 0.22))
    d.polygon([(118, -56), (134, -52), (124, -49), (112, -50)], (0.1, 0.13, 0.18))


def helicopter(d: Drawing, tone: Colour, light: Colour) -> None:
    d.limb([(-30, -54), (-128, -70)], [20, 7], tone)
    d.polygon([(-120, -70), (-140, -98), (-126, -66)], tone)
    d.smooth([(-54, -54), (-30, -86), (20, -88), (56, -60), (50, -38), (10, -28), (-36, -32)], tone)
    d.smooth([(16, -82), (52, -58), (46, -46), (12, -48)], mix((0.12, 0.16, 0.24), light, 0.35))
    d.line([(0, -88), (0, -104)], 5, (0.2, 0.2, 0.22))
    d.limb([(-132, -100), (0, -106), (132, -112)], [3, 5, 3], (0.16, 0.16, 0.18))
    d.line([(-50, -8), (50, -8), (60, -14)], 4, (0.2, 0.2, 0.22))
    d.line([(-24, -32), (-28, -8)], 3, (0.2, 0.2, 0.22))
    d.line([(24, -32), (28, -8)], 3, (0.2, 0.2, 0.22))


def balloon(d: Drawing, tone: Colour, light: Colour) -> None:
    d.smooth(
        [
            (0, -200),
            (58, -182),
            (78, -132),
            (50, -82),
            (20, -52),
            (-20, -52),
            (-50, -82),
            (-78, -132),
            (-58, -182),
        ],
        tone,
    )
    for x, w, other in ((-46, 18, 0.72), (0, 20, 1.3), (42, 15, 1.2)):
        stripe = shade(mix(tone, (1.0, 0.95, 0.8), 0.45), other)
        d.smooth(
            [(x * 0.25, -200), (x + w, -140), (x * 0.42 + 8, -54), (x * 0.42 - 8, -54), (x - w, -140)], stripe
        )
    for x in (-17, 17):
        d.line([(x, -54), (x * 0.7, -24)], 1.6, (0.2, 0.16, 0.12))
    d.rect(-15, -26, 30, 26, rgb("7a5230"), radius=3)
    d.rect(-16, -27, 32, 6, rgb("56381e"))


def rocket(d: Drawing, tone: Colour, light: Colour) -> None:
    white = mix((0.92, 0.92, 0.93), tone, 0.12)
    d.smooth([(-16, 0), (0, 74), (16, 0)], (1.0, 0.62, 0.2))
    d.smooth([(-9, 0), (0, 42), (9, 0)], (1.0, 0.95, 0.7))
    for way in (-1, 1):
        d.polygon([(way * 22, -70), (way * 52, -6), (way * 50, 12), (way * 20, -14)], shade(tone, 0.8))
    d.smooth([(-24, -6), (-30, -110), (-16, -184), (0, -216), (16, -184), (30, -110), (24, -6)], white)
    d.smooth([(-24, -6), (-30, -110), (-16, -184), (-2, -214), (-8, -120), (-8, -6)], shade(white, 0.68))
    d.smooth([(-17, -178), (0, -216), (17, -178), (0, -170)], tone)
    d.ellipse(2, -128, 13, 13, shade(tone, 0.7))
    d.ellipse(2, -128, 9, 9, mix((0.15, 0.3, 0.45), light, 0.3))
    d.rect(-27, -64, 54, 8, tone)


def spaceship(d: Drawing, tone: Colour, light: Colour) -> None:
    steel = mix((0.5, 0.54, 0.6), tone, 0.2)
    d.polygon([(-120, -44), (-160, -78), (-104, -68), (-60, -58)], shade(steel, 0.6))
    d.polygon([(-150, -46), (-60, -66), (60, -68), (168, -42), (60, -28), (-70, -24)], steel)
    d.polygon([(-150, -46), (-60, -66), (60, -68), (168, -42), (20, -48)], mix(steel, light, 0.35))
    d.polygon([(-10, -66), (10, -88), (52, -84), (74, -64)], shade(steel, 0.75))
    d.polygon([(20, -72), (26, -84), (48, -80), (60, -68)], (0.35, 0.85, 1.0))
    d.polygon([(-60, -28), (-110, 10), (-20, -20), (30, -30)], shade(steel, 0.5))
    for y in (-54, -42, -32):
        d.ellipse(-150, y, 14, 5, (0.55, 0.9, 1.0))
        d.ellipse(-152, y, 7, 3, (1.0, 1.0, 1.0))
    for number in range(9):
        d.rect(-70 + number * 20, -46, 9, 3, (1.0, 0.9, 0.6))


def train(d: Drawing, tone: Colour, light: Colour) -> None:
    for number in range(2):
        x = -330 + number * 150
        d.rect(x, -104, 142, 84, shade(tone, 0.85), radius=6)
        d.rect(x, -104, 142, 12, mix(tone, light, 0.3), radius=4)
        for window in range(4):
            d.rect(x + 10 + window * 33, -84, 24, 26, (1.0, 0.86, 0.55))
        for wheel in (x + 28, x + 112):
            _wheel(d, wheel, 15)
    d.rect(-26, -122, 60, 104, tone, radius=5)
    d.rect(-16, -106, 36, 34, mix((0.12, 0.14, 0.2), light, 0.25))
    d.rect(-32, -130, 72, 10, shade(tone, 0.6))
    d.rect(30, -92, 118, 66, shade(tone, 0.75), radius=22)
    d.rect(30, -92, 118, 18, mix(tone, light, 0.35), radius=9)
    d.polygon([(100, -92), (92, -136), (126, -136), (118, -92)], shade(tone, 0.5))
    d.ellipse(146, -66, 9, 11, (1.0, 0.95, 0.75))
    d.polygon([(138, -26), (176, -2), (132, -2)], shade(tone, 0.5))
    for x, radius in ((50, 22), (96, 22), (-2, 18), (134, 12)):
        _wheel(d, x, radius)
