"""Places that people have built, seen from outside."""

from __future__ import annotations

import math

from videocraft.generation.illustrators.builtin import waters
from videocraft.generation.illustrators.builtin.drawing import Colour, mix, rgb, shade
from videocraft.generation.illustrators.builtin.frame import HEIGHT, Frame, Glow, Mist, Shaft
from videocraft.generation.illustrators.builtin.idea import Look, Time, Weather

_NEON = (rgb("ff3d9a"), rgb("2fe0ff"), rgb("b04aff"), rgb("ffb03a"), rgb("46ffb0"))
_DARK_TIMES = frozenset({Time.NIGHT, Time.DUSK})


def windows_lit(frame: Frame) -> bool:
    return frame.idea.time in _DARK_TIMES or frame.idea.time in {Time.SUNSET, Time.OVERCAST}


def _neon(frame: Frame) -> bool:
    return frame.idea.look is Look.CYBERPUNK


def towers(
    frame: Frame, foot: float, low: float, high: float, depth: float, wide: tuple[float, float]
) -> None:
    """A row of high buildings with windows and roofs of several kinds."""
    x = -frame.pick(0, 60)
    wall = frame.lit(rgb("5f6b7c"), depth)
    while x < frame.width:
        w, h = frame.pick(*wide), frame.pick(low, high)
        h *= 0.72 + 0.5 * math.exp(-(((x + w / 2) / frame.width - 0.58) ** 2) / 0.06)
        tone = shade(wall, frame.pick(0.86, 1.1))
        top = foot - h
        frame.back.rect(x, top, w, h + 400, tone)
        dark = shade(tone, 0.8)
        frame.back.rect(x if frame.light_side > 0 else x + w * 0.68, top, w * 0.32, h + 400, dark)
        _roof(frame, x, top, w, tone)
        _windows(frame, x, top, w, h, tone, depth)
        x += w + frame.pick(-6, 12)


def _roof(frame: Frame, x: float, top: float, w: float, tone: Colour) -> None:
    kind = int(frame.rng.integers(4))
    if kind == 0:
        frame.back.rect(x + w * 0.2, top - w * 0.2, w * 0.6, w * 0.22, tone)
        frame.back.line([(x + w / 2, top), (x + w / 2, top - w * 0.9)], 2.2, tone)
        if windows_lit(frame):
            frame.back.ellipse(x + w / 2, top - w * 0.9, 2.4, 2.4, rgb("ff4a3a"))
    elif kind == 1:
        frame.back.polygon([(x, top + 1), (x + w * 0.5, top - w * 0.5), (x + w, top + 1)], tone)
    elif kind == 2:
        frame.back.rect(x + w * 0.14, top - 14, w * 0.3, 16, shade(tone, 0.85))
        frame.back.rect(x + w * 0.6, top - 9, w * 0.25, 11, shade(tone, 0.85))


def _windows(frame: Frame, x: float, top: float, w: float, h: float, tone: Colour, depth: float) -> None:
    lit = windows_lit(frame)
    share = {Time.NIGHT: 0.5, Time.DUSK: 0.45, Time.OVERCAST: 0.14}.get(frame.idea.time, 0.2) if lit else 0.0
    pitch = max(9.0, w / 7)
    pane = mix(frame.colours.light, tone, 0.6) if not lit else shade(tone, 0.72)
    rows, columns = int(min(h, 620) / (pitch * 1.3)), int((w - 8) / pitch)
    for row in range(rows):
        for column in range(columns):
            draw = float(frame.rng.random())
            if draw > share + 0.3:
                continue
            glow = draw < share
            colour = pane
            if glow:
                hue = (
                    _NEON[int(frame.rng.integers(5))]
                    if _neon(frame) and draw < share * 0.4
                    else rgb("ffdc94")
                )
                colour = mix(mix(hue, tone, 0.25 * frame.pick(0, 1)), frame.colours.haze, depth * 0.45)
            frame.back.rect(
                x + 6 + column * pitch, top + 10 + row * pitch * 1.3, pitch * 0.55, pitch * 0.75, colour
            )


def skyline(frame: Frame) -> None:
    frame.horizon, frame.ground = 640, 900
    towers(frame, 640, 120, 330, 0.72, (34, 62))
    frame.mists.append(Mist(600, 70, 0.5))
    towers(frame, 680, 160, 430, 0.46, (48, 90))
    towers(frame, 720, 90, 330, 0.22, (70, 130))
    frame.mists.append(Mist(690, 40, 0.3))
    if windows_lit(frame):
        frame.glows.append(
            Glow(frame.x(0.55), 700, 700, _NEON[0] if _neon(frame) else rgb("ffb866"), 0.3, squash=0.4)
        )
    frame.mists.append(Mist(610, 110, 0.6, mix(frame.colours.low, rgb("ffb06a"), 0.35)))
    waters.water(frame, 735, 926)
    embankment(frame)


def embankment(frame: Frame) -> None:
    """A terrace with a railing to stand on, before the view."""
    stone = frame.lit(rgb("55585e"), 0.0)
    frame.back.rect(-5, 930, frame.width + 10, 90, shade(stone, 0.55))
    frame.back.rect(-5, 926, frame.width + 10, 8, stone)
    frame.ground = 958


def rooftop(frame: Frame) -> None:
    skyline(frame)
    frame.water = None
    frame.back.rect(-5, 735, frame.width + 10, 300, frame.lit(rgb("4c5058"), 0.05))
    floor = frame.lit(rgb("5c5a5c"), 0)
    frame.back.polygon(
        [(-10, 800), (frame.width + 10, 800), (frame.width + 10, HEIGHT + 5), (-10, HEIGHT + 5)], floor
    )
    frame.back.rect(-5, 770, frame.width + 10, 34, shade(floor, 0.7))
    frame.back.rect(-5, 766, frame.width + 10, 7, mix(floor, frame.colours.light, 0.3))
    for share, w, h in ((0.1, 150, 120), (0.87, 110, 190)):
        frame.back.rect(frame.x(share) - w / 2, 830 - h, w, h, shade(floor, 0.6))
        frame.back.rect(frame.x(share) - w / 2, 830 - h, w, 8, floor)
    frame.ground = 910


def street(frame: Frame) -> None:
    """One-point perspective: house fronts left and right, road between, light at the end."""
    frame.horizon, frame.ground, frame.clouds = 600, 890, 0.3
    vx, vy = frame.x(0.52), 590.0
    frame.mists.append(Mist(590, 80, 0.6))
    road = frame.lit(rgb("4a4c52"), 0)
    bands = 9
    for number in range(bands):
        near = number / (bands - 1)
        y = vy + 14 + (HEIGHT - vy) * near**1.7
        frame.back.rect(
            -5, y, frame.width + 10, HEIGHT - y + 5, mix(frame.colours.haze, road, 0.35 + 0.65 * near)
        )
    for side in (-1, 1):
        _facades(frame, vx, vy, side)
        kerb = frame.lit(rgb("85827e"), 0.05)
        frame.back.polygon([(vx + side * 26, vy + 14), (vx + side * 34, vy + 14),
            (vx + side * 1250, HEIGHT + 60), (vx + side * 740, HEIGHT + 60)],
                           shade(kerb, 0.8))  # fmt: skip
    for number in range(6):
        t0, t1 = (number + 0.15) / 6, (number + 0.62) / 6
        y0, y1 = vy + 18 + 410 * t0**2, vy + 18 + 410 * t1**2
        frame.back.polygon([(vx - 2 - 6 * t0, y0), (vx + 2 + 6 * t0, y0), (vx + 2 + 6 * t1, y1),
            (vx - 2 - 6 * t1, y1)],
                           mix(road, frame.colours.light, 0.45))  # fmt: skip
    _street_lamps(frame, vx, vy)
    if Weather.RAIN in frame.idea.weather or _neon(frame) or frame.idea.look is Look.NOIR:
        # Wet asphalt mirrors what stands above it.
        frame.water = (vy + 40, HEIGHT)


def _facades(frame: Frame, vx: float, vy: float, side: int) -> None:
    edges = [1.0, 0.7, 0.49, 0.34, 0.24, 0.165, 0.11, 0.07]
    reach = max(vx, frame.width - vx) + 60
    for number in range(len(edges) - 2, -1, -1):
        near, far = edges[number], edges[number + 1]
        tall = frame.pick(560, 980)
        x0, x1 = vx + side * reach * far, vx + side * reach * near
        top0, top1 = vy - tall * far, vy - tall * near
        foot0, foot1 = vy + 400 * far, vy + 400 * near
        depth = 0.72 * (1 - near) ** 1.6
        surface = mix(rgb("7a5a4a"), rgb("6a7484"), frame.pick(0, 1))
        tone = shade(frame.lit(surface, depth), 1.0 if side != frame.light_side else 0.72)
        frame.back.polygon([(x0, top0), (x1, top1), (x1, foot1), (x0, foot0)], tone)
        frame.back.polygon(
            [(x0, top0), (x1, top1), (x1, top1 + 22 * near), (x0, top0 + 22 * far)], shade(tone, 0.75)
        )
        _facade_windows(frame, (x0, top0, foot0), (x1, top1, foot1), tone, near)
        if _neon(frame) or (frame.idea.time is Time.NIGHT and frame.rng.random() < 0.7):
            _sign(frame, x0 + (x1 - x0) * 0.3, vy - tall * far * 0.42, 150 * near, side)


def _facade_windows(
    frame: Frame, far: tuple[float, float, float], near: tuple[float, float, float], tone: Colour, size: float
) -> None:
    lit = windows_lit(frame)
    floors = 7
    for column in range(3):
        a, b = (column + 0.22) / 3, (column + 0.78) / 3
        xa, xb = far[0] + (near[0] - far[0]) * a, far[0] + (near[0] - far[0]) * b
        for floor in range(floors):
            edges = []
            for t in (a, b):
                top, foot = far[1] + (near[1] - far[1]) * t, far[2] + (near[2] - far[2]) * t
                step = (foot - top) / floors
                edges.append((top + step * (floor + 0.28), top + step * (floor + 0.8)))
            glow = lit and frame.rng.random() < (0.8 if floor == floors - 1 else 0.36)
            hue = (
                _NEON[int(frame.rng.integers(5))]
                if _neon(frame) and frame.rng.random() < 0.4
                else rgb("ffcf85")
            )
            pane = (
                mix(hue, tone, frame.pick(0.1, 0.4))
                if glow
                else mix(shade(tone, 0.6), frame.colours.low, 0.16)
            )
            frame.back.polygon(
                [(xa, edges[0][0]), (xb, edges[1][0]), (xb, edges[1][1]), (xa, edges[0][1])], pane
            )
    if lit:
        x, y = (far[0] + near[0]) / 2, (far[2] + near[2]) / 2 - 40 * size
        frame.glows.append(Glow(x, y, 240 * size + 30, rgb("ffb866"), 0.22))


def _sign(frame: Frame, x: float, y: float, size: float, side: int) -> None:
    hue = _NEON[int(frame.rng.integers(5))]
    w, h = size * 0.32, size * 1.1
    frame.back.rect(x - w / 2 - side * w * 0.4, y - h / 2, w, h, mix(hue, (0.0, 0.0, 0.0), 0.6), radius=3)
    for number in range(4):
        frame.back.rect(
            x - w * 0.28 - side * w * 0.4,
            y - h * 0.42 + number * h * 0.22,
            w * 0.56,
            h * 0.13,
            mix(hue, (1.0, 1.0, 1.0), 0.35),
            radius=2,
        )
    frame.glows.append(Glow(x - side * w * 0.4, y, size * 1.7 + 20, hue, 0.5))


def _street_lamps(frame: Frame, vx: float, vy: float) -> None:
    lit = frame.idea.time in _DARK_TIMES or frame.idea.look is Look.NOIR
    for side in (-1, 1):
        for near in (0.2, 0.34, 0.62):
            x, foot, tall = vx + side * 640 * near, vy + 260 * near, 470 * near
            tone = shade(frame.lit(rgb("3a3c42"), 0.5 * (1 - near)), 0.8)
            frame.back.line(
                [(x, foot), (x, foot - tall), (x - side * 46 * near, foot - tall - 10 * near)], 8 * near, tone
            )
            frame.back.ellipse(
                x - side * 50 * near,
                foot - tall - 6 * near,
                14 * near,
                6 * near,
                rgb("fff0c0") if lit else tone,
            )
            if lit:
                frame.glows.append(Glow(x - side * 50 * near, foot - tall, 190 * near, rgb("ffd08a"), 0.75))
                frame.shafts.append(
                    Shaft(x - side * 50 * near, foot - tall, 90, 38, tall * 1.05, rgb("ffd08a"), 0.32)
                )


def market(frame: Frame) -> None:
    street(frame)
    vx = frame.x(0.52)
    for near in (0.3, 0.44, 0.66, 1.0):
        for side in (-1, 1):
            _stall(frame, vx + side * (70 + 640 * near), 640 + 230 * near, 250 * near, side)
    frame.glows.append(Glow(vx, 640, 480, rgb("ffb060"), 0.25))
    for number in range(3):
        y = 330 - 70 * number
        chain = [(frame.x(i / 10), y + 70 * math.sin(i / 10 * math.pi) - number * 14) for i in range(11)]
        frame.back.curve(chain, 1.6, shade(frame.colours.shadow, 0.8))
        for i, (x, cy) in enumerate(chain):
            frame.back.ellipse(x, cy + 9, 6, 8, (rgb("ffd070"), rgb("ff9a6a"), rgb("ffe6a8"))[i % 3])
            if frame.idea.time in _DARK_TIMES:
                frame.glows.append(Glow(x, cy + 9, 60, rgb("ffc070"), 0.5))


def _stall(frame: Frame, x: float, foot: float, size: float, side: int) -> None:
    hue = (rgb("c0443a"), rgb("2f7f8a"), rgb("d09a34"), rgb("7a5a9a"))[int(frame.rng.integers(4))]
    cloth, wood = frame.lit(hue, 0.05), frame.lit(rgb("6a4a30"), 0.05)
    d = frame.back
    for dx in (-0.46, 0.46):
        d.rect(x + dx * size - 3, foot - size * 0.9, 6, size * 0.9, shade(wood, 0.7))
    d.rect(x - size * 0.5, foot - size * 0.36, size, size * 0.36, wood)
    for number in range(9):
        tone = frame.lit((rgb("d8442e"), rgb("e8a030"), rgb("6aa040"), rgb("e8d8a0"))[number % 4], 0.05)
        d.ellipse(x - size * 0.42 + number * size * 0.105, foot - size * 0.39, size * 0.06, size * 0.05, tone)
    for number in range(6):
        a, b = x - size * 0.56 + number * size * 0.187, x - size * 0.56 + (number + 1) * size * 0.187
        tone = cloth if number % 2 else mix(cloth, frame.lit(rgb("f4ead8"), 0.05), 0.85)
        d.polygon(
            [
                (x + (a - x) * 0.75, foot - size * 1.1),
                (x + (b - x) * 0.75, foot - size * 1.1),
                (b, foot - size * 0.82),
                (a, foot - size * 0.82),
            ],
            tone,
        )
        d.ellipse((a + b) / 2, foot - size * 0.82, size * 0.093, size * 0.05, tone)
