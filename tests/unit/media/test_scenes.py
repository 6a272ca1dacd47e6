"""Cuts stand out among the differences around them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from videocraft.media.scenes import Scenes, content_differences, find_cuts


def _differences(length: int, noise: float, cuts: dict[int, float]) -> np.ndarray:
    values = np.full(length, noise, np.float32)
    values[0] = 0
    for at, value in cuts.items():
        values[at] = value
    return values


def test_a_peak_is_a_cut() -> None:
    assert find_cuts(_differences(100, 1.5, {30: 40, 70: 25}), shortest=6) == [30, 70]


def test_a_wild_pan_is_none() -> None:
    assert find_cuts(_differences(100, 30, {50: 60}), shortest=6) == []


def test_noise_is_none() -> None:
    assert find_cuts(_differences(100, 0.1, {50: 5}), shortest=6) == []


def test_a_flash_is_one_cut_where_it_is_clearest() -> None:
    assert find_cuts(_differences(100, 1, {50: 30, 52: 50}), shortest=6) == [52]


def test_cuts_at_either_end_are_found() -> None:
    assert find_cuts(_differences(40, 1, {1: 40, 39: 40}), shortest=6) == [1, 39]


def test_nothing_and_one_picture_have_no_cuts() -> None:
    assert find_cuts(np.zeros(0, np.float32), shortest=6) == []
    assert find_cuts(np.zeros(1, np.float32), shortest=6) == []


@given(st.lists(st.floats(0, 255, width=32), max_size=200), st.integers(1, 20))
def test_cuts_are_far_enough_apart(values: list[float], shortest: int) -> None:
    cuts = find_cuts(np.array(values, np.float32), shortest=shortest)
    assert cuts == sorted(set(cuts))
    assert all(0 < cut < len(values) for cut in cuts)


def test_differences_are_the_same_however_long_the_blocks(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    small = np.random.default_rng(1).integers(0, 255, (50, 3, 4, 5), dtype=np.uint8)
    whole = content_differences(small)
    monkeypatch.setattr("videocraft.media.scenes._BLOCK", 7)
    assert np.allclose(content_differences(small), whole)
    assert whole[0] == 0
    assert np.isclose(whole[10], np.abs(small[10].astype(int) - small[9]).mean(), rtol=1e-5)


def test_scenes_come_back_from_json() -> None:
    scenes = Scenes(Fraction(30000, 1001), 90, (30, 60), (1.0, 2.5, 0.0))
    assert Scenes.from_json(scenes.to_json()) == scenes
    assert scenes.shots() == [(0, 30), (30, 60), (60, 90)]
    assert scenes.times == (1.001, 2.002)
