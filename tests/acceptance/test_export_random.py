"""Cuts that nobody thought of: random places in seconds, the same ones at every run."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import pytest

from tests.acceptance.conftest import MakeCamera
from tests.support.exports import Exports, assert_right, config, segment
from tests.support.selection import thorough

KINDS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "copied": ("copy", [{}, {}]),
    "copied, two settings": ("copy", [{}, {"bframes": 0, "gop": 30}]),
    "copied HEVC": ("copy", [{"codec": "h265"}, {"codec": "h265"}]),
    "open groups": ("copy", [{"open_gop": True}]),
    "encoded": ("h264", [{}, {}]),
}


@pytest.mark.parametrize(
    ("kind", "seed"),
    thorough(
        product(KINDS, range(8)),
        [("copied, two settings", 0), ("open groups", 1), ("encoded", 0)],
    ),
)
def test_any_cut_is_exact(exports: Exports, camera: MakeCamera, kind: str, seed: int) -> None:
    codec, sources = KINDS[kind]
    cameras = [camera(camera=number, seconds=12, **source) for number, source in enumerate(sources, 1)]
    chance = random.Random(f"{kind} {seed}")
    segments = []
    for number in range(4):
        start = round(chance.uniform(0, 9), 3)
        segments.append(segment(number % len(cameras), start, round(start + chance.uniform(0.3, 2.9), 3)))
    assert_right(exports.export(config(cameras, segments, codec=codec)), cameras)
