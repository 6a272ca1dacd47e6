"""Constant and variable frame rates, told from presentation times alone."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videocraft.media.cadence import measure
from videocraft.media.time import round_half_up

STANDARD = st.sampled_from(
    [Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(50),
     Fraction(60000, 1001), Fraction(60)]
)  # fmt: skip
CLOCKS = st.sampled_from([Fraction(1, 1000), Fraction(1, 600), Fraction(1, 15360), Fraction(1, 90000)])


def grid(rate: Fraction, time_base: Fraction, count: int, start: int = 0, first: int = 0) -> list[int]:
    """Times of ``count`` frames from number ``first`` on, each rounded to the clock."""
    step = 1 / (rate * time_base)
    return [start + round_half_up(number * step) for number in range(first, first + count)]


@given(STANDARD, CLOCKS, st.integers(60, 600), st.integers(-(10**9), 10**9))
def test_a_rounded_grid_is_constant_at_its_rate(
    rate: Fraction, clock: Fraction, count: int, start: int
) -> None:
    cadence = measure([grid(rate, clock, count, start)], clock)
    assert cadence is not None
    assert cadence.is_constant
    # A second of a millisecond clock can't tell 29.97 from 30; at 600 frames everything standard is found.
    assert abs(cadence.rate - rate) <= rate * Fraction(2, count)
    if clock <= Fraction(1, 15360):
        assert cadence.rate == rate


@given(STANDARD, CLOCKS, st.integers(30, 200), st.data())
def test_a_dropped_frame_is_not_constant(
    rate: Fraction, clock: Fraction, count: int, data: st.DataObject
) -> None:
    times = grid(rate, clock, count)
    del times[data.draw(st.integers(1, count - 2))]
    cadence = measure([times], clock)
    assert cadence is not None
    assert not cadence.is_constant
    assert abs(cadence.longest_gap - 2 / rate) <= 2 * clock


def test_a_phone_that_wobbles_has_the_nominal_rate_of_its_median() -> None:
    clock = Fraction(1, 90000)
    times, now = [], 0
    for number in range(300):
        times.append(now)
        now += 3000 if number % 5 else 4500
    cadence = measure([times], clock)
    assert cadence is not None
    assert not cadence.is_constant
    assert cadence.rate == 30


def test_late_pictures_and_drop_outs_are_steps_of_the_set_rate() -> None:
    # A seventh is missing and a fifth of the others late: less than half of all steps are the usual one.
    kept = [number for number in range(180) if number % 7 != 3]
    times = [3000 * number + (1000 if place % 5 == 2 else 0) for place, number in enumerate(kept)]
    cadence = measure([times], Fraction(1, 90000))
    assert cadence is not None
    assert (cadence.rate, cadence.is_constant) == (30, False)


@settings(max_examples=30)
@given(STANDARD, CLOCKS, st.integers(300, 900), st.integers(0, 10**6))
def test_jitter_does_not_hide_what_a_phone_was_set_to(
    rate: Fraction, clock: Fraction, count: int, seed: int
) -> None:
    random = Random(seed)
    # A quarter of a frame early or late each, as phones stamp pictures when they come from the sensor.
    step = 1 / (rate * clock)
    times = [
        round_half_up((number + Fraction(random.randint(-250, 250), 1000)) * step) for number in range(count)
    ]
    cadence = measure([times], clock)
    assert cadence is not None
    assert not cadence.is_constant
    assert cadence.rate == rate if count >= 600 else abs(cadence.rate - rate) <= rate / 500


@settings(max_examples=30)
@given(STANDARD, st.integers(300, 900), st.sets(st.integers(1, 298), max_size=40), st.integers(0, 10**6))
def test_drop_outs_and_jitter_together_still_give_a_rate_that_exists(
    rate: Fraction, count: int, dropped: set[int], seed: int
) -> None:
    random = Random(seed)
    clock = Fraction(1, 90000)
    step = 1 / (rate * clock)
    times = [
        round_half_up((number + Fraction(random.randint(-100, 100), 1000)) * step)
        for number in range(count)
        if number not in dropped
    ]
    cadence = measure([times], clock)
    assert cadence is not None
    # 29.97 and 30, or 24 and 25, can't be told apart for sure; anything else would be wrong.
    assert abs(cadence.rate - rate) <= rate * Fraction(5, 100)
    assert cadence.rate.denominator in {1, 1001}


def test_a_rate_that_nobody_sets_is_a_whole_number() -> None:
    clock = Fraction(1, 1000)
    random = Random(1)
    times = [number * 55 + random.randint(-13, 13) for number in range(400)]
    cadence = measure([times], clock)
    assert cadence is not None
    assert (cadence.rate, cadence.is_constant) == (18, False)


def test_millisecond_clocks_do_not_hide_ntsc() -> None:
    clock = Fraction(1, 1000)
    cadence = measure([grid(Fraction(30000, 1001), clock, 3000)], clock)
    assert cadence is not None
    assert (cadence.rate, cadence.is_constant) == (Fraction(30000, 1001), True)


def test_an_odd_but_even_rate_is_constant() -> None:
    clock = Fraction(1, 90000)
    cadence = measure([grid(Fraction(149, 10), clock, 500)], clock)
    assert cadence is not None
    assert cadence.is_constant
    assert abs(cadence.rate - Fraction(149, 10)) < Fraction(1, 1000)


def test_a_gap_is_found() -> None:
    clock = Fraction(1, 1000)
    cadence = measure([[0, 40, 80, 86_400_000, 86_400_040]], clock)
    assert cadence is not None
    assert cadence.longest_gap == Fraction(86_400_000 - 80, 1000)
    assert not cadence.is_constant


@given(STANDARD, st.integers(100, 250), st.integers(1000, 10**6))
def test_samples_of_a_grid_are_constant(rate: Fraction, count: int, middle: int) -> None:
    clock = Fraction(1, 1000)
    cadence = measure([grid(rate, clock, count), grid(rate, clock, count, first=middle)], clock)
    assert cadence is not None
    assert cadence.is_constant


@pytest.mark.parametrize("windows", [[], [[]], [[5]], [[5], [9]], [[7, 7, 7]]])
def test_too_few_frames_have_no_cadence(windows: list[list[int]]) -> None:
    assert measure(windows, Fraction(1, 1000)) is None


@given(st.lists(st.lists(st.integers(-(2**62), 2**62)).map(sorted), max_size=5))
def test_anything_else_gives_some_answer(windows: list[list[int]]) -> None:
    cadence = measure(windows, Fraction(1, 1000))
    assert cadence is None or cadence.rate > 0
