"""Silence is what is much quieter than the rest."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from videocraft.media.loudness import HOP_SECONDS, Levels, Loudness, parse_summary
from videocraft.media.silences import Silence, find_silences


def levels(*parts: tuple[float, float]) -> Levels:
    """Seconds and level of each part."""
    return Levels(
        np.concatenate([np.full(round(seconds / HOP_SECONDS), db, np.float32) for seconds, db in parts])
    )


def test_pauses_between_words_are_found() -> None:
    assert find_silences(levels((2, -20), (0.5, -70), (2, -20), (0.2, -70), (1, -20))) == [Silence(2.0, 2.5)]


def test_pauses_in_a_noisy_room_are_found() -> None:
    assert find_silences(levels((2, -18), (0.6, -45), (2, -18))) == [Silence(2.0, 2.6)]


def test_a_steady_sound_is_not_silent() -> None:
    rng = np.random.default_rng(2)
    for db in (-15, -35, -50):
        assert find_silences(Levels(rng.normal(db, 1, 500).astype(np.float32))) == []


def test_digital_silence_is_silent_from_end_to_end() -> None:
    assert find_silences(levels((3, -90))) == [Silence(0.0, 3.0)]


def test_a_word_in_a_long_silence_is_found() -> None:
    assert find_silences(levels((20, -80), (1, -20), (20, -80))) == [Silence(0.0, 20.0), Silence(21.0, 41.0)]


def test_no_sound_has_no_silence() -> None:
    assert find_silences(Levels(np.zeros(0, np.float32))) == []


@given(st.lists(st.floats(-90, 0, width=32), max_size=300))
def test_silences_are_long_enough_ordered_and_inside(values: list[float]) -> None:
    found = find_silences(Levels(np.array(values, np.float32)))
    ends = [0.0, *(edge for silence in found for edge in (silence.start, silence.end))]
    assert ends == sorted(ends)
    assert all(silence.end - silence.start >= 0.3 - 1e-6 for silence in found)
    assert not found or found[-1].end <= len(values) * HOP_SECONDS + 1e-6


def test_the_summary_of_r128_is_read() -> None:
    text = """[Parsed_ebur128_0 @ 0x1] Summary:

  Integrated loudness:
    I:         -23.1 LUFS
    Threshold: -33.2 LUFS

  Loudness range:
    LRA:         4.5 LU

  True peak:
    Peak:       -3.0 dBFS
"""
    assert parse_summary(text) == Loudness(-23.1, 4.5, -3.0)
    assert parse_summary(text.replace("-23.1", "-70.0")) == Loudness(None, None, None)
