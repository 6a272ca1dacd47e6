"""What stands outdoors. Local units: standing on (0, 0), y down, as tall as ``things`` says."""

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


def flag(d: Drawing, c: Colour, light: Colour) -> None:
    d.line([(0, 0), (0, -150)], 4.5, rgb("4a3a2e"))
    d.smooth([(0, -148), (34, -156), (68, -142), (104, -150), (100, -96), (66, -90), (34, -102), (0, -94)], c)
    d.smooth([(34, -156), (52, -150), (50, -94), (34, -102)], shade(c, 0.72))


def street_lamp(d: Drawing, c: Colour, light: Colour) -> None:
    d.rect(-10, -8, 20, 8, shade(c, 0.7))
    d.limb([(0, -4), (0, -150), (0, -196)], [9, 6, 5], c)
    d.curve([(0, -190), (6, -212), (30, -214)], 5, c)
    d.polygon([(18, -214), (44, -214), (50, -200), (12, -200)], shade(c, 0.8))
    d.ellipse(31, -198, 15, 6, rgb("fff0c0"))


def bench(d: Drawing, c: Colour, light: Colour) -> None:
    for y in (-92, -74, -46):
        d.rect(-96, y, 192, 11, mix(c, light, 0.12) if y != -46 else c, radius=2)
    for x in (-78, 68):
        d.rect(x, -92, 8, 92, _DARK)
