"""The way of the window: inside the picture, never a jump within a shot, calm where the subject is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.media.reframe.path import SPEED, Sighting, limit_slope, smooth_path

RATE = 25.0
Shots = list[tuple[int, int]]


@st.composite
def scenes(draw: st.DrawFn) -> tuple[list[Sighting], Shots, float]:
    lengths = draw(st.lists(st.integers(1, 90), min_size=1, max_size=4))
    edges = [0, *np.cumsum(lengths).tolist()]
    shots = [(edges[i], edges[i + 1]) for i in range(len(lengths))]
    numbers = draw(st.lists(st.integers(0, edges[-1] - 1), unique=True, max_size=40))
    sightings = [Sighting(at, draw(st.floats(0, 1))) for at in sorted(numbers)]
    return sightings, shots, draw(st.floats(0.05, 1))


@given(scenes())
def test_the_window_stays_inside_and_never_jumps_within_a_shot(
    scene: tuple[list[Sighting], Shots, float],
) -> None:
    sightings, shots, window = scene
    path = smooth_path(sightings, shots, window=window, rate=RATE)
    assert len(path) == shots[-1][1]
    assert path.min() >= window / 2 - 1e-9
    assert path.max() <= 1 - window / 2 + 1e-9
    for first, last in shots:
        steps = np.abs(np.diff(path[first:last]))
        assert steps.max(initial=0) <= SPEED * window / RATE + 1e-9


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.floats(0.001, 0.5))
def test_limited_lines_have_the_slope_and_the_range(values: list[float], step: float) -> None:
    limited = limit_slope(np.array(values), step)
    assert np.abs(np.diff(limited)).max(initial=0) <= step + 1e-12
    assert min(values) - 1e-12 <= limited.min() <= limited.max() <= max(values) + 1e-12


@given(st.floats(0.001, 0.5), st.integers(2, 40))
def test_a_line_that_is_slow_enough_stays_as_it_is(step: float, length: int) -> None:
    line = np.arange(length) * step * 0.99
    assert limit_slope(line, step) == pytest.approx(line)


def test_a_subject_that_hardly_moves_leaves_the_window_still() -> None:
    sightings = [Sighting(at, 0.3 + 0.01 * (at % 3)) for at in range(0, 50, 4)]
    path = smooth_path(sightings, [(0, 50)], window=0.3, rate=RATE)
    assert np.ptp(path) == 0
    assert path[0] == pytest.approx(0.31, abs=0.011)


def test_one_wrong_sighting_does_not_move_the_window() -> None:
    sightings = [Sighting(at, 0.9 if at == 48 else 0.3) for at in range(0, 100, 4)]
    path = smooth_path(sightings, [(0, 100)], window=0.3, rate=RATE)
    assert path == pytest.approx(np.full(100, 0.3), abs=1e-9)


def test_shots_have_lines_of_their_own() -> None:
    sightings = [Sighting(0, 0.2), Sighting(40, 0.2), Sighting(50, 0.8), Sighting(90, 0.8)]
    path = smooth_path(sightings, [(0, 50), (50, 100), (100, 120)], window=0.3, rate=RATE)
    assert path[:50] == pytest.approx(np.full(50, 0.2))
    assert path[50:100] == pytest.approx(np.full(50, 0.8))
    assert path[100:] == pytest.approx(np.full(20, 0.5))


def test_a_walk_is_followed() -> None:
    sightings = [Sighting(at, 0.2 + 0.6 * at / 250) for at in range(0, 250, 4)]
    path = smooth_path(sightings, [(0, 250)], window=0.3, rate=RATE)
    aim = np.clip(0.2 + 0.6 * np.arange(250) / 250, 0.15, 0.85)
    assert np.abs(path - aim).max() < 0.3 / 4
