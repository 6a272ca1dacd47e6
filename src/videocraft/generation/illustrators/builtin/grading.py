"""The last steps: bloom, the style's colours, vignette, grain, paper."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from videocraft.generation.illustrators.builtin.drawing import Colour, rgb
from videocraft.generation.illustrators.builtin.frame import Frame
from videocraft.generation.illustrators.builtin.idea import Look
from videocraft.generation.illustrators.builtin.lighting import Pixels, screen
from videocraft.generation.illustrators.builtin.noise import clouds


@dataclass(frozen=True)
class Grade:
    """How a style bends the picture.

    ``contrast`` of an S-curve, ``saturation`` (1 keeps), colours that shadows and lights are drawn to by
    ``tint``, ``lift`` of black, ``grain`` in levels of 255, ``vignette`` and ``bloom`` as shares.
    """

    contrast: float = 0.3
    saturation: float = 1.0
    shadows: Colour = (0.5, 0.5, 0.5)
    lights: Colour = (0.5, 0.5, 0.5)
    tint: float = 0.0
    lift: float = 0.0
    grain: float = 3.0
    vignette: float = 0.3
    bloom: float = 0.35


_GRADES: dict[Look, Grade] = {
    Look.CINEMATIC: Grade(0.42, 1.04, rgb("2f7a8a"), rgb("d89a5a"), 0.10, 0.0, 3.2, 0.36, 0.4),
    Look.NOIR: Grade(0.5, 0.0, rgb("80807f"), rgb("80807f"), 0.0, 0.02, 6.0, 0.45, 0.45),
    Look.WATERCOLOR: Grade(-0.12, 0.92, rgb("8a8098"), rgb("c8b088"), 0.08, 0.1, 2.0, 0.0, 0.1),
    Look.ANIME: Grade(0.2, 1.32, rgb("6a78c8"), rgb("d8b8a0"), 0.05, 0.02, 0.8, 0.1, 0.5),
    Look.DOCUMENTARY: Grade(0.2, 0.84, rgb("7f8480"), rgb("84807a"), 0.05, 0.03, 4.0, 0.2, 0.15),
    Look.VINTAGE: Grade(0.1, 0.6, rgb("6a5a50"), rgb("d8a868"), 0.26, 0.09, 7.0, 0.45, 0.3),
    Look.FANTASY: Grade(0.3, 1.2, rgb("5a4a9a"), rgb("e0b88a"), 0.12, 0.01, 2.4, 0.34, 0.65),
    Look.CYBERPUNK: Grade(0.5, 1.38, rgb("3a4fb0"), rgb("e05ab0"), 0.14, 0.0, 3.5, 0.4, 0.75),
    Look.MINIMALIST: Grade(0.0, 0.72, rgb("8a8a92"), rgb("a09a90"), 0.06, 0.08, 1.2, 0.0, 0.05),
    Look.HORROR: Grade(0.4, 0.55, rgb("4a6a5c"), rgb("90a088"), 0.16, 0.025, 5.0, 0.55, 0.3),
    Look.CARTOON: Grade(0.15, 1.4, rgb("7060a0"), rgb("e0c090"), 0.05, 0.03, 0.8, 0.1, 0.3),
    Look.COMMERCIAL: Grade(0.12, 1.12, rgb("8088a0"), rgb("c0b8a8"), 0.05, 0.04, 1.4, 0.1, 0.35),
}


def finished(frame: Frame, picture: Pixels) -> Pixels:
    """The picture in its style."""
    grade = _GRADES[frame.idea.look]
    if frame.idea.look is Look.WATERCOLOR:
        picture = _painted(frame, picture)
    picture = _bloomed(picture, grade.bloom)
    picture = _coloured(picture, grade)
    picture = _vignetted(frame, picture, grade.vignette)
    return _grained(frame, picture, grade.grain)


def _bloomed(picture: Pixels, strength: float) -> Pixels:
    h, w = picture.shape[:2]
    small = cv2.resize(picture, (max(8, w // 8), max(8, h // 8)), interpolation=cv2.INTER_AREA)
    bright = np.clip(small.astype(np.int16) - 165, 0, 255).astype(np.uint8)
    halo = cv2.GaussianBlur(bright, (0, 0), max(1.0, h / 8 * 0.05))
    halo = cv2.convertScaleAbs(halo, alpha=1.7 * strength)
    return screen(picture, np.asarray(cv2.resize(halo, (w, h)), np.uint8))


def _coloured(picture: Pixels, grade: Grade) -> Pixels:
    s = grade.saturation
    if s != 1.0:
        luma = np.array([0.299, 0.587, 0.114], np.float32)
        matrix = np.eye(3, dtype=np.float32) * s + (1 - s) * np.tile(luma, (3, 1))
        picture = np.asarray(cv2.transform(picture, matrix), np.uint8)
    t = np.arange(256, dtype=np.float32) / 255
    curve = t + grade.contrast * (t * t * (3 - 2 * t) - t)
    curve = grade.lift + curve * (1 - grade.lift)
    table = np.zeros((1, 256, 3), np.uint8)
    for part in range(3):
        pull = (grade.shadows[part] - 0.5) * (1 - t) ** 1.5 * (0.25 + 0.75 * t**0.5) + (
            grade.lights[part] - 0.5
        ) * t
        table[0, :, part] = np.clip((curve + grade.tint * pull) * 255 + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(picture, table), np.uint8)


def _vignetted(frame: Frame, picture: Pixels, strength: float) -> Pixels:
    if strength <= 0:
        return picture
    h, w = picture.shape[:2]
    y = np.linspace(-1, 1, 45, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, 80, dtype=np.float32)[None, :]
    centre = -0.1 * frame.light_side
    fall = 1 - strength * np.clip(((x + centre) ** 2 * 0.62 + y**2 * 0.5), 0, 1) ** 1.25
    mask = cv2.resize((fall * 255).astype(np.uint8), (w, h), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.multiply(picture, cv2.merge([mask, mask, mask]), scale=1 / 255), np.uint8)


def _grained(frame: Frame, picture: Pixels, levels: float) -> Pixels:
    """Film grain, one value for the three colours, as film has it; it also hides the steps of gradients."""
    h, w = picture.shape[:2]
    tile = (
        frame.rng.standard_normal((min(h, 360), min(w, 480)), dtype=np.float32) * max(levels, 1.0)
    ).astype(np.int8)
    rows, columns = -(-h // tile.shape[0]), -(-w // tile.shape[1])
    grain = np.tile(tile, (rows, columns))[:h, :w]
    lighter = np.clip(grain, 0, 127).astype(np.uint8)
    darker = np.clip(-grain.astype(np.int16), 0, 127).astype(np.uint8)
    picture = np.asarray(cv2.add(picture, cv2.merge([lighter] * 3)), np.uint8)
    return np.asarray(cv2.subtract(picture, cv2.merge([darker] * 3)), np.uint8)


def _painted(frame: Frame, picture: Pixels) -> Pixels:
    """Watercolour: edges that wander, flat washes that pool, paper that shows, and a ragged white border."""
    h, w = picture.shape[:2]
    wander = [clouds(frame.rng, h // 2, w // 2, (h / 60, w / 60), octaves=3) - 0.5 for _ in range(2)]
    ys, xs = np.mgrid[0 : h // 2, 0 : w // 2].astype(np.float32)
    half = cv2.resize(picture, (w // 2, h // 2), interpolation=cv2.INTER_AREA)
    half = cv2.remap(
        half,
        xs + wander[0] * h * 0.012,
        ys + wander[1] * h * 0.012,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    half = cv2.medianBlur(half, 7 if h > 500 else 3)
    pool = clouds(frame.rng, h // 2, w // 2, (5, 5 * w / h), octaves=6)
    edges = cv2.morphologyEx(
        cv2.cvtColor(half, cv2.COLOR_RGB2GRAY), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)
    )
    tone = 1.16 - 0.3 * pool - edges.astype(np.float32) * (0.4 / 255)
    washed = np.clip(half.astype(np.float32) * 0.86 + 34, 0, 255)
    washed = np.clip(255 - (255 - washed) * tone[..., None], 0, 255)
    margin = np.minimum(np.minimum(ys, h // 2 - 1 - ys), np.minimum(xs, w // 2 - 1 - xs)) / (h // 2)
    inside = np.clip((margin - 0.025 + (pool - 0.5) * 0.06) / 0.02, 0, 1)[..., None]
    paper = np.array([248, 244, 234], np.float32) - 7 * wander[0][..., None]
    return np.asarray(cv2.resize((paper + (washed - paper) * inside).astype(np.uint8), (w, h)), np.uint8)
