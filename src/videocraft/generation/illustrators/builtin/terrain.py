"""Land in layers: ridgelines that pale with distance, dunes, trees, rocks, water's edge."""

from __future__ import annotations

import math

import numpy as np

from videocraft.generation.illustrators.builtin.drawing import Colour, Drawing, Point, mix, rgb, shade
from videocraft.generation.illustrators.builtin.frame import HEIGHT, Frame
from videocraft.generation.illustrators.builtin.noise import ridge

_STEP = 8.0
"""Units between two points of a ridgeline."""

_BANDS = 9
"""A slope is painted as so many bands that pale towards the valley, which costs less than a gradient."""


def outline(frame: Frame, base: float, height: float, bumps: float, roughness: float) -> list[Point]:
    """A ridgeline across the whole picture."""
    count = int(frame.width / _STEP) + 3
    heights = ridge(frame.rng, count, bumps, roughness)
    return [((i - 1) * _STEP, base - height * float(value)) for i, value in enumerate(heights)]


def slope(frame: Frame, crest: list[Point], colour: Colour, foot: Colour, reach: float) -> None:
    """Everything below a crest, turning from ``colour`` to ``foot`` over ``reach`` units."""
    edge = crest
    for band in range(_BANDS):
        tone = mix(colour, foot, band / (_BANDS - 1))
        frame.back.polygon([*edge, (edge[-1][0], HEIGHT + 5), (edge[0][0], HEIGHT + 5)], tone)
        lower = reach / _BANDS
        mean = sum(y for _, y in edge) / len(edge)
        # Each band's edge is calmer than the one above, as mist lies in valleys.
        edge = [(x, y + lower + (mean - y) * 0.1) for x, y in edge]


def range_of_hills(
    frame: Frame,
    layers: int,
    top: float,
    bottom: float,
    surface: Colour,
    *,
    height: float,
    bumps: float,
    rough: float,
) -> None:
    """Ridges from far to near; the far ones higher, rougher and lost in haze."""
    for number in range(layers):
        near = number / max(1, layers - 1)
        depth = 0.88 * (1 - near) ** 1.1
        base = top + (bottom - top) * near**1.25
        crest = outline(frame, base, height * (1 - 0.55 * near), bumps * (0.8 + near), rough - 0.12 * near)
        tone = frame.lit(surface, depth)
        foot = mix(tone, frame.colours.haze, 0.55 * (1 - near) + 0.1)
        slope(frame, crest, tone, foot, 170 - 60 * near)


def peaks(frame: Frame, base: float, height: float, depth: float, *, snow: bool, count: int = 5) -> None:
    """Sharp mountains with a lit and a shaded side, and snow on top."""
    rng = frame.rng
    rock = frame.lit(rgb("6b6f7c"), depth)
    dark = frame.lit(rgb("434a5c"), min(1.0, depth + 0.02))
    white = mix(frame.lit(rgb("f6f7fb"), depth * 0.8), frame.colours.light, 0.15)
    order = np.argsort(rng.random(count))
    for number in order.tolist():
        x = frame.width * (number + rng.uniform(0.1, 0.9)) / count
        tall = height * rng.uniform(0.55, 1.0)
        half = tall * rng.uniform(0.75, 1.05)
        top = (x, base - tall)
        jag = [rng.uniform(-0.06, 0.06, 9) for _ in range(3)]
        left = [(x - half * t / 8 - half * jag[0][t], base - tall * (1 - t / 8)) for t in range(1, 9)]
        right = [(x + half * t / 8 + half * jag[1][t], base - tall * (1 - t / 8)) for t in range(1, 9)]
        spine = [
            (x + half * (0.05 * t / 8 + 1.6 * jag[2][t]), base - tall * (1 - t / 8)) for t in range(1, 9)
        ]
        sunny, shady = (right, left) if frame.light_side > 0 else (left, right)
        frame.back.polygon([top, *shady, *reversed(spine)], dark)
        frame.back.polygon([top, *sunny, *reversed(spine)], rock)
        if snow:
            line = 3
            zigzag = [
                (
                    side[line][0] * (1 - k) + spine[line][0] * k,
                    side[line][1] + (25 if i % 2 else -12) * tall / 300,
                )
                for side in (sunny,)
                for i, k in enumerate(np.linspace(0, 1, 6).tolist())
            ]
            frame.back.polygon([top, *sunny[:line], *zigzag, *reversed(spine[:line])], white)
            shadow = [
                (
                    shady[line - 1][0] * (1 - k) + spine[line][0] * k,
                    shady[line - 1][1] + (22 if i % 2 else -8) * tall / 300,
                )
                for i, k in enumerate(np.linspace(0, 1, 6).tolist())
            ]
            frame.back.polygon(
                [top, *shady[: line - 1], *shadow, *reversed(spine[:line])], mix(white, dark, 0.45)
            )


def dunes(frame: Frame, top: float, surface: Colour) -> None:
    """Sand in long curves, light at the crest and darker below."""
    for number in range(5):
        near = number / 4
        base = top + (HEIGHT - top) * near**1.3 * 0.82
        crest = outline(frame, base, 60 + 80 * near, 1.5 + 0.8 * near, 0.22)
        tone = frame.lit(surface, 0.6 * (1 - near) ** 1.3)
        slope(frame, crest, mix(tone, frame.colours.light, 0.14), shade(tone, 0.7), 150)


def plain(frame: Frame, top: float, surface: Colour, *, bands: int = 14, rough: float = 5.0) -> None:
    """Flat ground from the horizon to the lens, darker and clearer the nearer."""
    # Ground that begins near the lens has no haze to begin in.
    far = min(1.0, (HEIGHT - top) / 380)
    for number in range(bands):
        near = number / (bands - 1)
        y = top + (HEIGHT - top) * near**1.6
        edge = outline(frame, y, rough * (0.15 + near), 3 + 5 * near, 0.5)
        tone = frame.lit(shade(surface, 1.05 - 0.45 * near), 0.75 * far * (1 - near) ** 1.5)
        frame.back.polygon([*edge, (edge[-1][0], HEIGHT + 5), (edge[0][0], HEIGHT + 5)], tone)


# -- plants -------------------------------------------------------------------------------------------


def conifer(
    drawing: Drawing, rng: np.random.Generator, x: float, foot: float, tall: float, colour: Colour
) -> None:
    """A fir, as one ragged outline."""
    half = tall * float(rng.uniform(0.16, 0.22))
    tiers = max(5, int(tall / 26))
    left, right = [], []
    for tier in range(tiers):
        share = (tier + 1) / tiers
        y = foot - tall * (1 - share * 0.92)
        w = half * share**0.85
        left += [(x - w * float(rng.uniform(0.85, 1.1)), y), (x - w * 0.55, y - tall * 0.02)]
        right += [(x + w * float(rng.uniform(0.85, 1.1)), y), (x + w * 0.55, y - tall * 0.02)]
    drawing.polygon([(x, foot - tall), *left, (x - tall * 0.02, foot - tall * 0.07), (x - tall * 0.02, foot),
                     (x + tall * 0.02, foot), (x + tall * 0.02, foot - tall * 0.07),
                         *reversed(right)], colour)  # fmt: skip


def broadleaf(
    drawing: Drawing, rng: np.random.Generator, x: float, foot: float, tall: float, leaf: Colour,
        bark: Colour,
    light: Colour, side: int
) -> None:  # fmt: skip
    """A tree with a round crown: dark mass, then clumps, the ones towards the light brighter."""
    lean = float(rng.uniform(-0.05, 0.05)) * tall
    drawing.limb([(x, foot), (x + lean * 0.4, foot - tall * 0.3), (x + lean, foot - tall * 0.55)],
                 [tall * 0.075, tall * 0.05, tall * 0.03], bark)  # fmt: skip
    for way in (-1, 1):
        drawing.limb([(x + lean * 0.4, foot - tall * 0.32), (x + lean + way * tall * 0.16,
            foot - tall * 0.6)],
                     [tall * 0.035, tall * 0.015], bark)  # fmt: skip
    clumps = []
    for _ in range(16):
        angle, reach = float(rng.uniform(0, 2 * math.pi)), math.sqrt(float(rng.random()))
        clumps.append((math.cos(angle) * reach, math.sin(angle) * reach))
    for pass_, (tone, size, shift) in enumerate(
        ((shade(leaf, 0.62), 0.17, 0.0), (leaf, 0.13, 0.045), (mix(leaf, light, 0.35), 0.07, 0.09))
    ):
        for cx, cy in clumps[: 16 - 4 * pass_]:
            px = x + lean + cx * tall * 0.27 + side * shift * tall * 0.6
            py = foot - tall * 0.7 + cy * tall * 0.2 - shift * tall
            blob(drawing, rng, px, py, tall * size * float(rng.uniform(0.8, 1.15)), tone)


def blob(
    drawing: Drawing, rng: np.random.Generator, x: float, y: float, radius: float, colour: Colour
) -> None:
    """An uneven round patch: a clump of leaves, a boulder's lichen, a puff."""
    count = 11
    wobble = rng.uniform(0.82, 1.14, count)
    drawing.smooth(
        [
            (
                x + radius * float(wobble[i]) * math.cos(2 * math.pi * i / count),
                y + radius * 0.86 * float(wobble[i]) * math.sin(2 * math.pi * i / count),
            )
            for i in range(count)
        ],
        colour,
    )


def palm(
    drawing: Drawing, rng: np.random.Generator, x: float, foot: float, tall: float, leaf: Colour, bark: Colour
) -> None:
    """A leaning palm."""
    lean = float(rng.uniform(0.12, 0.3)) * tall * (1 if rng.random() < 0.5 else -1)
    top = (x + lean, foot - tall)
    stem = [(x, foot), (x + lean * 0.25, foot - tall * 0.4), (x + lean * 0.6, foot - tall * 0.75), top]
    drawing.limb(stem, [tall * 0.05, tall * 0.036, tall * 0.03, tall * 0.025], bark)
    for number in range(9):
        angle = math.pi * (1.08 + 0.84 * number / 8) + float(rng.uniform(-0.1, 0.1))
        length = tall * float(rng.uniform(0.36, 0.48))
        tip = (top[0] + math.cos(angle) * length, top[1] + math.sin(angle) * length * 0.62 + length * 0.35)
        mid = (top[0] + math.cos(angle) * length * 0.55, top[1] + math.sin(angle) * length * 0.6)
        drawing.smooth([top, (mid[0], mid[1] - length * 0.05), tip, (mid[0], mid[1] + length * 0.1)],
                       shade(leaf, float(rng.uniform(0.75, 1.1))))  # fmt: skip


def trunk(
    drawing: Drawing,
    rng: np.random.Generator,
    x: float,
    foot: float,
    width: float,
    colour: Colour,
    lit: Colour,
    side: int,
) -> None:
    """A tall trunk that leaves the picture above, with a lit edge and two boughs."""
    lean = float(rng.uniform(-30, 30))
    for tone, shift, w in ((lit, side * width * 0.12, width), (colour, 0.0, width)):
        drawing.polygon(
            [
                (x - w * 0.95 + shift, foot + 12),
                (x - w * 0.5 + shift, foot - 60),
                (x - w * 0.4 + lean * 0.5 + shift, foot - 400),
                (x - w * 0.32 + lean + shift, -20),
                (x + w * 0.32 + lean + shift, -20),
                (x + w * 0.4 + lean * 0.5 + shift, foot - 400),
                (x + w * 0.5 + shift, foot - 60),
                (x + w * 0.95 + shift, foot + 12),
            ],
            tone,
        )
    for _ in range(3):
        y = float(rng.uniform(60, max(80, foot - 420)))
        way = 1 if rng.random() < 0.5 else -1
        reach = width * float(rng.uniform(2.0, 5.0))
        drawing.limb([(x + lean * 0.7, y + 40), (x + way * reach * 0.5, y), (x + way * reach, y - 50)],
                     [width * 0.3, width * 0.16, width * 0.04], colour)  # fmt: skip


def grass(
    drawing: Drawing,
    rng: np.random.Generator,
    x0: float,
    x1: float,
    foot: float,
    tall: float,
    colour: Colour,
    count: int,
) -> None:
    """Blades along a strip."""
    for _ in range(count):
        x = float(rng.uniform(x0, x1))
        h = tall * float(rng.uniform(0.4, 1.0))
        lean = float(rng.uniform(-0.45, 0.45)) * h
        w = max(1.2, h * 0.045)
        drawing.polygon([(x - w, foot), (x + lean * 0.4 - w * 0.6, foot - h * 0.6), (x + lean, foot - h),
                         (x + lean * 0.4 + w * 0.6, foot - h * 0.6), (x + w, foot)],
                        shade(colour, float(rng.uniform(0.75, 1.15))))  # fmt: skip


def rock(
    drawing: Drawing,
    rng: np.random.Generator,
    x: float,
    foot: float,
    size: float,
    colour: Colour,
    light: Colour,
    side: int,
) -> None:
    """A boulder with two or three flat faces."""
    h = size * float(rng.uniform(0.55, 0.9))
    a, b = float(rng.uniform(-0.5, -0.15)), float(rng.uniform(0.1, 0.5))
    points = [(x - size, foot), (x - size * 0.86, foot - h * 0.55), (x + a * size, foot - h),
              (x + b * size, foot - h * 0.92), (x + size * 0.9, foot - h * 0.5),
                  (x + size, foot)]  # fmt: skip
    drawing.polygon(points, shade(colour, 0.7))
    inner = (x + side * size * 0.1, foot - h * 0.45)
    face = points[2:] if side > 0 else points[:4]
    drawing.polygon([*face, inner], colour)
    drawing.polygon([points[2], points[3], inner], mix(colour, light, 0.4))
