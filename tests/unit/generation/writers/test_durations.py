"""Lengths of scenes add up, whatever the film's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.generation.writers.durations import GRID, divide, scene_count

DURATIONS = st.one_of(st.integers(5, 300), st.floats(5, 300).map(lambda value: round(value, 3)))


@given(DURATIONS, st.randoms())
def test_they_add_up_exactly(duration: float, random: object) -> None:
    count = scene_count(duration)
    weights = [random.uniform(0.5, 2) for _ in range(count)]  # type: ignore[attr-defined]  # a Random
    lengths = divide(duration, weights)
    assert sum(lengths) == duration
    assert len(lengths) == count
    assert all(length % GRID == 0 for length in lengths[:-1])
    assert min(lengths) >= GRID


@given(st.integers(5, 300))
def test_longer_ones_are_those_that_weigh_more(duration: int) -> None:
    lengths = divide(duration, [1.0, 3.0, 1.0])
    assert lengths[1] >= max(lengths[0], lengths[2])


@pytest.mark.parametrize(
    ("duration", "count"), [(5, 3), (15, 3), (22.4, 4), (22.5, 5), (30, 6), (32.4, 6), (300, 60), (400, 60)]
)
def test_about_one_scene_in_five_seconds(duration: float, count: int) -> None:
    assert scene_count(duration) == count


@pytest.mark.parametrize(
    ("duration", "weights"), [(5, []), (5, [0.0]), (5, [float("nan")]), (1.4, [1, 1, 1])]
)
def test_what_cannot_be_divided_is_refused(duration: float, weights: list[float]) -> None:
    with pytest.raises(ValueError, match=r"scene"):
        divide(duration, weights)
