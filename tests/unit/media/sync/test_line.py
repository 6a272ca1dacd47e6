"""Robust lines: whatever part of the points is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videocraft.media.sync.line import TOLERANCE_S, consensus, fit


@settings(deadline=None, max_examples=40)
@given(
    offset=st.floats(-1000, 1000),
    drift=st.floats(-190e-6, 190e-6),
    wrong=st.integers(0, 20),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_line_of_the_majority_is_found(offset: float, drift: float, wrong: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    times = np.linspace(10, 1790, 48)
    offsets = offset + drift * times + rng.normal(0, 1e-5, 48)
    bad = rng.choice(48, wrong, replace=False)
    offsets[bad] += rng.uniform(0.005, 0.3, wrong) * rng.choice([-1, 1], wrong)
    heights = np.full(48, 12.0)
    rough = consensus(times, offsets, heights)
    assert rough is not None
    near = np.abs(offsets - rough.offset_s - rough.drift * (times - rough.middle_s)) < TOLERANCE_S
    line = fit(times[near], offsets[near], heights[near])
    assert line.at(900) == pytest.approx(offset + drift * 900, abs=2e-5)
    assert line.drift == pytest.approx(drift, abs=1e-7)


def test_points_of_both_polarities_do_not_make_one_line() -> None:
    times = np.arange(10.0)
    heights = np.array([9.0, 9, 9, 9, 9, 9, -9, -9, -9, -9])
    offsets = np.where(heights > 0, 1.0, 1.0001)
    line = consensus(times, offsets, heights)
    assert line is not None
    assert line.support == pytest.approx(54)


def test_no_points_make_no_line_and_one_point_a_level_one() -> None:
    none = np.zeros(0)
    assert consensus(none, none, none) is None
    line = fit(np.array([5.0]), np.array([2.0]), np.array([9.0]))
    assert (line.at(0), line.drift) == (2.0, 0.0)


def test_one_loud_window_does_not_outvote_the_rest() -> None:
    times = np.arange(6.0)
    offsets = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.2])
    heights = np.array([9.0, 9, 9, 9, 9, 1000])
    line = consensus(times, offsets, heights)
    assert line is not None
    assert line.offset_s == 1.0


def test_drift_is_drawn_to_zero_where_points_leave_it_open() -> None:
    times = np.array([10.0, 10.5])
    line = fit(times, np.array([1.0, 1.0002]), np.array([10.0, 10.0]))
    assert abs(line.drift) < 300e-6  # the points alone say 400e-6
    assert line.at(10.25) == pytest.approx(1.0001)
