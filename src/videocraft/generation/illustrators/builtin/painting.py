"""From a request to pixels: layer by layer, back to front."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import resvg_py

from videocraft.generation.base import ImageRequest, Shot
from videocraft.generation.illustrators.builtin import nature
from videocraft.generation.illustrators.builtin.casting import cast, framing
from videocraft.generation.illustrators.builtin.drawing import Drawing, mix
from videocraft.generation.illustrators.builtin.frame import HEIGHT, Frame
from videocraft.generation.illustrators.builtin.grading import finished
from videocraft.generation.illustrators.builtin.idea import Place, SceneIdea, Time, Weather
from videocraft.generation.illustrators.builtin.lighting import (
    Pixels,
    over,
    with_bolts,
    with_light,
    with_mist,
    with_reflection,
    with_weather,
)
from videocraft.generation.illustrators.builtin.noise import Floats, generator
from videocraft.generation.illustrators.builtin.palette import palette_of
from videocraft.generation.illustrators.builtin.places import BUILDERS
from videocraft.generation.illustrators.builtin.sky import paint_planet, paint_sky
from videocraft.generation.illustrators.builtin.understanding import understand

_ZOOM = {Shot.MEDIUM: 1.35, Shot.CLOSE_UP: 1.9, Shot.EXTREME_CLOSE_UP: 2.4}
"""How far the lens goes into the background in near shots, where it also lies out of focus."""

_BLUR = {Shot.MEDIUM: 5.0, Shot.CLOSE_UP: 10.0, Shot.EXTREME_CLOSE_UP: 14.0}
"""Radius of that blur, in units."""

# Grain does not compress, and trying takes longer than drawing: Huffman codes alone, and one filter for every
# row instead of the best of five, which would save a twentieth of the bytes in twice the time.
_PNG = [
    *(cv2.IMWRITE_PNG_COMPRESSION, 1),
    *(cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY),
    *(cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP),
]


def paint(request: ImageRequest) -> Pixels:
    """[height, width, 3] uint8 RGB of the request."""
    idea = understand(request)
    frame = compose(idea, request)
    width, height = request.width, request.height
    picture = with_bolts(frame, _background(frame, width, height))
    _lay_subject(frame, picture)
    picture = with_light(frame, picture, frame.near_glows, shafts=False)
    if not frame.front.is_empty:
        picture = over(picture, _foreground(frame, width, height))
    picture = with_weather(frame, picture)
    return finished(frame, picture)


def compose(idea: SceneIdea, request: ImageRequest) -> Frame:
    """The frame with all its layers drawn, not yet rasterised."""
    rng = generator("frame", request.prompt, request.style, request.seed)
    colours = palette_of(idea)
    frame = Frame(idea, colours, rng, width=HEIGHT * request.width / request.height)
    frame.rim = mix(colours.light, (1.0, 1.0, 1.0), 0.15)
    frame.clouds = {Time.OVERCAST: 0.95, Time.NIGHT: 0.25}.get(idea.time, 0.5)
    _hang_sun(frame)
    BUILDERS[idea.place](frame)
    if (
        Weather.FIRE in idea.weather
        and not idea.indoors
        and idea.place not in {Place.SPACE, Place.VOLCANO, Place.UNDERWATER, Place.SEA}
    ):
        nature.fires(frame)
    cast(frame)
    framing(frame)
    return frame


def _hang_sun(frame: Frame) -> None:
    """Sun or moon on one of the thirds; the light comes from there."""
    side = 1 if frame.rng.random() < 0.6 else -1
    frame.light_side = side
    x = frame.x(0.5 + side * frame.pick(0.14, 0.24))
    height = {Time.DAY: 150.0, Time.NIGHT: 210.0, Time.OVERCAST: 220.0, Time.DUSK: 560.0}.get(
        frame.idea.time, 490.0
    )
    frame.sun = (x, height + frame.pick(-25, 25))
    frame.sun_size = {Time.DAY: 30.0, Time.NIGHT: 44.0, Time.SUNSET: 62.0, Time.DAWN: 54.0}.get(
        frame.idea.time, 40.0
    ) * frame.narrow**0.5


def _background(frame: Frame, width: int, height: int) -> Pixels:
    zoom = _ZOOM.get(frame.idea.shot, 1.0)
    # What is out of focus needs no more than half the pixels; what is far in the haze not all of them.
    share = 0.5 if frame.near else 0.62
    w, h = max(16, round(width * share)), max(16, round(height * share))
    picture = _sky(frame, w, h)
    if not frame.back.is_empty:
        picture = over(picture, _rasterised(frame.back, frame, w, h))
    picture = with_reflection(frame, picture)
    picture = with_mist(frame, picture)
    picture = with_light(frame, picture, frame.glows, shafts=True)
    if not frame.near:
        return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
    cut_w, cut_h = int(w / zoom), int(h / zoom)
    x0 = (w - cut_w) // 2
    y0 = min(h - cut_h, max(0, int(h * frame.horizon / HEIGHT - cut_h * 0.6)))
    part = cv2.GaussianBlur(
        picture[y0 : y0 + cut_h, x0 : x0 + cut_w],
        (0, 0),
        max(0.6, _BLUR[frame.idea.shot] * h / HEIGHT / zoom),
    )
    return np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _sky(frame: Frame, width: int, height: int) -> Pixels:
    if frame.idea.indoors and frame.idea.place is not Place.CAVE:
        return np.zeros((height, width, 3), np.uint8)
    sky = paint_sky(frame, width, height)
    if frame.idea.place is Place.SPACE:
        _planets(frame, sky)
    elif frame.idea.place is Place.PLANET:
        paint_planet(frame, sky, frame.x(0.24), 210, 120, (0.72, 0.55, 0.45), ring=True)
    return (sky * 255).astype(np.uint8)


def _planets(frame: Frame, sky: Floats) -> None:
    hues = ((0.35, 0.55, 0.85), (0.8, 0.5, 0.35), (0.55, 0.7, 0.5), (0.7, 0.6, 0.8))
    first = int(frame.rng.integers(len(hues)))
    away = -frame.light_side
    paint_planet(
        frame, sky, frame.x(0.5 + away * 0.27), 360, 330 * frame.narrow, hues[first], ring=first % 2 == 1
    )
    paint_planet(frame, sky, frame.x(0.5 - away * 0.3), 180, 58, hues[(first + 1) % 4], ring=False)


def _rasterised(drawing: Drawing, frame: Frame, width: int, height: int) -> Pixels:
    """RGBA with straight alpha."""
    if drawing.is_empty:
        return np.zeros((height, width, 4), np.uint8)
    return _pixels(drawing.to_svg((width, height), (0.0, 0.0, frame.width, HEIGHT)))


def _pixels(svg: str) -> Pixels:
    png = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True)
    decoded = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None:
        raise RuntimeError("resvg gave something that is not a PNG")
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGRA2RGBA), np.uint8)


def _lay_subject(frame: Frame, picture: Pixels) -> None:
    """Rasterise and blend only the part of the picture that people and things take."""
    if frame.subject.is_empty:
        return
    height, width = picture.shape[:2]
    scale = height / HEIGHT
    left, top, right, bottom = frame.subject.bounds
    x0, y0 = max(0, int(left * scale) - 8), max(0, int(top * scale) - 8)
    x1, y1 = min(width, int(right * scale) + 9), min(height, int(bottom * scale) + 9)
    if x0 >= x1 or y0 >= y1:
        return
    view = (x0 / scale, y0 / scale, (x1 - x0) / scale, (y1 - y0) / scale)
    part = np.ascontiguousarray(picture[y0:y1, x0:x1])
    picture[y0:y1, x0:x1] = over(part, _pixels(frame.subject.to_svg((x1 - x0, y1 - y0), view)))


def _foreground(frame: Frame, width: int, height: int) -> Pixels:
    """What stands right before the lens: dark, and so blurred that a quarter of the pixels will do."""
    small = _rasterised(frame.front, frame, max(16, width // 4), max(16, height // 4))
    soft = cv2.GaussianBlur(small, (0, 0), max(0.8, small.shape[0] * 0.009))
    # Transparent pixels have no colour of their own; blurred ones take the dark that is all there is.
    solid = small[small[..., 3] > 200]
    soft[..., :3] = solid[:, :3].mean(axis=0) if len(solid) else 0
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def save(picture: Pixels, into: Path) -> None:
    """As PNG under a temporary name, then renamed: ``into`` is never half a file."""
    _, data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), _PNG)
    partial = into.with_name(f".{into.name}.part")
    try:
        partial.write_bytes(data.tobytes())
        partial.replace(into)
    finally:
        partial.unlink(missing_ok=True)
