"""Places at, on and under water. Each builder paints the background, as in ``nature``."""

from __future__ import annotations

import math

from videocraft.generation.illustrators.builtin import nature, terrain
from videocraft.generation.illustrators.builtin.drawing import mix, rgb, shade
from videocraft.generation.illustrators.builtin.frame import HEIGHT, Frame, Mist, Shaft
from videocraft.generation.illustrators.builtin.idea import Weather


def sea(frame: Frame) -> None:
    frame.horizon, frame.ground = 560, 740
    water(frame, 560, HEIGHT)
    if Weather.STORM in frame.idea.weather:
        _swell(frame)


def _swell(frame: Frame) -> None:
    for rank in range(4):
        near = rank / 3
        crest = terrain.outline(frame, 640 + 290 * near, 34 + 34 * near, 5 - 2 * near, 0.4)
        tone = mix(frame.colours.haze, shade(frame.colours.top, 0.75), 0.45 + 0.45 * near)
        frame.back.polygon([*crest, (crest[-1][0], HEIGHT + 5), (crest[0][0], HEIGHT + 5)], tone)
        frame.back.line(crest, 2 + 3 * near, mix(tone, (1.0, 1.0, 1.0), 0.5))


def water(frame: Frame, top: float, bottom: float) -> None:
    """An opaque surface that the mirror image is laid over."""
    bands = 10
    for number in range(bands):
        near = number / (bands - 1)
        y = top + (bottom - top) * near**1.5
        tone = mix(
            mix(frame.colours.low, frame.colours.haze, 0.5), shade(frame.colours.top, 0.8), 0.25 + 0.6 * near
        )
        frame.back.rect(-5, y, frame.width + 10, bottom - y + 5, tone)
    frame.water = (top, bottom)


def beach(frame: Frame) -> None:
    frame.horizon, frame.ground = 560, 880
    _island(frame, frame.x(0.2), 562, 260, 70)
    water(frame, 560, 748)
    edge = terrain.outline(frame, 760, 14, 2, 0.4)
    sand = frame.lit(rgb("ecd2a0"), 0.05)
    frame.back.line([(x, y - 12) for x, y in edge], 20, mix(frame.colours.low, (1.0, 1.0, 1.0), 0.6))
    frame.back.polygon([*edge, (frame.width + 10, HEIGHT + 5), (-10, HEIGHT + 5)], shade(sand, 0.78))
    for number in range(6):
        lower = [(x, y + 24 + number * 34 + 0.3 * number * (y - 760)) for x, y in edge]
        frame.back.polygon(
            [*lower, (frame.width + 10, HEIGHT + 5), (-10, HEIGHT + 5)], shade(sand, 0.86 + 0.035 * number)
        )
    leaf, bark = frame.lit(rgb("3f7a44"), 0.03), frame.lit(rgb("7a5a3e"), 0.03)
    for share, tall in ((0.08, 560), (0.16, 430), (0.92, 500)):
        # Over the water: the mirror image must not be laid over them.
        terrain.palm(
            frame.back if frame.near else frame.subject, frame.rng, frame.x(share), 880, tall, leaf, bark
        )


def _island(frame: Frame, x: float, foot: float, half: float, tall: float) -> None:
    tone = frame.lit(rgb("5a7a5a"), 0.65)
    frame.back.smooth([(x - half, foot), (x - half * 0.5, foot - tall * 0.6), (x, foot - tall),
        (x + half * 0.4, foot - tall * 0.5),
                       (x + half, foot), (x, foot + 2)], tone)  # fmt: skip


def lake(frame: Frame) -> None:
    frame.horizon, frame.ground = 590, 900
    terrain.peaks(frame, 600, 280, 0.65, snow=True, count=5)
    terrain.range_of_hills(frame, 3, 540, 595, nature.PINE, height=60, bumps=4, rough=0.5)
    nature.tree_line(frame, 606, 0.3, 75, 60)
    water(frame, 600, 880)
    frame.mists.append(Mist(605, 34, 0.5))
    edge = terrain.outline(frame, 880, 18, 2, 0.5)
    frame.back.polygon(
        [*edge, (frame.width + 10, HEIGHT + 5), (-10, HEIGHT + 5)], frame.lit(shade(nature.GRASS, 0.55), 0)
    )
    for _ in range(9):
        terrain.rock(frame.back, frame.rng, frame.pick(0, frame.width), 890 + frame.pick(0, 60),
            frame.pick(14, 46), frame.lit(nature.ROCK, 0),
                     frame.colours.light, frame.light_side)  # fmt: skip
    nature.meadow(frame, 960, shade(nature.GRASS, 0.8))


def underwater(frame: Frame) -> None:
    frame.horizon, frame.ground, frame.clouds = 900, 860, 0
    frame.sun = None
    for rank in range(4):
        near = rank / 3
        crest = terrain.outline(frame, 720 + 200 * near, 90 - 30 * near, 4, 0.5)
        tone = mix(frame.colours.haze, shade(frame.colours.shadow, 1.4), 0.25 + 0.6 * near)
        frame.back.polygon([*crest, (crest[-1][0], HEIGHT + 5), (crest[0][0], HEIGHT + 5)], tone)
        for _ in range(9):
            x = frame.pick(0, frame.width)
            _coral(frame, x, 770 + 190 * near, 40 + 110 * near, 0.6 * (1 - near))
    for share in (0.02, 0.09, 0.9, 0.97):
        x, tall = frame.x(share), frame.pick(380, 700)
        stem = [(x + 26 * math.sin(i * 1.1), HEIGHT - tall * i / 8) for i in range(9)]
        frame.front.curve(stem, 15, shade(frame.colours.shadow, 0.8))
        for px, py in stem[1:]:
            frame.front.ellipse(px + 20, py, 30, 9, shade(frame.colours.shadow, 0.8), turn=-30)
    for _ in range(40):
        r = frame.pick(1.5, 7)
        frame.subject.ellipse(frame.pick(0, frame.width), frame.pick(60, 900), r, r, (0.85, 1.0, 1.0), 0.4)
    for number in range(5):
        frame.shafts.append(
            Shaft(
                frame.x(0.15 + 0.18 * number),
                -120,
                90 + frame.pick(-14, 14),
                7,
                1000,
                frame.colours.light,
                0.3,
            )
        )
    frame.mists += [Mist(760, 160, 0.35, frame.colours.haze)]


def _coral(frame: Frame, x: float, foot: float, size: float, depth: float) -> None:
    hue = (rgb("e8607a"), rgb("f0a04a"), rgb("b06ad0"), rgb("e8d06a"))[int(frame.rng.integers(4))]
    tone = mix(frame.lit(hue, 0), frame.colours.haze, 0.25 + depth)
    for number in range(5):
        angle = math.radians(-90 + (number - 2) * 24 + frame.pick(-8, 8))
        end = (x + math.cos(angle) * size * 0.8, foot + math.sin(angle) * size)
        mid = (x + math.cos(angle) * size * 0.3, foot + math.sin(angle) * size * 0.55)
        frame.back.limb([(x, foot), mid, end], [size * 0.14, size * 0.11, size * 0.08], tone)
