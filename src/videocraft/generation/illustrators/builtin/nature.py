"""Places without houses. Each builder paints the background and says where ground, sun and mist are."""

from __future__ import annotations

import math

from videocraft.generation.illustrators.builtin import terrain
from videocraft.generation.illustrators.builtin.drawing import Colour, mix, rgb, shade
from videocraft.generation.illustrators.builtin.frame import HEIGHT, Frame, Glow, Mist, Shaft
from videocraft.generation.illustrators.builtin.idea import Time, Weather
from videocraft.generation.illustrators.builtin.structures import flame

GRASS = rgb("6f9a4a")
PINE = rgb("35604a")
ROCK = rgb("7a7670")
_SAND = rgb("e0b878")
_SNOW = rgb("eef3fa")


def grass_colour(frame: Frame) -> Colour:
    """Green, or white in winter."""
    return _SNOW if Weather.SNOW in frame.idea.weather else GRASS


def mountains(frame: Frame) -> None:
    frame.horizon, frame.ground = 600, 880
    terrain.peaks(frame, 610, 300, 0.8, snow=True, count=6)
    frame.mists.append(Mist(560, 60, 0.5))
    terrain.peaks(frame, 660, 420, 0.5, snow=True, count=4)
    frame.mists.append(Mist(650, 50, 0.45))
    terrain.range_of_hills(
        frame, 3, 660, 850, mix(PINE, grass_colour(frame), 0.3), height=70, bumps=5, rough=0.5
    )
    tree_line(frame, 735, 0.35, 46, 60)
    terrain.plain(frame, 830, shade(grass_colour(frame), 0.8), bands=6)
    tree_line(frame, 865, 0.12, 120, 9, gap=0.5)


def hills(frame: Frame) -> None:
    frame.horizon, frame.ground = 620, 870
    terrain.range_of_hills(frame, 6, 560, 830, grass_colour(frame), height=85, bumps=2.6, rough=0.38)
    frame.mists.append(Mist(640, 45, 0.4))
    for _ in range(7):
        x, near = frame.pick(0, frame.width), frame.pick(0.25, 1)
        _broadleaf(frame, x, 655 + 120 * near, 40 + 95 * near, 0.55 * (1 - near) + 0.05)
    terrain.plain(frame, 850, shade(grass_colour(frame), 0.75), bands=5)
    meadow(frame, 905, grass_colour(frame))


def farm(frame: Frame) -> None:
    frame.horizon, frame.ground = 600, 880
    terrain.range_of_hills(frame, 3, 565, 640, GRASS, height=45, bumps=3, rough=0.35)
    wheat = rgb("d8ae4e")
    vanish = (frame.x(0.55), 615.0)
    terrain.plain(frame, 628, wheat, bands=8, rough=2)
    for row in range(-14, 15):
        x = vanish[0] + row * 190
        tone = frame.lit(shade(wheat, 0.78 if row % 2 else 0.95), 0.1)
        frame.back.polygon(
            [(vanish[0] + row * 9, 640), (x, HEIGHT), (x + 95, HEIGHT), (vanish[0] + row * 9 + 4, 640)], tone
        )
    tree_line(frame, 632, 0.4, 42, 24, leafy=True)
    barn(frame, frame.x(0.24), 660, 120)
    meadow(frame, 960, wheat)


def barn(frame: Frame, x: float, foot: float, size: float) -> None:
    """A red barn with a silo."""
    red, roof = frame.lit(rgb("a03a2c"), 0.2), frame.lit(rgb("5a4a46"), 0.2)
    d = frame.back
    d.rect(x + size * 0.75, foot - size * 1.25, size * 0.34, size * 1.25, frame.lit(rgb("a8a8a4"), 0.25))
    d.ellipse(x + size * 0.92, foot - size * 1.25, size * 0.17, size * 0.15, frame.lit(rgb("808084"), 0.25))
    d.polygon([(x - size * 0.6, foot), (x - size * 0.6, foot - size * 0.6), (x, foot - size),
        (x + size * 0.6, foot - size * 0.6),
               (x + size * 0.6, foot)], red)  # fmt: skip
    d.polygon([(x - size * 0.7, foot - size * 0.55), (x, foot - size * 1.08),
        (x + size * 0.7, foot - size * 0.55),
               (x + size * 0.62, foot - size * 0.52), (x, foot - size * 0.96),
                   (x - size * 0.62, foot - size * 0.52)], roof)  # fmt: skip
    d.rect(x - size * 0.2, foot - size * 0.45, size * 0.4, size * 0.45, shade(red, 0.5))


def forest(frame: Frame) -> None:
    frame.horizon, frame.ground, frame.clouds = 600, 880, 0.2
    frame.subject_dim = 0.85
    terrain.plain(frame, 600, mix(PINE, GRASS, 0.35), bands=12, rough=9)
    # Ranks of trunks and firs, from pale and thin to dark and broad.
    for rank in range(5):
        near = rank / 4
        depth = 0.86 * (1 - near) ** 1.2
        foot = 615 + 215 * near**1.3
        _firs(frame, foot, 150 + 320 * near, depth, int(26 - 17 * near), near)
    bark, lit = frame.lit(rgb("4a3a30"), 0.04), mix(frame.lit(rgb("7a5e48"), 0), frame.colours.light, 0.35)
    for share in (0.04, 0.2, 0.83, 0.97):
        x = frame.x(share) + frame.pick(-20, 20)
        terrain.trunk(
            frame.back,
            frame.rng,
            x,
            890 + frame.pick(-20, 30),
            frame.pick(34, 58),
            bark,
            lit,
            frame.light_side,
        )
    meadow(frame, 930, mix(PINE, GRASS, 0.5))
    frame.mists += [Mist(640, 90, 0.55), Mist(780, 50, 0.25)]
    _sunbeams(frame, 0.5)


def _firs(frame: Frame, foot: float, tall: float, depth: float, count: int, near: float) -> None:
    for number in range(count):
        x = frame.width * (number + frame.pick(0.0, 1.0)) / count
        if near > 0.55 and 0.26 < x / frame.width < 0.74:
            continue
        tone = frame.lit(
            shade(
                mix(PINE, _SNOW, 0.45 if Weather.SNOW in frame.idea.weather else 0.0), frame.pick(0.8, 1.15)
            ),
            depth,
        )
        terrain.conifer(
            frame.back, frame.rng, x, foot + frame.pick(-8, 14), tall * frame.pick(0.7, 1.2), tone
        )


def jungle(frame: Frame) -> None:
    frame.horizon, frame.ground, frame.clouds = 610, 890, 0.2
    frame.subject_dim = 0.88
    green = rgb("3f7a3f")
    terrain.plain(frame, 610, green, bands=10, rough=12)
    for rank in range(4):
        near = rank / 3
        depth = 0.75 * (1 - near)
        for _ in range(12 - 2 * rank):
            x = frame.pick(-40, frame.width + 40)
            if near > 0.5 and 0.25 < x / frame.width < 0.75:
                continue
            leaf, bark = frame.lit(shade(green, frame.pick(0.7, 1.1)), depth), frame.lit(rgb("4a3c2c"), depth)
            if rank % 2:
                terrain.palm(frame.back, frame.rng, x, 640 + 190 * near, 200 + 320 * near, leaf, bark)
            else:
                _broadleaf(frame, x, 640 + 170 * near, 260 + 230 * near, depth, leaf=green)
    leaf = frame.lit(shade(green, 0.5), 0)
    for number in range(9):
        x = frame.width * number / 8
        drop = frame.pick(120, 420)
        frame.back.curve([(x, -10), (x + 18, drop * 0.5), (x - 10, drop)], 4, leaf)
    for side in (0.0, 1.0):
        _fronds(frame, frame.x(side), 980, 1 if side < 0.5 else -1, leaf)
    meadow(frame, 940, green)
    frame.mists += [Mist(650, 100, 0.5), Mist(800, 60, 0.25)]
    _sunbeams(frame, 0.55)


def _fronds(frame: Frame, x: float, foot: float, way: int, leaf: Colour) -> None:
    for number in range(7):
        angle = math.radians(15 + number * 12)
        length = frame.pick(170, 330)
        tip = (x + way * math.cos(angle) * length, foot - math.sin(angle) * length)
        mid = (x + way * math.cos(angle + 0.25) * length * 0.55, foot - math.sin(angle + 0.25) * length * 0.6)
        frame.front.smooth(
            [(x, foot), (mid[0], mid[1] - 16), tip, (mid[0] + 8, mid[1] + 18)],
            shade(leaf, frame.pick(0.35, 0.6)),
        )


def garden(frame: Frame) -> None:
    frame.horizon, frame.ground = 610, 880
    terrain.range_of_hills(frame, 2, 590, 640, GRASS, height=40, bumps=3, rough=0.3)
    tree_line(frame, 650, 0.35, 110, 14, leafy=True)
    terrain.plain(frame, 655, rgb("79ac50"), bands=9, rough=3)
    path = frame.lit(rgb("d8c4a0"), 0.1)
    frame.back.smooth([(frame.x(0.52), 660), (frame.x(0.54), 660), (frame.x(0.6), 760), (frame.x(0.74),
        HEIGHT + 40),
                       (frame.x(0.3), HEIGHT + 40), (frame.x(0.5), 770)], path)  # fmt: skip
    for share in (0.08, 0.26, 0.86):
        _broadleaf(frame, frame.x(share), 800 + frame.pick(-20, 30), 330, 0.08)
    for _ in range(110):
        x, near = frame.pick(0, frame.width), frame.pick(0, 1)
        if 0.36 < x / frame.width < 0.72:
            continue
        tone = (rgb("e0506a"), rgb("f2c84a"), rgb("f4f0f0"), rgb("b06ad0"))[int(frame.rng.integers(4))]
        frame.back.ellipse(x, 830 + 150 * near, 3 + 4 * near, 2.5 + 3.5 * near, frame.lit(tone, 0.05))
    meadow(frame, 960, rgb("79ac50"))


def desert(frame: Frame) -> None:
    frame.horizon, frame.ground, frame.clouds = 590, 860, 0.15
    terrain.range_of_hills(frame, 2, 560, 590, rgb("c08a6a"), height=50, bumps=4, rough=0.5)
    terrain.dunes(frame, 580, _SAND)
    frame.mists.append(Mist(590, 40, 0.4))


def canyon(frame: Frame) -> None:
    frame.horizon, frame.ground, frame.clouds = 610, 880, 0.2
    red = rgb("c0683c")
    for rank, (share, w, top) in enumerate(
        ((0.55, 0.16, 330), (0.12, 0.2, 290), (0.86, 0.22, 250), (0.33, 0.09, 360))
    ):
        depth = 0.55 - 0.13 * rank
        _mesa(frame, frame.x(share), frame.width * w * 0.5 + 60, top, 640 + 12 * rank, red, depth)
    terrain.plain(frame, 635, rgb("cf8a52"), bands=10, rough=7)
    for _ in range(16):
        x, near = frame.pick(0, frame.width), frame.pick(0.1, 1)
        terrain.rock(
            frame.back,
            frame.rng,
            x,
            690 + 270 * near,
            8 + 34 * near,
            frame.lit(red, 0.3 * (1 - near)),
            frame.colours.light,
            frame.light_side,
        )
    for share in (0.1, 0.78):
        _cactus(frame, frame.x(share), 800 + frame.pick(0, 60), 130)
    frame.mists.append(Mist(625, 40, 0.35))


def _mesa(
    frame: Frame, x: float, half: float, top: float, foot: float, surface: Colour, depth: float
) -> None:
    strata = 9
    left = [half * (1 + 0.35 * (i / strata) ** 1.6) + frame.pick(-9, 9) for i in range(strata + 1)]
    right = [half * (1 + 0.35 * (i / strata) ** 1.6) + frame.pick(-9, 9) for i in range(strata + 1)]
    tall = foot - top
    for i in range(strata):
        y0, y1 = top + tall * i / strata, top + tall * (i + 1) / strata + 1
        tone = frame.lit(shade(surface, 0.86 + 0.2 * (i % 2) + frame.pick(-0.05, 0.05)), depth)
        frame.back.polygon(
            [(x - left[i], y0), (x + right[i], y0), (x + right[i + 1], y1), (x - left[i + 1], y1)], tone
        )
        a, b = (-left[i], -left[i + 1]) if frame.light_side > 0 else (right[i], right[i + 1])
        frame.back.polygon(
            [(x + a, y0), (x + a * 0.3, y0), (x + b * 0.22, y1), (x + b, y1)], shade(tone, 0.68)
        )


def _cactus(frame: Frame, x: float, foot: float, tall: float) -> None:
    tone = frame.lit(rgb("4a6a40"), 0.05)
    for colour, shift in ((mix(tone, frame.colours.light, 0.4), frame.light_side * 2.5), (tone, 0.0)):
        frame.back.limb([(x + shift, foot), (x + shift, foot - tall)], [tall * 0.15, tall * 0.13], colour)
        for way, h in ((-1, 0.42), (1, 0.55)):
            frame.back.limb([(x + shift, foot - tall * h), (x + shift + way * tall * 0.24, foot - tall * h),
                             (x + shift + way * tall * 0.24, foot - tall * (h + 0.28))], [tall * 0.1] * 3,
                                 colour)  # fmt: skip


def snowfield(frame: Frame) -> None:
    frame.horizon, frame.ground = 600, 870
    terrain.peaks(frame, 610, 250, 0.7, snow=True, count=6)
    frame.mists.append(Mist(600, 60, 0.5))
    terrain.range_of_hills(frame, 4, 610, 820, rgb("dfe8f4"), height=50, bumps=2.4, rough=0.35)
    terrain.dunes(frame, 760, _SNOW)
    tree_line(frame, 690, 0.45, 60, 26, gap=0.3)


def volcano(frame: Frame) -> None:
    frame.horizon, frame.ground, frame.clouds = 620, 880, 0.75
    x = frame.x(0.58)
    rock = frame.lit(rgb("4a3a38"), 0.35)
    frame.back.smooth([(x - 620, 680), (x - 280, 520), (x - 80, 280), (x - 40, 262), (x + 40, 262),
        (x + 90, 290), (x + 300, 520),
                       (x + 640, 680), (x, 760)], rock)  # fmt: skip
    frame.back.polygon([(x - 40, 264), (x + 40, 264), (x + 26, 282), (x - 28, 280)], rgb("ffb04a"))
    for start, sway in ((-14, -60), (16, 50), (4, 0)):
        points = [
            (x + start, 268),
            (x + start + sway * 0.4, 400),
            (x + start + sway * 1.5, 520),
            (x + start + sway * 2.2, 660),
        ]
        frame.back.limb(points, [9, 13, 18, 26], rgb("e8501c"))
        frame.back.limb(points, [4, 6, 8, 12], rgb("ffc45a"))
    terrain.range_of_hills(frame, 3, 650, 800, rgb("3a2a2c"), height=70, bumps=5, rough=0.55)
    terrain.plain(frame, 820, rgb("2e2224"), bands=6, rough=10)
    for _ in range(9):
        px, py, length = frame.pick(0, frame.width), frame.pick(850, 990), frame.pick(30, 120)
        frame.back.limb(
            [(px, py), (px + length * 0.5, py + 8), (px + length, py - 4)], [3, 7, 2], rgb("ff7a2a")
        )
    frame.glows += [Glow(x, 240, 420, rgb("ff6a20"), 0.75), Glow(x, 640, 500, rgb("ff4a10"), 0.3, squash=0.4)]
    frame.sun = None


def planet_surface(frame: Frame) -> None:
    frame.horizon, frame.ground, frame.clouds = 600, 870, 0.12
    red = rgb("c0663c")
    terrain.range_of_hills(frame, 4, 560, 700, red, height=110, bumps=4.5, rough=0.5)
    frame.mists.append(Mist(610, 50, 0.4))
    terrain.plain(frame, 700, red, bands=9, rough=8)
    for _ in range(5):
        x, y, w = frame.pick(0, frame.width), frame.pick(760, 960), frame.pick(50, 150)
        tone = frame.lit(red, 0.1)
        frame.back.ellipse(x, y, w, w * 0.16, mix(tone, frame.colours.light, 0.3))
        frame.back.ellipse(x - frame.light_side * 4, y + 3, w * 0.92, w * 0.13, shade(tone, 0.5))
    for _ in range(14):
        x, near = frame.pick(0, frame.width), frame.pick(0, 1)
        terrain.rock(
            frame.back,
            frame.rng,
            x,
            740 + 240 * near,
            8 + 36 * near,
            frame.lit(red, 0.2 * (1 - near)),
            frame.colours.light,
            frame.light_side,
        )


def above_clouds(frame: Frame) -> None:
    frame.horizon, frame.ground, frame.clouds = 720, 640, 0.75
    for rank in range(5):
        near = rank / 4
        for _ in range(10):
            x, y = frame.pick(-60, frame.width + 60), 730 + 220 * near + frame.pick(-20, 30)
            tone = mix(
                mix(frame.colours.haze, frame.colours.light, 0.45),
                frame.colours.middle,
                0.18 * (1 - near) + frame.pick(0, 0.12),
            )
            terrain.blob(frame.back, frame.rng, x, y, 60 + 120 * near, tone)
    frame.mists += [Mist(760, 90, 0.6, frame.colours.light), Mist(900, 120, 0.6, frame.colours.light)]


def open_space(frame: Frame) -> None:
    frame.horizon, frame.ground, frame.clouds = 1000, 700, 0
    frame.sun = None


# -- shared -------------------------------------------------------------------------------------------


def tree_line(
    frame: Frame, foot: float, depth: float, tall: float, count: int, *, gap: float = 0.0, leafy: bool = False
) -> None:
    for number in range(count):
        x = frame.width * (number + frame.pick(0.0, 1.0)) / count
        if gap and abs(x / frame.width - 0.5) < gap * 0.5:
            continue
        if leafy:
            _broadleaf(frame, x, foot + frame.pick(-4, 6), tall * frame.pick(0.7, 1.2), depth)
        else:
            tone = frame.lit(shade(PINE, frame.pick(0.8, 1.1)), depth)
            terrain.conifer(
                frame.back, frame.rng, x, foot + frame.pick(-5, 8), tall * frame.pick(0.6, 1.25), tone
            )


def _broadleaf(
    frame: Frame, x: float, foot: float, tall: float, depth: float, leaf: Colour | None = None
) -> None:
    surface = leaf or (rgb("c87a34") if Weather.WIND in frame.idea.weather else rgb("557f3e"))
    terrain.broadleaf(
        frame.back, frame.rng, x, foot, tall, leaf or frame.lit(surface, depth), frame.lit(rgb("55402f"),
            depth),
        frame.colours.light, frame.light_side,
    )  # fmt: skip


def meadow(frame: Frame, foot: float, surface: Colour) -> None:
    """Grass near the lens, and dark blades out of focus before it."""
    tone = frame.lit(shade(surface, 0.62), 0)
    for row in range(3):
        terrain.grass(
            frame.back,
            frame.rng,
            0,
            frame.width,
            foot + row * 34,
            26 + 20 * row,
            shade(tone, 1 - 0.15 * row),
            int(frame.width / 9),
        )
    dark = shade(tone, 0.4)
    for x0, x1 in ((-20, 0.26), (0.76, 1.02)):
        terrain.grass(
            frame.front, frame.rng, x0 if x0 < 0 else frame.x(x0), frame.x(x1), HEIGHT + 20, 210, dark, 46
        )


def _sunbeams(frame: Frame, strength: float) -> None:
    """Light between the trees, by day; at night the moon's."""
    power = strength * (0.5 if frame.idea.time in {Time.NIGHT, Time.OVERCAST} else 1.0)
    x = frame.sun[0] if frame.sun else frame.x(0.6)
    for number in range(5):
        frame.shafts.append(Shaft(x + (number - 2) * 120, -200,
            90 - (number - 2) * 7 - 16 * frame.light_side, 5, 1150, frame.colours.light,
                                  power * frame.pick(0.4, 0.8)))  # fmt: skip


def fires(frame: Frame) -> None:
    """Flames and their light on the ground, where a prompt says that something burns."""
    for _ in range(4):
        x = frame.x(frame.pick(0.05, 0.95))
        size = frame.pick(50, 120)
        y = frame.ground - frame.pick(20, 120)
        flame(frame.back, x, y, size)
        frame.glows.append(Glow(x, y - size * 0.5, size * 3.2, rgb("ff7a20"), 0.55))
