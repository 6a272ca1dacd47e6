"""Seeded noise: ridgelines in one dimension, clouds and mist in two."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def generator(*parts: object) -> np.random.Generator:
    """A generator for these parts; the same everywhere and always, unlike ``hash``."""
    text = "\x1f".join(str(part) for part in parts)
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


def ridge(
    rng: np.random.Generator, count: int, bumps: float, roughness: float = 0.5, octaves: int = 6
) -> Floats:
    """``count`` heights around 0, about -1 to 1: fractal value noise with ``bumps`` hills across."""
    heights = np.zeros(count, np.float32)
    strength, total = 1.0, 0.0
    for _ in range(octaves):
        knots = rng.uniform(-1, 1, int(bumps) + 4).astype(np.float32)
        where = np.linspace(0, bumps, count) + 1
        cell = where.astype(int)
        part = where - cell
        part = part * part * (3 - 2 * part)
        heights += strength * (knots[cell] * (1 - part) + knots[cell + 1] * part)
        total += strength
        strength *= roughness
        bumps *= 2
    return (heights / total * 1.6).astype(np.float32)


def clouds(
    rng: np.random.Generator,
    height: int,
    width: int,
    cells: tuple[float, float],
    octaves: int = 5,
    gain: float = 0.55,
) -> Floats:
    """[height, width] of fractal noise from 0 to 1; ``cells`` (down, across) of the coarsest octave."""
    field = np.zeros((height, width), np.float32)
    strength, total = 1.0, 0.0
    down, across = cells
    for _ in range(octaves):
        grid = rng.random((max(2, round(down)) + 1, max(2, round(across)) + 1), dtype=np.float32)
        field += strength * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
        total += strength
        strength *= gain
        down, across = down * 2, across * 2
    return np.asarray(np.clip((field / total - 0.5) * 1.6 + 0.5, 0, 1), np.float32)
