"""Villages, castles, ruins and ways: what is built in open land."""

from __future__ import annotations

from videocraft.generation.illustrators.builtin import nature, terrain, waters
from videocraft.generation.illustrators.builtin.built import towers, windows_lit
from videocraft.generation.illustrators.builtin.drawing import Colour, mix, rgb, shade
from videocraft.generation.illustrators.builtin.frame import HEIGHT, Frame, Glow, Mist, Shaft


def village(frame: Frame) -> None:
    frame.horizon, frame.ground = 610, 885
    grass = nature.grass_colour(frame)
    terrain.range_of_hills(frame, 4, 540, 680, mix(rgb("4a7a56"), grass, 0.4), height=90, bumps=3, rough=0.4)
    frame.mists.append(Mist(610, 50, 0.45))
    for rank, count in ((0.0, 7), (0.4, 5), (1.0, 3)):
        for number in range(count):
            x = frame.width * (number + frame.pick(0.2, 0.8)) / count
            if rank > 0.5 and 0.32 < x / frame.width < 0.68:
                continue
            cottage(frame, x, 660 + 150 * rank, 60 + 150 * rank, 0.5 * (1 - rank))
    path = frame.lit(rgb("b89a72"), 0.05)
    terrain.plain(frame, 800, shade(grass, 0.85), bands=6)
    frame.back.smooth([(frame.x(0.5), 690), (frame.x(0.53), 690), (frame.x(0.58), 800), (frame.x(0.7),
        HEIGHT + 40),
                       (frame.x(0.3), HEIGHT + 40), (frame.x(0.47), 810)], path)  # fmt: skip
    nature.meadow(frame, 960, grass)


def cottage(frame: Frame, x: float, foot: float, size: float, depth: float) -> None:
    """A house with a gable, chimney and windows that are lit when it is dark."""
    wall, roof = (
        frame.lit(mix(rgb("d8c4a0"), rgb("b88a6a"), frame.pick(0, 1)), depth),
        frame.lit(rgb("7a4434"), depth),
    )
    d = frame.back
    d.rect(x + size * 0.2, foot - size * 1.12, size * 0.12, size * 0.3, shade(wall, 0.6))
    d.rect(x - size * 0.5, foot - size * 0.52, size, size * 0.55, wall)
    d.rect(
        x - size * 0.5 if frame.light_side > 0 else x + size * 0.1,
        foot - size * 0.52,
        size * 0.4,
        size * 0.55,
        shade(wall, 0.8),
    )
    d.polygon(
        [
            (x - size * 0.62, foot - size * 0.48),
            (x - size * 0.4, foot - size),
            (x + size * 0.4, foot - size),
            (x + size * 0.62, foot - size * 0.48),
        ],
        roof,
    )
    d.polygon([(x - size * 0.4, foot - size), (x + size * 0.4, foot - size),
        (x + size * 0.44, foot - size * 0.9), (x - size * 0.44, foot - size * 0.9)],
              mix(roof, frame.colours.light, 0.25))  # fmt: skip
    pane = rgb("ffd486") if windows_lit(frame) else mix(shade(wall, 0.4), frame.colours.low, 0.3)
    for dx in (-0.34, 0.18):
        d.rect(
            x + dx * size,
            foot - size * 0.38,
            size * 0.17,
            size * 0.2,
            mix(pane, frame.colours.haze, depth * 0.5),
        )
    d.rect(x - size * 0.08, foot - size * 0.34, size * 0.16, size * 0.36, shade(roof, 0.6))
    if windows_lit(frame):
        frame.glows.append(Glow(x, foot - size * 0.3, size * 0.9, rgb("ffb860"), 0.35))


def road(frame: Frame) -> None:
    frame.horizon, frame.ground = 590, 880
    terrain.peaks(frame, 600, 230, 0.75, snow=False, count=6)
    terrain.range_of_hills(frame, 4, 560, 640, rgb("8a8a52"), height=60, bumps=3, rough=0.4)
    frame.mists.append(Mist(600, 45, 0.45))
    terrain.plain(frame, 625, rgb("9a8a52"), bands=9, rough=4)
    vx, vy = frame.x(0.56), 622.0
    tar = frame.lit(rgb("4c4c52"), 0.05)
    frame.back.polygon([(vx - 4, vy), (vx + 4, vy), (vx + 620, HEIGHT + 20), (vx - 780, HEIGHT + 20)], tar)
    for way, wide in ((-1, 780), (1, 620)):
        frame.back.polygon([(vx + way * 3.4, vy), (vx + way * 4, vy),
            (vx + way * wide * 0.96, HEIGHT + 20), (vx + way * wide * 0.92, HEIGHT + 20)],
                           mix(tar, (1.0, 1.0, 1.0), 0.6))  # fmt: skip
    for number in range(7):
        t0, t1 = ((number + 0.1) / 7) ** 2, ((number + 0.6) / 7) ** 2
        y0, y1 = vy + 400 * t0, vy + 400 * t1
        c0, c1 = vx - 80 * t0, vx - 80 * t1
        frame.back.polygon(
            [(c0 - 9 * t0, y0), (c0 + 9 * t0, y0), (c1 + 9 * t1, y1), (c1 - 9 * t1, y1)],
            mix(rgb("f0d060"), tar, 0.2),
        )
    for number in range(6):
        t = ((number + 1) / 6) ** 2
        x, foot, tall = vx + 40 + 760 * t, vy + 300 * t, 330 * t + 16
        tone = frame.lit(rgb("4a3c30"), 0.5 * (1 - t))
        frame.back.line([(x, foot), (x, foot - tall)], 9 * t + 1, tone)
        frame.back.line(
            [(x - 40 * t, foot - tall * 0.88), (x + 40 * t, foot - tall * 0.88)], 6 * t + 0.6, tone
        )


def railway(frame: Frame) -> None:
    frame.horizon, frame.ground = 600, 880
    terrain.range_of_hills(frame, 4, 560, 660, rgb("5f7a52"), height=70, bumps=3, rough=0.4)
    towers(frame, 650, 40, 130, 0.5, (50, 120))
    frame.mists.append(Mist(630, 60, 0.5))
    terrain.plain(frame, 650, rgb("7a7068"), bands=9, rough=4)
    vx, vy = frame.x(0.5), 640.0
    for number in range(16):
        t = ((number + 1) / 16) ** 2.2
        y = vy + 370 * t
        frame.back.polygon([(vx - 12 - 430 * t, y), (vx + 12 + 430 * t, y),
            (vx + 12 + 450 * t, y + 26 * t), (vx - 12 - 450 * t, y + 26 * t)],
                           frame.lit(rgb("5a4432"), 0.4 * (1 - t)))  # fmt: skip
    for way in (-1, 1):
        frame.back.polygon([(vx + way * 7, vy), (vx + way * 9, vy), (vx + way * 350, HEIGHT + 20),
            (vx + way * 318, HEIGHT + 20)],
                           mix(frame.lit(rgb("8a8c92"), 0), frame.colours.light, 0.35))  # fmt: skip
    frame.ground = 800


def castle(frame: Frame) -> None:
    frame.horizon, frame.ground = 620, 890
    terrain.peaks(frame, 620, 260, 0.82, snow=True, count=5)
    frame.mists.append(Mist(600, 70, 0.5))
    x = frame.x(0.6)
    cliff = frame.lit(rgb("6a6a62"), 0.4)
    frame.back.smooth(
        [
            (x - 360, 720),
            (x - 260, 590),
            (x - 190, 520),
            (x + 200, 520),
            (x + 280, 600),
            (x + 380, 720),
            (x, 800),
        ],
        cliff,
    )
    stone = rgb("9a948a")
    for dx, w, h, spire in ((-150, 60, 190, True), (-90, 170, 120, False), (20, 64, 270, True),
        (70, 150, 150, False), (150, 62, 210, True),
                            (-30, 46, 330, True)):  # fmt: skip
        _keep(frame, x + dx, 528, w, h, frame.lit(stone, 0.38), spire=spire)
    frame.mists.append(Mist(700, 60, 0.5))
    terrain.range_of_hills(
        frame,
        3,
        690,
        800,
        mix(rgb("4a6a4a"), nature.grass_colour(frame), 0.4),
        height=60,
        bumps=3,
        rough=0.45,
    )
    nature.tree_line(frame, 790, 0.2, 80, 22, gap=0.3)
    terrain.plain(frame, 850, shade(nature.grass_colour(frame), 0.7), bands=5)
    nature.meadow(frame, 950, nature.grass_colour(frame))


def _keep(frame: Frame, x: float, foot: float, w: float, h: float, tone: Colour, *, spire: bool) -> None:
    d = frame.back
    top = foot - h
    d.rect(x - w / 2, top, w, h, tone)
    d.rect(x - w / 2 if frame.light_side > 0 else x + w * 0.14, top, w * 0.36, h, shade(tone, 0.74))
    if spire:
        roof = frame.lit(rgb("3f4f72"), 0.35)
        d.rect(x - w * 0.58, top - 8, w * 1.16, 14, shade(tone, 0.9))
        d.polygon([(x - w * 0.62, top - 6), (x, top - w * 1.7), (x + w * 0.62, top - 6)], roof)
        d.polygon(
            [
                (x, top - w * 1.7),
                (x + frame.light_side * w * 0.62, top - 6),
                (x + frame.light_side * w * 0.1, top - 6),
            ],
            mix(roof, frame.colours.light, 0.3),
        )
        d.polygon(
            [(x, top - w * 1.7), (x, top - w * 2.05), (x + w * 0.4, top - w * 1.92)],
            frame.lit(rgb("b03a34"), 0.25),
        )
    else:
        for number in range(int(w / 16)):
            d.rect(x - w / 2 + number * 16, top - 9, 9, 10, tone)
    pane = rgb("ffcf80") if windows_lit(frame) else shade(tone, 0.45)
    for number in range(max(1, int(h / 75))):
        d.rect(x - 4, top + 26 + number * 62, 8, 17, pane, radius=4)


def ruins(frame: Frame) -> None:
    frame.horizon, frame.ground = 610, 885
    green = nature.grass_colour(frame)
    terrain.range_of_hills(frame, 3, 540, 640, rgb("5f7a52"), height=120, bumps=3, rough=0.45)
    frame.mists.append(Mist(590, 80, 0.55))
    _pyramid(frame, frame.x(0.62), 700, 330, 330)
    frame.mists.append(Mist(690, 50, 0.4))
    terrain.plain(frame, 690, mix(rgb("a0946e"), green, 0.4), bands=9, rough=6)
    for share, foot, tall, near in (
        (0.3, 745, 230, 0.45),
        (0.42, 735, 150, 0.42),
        (0.84, 760, 260, 0.5),
        (0.14, 850, 470, 0.9),
        (0.95, 880, 560, 1.0),
    ):
        column(frame, frame.x(share), foot, tall, 0.35 * (1 - near))
    for _ in range(12):
        x, near = frame.pick(0, frame.width), frame.pick(0.1, 1)
        terrain.rock(
            frame.back,
            frame.rng,
            x,
            760 + 210 * near,
            14 + 40 * near,
            frame.lit(rgb("9a9280"), 0.25 * (1 - near)),
            frame.colours.light,
            frame.light_side,
        )
    nature.meadow(frame, 965, green)
    frame.shafts.append(
        Shaft(
            frame.sun[0] if frame.sun else frame.x(0.7),
            -150,
            90 + 14 * frame.light_side,
            14,
            1000,
            frame.colours.light,
            0.2,
        )
    )


def _pyramid(frame: Frame, x: float, foot: float, half: float, tall: float) -> None:
    steps = 7
    stone = frame.lit(rgb("a89a7a"), 0.42)
    for number in range(steps):
        w = half * (1 - number / (steps + 1.5))
        y0, y1 = foot - tall * number / steps, foot - tall * (number + 1) / steps
        frame.back.polygon(
            [(x - w, y0), (x - w * 0.95, y1), (x + w * 0.95, y1), (x + w, y0)],
            shade(stone, 0.92 + 0.02 * number),
        )
        dark = -frame.light_side
        frame.back.polygon(
            [
                (x + dark * w, y0),
                (x + dark * w * 0.95, y1),
                (x + dark * w * 0.3, y1),
                (x + dark * w * 0.3, y0),
            ],
            shade(stone, 0.7),
        )
        frame.back.rect(x - w * 0.95, y1, w * 1.9, 5, mix(stone, frame.colours.light, 0.35))
    frame.back.polygon(
        [(x - 34, foot), (x - 24, foot - tall), (x + 24, foot - tall), (x + 34, foot)], shade(stone, 1.1)
    )
    frame.back.rect(x - 44, foot - tall - 56, 88, 60, shade(stone, 0.85))
    frame.back.rect(x - 52, foot - tall - 66, 104, 13, stone)
    frame.back.rect(x - 13, foot - tall - 42, 26, 44, shade(stone, 0.25))


def column(frame: Frame, x: float, foot: float, tall: float, depth: float) -> None:
    """A broken column with flutes and ivy."""
    tone = frame.lit(rgb("b8ac92"), depth)
    w = tall * 0.11
    d = frame.back
    d.rect(x - w * 1.5, foot - w * 0.8, w * 3, w * 0.8, shade(tone, 0.8))
    d.polygon([(x - w, foot - w * 0.7), (x - w * 0.86, foot - tall),
        (x - w * 0.2, foot - tall - w * 0.7), (x + w * 0.3, foot - tall + w * 0.2),
               (x + w * 0.86, foot - tall - w * 0.3), (x + w, foot - w * 0.7)], tone)  # fmt: skip
    dark = -frame.light_side
    d.polygon([(x + dark * w, foot - w * 0.7), (x + dark * w * 0.86, foot - tall + w * 0.2),
        (x + dark * w * 0.25, foot - tall + w * 0.4),
               (x + dark * w * 0.3, foot - w * 0.7)], shade(tone, 0.68))  # fmt: skip
    for number in range(-2, 3):
        d.line(
            [(x + number * w * 0.36, foot - w), (x + number * w * 0.32, foot - tall + w * 0.8)],
            w * 0.06,
            shade(tone, 0.62),
        )
    leaf = frame.lit(rgb("4a6a3c"), depth)
    for number in range(7):
        terrain.blob(
            d,
            frame.rng,
            x + dark * w * frame.pick(0.2, 1.1),
            foot - tall * (0.1 + number * 0.13),
            w * frame.pick(0.25, 0.5),
            leaf,
        )


def harbor(frame: Frame) -> None:
    frame.horizon, frame.ground = 590, 900
    terrain.range_of_hills(frame, 3, 520, 590, rgb("5a7a62"), height=70, bumps=3, rough=0.45)
    for number in range(12):
        cottage(frame, frame.width * (number + frame.pick(0.2, 0.8)) / 12, 602, frame.pick(40, 70), 0.45)
    waters.water(frame, 605, 880)
    # Over the water: the mirror image must not be laid over them.
    front = frame.back if frame.near else frame.subject
    for share, tall in ((0.1, 250), (0.2, 200), (0.8, 270), (0.92, 210)):
        x, foot = frame.x(share), 690 + frame.pick(0, 60)
        hull = frame.lit(rgb("7a4a34"), 0.15)
        front.line([(x, foot), (x, foot - tall)], 4, shade(hull, 0.6))
        front.line([(x, foot - tall), (x + 80, foot - 22)], 1.3, shade(hull, 0.6))
        front.polygon(
            [(x - 90, foot - 26), (x + 96, foot - 30), (x + 66, foot + 6), (x - 66, foot + 6)], hull
        )
        front.rect(x - 30, foot - 50, 60, 26, mix(hull, frame.colours.light, 0.35))
    wood = frame.lit(rgb("7a5c3e"), 0)
    front.polygon(
        [
            (frame.x(0.44), 770),
            (frame.x(0.56), 770),
            (frame.x(0.98), HEIGHT + 10),
            (frame.x(0.02), HEIGHT + 10),
        ],
        wood,
    )
    for number in range(12):
        t = (number / 12) ** 1.6
        y = 770 + 230 * t
        front.line(
            [(frame.x(0.44 - 0.42 * t), y), (frame.x(0.56 + 0.42 * t), y)], 1.5 + 3 * t, shade(wood, 0.55)
        )
