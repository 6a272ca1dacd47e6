"""Skies as pixels: gradients, suns and moons, stars, clouds, nebulae, planets. Float RGB, 0 to 1."""

from __future__ import annotations

import cv2
import numpy as np

from videocraft.generation.illustrators.builtin.drawing import Colour, mix
from videocraft.generation.illustrators.builtin.frame import HEIGHT, Frame
from videocraft.generation.illustrators.builtin.idea import Look, Place, Time, Weather
from videocraft.generation.illustrators.builtin.noise import Floats, clouds

_COARSE = 4
"""Skies are soft: they are painted at a quarter of the size and enlarged."""


def paint_sky(frame: Frame, width: int, height: int) -> Floats:
    """[height, width, 3] of the sky, as far down as the picture goes."""
    w, h = max(16, width // _COARSE), max(16, height // _COARSE)
    sky = _gradient(frame, h, w)
    if frame.idea.place is Place.SPACE:
        sky += _nebula(frame, h, w)
    else:
        _sunlight(frame, sky)
        if Weather.AURORA in frame.idea.weather:
            sky += _aurora(frame, h, w)
        if frame.clouds > 0:
            sky = _clouded(frame, sky)
    enlarged = cv2.resize(np.clip(sky, 0, 1.2), (width, height), interpolation=cv2.INTER_CUBIC)
    full: Floats = np.asarray(enlarged, np.float32)
    if frame.idea.place is Place.SPACE or (frame.idea.time is Time.NIGHT and frame.clouds < 0.8):
        _stars(frame, full)
    _disc(frame, full)
    return np.asarray(np.clip(full, 0, 1), np.float32)


def _gradient(frame: Frame, h: int, w: int) -> Floats:
    colours = frame.colours
    stops = np.array([0.0, 0.45, 0.95, 1.6]) * frame.horizon / HEIGHT
    y = np.linspace(0, 1, h)
    shades = np.array([colours.top, colours.middle, colours.low, colours.low])
    column = np.stack([np.interp(y, stops, shades[:, part]) for part in range(3)], axis=1)
    return np.repeat(column[:, None, :], w, axis=1).astype(np.float32)


def _distance(frame: Frame, h: int, w: int, x: float, y: float, squash: float = 1.0) -> Floats:
    """Distance of each pixel to a point, in units."""
    across = np.linspace(0, frame.width, w, dtype=np.float32)[None, :] - x
    down = (np.linspace(0, HEIGHT, h, dtype=np.float32)[:, None] - y) / squash
    return np.asarray(np.hypot(across, down), np.float32)


def _sunlight(frame: Frame, sky: Floats) -> None:
    if frame.sun is None:
        return
    h, w = sky.shape[:2]
    away = _distance(frame, h, w, *frame.sun)
    wide = np.exp(-away / 330.0) * 0.42 + np.exp(-away / 90.0) * 0.5
    share = np.clip(wide * frame.colours.glow, 0, 1)[..., None]
    sky += (np.array(frame.colours.light, np.float32) - sky) * share


def _clouded(frame: Frame, sky: Floats) -> Floats:
    """Soft clouds that are lit from where the sun is: lighter where the noise falls off towards it."""
    h, w = sky.shape[:2]
    billow = frame.idea.look in {Look.ANIME, Look.CARTOON} or frame.idea.place is Place.SKY
    cells = (3.2, 2.4 * w / h) if billow else (5.0, 1.5 * w / h)
    step = max(2, h // 40)
    whole = clouds(frame.rng, h + step, w + 2 * step, cells, octaves=6, gain=0.5)
    field = whole[:h, step:-step]
    threshold = 0.72 - 0.34 * frame.clouds
    body = np.clip((field - threshold) / (0.1 if billow else 0.22), 0, 1)
    body = body * body * (3 - 2 * body)
    sun_x = frame.sun[0] / frame.width if frame.sun else 0.5
    # What lies a little lower and farther from the sun: where that is thicker, this side is in the light.
    shift = whole[step:, : -2 * step] if sun_x > 0.5 else whole[step:, 2 * step :]
    lit = np.clip(0.5 + (field - shift) * 3.0, 0, 1)[..., None]
    colours = frame.colours
    bright = np.array(mix(colours.light, colours.low, 0.25), np.float32)
    dark = np.array(mix(mix(colours.middle, colours.top, 0.35), colours.haze, 0.3), np.float32)
    if frame.idea.time is Time.NIGHT:
        bright = bright * 0.34 + np.array(colours.middle, np.float32) * 0.5
    shade = dark + (bright - dark) * lit
    fade = np.interp(np.linspace(0, HEIGHT, h), [0, frame.horizon * 0.75, frame.horizon], [1, 0.8, 0.15])
    share = (body * fade[:, None].astype(np.float32) * 0.88)[..., None]
    return np.asarray(sky * (1 - share) + shade * share, np.float32)


def _stars(frame: Frame, sky: Floats) -> None:
    h, w = sky.shape[:2]
    space = frame.idea.place is Place.SPACE
    count = 900 if space else 420
    xs = frame.rng.integers(1, w - 1, count)
    lowest = h if space else max(2, int(h * frame.horizon / HEIGHT * 0.92))
    ys = frame.rng.integers(0, max(1, lowest - 1), count)
    power = frame.rng.random(count) ** 3
    size = h / 1080
    for x, y, bright in zip(xs.tolist(), ys.tolist(), power.tolist(), strict=True):
        fade = 1.0 if space else 1.0 - 0.8 * y / lowest
        value = (0.25 + 0.75 * bright) * fade
        radius = size * (0.6 + 1.2 * bright)
        centre = (int(x * 16), int(y * 16))
        before = sky[y, x]
        colour = [float(part) for part in np.maximum(before, value)]
        cv2.circle(sky, centre, max(8, int(radius * 16)), colour, -1, cv2.LINE_AA, 4)


def _disc(frame: Frame, sky: Floats) -> None:
    """The sun's or moon's disc with a soft edge; the moon with its dark plains."""
    if frame.sun is None or frame.idea.time is Time.OVERCAST:
        return
    h, w = sky.shape[:2]
    scale = h / HEIGHT
    reach = int(frame.sun_size * 1.3 * scale) + 2
    cx, cy = int(frame.sun[0] * scale), int(frame.sun[1] * scale)
    x0, x1, y0, y1 = max(0, cx - reach), min(w, cx + reach), max(0, cy - reach), min(h, cy + reach)
    if x0 >= x1 or y0 >= y1:
        return
    xs, ys = np.arange(x0, x1, dtype=np.float32)[None, :], np.arange(y0, y1, dtype=np.float32)[:, None]
    away = np.hypot(xs - cx, ys - cy) / scale
    inside = np.clip((frame.sun_size - away) / 1.6 + 0.5, 0, 1)[..., None]
    colour = np.array(mix(frame.colours.light, (1.0, 1.0, 1.0), 0.55), np.float32)
    face: Floats = np.broadcast_to(colour, (*away.shape, 3)).astype(np.float32)
    if frame.idea.time is Time.NIGHT:
        plains = clouds(frame.rng, away.shape[0], away.shape[1], (3, 3), octaves=4)
        limb = 1.0 - 0.18 * np.clip(away / frame.sun_size, 0, 1) ** 2
        face = face * ((0.8 + 0.25 * np.clip(plains * 1.5 - 0.3, 0, 1)) * limb)[..., None]
    part = sky[y0:y1, x0:x1]
    part += (face - part) * inside


def _aurora(frame: Frame, h: int, w: int) -> Floats:
    light = np.zeros((h, w, 3), np.float32)
    y = np.linspace(0, HEIGHT, h, dtype=np.float32)[:, None]
    for hue, base, power in (
        ((0.1, 0.95, 0.55), 430, 0.75),
        ((0.15, 0.7, 0.8), 330, 0.5),
        ((0.6, 0.2, 0.8), 260, 0.4),
    ):
        path = cv2.resize(frame.rng.random((1, 6), dtype=np.float32), (w, 1), interpolation=cv2.INTER_CUBIC)
        rays = cv2.resize(frame.rng.random((1, 60), dtype=np.float32), (w, 1), interpolation=cv2.INTER_CUBIC)
        bottom = base + (path - 0.5) * 260
        above = np.clip(bottom - y, 0, None)
        curtain = np.exp(-above / (90 + 160 * rays)) * np.clip((bottom - y) / 14 + 0.5, 0, 1)
        light += (curtain * (0.45 + 0.55 * rays) * power)[..., None] * np.array(hue, np.float32)
    return light


def _nebula(frame: Frame, h: int, w: int) -> Floats:
    hues: tuple[tuple[Colour, Colour], ...] = (
        ((0.75, 0.25, 0.6), (0.1, 0.45, 0.85)),
        ((0.85, 0.45, 0.2), (0.2, 0.35, 0.8)),
        ((0.15, 0.65, 0.6), (0.5, 0.25, 0.8)),
    )
    first, second = hues[int(frame.rng.integers(len(hues)))]
    light = np.zeros((h, w, 3), np.float32)
    slope = np.linspace(-1, 1, w)[None, :] * frame.pick(-0.5, 0.5) + np.linspace(-1, 1, h)[:, None]
    band = np.exp(-((slope / 0.6) ** 2)).astype(np.float32)
    for hue, power in ((first, 0.75), (second, 0.65)):
        field = clouds(frame.rng, h, w, (2.5, 2.5 * w / h), octaves=6, gain=0.6)
        light += (np.clip(field * 1.5 - 0.55, 0, 1) ** 1.5 * band * power)[..., None] * np.array(
            hue, np.float32
        )
    dust = clouds(frame.rng, h, w, (4, 4 * w / h), octaves=5)
    light *= np.clip(1.5 - dust * 1.3, 0.15, 1)[..., None]
    return light


def paint_planet(
    frame: Frame, picture: Floats, x: float, y: float, radius: float, colour: Colour, *, ring: bool
) -> None:
    """A lit globe with bands or continents, drawn into the picture (coordinates in units)."""
    h, w = picture.shape[:2]
    scale = h / HEIGHT
    r = radius * scale
    cx, cy = x * scale, y * scale
    x0, x1 = max(0, int(cx - r - 2)), min(w, int(cx + r + 3))
    y0, y1 = max(0, int(cy - r - 2)), min(h, int(cy + r + 3))
    if x0 >= x1 or y0 >= y1:
        return
    nx = (np.arange(x0, x1, dtype=np.float32)[None, :] - cx) / r
    ny = (np.arange(y0, y1, dtype=np.float32)[:, None] - cy) / r
    flat = nx * nx + ny * ny
    nz = np.sqrt(np.clip(1 - flat, 0, 1))
    side = float(frame.light_side)
    light = np.clip(nx * 0.72 * side - ny * 0.45 + nz * 0.38, 0, 1) ** 0.85
    cells = (9.0, 2.0) if ring else (3.0, 3.0)
    field = clouds(frame.rng, y1 - y0, x1 - x0, cells, octaves=5)
    ground = np.array(colour, np.float32) * (0.55 + 0.75 * field)[..., None]
    rim = np.clip(1 - nz, 0, 1) ** 3 * np.clip(light * 1.6, 0, 1)
    globe = (
        ground * (light[..., None] * 1.15 + 0.015)
        + rim[..., None] * np.array((0.45, 0.65, 1.0), np.float32) * 0.7
    )
    inside = np.clip((1 - np.sqrt(flat)) * r / 1.5 + 0.5, 0, 1)[..., None]
    part = picture[y0:y1, x0:x1]
    part += (np.clip(globe, 0, 1) - part) * inside
    if ring:
        _ring(picture, (cx, cy), r, colour)


def _ring(picture: Floats, centre: tuple[float, float], r: float, colour: Colour) -> None:
    """A ring system seen at a slant: many bands, hidden where the globe stands before them."""
    h, w = picture.shape[:2]
    reach = r * 2.15
    x0, x1 = max(0, int(centre[0] - reach)), min(w, int(centre[0] + reach) + 1)
    y0, y1 = max(0, int(centre[1] - reach)), min(h, int(centre[1] + reach) + 1)
    dx = np.arange(x0, x1, dtype=np.float32)[None, :] - centre[0]
    dy = np.arange(y0, y1, dtype=np.float32)[:, None] - centre[1]
    turn = np.radians(-16.0)
    along, over = dx * np.cos(turn) + dy * np.sin(turn), -dx * np.sin(turn) + dy * np.cos(turn)
    away = np.hypot(along, over / 0.24) / r
    bands = 0.55 + 0.3 * np.sin(away * 34) + 0.15 * np.sin(away * 91)
    share = (
        np.clip((away - 1.32) / 0.03, 0, 1)
        * np.clip((2.08 - away) / 0.05, 0, 1)
        * np.clip(bands, 0.08, 1)
        * 0.85
    )
    hidden = (over < 0) & (np.hypot(dx, dy) < r)
    share[hidden] = 0
    tone = np.array(mix(colour, (1.0, 0.93, 0.82), 0.55), np.float32)
    part = picture[y0:y1, x0:x1]
    part += (tone - part) * share[..., None]
