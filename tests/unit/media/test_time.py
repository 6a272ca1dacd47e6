"""Rational time: exact readings, frame grids, frame rates."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.media.time import (
    frame_boundaries,
    median,
    microseconds,
    round_half_up,
    snap_rate,
    to_fraction,
)

RATES = st.sampled_from(
    [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60), Fraction(7)]
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.1, Fraction(1, 10)),
        (29.97, Fraction(2997, 100)),
        (3, Fraction(3)),
        ("0.1", Fraction(1, 10)),
        ("30000/1001", Fraction(30000, 1001)),
        (Decimal("1.25"), Fraction(5, 4)),
        (1e-7, Fraction(1, 10**7)),
        (Fraction(1, 3), Fraction(1, 3)),
    ],
)
def test_a_number_is_read_as_it_was_written(value: object, expected: Fraction) -> None:
    assert to_fraction(value) == expected


@pytest.mark.parametrize(
    "value",
    ["1e999999999", "1e-999999999", Decimal("1e9999"), "nan", "x", "1" * 100, float("inf"), float("nan")],
)
def test_what_is_no_reasonable_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        to_fraction(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_float_survives(value: float) -> None:
    assert float(to_fraction(value)) == value


@given(st.lists(st.fractions(0, 1000), max_size=40), RATES)
def test_boundaries_never_drift(durations: list[Fraction], rate: Fraction) -> None:
    boundaries = frame_boundaries(durations, rate)
    assert len(boundaries) == len(durations) + 1
    assert boundaries == sorted(boundaries)
    for count, boundary in enumerate(boundaries):
        assert abs(boundary - sum(durations[:count]) * rate) <= Fraction(1, 2)


@given(st.fractions(0, 1000), st.lists(st.fractions(0, 10), max_size=10), RATES)
def test_cutting_a_piece_in_two_adds_no_frame(first: Fraction, rest: list[Fraction], rate: Fraction) -> None:
    whole = frame_boundaries([first, *rest], rate)
    halved = frame_boundaries([first / 2, first / 2, *rest], rate)
    assert halved[2:] == whole[1:]


def test_boundaries_refuse_nonsense() -> None:
    with pytest.raises(ValueError, match="rate"):
        frame_boundaries([Fraction(1)], Fraction(0))
    with pytest.raises(ValueError, match="duration"):
        frame_boundaries([Fraction(-1)], Fraction(25))


@given(st.fractions(-1000, 1000), st.integers(-100, 100))
def test_rounding_commutes_with_whole_numbers(x: Fraction, shift: int) -> None:
    assert round_half_up(x + shift) == round_half_up(x) + shift
    assert abs(round_half_up(x) - x) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("measured", "standard"),
    [
        ("29.97", Fraction(30000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        ("23.976", Fraction(24000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        ("29.995", Fraction(30)),
        ("25", Fraction(25)),
        ("119.88", Fraction(120000, 1001)),
        ("14.9", Fraction(149, 10)),
        ("0.2", Fraction(1, 5)),
    ],
)
def test_rates_snap_to_what_was_meant(measured: str, standard: Fraction) -> None:
    assert snap_rate(Fraction(measured)) == standard


@given(st.fractions(Fraction(1, 100), 1000))
def test_snapping_moves_little_and_once(rate: Fraction) -> None:
    snapped = snap_rate(rate)
    assert abs(snapped - rate) <= rate * Fraction(4, 10_000)
    assert snap_rate(snapped) == snapped


@given(st.fractions(-1000, 1000))
def test_microseconds_round_down(seconds: Fraction) -> None:
    text = microseconds(seconds)
    assert 0 <= seconds - Fraction(text) < Fraction(1, 1_000_000)


@given(st.lists(st.integers(), min_size=1))
def test_the_median_occurs(values: list[int]) -> None:
    assert median(values) in values
    assert 2 * sum(value < median(values) for value in values) <= len(values)
