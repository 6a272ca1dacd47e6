"""The times of words: in order, inside, and out of silence."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.media.captions.transcript import Word
from videocraft.speech import activity, phrases, timing
from videocraft.speech.activity import Span, Window
from videocraft.speech.sound import RATE, Sound

LATE = timing.LATE_SECONDS


def sound_of(path: Path, *stretches: tuple[float, float]) -> Sound:
    """Six seconds that are silent but for noise in ``stretches`` of seconds."""
    samples = np.zeros(6 * RATE)
    noise = np.random.default_rng(3).standard_normal(len(samples)) * 3000
    for start, end in stretches:
        part = slice(round(start * RATE), round(end * RATE))
        samples[part] = noise[part]
    samples.astype("<i2").tofile(path)
    return Sound(path, len(samples), "")


def place(
    tmp_path: Path, words: list[tuple[str, float, float]], *stretches: tuple[float, float]
) -> list[Word]:
    """Words that the model has placed so, but for its usual lateness."""
    sound = sound_of(tmp_path / "x.pcm", *stretches)
    heard = [timing.Heard(text, start + LATE, end + LATE, 0.8) for text, start, end in words]
    return timing.placed(heard, Window((Span(0, sound.samples),), 0), sound)


def times(words: list[Word]) -> list[tuple[float, float]]:
    return [(round(w.start, 2), round(w.end, 2)) for w in words]


def test_lateness_is_taken_off_within_speech(tmp_path: Path) -> None:
    found = place(tmp_path, [("one", 1.2, 1.6), ("two", 1.6, 2.0)], (1.0, 3.0))
    assert times(found) == [(1.0, 1.6), (1.6, 2.0)]  # the first one begins where the pause ends


def test_a_word_that_begins_in_a_pause_begins_at_its_end(tmp_path: Path) -> None:
    found = place(tmp_path, [("one", 0.4, 1.4), ("two", 1.4, 2.4), ("six", 3.1, 4.9)], (1.0, 2.0), (4.0, 5.0))
    assert times(found) == [(1.0, 1.4), (1.4, 2.0), (4.0, 4.9)]


def test_a_second_word_is_not_moved_onto_the_first(tmp_path: Path) -> None:
    found = place(tmp_path, [("And", 0.9, 1.13), ("Mr.", 1.13, 1.4)], (1.0, 2.0))
    assert times(found) == [(1.0, 1.13), (1.13, 1.4)]


def test_a_word_that_was_placed_into_the_pause_whole_shares_with_the_next(tmp_path: Path) -> None:
    (start, cut), (after, end) = times(place(tmp_path, [("He", 0.9, 0.96), ("was", 0.96, 1.4)], (1.0, 2.0)))
    assert (start, end) == (1.0, 1.4)
    assert 1.1 <= cut <= after <= 1.3


def test_a_window_of_two_stretches_leads_back_to_the_recording() -> None:
    window = Window((Span(RATE, 2 * RATE), Span(5 * RATE, 8 * RATE)), 0)
    assert window.seconds == 4
    assert window.recording_time(0.5, 0.6) == 1.5
    assert window.recording_time(1.5, 1.6) == 5.5
    # A word of the first stretch does not reach into the second, nor the other way round.
    assert window.recording_time(1.2, 0.9) == 2.0
    assert window.recording_time(0.8, 1.2) == 5.0
    assert window.recording_time(9.0, 9.0) == 8.0


@given(
    st.lists(st.tuples(st.floats(-1, 12), st.floats(-1, 12)), max_size=30),
    st.floats(0.001, 10),
)
def test_words_end_up_in_order_and_inside(given: list[tuple[float, float]], duration: float) -> None:
    found = timing.in_order([Word("x", start, end, 0.5) for start, end in given], duration)
    assert len(found) == len(given)
    for word in found:
        assert 0 <= word.start <= word.end <= duration + 0.001
        assert word.end - word.start <= 1.502
    for one, other in itertools.pairwise(found):
        assert one.end <= other.start


class TestWindows:
    """How speech is laid out for the model."""

    def lay(self, tmp_path: Path, spans: list[tuple[float, float]], seconds: float = 200.0) -> list[Window]:
        path = tmp_path / "x.pcm"
        samples = np.random.default_rng(1).integers(-900, 900, round(seconds * RATE)).astype("<i2")
        samples[round(25.5 * RATE) : round(25.7 * RATE)] = 0
        samples.tofile(path)
        speech = [Span(round(a * RATE), round(b * RATE)) for a, b in spans]
        return activity.windows(speech, Sound(path, len(samples), ""))

    def test_nothing(self, tmp_path: Path) -> None:
        assert self.lay(tmp_path, []) == []

    def test_short_pauses_stay_and_long_ones_are_cut_short(self, tmp_path: Path) -> None:
        (window,) = self.lay(tmp_path, [(1, 3), (3.5, 5), (15, 16)])
        assert [(s.start / RATE, s.end / RATE) for s in window.spans] == [(0.7, 5.3), (14.7, 16.3)]

    def test_pads_stay_inside_of_the_recording(self, tmp_path: Path) -> None:
        (window,) = self.lay(tmp_path, [(0.1, 1), (9.9, 10)], seconds=10)
        assert (window.spans[0].start, window.spans[-1].end) == (0, 10 * RATE)

    def test_windows_are_cut_in_pauses(self, tmp_path: Path) -> None:
        spans = [(i * 8, i * 8 + 7.5) for i in range(12)]
        made = self.lay(tmp_path, spans)
        assert all(window.seconds <= activity.WINDOW_SECONDS for window in made)
        edges = [(window.spans[0].start / RATE, window.spans[-1].end / RATE) for window in made]
        assert edges == [(0.0, 23.75), (23.75, 47.75), (47.75, 71.75), (71.75, 95.8)]

    def test_speech_without_a_pause_is_cut_where_it_is_quietest(self, tmp_path: Path) -> None:
        made = self.lay(tmp_path, [(2, 100)])
        assert all(window.seconds <= activity.WINDOW_SECONDS for window in made)
        assert made[0].spans[-1].end / RATE == pytest.approx(25.6, abs=0.06)
        spans = [span for window in made for span in window.spans]
        assert all(one.end == other.start for one, other in itertools.pairwise(spans))
        assert (spans[0].start, spans[-1].end) == (round(1.7 * RATE), round(100.3 * RATE))


class TestPhrases:
    """Where a phrase ends."""

    def texts(self, text: str, *, gap: float = 0.1, breaks: tuple[int, ...] = ()) -> list[str]:
        words = [Word(word, i * (0.3 + gap), i * (0.3 + gap) + 0.3) for i, word in enumerate(text.split())]
        return [segment.text for segment in phrases.segments(words, breaks)]

    def test_sentences(self) -> None:
        assert self.texts('So. "Yes!" he said; why? No\u2026 ok') == [
            "So.",
            '"Yes!"',
            "he said; why?",
            "No\u2026",
            "ok",
        ]

    def test_abbreviations_and_initials_end_none(self) -> None:
        assert self.texts("Mr. J. Smith met Dr. Who vs. him.") == ["Mr. J. Smith met Dr. Who vs. him."]

    def test_pauses(self) -> None:
        assert self.texts("a b", gap=0.7) == ["a b"]
        assert self.texts("a b", gap=0.9) == ["a", "b"]
        assert self.texts("a b", gap=0.4, breaks=(1,)) == ["a", "b"]

    def test_long_ones_are_divided(self) -> None:
        found = self.texts(" ".join("x" * 100))
        assert [len(text.split()) for text in found] == [37, 37, 26]

    def test_languages_without_spaces(self) -> None:
        words = [Word("\u4eca\u65e5", 0, 1), Word("\u306f", 1, 2)]
        (segment,) = phrases.segments(words, language="ja")
        assert segment.text == "\u4eca\u65e5\u306f"
