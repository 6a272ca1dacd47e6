"""What has wings, on the wing or on its feet. Local units: about 100 tall, standing on (0, 0), y down."""

from __future__ import annotations

from videocraft.generation.illustrators.builtin.drawing import Colour, Drawing, mix, rgb, shade

_BLACK: Colour = (0.02, 0.02, 0.02)
_WHITE: Colour = (1.0, 1.0, 1.0)


def bird(d: Drawing, coat: Colour, light: Colour) -> None:
    """An eagle on the wing."""
    dark = shade(coat, 0.65)
    d.smooth([(-6, -50), (-30, -86), (-72, -104), (-112, -92), (-92, -84), (-98, -76), (-78, -72),
        (-80, -64), (-56, -60),
              (-34, -46), (-8, -38)], dark)  # fmt: skip
    d.smooth([(4, -50), (20, -92), (56, -120), (104, -122), (84, -110), (94, -102), (72, -94), (78, -84),
        (52, -76),
              (34, -56), (12, -38)], coat)  # fmt: skip
    d.smooth([(4, -50), (20, -92), (56, -120), (104, -122), (60, -108), (30, -84)], mix(coat, light, 0.3))
    d.polygon([(-16, -42), (-50, -34), (-44, -28), (-54, -20), (-12, -32)], dark)
    d.smooth([(-20, -40), (4, -52), (30, -52), (38, -44), (20, -34), (-6, -32)], coat)
    d.ellipse(36, -48, 9, 8, mix(coat, (1.0, 1.0, 1.0), 0.55))
    d.polygon([(43, -51), (55, -45), (43, -43)], rgb("e0a030"))
    d.ellipse(38, -50, 1.4, 1.4, (0.02, 0.02, 0.02))


def swan(d: Drawing, coat: Colour, light: Colour) -> None:
    """On the water, its neck raised; ducks and geese are near enough."""
    d.ellipse(0, -3, 66, 6, shade(coat, 0.4), 0.4)
    d.smooth([(-62, -34), (-40, -8), (20, -4), (48, -16), (44, -34), (0, -40)], coat)
    d.smooth([(-70, -50), (-34, -18), (18, -20), (30, -34), (-8, -50)], mix(coat, light, 0.3))
    d.smooth([(-78, -42), (-48, -14), (-6, -16), (4, -28), (-30, -36)], shade(coat, 0.82))
    d.limb([(40, -26), (56, -52), (40, -82), (54, -98)], [22, 12, 10, 12], coat)
    d.ellipse(57, -98, 10, 8, mix(coat, light, 0.2))
    d.polygon([(63, -102), (82, -94), (63, -92)], rgb("e08a30"))
    d.ellipse(59, -100, 1.6, 1.6, _BLACK)


def penguin(d: Drawing, coat: Colour, light: Colour) -> None:
    """Upright, its front white."""
    for x in (-9, 11):
        d.ellipse(x + 3, -2, 11, 4, rgb("e08a30"))
    d.smooth([(-24, -6), (-27, -50), (-14, -82), (12, -82), (27, -50), (24, -6)], coat)
    d.smooth([(-6, -4), (-10, -46), (0, -70), (18, -66), (23, -40), (20, -6)], mix(_WHITE, coat, 0.12))
    d.limb([(-18, -66), (-31, -44), (-30, -24)], [10, 11, 4], shade(coat, 0.7))
    d.limb([(20, -66), (31, -46), (29, -28)], [6, 7, 3], shade(coat, 0.85))
    d.ellipse(2, -88, 17, 15, coat)
    d.ellipse(8, -86, 9, 8, mix(_WHITE, coat, 0.12))
    d.smooth([(-20, -40), (-14, -80), (-4, -100), (4, -102), (-8, -84)], mix(coat, light, 0.35))
    d.polygon([(16, -92), (33, -87), (16, -84)], rgb("e0a030"))
    d.ellipse(10, -91, 2, 2, _BLACK)


def bee(d: Drawing, coat: Colour, light: Colour) -> None:
    """A body in rings, and wings that let the light through."""
    for x, y, turn in ((-16, -74, -30.0), (10, -78, 12.0)):
        d.ellipse(x, y, 26, 13, mix(_WHITE, light, 0.3), 0.55, turn=turn)
    d.smooth([(-46, -44), (-24, -62), (16, -62), (40, -46), (16, -28), (-24, -28)], coat)
    for x, half in ((-24, 16), (-6, 18), (12, 16)):
        d.polygon([(x, -45 - half), (x + 9, -45 - half), (x + 9, -45 + half), (x, -45 + half)], _BLACK)
    d.ellipse(38, -46, 12, 11, shade(coat, 0.35))
    d.polygon([(-46, -47), (-58, -44), (-46, -41)], _BLACK)


def butterfly(d: Drawing, coat: Colour, light: Colour) -> None:
    for way in (-1, 1):
        d.smooth([(0, -50), (way * 30, -96), (way * 62, -90), (way * 52, -56), (way * 10, -46)], coat)
        d.smooth([(0, -46), (way * 40, -48), (way * 44, -20), (way * 20, -10)], shade(coat, 0.75))
        d.ellipse(way * 42, -76, 8, 8, mix(coat, light, 0.5))
    d.limb([(0, -70), (0, -50), (0, -22)], [4, 6, 3], (0.06, 0.05, 0.05))
