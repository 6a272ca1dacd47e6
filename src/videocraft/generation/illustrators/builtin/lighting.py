"""Light and air as pixels: mist, glows, shafts, reflections, rain, snow, sparks. Pictures are uint8 RGB."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from videocraft.generation.illustrators.builtin.drawing import rgb
from videocraft.generation.illustrators.builtin.frame import HEIGHT, Frame, Glow
from videocraft.generation.illustrators.builtin.idea import Weather
from videocraft.generation.illustrators.builtin.noise import Floats, clouds

Pixels = npt.NDArray[np.uint8]

_COARSE = 8
"""Light is soft: its maps are made at an eighth of the size."""


def over(below: Pixels, above: Pixels) -> Pixels:
    """An RGB picture under an RGBA one (straight alpha)."""
    share = above[..., 3].astype(np.float32) * np.float32(1 / 255)
    colour = cv2.cvtColor(above, cv2.COLOR_RGBA2RGB)
    return np.asarray(cv2.blendLinear(colour, below, share, 1 - share), np.uint8)


def screen(below: Pixels, light: Pixels) -> Pixels:
    """Light added so that nothing clips: ``1 - (1 - a)(1 - b)``."""
    dark = cv2.multiply(cv2.bitwise_not(below), cv2.bitwise_not(light), scale=1 / 255)
    return np.asarray(cv2.bitwise_not(dark), np.uint8)


def _grid(frame: Frame, picture: Pixels) -> tuple[int, int, Floats, Floats]:
    h, w = max(8, picture.shape[0] // _COARSE), max(8, picture.shape[1] // _COARSE)
    xs = np.linspace(0, frame.width, w, dtype=np.float32)[None, :]
    ys = np.linspace(0, HEIGHT, h, dtype=np.float32)[:, None]
    return h, w, xs, ys


def with_mist(frame: Frame, picture: Pixels) -> Pixels:
    """Banks of mist, torn by noise; fog over all of it where the weather says so."""
    h, w, _, ys = _grid(frame, picture)
    foggy = Weather.FOG in frame.idea.weather
    if not frame.mists and not foggy:
        return picture
    share = np.zeros((h, w), np.float32)
    colour = np.zeros((h, w, 3), np.float32)
    torn = clouds(frame.rng, h, w, (5, 2.2 * w / h), octaves=5)
    for bank in frame.mists:
        part = np.exp(-(((ys - bank.y) / bank.thickness) ** 2)) * bank.strength * (0.25 + 1.1 * torn) * 0.6
        part = np.clip(part, 0, 0.92)
        tone = np.array(bank.colour or frame.colours.haze, np.float32)
        colour = colour * (1 - part)[..., None] + tone * part[..., None]
        share = share + part - share * part
    if foggy:
        part = np.clip(
            (0.32 + 0.42 * np.exp(-(((ys - frame.horizon) / 210) ** 2))) * (0.55 + 0.7 * torn), 0, 0.85
        )
        tone = np.array(frame.colours.haze, np.float32)
        colour = colour * (1 - part)[..., None] + tone * part[..., None]
        share = share + part - share * part
    size = (picture.shape[1], picture.shape[0])
    mist = cv2.resize(np.clip(colour / np.maximum(share, 1e-3)[..., None], 0, 1) * 255, size).astype(np.uint8)
    weight = cv2.resize(share, size)
    return np.asarray(cv2.blendLinear(mist, picture, weight, 1 - weight), np.uint8)


def with_light(frame: Frame, picture: Pixels, glows: list[Glow], *, shafts: bool) -> Pixels:
    """Glows and, with ``shafts``, cones of light that show in the dust."""
    if not glows and not (shafts and frame.shafts):
        return picture
    h, w, xs, ys = _grid(frame, picture)
    light = np.zeros((h, w, 3), np.float32)
    for glow in glows:
        away = np.hypot(xs - glow.x, (ys - glow.y) / glow.squash) / glow.radius
        light += (np.exp(-((away * 1.7) ** 2)) * glow.strength * 0.8)[..., None] * np.array(
            glow.colour, np.float32
        )
    if shafts and frame.shafts:
        dust = 0.6 + 0.7 * clouds(frame.rng, h, w, (6, 6 * w / h), octaves=4)
        for shaft in frame.shafts:
            dx, dy = xs - shaft.x, ys - shaft.y
            along = np.hypot(dx, dy)
            turn = np.degrees(np.arctan2(dy, dx)) - shaft.angle
            turn = (turn + 180) % 360 - 180
            cone = (
                np.exp(-((turn / (shaft.spread * 0.62)) ** 2) * 1.6)
                * np.clip(1 - along / shaft.length, 0, 1) ** 0.8
            )
            light += (cone * dust * shaft.strength * 0.62)[..., None] * np.array(shaft.colour, np.float32)
    size = (picture.shape[1], picture.shape[0])
    full = cv2.resize(np.clip(light, 0, 1) * 255, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8)
    return screen(picture, full)


def with_reflection(frame: Frame, picture: Pixels) -> Pixels:
    """Mirrors what is above the water in it, in ripples that grow towards the lens."""
    if frame.water is None:
        return picture
    height, width = picture.shape[:2]
    scale = height / HEIGHT
    top, bottom = int(frame.water[0] * scale), min(height, int(frame.water[1] * scale))
    rows = bottom - top
    if rows < 4 or top < 4:
        return picture
    near = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    half = (max(8, width // 2), max(4, rows // 2))
    ripple = clouds(frame.rng, half[1], half[0], (rows / 26, width / 240), octaves=3) - 0.5
    ripple = np.asarray(cv2.resize(ripple, (width, rows)), np.float32)
    source = (
        top
        - 1
        - np.arange(rows, dtype=np.float32)[:, None] * min(1.0, top / rows)
        - np.abs(ripple) * 46 * scale * near
    )
    across = np.arange(width, dtype=np.float32)[None, :] + ripple * 34 * scale * near
    mirrored = cv2.remap(
        picture, np.broadcast_to(across, (rows, width)).astype(np.float32),
            np.clip(source, 0, height - 1).astype(np.float32),
        cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT,
    )  # fmt: skip
    calm = 0.3 if Weather.STORM in frame.idea.weather else 0.66
    wet = (
        0.45
        if frame.water[0] > frame.horizon + 20 and frame.idea.place.value in {"street", "market"}
        else calm
    )
    share = (
        np.broadcast_to((wet * (1 - 0.45 * near)).astype(np.float32), (rows, width))
        + np.clip(ripple, -0.2, 0.2) * 0.5
    )
    share = np.clip(share, 0, 1).astype(np.float32)
    part = np.ascontiguousarray(picture[top:bottom])
    result = picture.copy()
    result[top:bottom] = cv2.blendLinear(mirrored, part, share, 1 - share)
    return result


def with_weather(frame: Frame, picture: Pixels) -> Pixels:
    """Rain, snow, sparks and motes before the lens."""
    if frame.idea.indoors:
        weathers = frame.idea.weather & {Weather.MAGIC, Weather.FIRE}
    else:
        weathers = frame.idea.weather
    h, w = picture.shape[0] // 2, picture.shape[1] // 2
    light = np.zeros((h, w, 3), np.uint8)
    if Weather.RAIN in weathers or Weather.STORM in weathers:
        light = cv2.add(light, _rain(frame, h, w))
    if Weather.SNOW in weathers:
        _dots(frame, light, 240, (235, 240, 250), (0.9, 4.5))
    if Weather.FIRE in weathers:
        _dots(frame, light, 90, (255, 150, 50), (0.6, 2.2))
    if Weather.MAGIC in weathers:
        _dots(frame, light, 90, (255, 225, 140), (0.7, 2.8))
        light = cv2.add(light, cv2.GaussianBlur(light, (0, 0), max(1.0, h / 90)))
    if Weather.WIND in weathers:
        _dots(frame, light, 40, (205, 120, 60), (1.2, 3.4))
    return _lit_by(picture, light)


def with_bolts(frame: Frame, picture: Pixels) -> Pixels:
    """Lightning and fireworks in the sky, behind all who are there."""
    light = np.zeros((picture.shape[0] // 2, picture.shape[1] // 2, 3), np.uint8)
    if Weather.FIREWORKS in frame.idea.weather and not frame.idea.indoors:
        _fireworks(frame, light)
    if Weather.STORM in frame.idea.weather and not frame.idea.indoors:
        _lightning(frame, light)
    return _lit_by(picture, light)


def _lit_by(picture: Pixels, light: Pixels) -> Pixels:
    if not light.any():
        return picture
    return screen(picture, cv2.resize(light, (picture.shape[1], picture.shape[0])).astype(np.uint8))


def _rain(frame: Frame, h: int, w: int) -> Pixels:
    layer = np.zeros((h, w), np.uint8)
    scale = h / 540
    for _ in range(520):
        x, y = frame.pick(-60, w), frame.pick(-60, h)
        length, tone = frame.pick(10, 46) * scale, int(frame.pick(30, 115))
        start = (int(x * 8), int(y * 8))
        end = (int((x + length * 0.18) * 8), int((y + length) * 8))
        cv2.line(layer, start, end, tone, 1, cv2.LINE_AA, 3)
    return np.asarray(cv2.merge([layer, layer, layer]), np.uint8)


def _dots(
    frame: Frame, layer: Pixels, count: int, colour: tuple[int, int, int], radii: tuple[float, float]
) -> None:
    h, w = layer.shape[:2]
    scale = h / 540
    far = layer.copy()
    for number in range(count):
        size = radii[0] + (radii[1] - radii[0]) * frame.pick(0, 1) ** 3
        target = layer if number % 3 else far
        fade = frame.pick(0.45, 1.0)
        tone = [part * fade for part in colour]
        centre = (int(frame.pick(0, w) * 8), int(frame.pick(0, h) * 8))
        cv2.circle(target, centre, max(4, int(size * scale * 8)), tone, -1, cv2.LINE_AA, 3)
    np.maximum(layer, cv2.GaussianBlur(far, (0, 0), max(0.8, 2.2 * scale)), out=layer)


def _fireworks(frame: Frame, layer: Pixels) -> None:
    h, w = layer.shape[:2]
    for number in range(6):
        cx, cy, reach = frame.pick(0.1, 0.9) * w, frame.pick(0.1, 0.42) * h, frame.pick(0.07, 0.17) * h
        hue = [
            part * 255 for part in (rgb("ff6a5a"), rgb("ffd66a"), rgb("7ad0ff"), rgb("d07aff"))[number % 4]
        ]
        for ray in range(44):
            angle, length = math.radians(ray * 360 / 44), reach * frame.pick(0.7, 1.05)
            inner = (
                int((cx + math.cos(angle) * length * 0.3) * 8),
                int((cy + math.sin(angle) * length * 0.3) * 8),
            )
            outer = (
                int((cx + math.cos(angle) * length) * 8),
                int((cy + math.sin(angle) * length + length * 0.08) * 8),
            )
            cv2.line(layer, inner, outer, [part * 0.55 for part in hue], 1, cv2.LINE_AA, 3)
            cv2.circle(layer, outer, 12, hue, -1, cv2.LINE_AA, 3)
    np.copyto(layer, cv2.add(layer, cv2.GaussianBlur(layer, (0, 0), max(1.0, h / 70))))


def _lightning(frame: Frame, layer: Pixels) -> None:
    h, w = layer.shape[:2]
    x, y = frame.pick(0.15, 0.85) * w, 0.0
    points = [(x, y)]
    while y < h * frame.horizon / HEIGHT:
        x, y = x + frame.pick(-0.03, 0.03) * w, y + frame.pick(0.02, 0.06) * h
        points.append((x, y))
    path = np.array([[(int(px * 8), int(py * 8)) for px, py in points]], np.int32)
    cv2.polylines(layer, list(path), False, (225, 230, 255), max(1, h // 220), cv2.LINE_AA, 3)
    np.copyto(layer, cv2.add(layer, cv2.GaussianBlur(layer, (0, 0), max(1.0, h / 45))))
