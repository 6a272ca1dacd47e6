"""Heads, drawn 100 units high around (0, 0), y down: face, hair, hats. Good from a speck to a close-up."""

from __future__ import annotations

import math
from dataclasses import dataclass

from videocraft.generation.illustrators.builtin.drawing import Colour, Drawing, Point, mix, rgb, shade
from videocraft.generation.illustrators.builtin.idea import Headwear, Outfit, Person
from videocraft.generation.illustrators.builtin.people import Appearance, Hair


@dataclass(frozen=True)
class HeadStyle:
    """A head's colours in the light that falls on it; ``turn`` (-1 to 1) is where the face looks."""

    person: Person
    look: Appearance
    skin: Colour
    hair: Colour
    cloth: Colour
    accent: Colour
    light: Colour
    side: int
    back: bool
    detail: bool
    turn: float = 0.25


_FACE: tuple[Point, ...] = (
    (-33, -22), (-33, 4), (-29, 24), (-18, 42), (-6, 50), (6, 50), (18, 42), (29, 24), (33, 4),
        (33, -22), (20, -45),
    (-20, -45),
)  # fmt: skip


def draw_head(drawing: Drawing, style: HeadStyle) -> None:
    """The whole head, with what is behind it."""
    if style.person.outfit is Outfit.ROBOT:
        _robot(drawing, style)
        return
    if style.person.headwear is Headwear.VISOR:
        _visor(drawing, style)
        return
    hooded = style.person.headwear is Headwear.HOOD
    if hooded:
        _hood(drawing, style)
    else:
        _hair_behind(drawing, style)
    drawing.ellipse(-33, 4, 6, 10, shade(style.skin, 0.85))
    drawing.ellipse(33, 4, 6, 10, shade(style.skin, 0.85))
    drawing.smooth(_FACE, style.skin)
    if style.back:
        drawing.smooth(
            [(x * 1.04, y * 0.9 - 6) for x, y in _FACE], shade(style.hair, 0.9) if not hooded else style.cloth
        )
    else:
        _modelling(drawing, style)
        if style.detail:
            _features(drawing, style)
        if style.look.beard:
            _beard(drawing, style)
    if not hooded:
        _hair_over(drawing, style)
    _hat(drawing, style)


def _modelling(drawing: Drawing, style: HeadStyle) -> None:
    """Shadow on the side away from the light, under the brow, the nose and the lip."""
    s = style.side
    t = style.turn * 10
    dark = shade(style.skin, 0.74)
    drawing.smooth([(-s * 33, -24), (-s * 33, 4), (-s * 29, 24), (-s * 18, 42), (-s * 4, 50),
        (-s * 9, 38), (-s * 16, 24),
                    (-s * 15 + t * 0.3, 6), (-s * 20, -8), (-s * 18, -34)], dark)  # fmt: skip
    if not style.detail:
        return
    soft = shade(style.skin, 0.86)
    drawing.smooth([(t - s * 2, -8), (t - s * 9, 15), (t - s * 4, 20), (t + s * 3, 18), (t + s * 1, 4)], soft)
    for x in (-14, 14):
        drawing.ellipse(x + t, -4, 11, 7, soft)
    drawing.ellipse(s * 20 + t * 0.4, 14, 8, 6, mix(style.skin, rgb("ff7a66"), 0.06))


def _features(drawing: Drawing, style: HeadStyle) -> None:
    t = style.turn * 10
    ink = mix(shade(style.skin, 0.25), (0.08, 0.05, 0.06), 0.5)
    iris = shade(mix(style.hair, rgb("4a6a6a"), 0.5), 0.9)
    white = mix(style.skin, (1.0, 1.0, 1.0), 0.62)
    for x in (-14, 14):
        cx = x + t
        drawing.smooth(
            [(cx - 8.5, -1.5), (cx - 3, -6), (cx + 3, -6), (cx + 8.5, -2), (cx + 3, 1.6), (cx - 3, 1.6)],
            white,
        )
        drawing.ellipse(cx + style.turn * 3, -2.4, 4.1, 4.3, iris)
        drawing.ellipse(cx + style.turn * 3, -2.4, 2.1, 2.2, ink)
        drawing.ellipse(cx + style.turn * 3 + style.side * 1.5, -4, 1.1, 1.1, (1.0, 1.0, 1.0))
        drawing.curve([(cx - 9, -1.2), (cx - 3.5, -6.2), (cx + 3.5, -6.2), (cx + 9, -2)], 1.7, ink)
        out = -1 if x < 0 else 1
        drawing.curve(
            [(cx - out * 8, -13.5), (cx + out * 2, -16), (cx + out * 10, -12)], 2.4, shade(style.hair, 0.8)
        )
    drawing.curve([(t - 5, 17.5), (t - 1, 20), (t + 5, 18)], 1.5, shade(style.skin, 0.55))
    lip = mix(shade(style.skin, 0.72), rgb("a03a3a"), 0.35)
    drawing.smooth(
        [(t - 11, 30.5), (t - 4, 28), (t, 29), (t + 4, 28), (t + 11, 30), (t + 4, 34.5), (t - 4, 34.5)], lip
    )
    drawing.curve([(t - 11, 30.5), (t, 31.2), (t + 11, 30)], 1.2, shade(lip, 0.5))


def _beard(drawing: Drawing, style: HeadStyle) -> None:
    t = style.turn * 10
    drawing.smooth([(-32, 4), (-30, 26), (-20, 46), (-6, 56), (8, 56), (20, 46), (30, 26), (32, 4), (24, 20),
                    (14 + t, 25), (t, 24), (-14 + t, 25), (-24, 20)], style.hair)  # fmt: skip
    drawing.smooth(
        [(t - 8, 31), (t, 29.5), (t + 8, 31), (t, 34)], mix(shade(style.skin, 0.7), rgb("a03a3a"), 0.3)
    )


def _hair_behind(drawing: Drawing, style: HeadStyle) -> None:
    dark = shade(style.hair, 0.7)
    kind = style.look.hair_style
    if kind is Hair.LONG:
        drawing.smooth([(-40, -20), (-44, 20), (-46, 66), (-30, 88), (0, 82), (30, 88), (46, 66),
            (44, 20), (40, -20),
                        (0, -58)], dark)  # fmt: skip
    elif kind is Hair.BOB:
        drawing.smooth(
            [(-41, -20), (-45, 20), (-36, 44), (0, 40), (36, 44), (45, 20), (41, -20), (0, -58)], dark
        )
    elif kind is Hair.TAIL:
        s = -style.side
        drawing.smooth([(s * 20, -40), (s * 46, -34), (s * 58, 0), (s * 54, 48), (s * 44, 66),
            (s * 42, 20), (s * 30, -6)],
                       dark)  # fmt: skip
    elif kind is Hair.BUN:
        drawing.ellipse(0, -60, 20, 18, dark)


def _hair_over(drawing: Drawing, style: HeadStyle) -> None:
    tone, kind = style.hair, style.look.hair_style
    if kind is Hair.CURLY:
        for number in range(13):
            angle = math.pi * (1.0 + number / 12)
            drawing.ellipse(math.cos(angle) * 34, -20 + math.sin(angle) * 30, 13, 13, tone)
        drawing.ellipse(0, -38, 30, 16, tone)
        return
    part = -12 if kind in {Hair.SIDE, Hair.LONG, Hair.BOB} else 6
    low = 12 if kind in {Hair.LONG, Hair.BOB} else -4
    drawing.smooth([(-38, low), (-40, -24), (-28, -52), (0, -62), (28, -52), (40, -24), (38, low),
        (33, -14), (24, -30),
                    (part, -37), (-24, -28), (-33, -12)], tone)  # fmt: skip
    if style.detail:
        s = style.side
        drawing.curve([(s * 12, -54), (s * 28, -46), (s * 34, -30)], 3.0, mix(tone, style.light, 0.3))
        drawing.curve([(s * 2, -57), (s * 20, -50), (s * 29, -36)], 1.6, mix(tone, style.light, 0.2))


def _hood(drawing: Drawing, style: HeadStyle) -> None:
    drawing.smooth(
        [(-46, 62), (-50, 10), (-42, -38), (-8, -70), (10, -70), (42, -38), (50, 10), (46, 62)], style.cloth
    )
    drawing.smooth(
        [(-36, 56), (-39, 8), (-30, -34), (0, -52), (30, -34), (39, 8), (36, 56)], shade(style.cloth, 0.35)
    )


def _hat(drawing: Drawing, style: HeadStyle) -> None:
    draw = {
        Headwear.BRIM: _brim, Headwear.POINTED: _pointed, Headwear.CROWN: _crown, Headwear.HELMET: _helmet,
        Headwear.CAP: _cap, Headwear.TOQUE: _toque, Headwear.TRICORNE: _tricorne,
    }.get(style.person.headwear)  # fmt: skip
    if draw is not None:
        draw(drawing, style)


def _brim(drawing: Drawing, style: HeadStyle) -> None:
    felt = shade(style.cloth, 0.62)
    drawing.smooth([(-34, -28), (-30, -66), (-10, -76), (0, -71), (10, -76), (30, -66), (34, -28)], felt)
    drawing.polygon([(-34, -42), (34, -42), (35, -30), (-35, -30)], shade(felt, 0.5))
    drawing.smooth(
        [(-66, -26), (-40, -37), (0, -33), (40, -37), (66, -26), (36, -20), (0, -18), (-36, -20)],
        shade(felt, 0.85),
    )


def _pointed(drawing: Drawing, style: HeadStyle) -> None:
    drawing.polygon(
        [(-36, -26), (-22, -74), (2, -118), (26, -138), (20, -104), (28, -66), (36, -26)],
        shade(style.cloth, 0.85),
    )
    drawing.polygon([(-36, -40), (36, -40), (38, -26), (-38, -26)], style.accent)
    drawing.smooth(
        [(-70, -20), (-36, -34), (36, -34), (70, -20), (34, -14), (-34, -14)], shade(style.cloth, 0.7)
    )


def _crown(drawing: Drawing, style: HeadStyle) -> None:
    gold = mix(rgb("e0aa35"), style.light, 0.15)
    drawing.polygon([(-34, -34), (-38, -72), (-20, -54), (-10, -80), (0, -56), (10, -80), (20, -54),
        (38, -72), (34, -34)],
                    gold)  # fmt: skip
    drawing.rect(-35, -42, 70, 9, shade(gold, 0.75))
    for x in (-20, 0, 20):
        drawing.ellipse(x, -38, 3.4, 3.4, rgb("b02a3a"))


def _helmet(drawing: Drawing, style: HeadStyle) -> None:
    steel = style.cloth
    drawing.smooth(
        [(-40, 34), (-42, -16), (-30, -54), (0, -66), (30, -54), (42, -16), (40, 34), (22, 52), (-22, 52)],
        steel,
    )
    dark = -style.side
    drawing.smooth([(dark * 40, 34), (dark * 42, -16), (dark * 30, -54), (dark * 4, -64), (dark * 12, 0),
        (dark * 10, 50),
                    (dark * 22, 52)], shade(steel, 0.68))  # fmt: skip
    if not style.back:
        drawing.rect(-31, -10, 62, 8, (0.03, 0.03, 0.04))
        drawing.rect(-2.5, -4, 5, 40, shade(steel, 0.4))
    drawing.smooth([(0, -62), (-14, -92), (-44, -86), (-58, -58), (-36, -66), (-8, -56)], style.accent)


def _cap(drawing: Drawing, style: HeadStyle) -> None:
    drawing.smooth(
        [(-38, -24), (-46, -50), (-20, -64), (20, -64), (46, -50), (38, -24)], shade(style.cloth, 0.8)
    )
    drawing.rect(-37, -34, 74, 11, shade(style.cloth, 0.45))
    if not style.back:
        drawing.smooth([(-36, -24), (0, -28), (36, -24), (28, -13), (-28, -13)], (0.06, 0.06, 0.07))
        drawing.ellipse(0, -42, 6, 7, mix(rgb("d8a83a"), style.light, 0.2))


def _toque(drawing: Drawing, style: HeadStyle) -> None:
    white = mix(style.cloth, style.light, 0.3)
    for x, y, r in ((-24, -76, 24), (24, -76, 24), (0, -86, 28)):
        drawing.ellipse(x, y, r, r * 0.9, white)
    drawing.polygon([(-36, -76), (36, -76), (34, -26), (-34, -26)], white)
    drawing.polygon([(-style.side * 36, -76), (-style.side * 8, -76), (-style.side * 10, -26),
        (-style.side * 34, -26)],
                    shade(white, 0.84))  # fmt: skip


def _tricorne(drawing: Drawing, style: HeadStyle) -> None:
    felt = shade(style.cloth, 0.4)
    drawing.smooth(
        [(-66, -30), (-52, -62), (0, -74), (52, -62), (66, -30), (30, -36), (0, -26), (-30, -36)], felt
    )
    drawing.curve(
        [(-64, -32), (-30, -38), (0, -28), (30, -38), (64, -32)], 3.0, mix(rgb("d8a83a"), style.light, 0.1)
    )


def _visor(drawing: Drawing, style: HeadStyle) -> None:
    drawing.ellipse(0, 0, 62, 62, shade(style.cloth, 0.85))
    s = style.side
    drawing.smooth(
        [(-s * 60, 14), (-s * 54, 34), (-s * 30, 56), (0, 61), (-s * 20, 40), (-s * 44, 10)],
        shade(style.cloth, 0.6),
    )
    if style.back:
        return
    glass = mix(rgb("1a2a44"), style.light, 0.12)
    drawing.smooth([(-44, -10), (-36, -34), (0, -44), (36, -34), (44, -10), (42, 18), (26, 36), (0, 40),
        (-26, 36), (-42, 18)],
                   glass)  # fmt: skip
    drawing.smooth(
        [(-40, 8), (-20, 14), (10, 8), (42, 14), (26, 36), (0, 40), (-26, 36)], mix(glass, style.light, 0.22)
    )
    drawing.smooth(
        [(s * 12, -34), (s * 32, -26), (s * 38, -8), (s * 30, -12), (s * 22, -24)],
        mix(glass, (1.0, 1.0, 1.0), 0.75),
    )


def _robot(drawing: Drawing, style: HeadStyle) -> None:
    steel = style.cloth
    drawing.rect(-38, -46, 76, 92, steel, radius=24)
    drawing.rect(-38 if style.side > 0 else 8, -46, 30, 92, shade(steel, 0.74), radius=18)
    for x in (-44, 34):
        drawing.rect(x, -12, 10, 26, shade(steel, 0.6), radius=4)
    drawing.line([(0, -46), (0, -66)], 4, shade(steel, 0.6))
    drawing.ellipse(0, -68, 6, 6, style.accent)
    if style.back:
        return
    drawing.rect(-30, -22, 60, 32, (0.04, 0.06, 0.09), radius=12)
    for x in (-13, 13):
        drawing.ellipse(x, -6, 8, 8, mix(rgb("49e0ff"), (1.0, 1.0, 1.0), 0.15))
        drawing.ellipse(x, -6, 4, 4, (1.0, 1.0, 1.0))
    for x in range(-15, 16, 6):
        drawing.rect(x - 1, 22, 3, 12, shade(steel, 0.4))
