"""Which part of the picture is the subject."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.faces import GROUND, draw_face
from videocraft.media.process import Stopped
from videocraft.media.reframe.crop import CropPath, window_of
from videocraft.media.reframe.subjects import best_window, find_faces, find_subjects

span = st.tuples(st.floats(0, 0.9), st.floats(0.01, 0.1)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(st.lists(span, min_size=1, max_size=6), st.floats(0.15, 1))
def test_the_best_window_shows_a_whole_face(spans: list[tuple[float, float]], window: float) -> None:
    centre = best_window(spans, window)
    assert centre is not None
    low, high = centre - window / 2, centre + window / 2
    assert any(low - 1e-6 <= first and last <= high + 1e-6 for first, last in spans)


def test_two_small_faces_side_by_side_win_over_one_far_away() -> None:
    assert best_window([(0.1, 0.2), (0.22, 0.32), (0.8, 0.9)], 0.3) == pytest.approx(0.21)


def test_the_large_face_wins() -> None:
    assert best_window([(0.1, 0.15), (0.6, 0.8)], 0.3) == pytest.approx(0.7)


def test_no_face_is_no_window() -> None:
    assert best_window([], 0.3) is None


def _moving_square(frames: int) -> np.ndarray:
    pictures = np.full((frames, 60, 100), 90, np.uint8)
    for number in range(frames):
        pictures[number, 20:40, 5 * number : 5 * number + 20] = 230
    return pictures


def test_what_moves_is_the_subject() -> None:
    seen = find_subjects(_moving_square(10), axis=1, window=0.3, firsts=set(), should_stop=lambda: False)
    assert seen[0] is None
    for number in range(1, 10):
        assert seen[number] == pytest.approx((5 * number + 7.5) / 100, abs=0.06)


def test_the_first_picture_of_a_shot_tells_nothing_of_motion() -> None:
    pictures = _moving_square(4)
    seen = find_subjects(pictures, axis=1, window=0.3, firsts={2}, should_stop=lambda: False)
    assert [centre is None for centre in seen] == [True, False, True, False]


def test_looking_stops_when_told() -> None:
    with pytest.raises(Stopped):
        find_subjects(_moving_square(2), axis=1, window=0.3, firsts=set(), should_stop=lambda: True)


@given(st.integers(16, 4000), st.integers(16, 4000), st.fractions(min_value="1/5", max_value=5))
def test_a_window_has_the_shape_and_fits(width: int, height: int, ratio: Fraction) -> None:
    is_horizontal, share = window_of(width, height, ratio)
    assert 0 < share <= 1
    shown = (width * share, height) if is_horizontal else (width, height * share)
    assert Fraction(shown[0]) / Fraction(shown[1]) == ratio


@given(st.lists(st.floats(0, 1), min_size=1), st.integers(2, 500), st.integers(0, 500))
def test_offsets_leave_the_window_inside(centres: list[float], window: int, more: int) -> None:
    length = window + more
    offsets = CropPath(True, window / length, tuple(centres)).offsets(length, window)
    assert all(0 <= offset <= more for offset in offsets)


def _room(left: int, distraction: int) -> np.ndarray:
    """A face at ``left``, and a bright square somewhere else."""
    picture = np.full((180, 320), GROUND, np.uint8)
    picture[50:120, left : left + 70] = draw_face(70)
    picture[150:175, distraction : distraction + 25] = 255
    return picture


def test_a_face_is_found_where_it_is() -> None:
    (found,) = find_faces(_room(200, 0))
    assert found[0] + found[2] / 2 == pytest.approx(235, abs=6)
    assert found[1] + found[3] / 2 == pytest.approx(85, abs=8)
    assert find_faces(np.full((180, 320), GROUND, np.uint8)) == []


def test_a_face_counts_more_than_what_moves() -> None:
    pictures = np.stack([_room(40 + 4 * number, 290 - 20 * number) for number in range(8)])
    seen = find_subjects(pictures, axis=1, window=0.3, firsts=set(), should_stop=lambda: False)
    for number, centre in enumerate(seen):
        assert centre == pytest.approx((75 + 4 * number) / 320, abs=0.03)
