"""Quick views of a plane beside the plain formula."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from videocraft.media.compose.resample import Views

WIDTH, HEIGHT = 240, 136
SIZE = (160, 90)
_NOISE = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8)
PLANE = np.asarray(
    cv2.normalize(cv2.GaussianBlur(_NOISE, (0, 0), 2), None, 0, 255, cv2.NORM_MINMAX), np.uint8
)


def interpolated(values: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows of ``values`` at fractions of a row."""
    places = places.clip(0, len(values) - 1)
    below = np.floor(places).astype(int)
    above = np.minimum(below + 1, len(values) - 1)
    share = (places - below)[:, None]
    return np.asarray(values[below] * (1 - share) + values[above] * share)


def expected(x: float, y: float, across: float, down: float) -> NDArray[np.float64]:
    """A view by the formula."""
    columns = x + (np.arange(SIZE[0]) + 0.5) * across - 0.5
    rows = y + (np.arange(SIZE[1]) + 0.5) * down - 0.5
    return interpolated(interpolated(PLANE.astype(float), rows).T, columns).T


def view(x: float, y: float, across: float, down: float) -> NDArray[np.uint8]:
    drawn = np.zeros(SIZE[::-1], np.uint8)
    Views(PLANE, SIZE).draw(drawn, x, y, across, down)
    return drawn


@given(step=st.floats(0.6, 1.45), at=st.floats(0, 1), above=st.floats(0, 1))
@example(step=1.0, at=0.37, above=0.81)
@example(step=1.0004, at=0.37, above=0.81)
@example(step=0.9, at=0.0, above=0.0)
@example(step=1.45, at=1.0, above=1.0)
def test_views_show_what_the_formula_says(step: float, at: float, above: float) -> None:
    x, y = at * (WIDTH - SIZE[0] * step), above * (HEIGHT - SIZE[1] * step)
    away = np.abs(view(x, y, step, step) - expected(x, y, step, step))
    assert away.mean() < 0.6
    assert away.max() < 6


def test_a_view_may_be_stretched() -> None:
    away = np.abs(view(3.3, 2.2, 1.2, 0.9) - expected(3.3, 2.2, 1.2, 0.9))
    assert away.mean() < 0.6


@pytest.mark.parametrize("step", [5.0, 12.0])
def test_a_view_from_far_away_is_one_too(step: float) -> None:
    plane = cv2.resize(PLANE, None, fx=10, fy=10)
    drawn = np.zeros((9, 16), np.uint8)
    Views(np.asarray(plane, np.uint8), (16, 9)).draw(drawn, 0, 0, step, step)
    rows, columns = (np.round((np.arange(count) + 0.5) * step - 0.5).astype(int) for count in (9, 16))
    assert np.abs(drawn.astype(int) - plane[np.ix_(rows, columns)]).max() <= 12
