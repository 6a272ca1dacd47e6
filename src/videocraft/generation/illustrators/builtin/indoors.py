"""Other places without a sky: corridors, halls, caves, stages."""

from __future__ import annotations

import math

from videocraft.generation.illustrators.builtin import terrain
from videocraft.generation.illustrators.builtin.drawing import mix, rgb, shade
from videocraft.generation.illustrators.builtin.frame import HEIGHT, Frame, Glow, Mist, Shaft
from videocraft.generation.illustrators.builtin.walls import Room, Walls


def corridor(frame: Frame) -> None:
    walls = Walls(frame, Room("7f8a88", "5c605f", bright=0.6))
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
    walls = Walls(frame, Room("b0a088", "8a7864", bright=0.66))
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
