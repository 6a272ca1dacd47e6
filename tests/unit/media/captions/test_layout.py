"""Which words are on screen together, and for how long."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.media import fonts
from videocraft.media.captions.layout import LEAST_SECONDS, MOST_SECONDS, SAFE_SIDES, lay_out, line_text
from videocraft.media.captions.style import FONT_LINES, CaptionStyle
from videocraft.media.captions.transcript import Segment, Transcript, Word
from videocraft.media.captions.words import spread, timed_words
from videocraft.media.fonts import Font

CANVAS = (1280, 720)


def spoken(text: str, *, start: float = 0.0, each: float = 0.3, duration: float = 600.0) -> Transcript:
    """A transcript in which every word lasts ``each`` seconds."""
    words = tuple(
        Word(word, start + number * each, start + (number + 1) * each)
        for number, word in enumerate(text.split())
    )
    return Transcript("en", duration, (Segment(text, start, words[-1].end, words),))


def test_lines_break_behind_sentences_and_at_pauses() -> None:
    one = spoken("It begins here. It goes on")
    pause = spoken("after a pause", start=9.0)
    transcript = Transcript("en", 20, one.segments + pause.segments)
    texts = [cue.text for cue in lay_out(transcript, CaptionStyle(style="classic"), CANVAS)]
    assert texts == ["It begins here.", "It goes on", "after a pause"]


def test_lines_stay_within_the_safe_area() -> None:
    style = CaptionStyle(style="classic", font_size=30)
    text = "counting words until the line is full and then some more of them still " * 4
    room = CANVAS[0] * (1 - 2 * SAFE_SIDES)
    cues = lay_out(spoken(text), style, CANVAS)
    assert max(len(cue.lines) for cue in cues) == 2
    for cue in cues:
        for line in cue.lines:
            assert fonts.width(line_text(line), Font(fonts.SANS), 30 * CANVAS[1] / FONT_LINES) <= room


def test_a_comma_is_a_good_place_to_break() -> None:
    text = "when the rain has gone away again, we will all go out and play with them today"
    first = lay_out(spoken(text), CaptionStyle(style="classic", font_size=18), CANVAS)[0]
    assert line_text(first.lines[0]).endswith("again,")


def test_a_word_wider_than_the_canvas_is_made_to_fit() -> None:
    cues = lay_out(spoken("Verantwortung"), CaptionStyle(font_size=60), (320, 240))
    assert 0 < cues[0].scale < 1
    flood = lay_out(spoken("x" * 5000), CaptionStyle(), (320, 240))
    assert "".join(cue.text for cue in flood) == "x" * 5000


def test_pop_shows_one_word_at_a_time() -> None:
    assert [cue.text for cue in lay_out(spoken("one two three"), CaptionStyle(style="pop"), CANVAS)] == [
        "one",
        "two",
        "three",
    ]


def test_a_short_word_stays_long_enough_to_be_read() -> None:
    transcript = Transcript("en", 10, (Segment("Hi.", 1.0, 1.1, (Word("Hi.", 1.0, 1.1),)),))
    (cue,) = lay_out(transcript, CaptionStyle(), CANVAS)
    assert (cue.start, cue.end) == (1.0, pytest.approx(1.0 + LEAST_SECONDS))


def test_words_without_times_are_spread_by_their_letters() -> None:
    words = spread(Segment("a bbb cc", 1.0, 10.0))
    assert [word.text for word in words] == ["a", "bbb", "cc"]
    assert [round(word.start, 9) for word in words] == [1.0, 3.0, 7.0]
    assert words[-1].end == pytest.approx(9.0)


def test_scripts_without_spaces_are_broken_between_characters() -> None:
    transcript = Transcript("zh", 20, (Segment("我们用文字制作电影" * 6, 0.0, 20.0),))
    cues = lay_out(transcript, CaptionStyle(style="classic"), CANVAS)
    assert "".join(cue.text.replace("\n", "") for cue in cues) == "我们用文字制作电影" * 6
    assert len(cues[0].lines) == 2
    assert " " not in cues[0].text


TIMES = st.floats(-10, 700) | st.just(math.nan) | st.just(math.inf)


@given(
    st.lists(st.tuples(st.text(max_size=40), TIMES, TIMES), max_size=40),
    st.sampled_from(["progressive", "classic", "highlight", "boxed", "pop"]),
    st.sampled_from([(16, 16), (320, 180), (1080, 1920)]),
)
def test_nothing_overlaps_and_nothing_is_lost(
    given_words: list[tuple[str, float, float]], name: str, canvas: tuple[int, int]
) -> None:
    words = tuple(Word(*each) for each in given_words)
    transcript = Transcript(None, 600.0, (Segment("", 0.0, 600.0, words),))
    style = CaptionStyle(style=name)  # type: ignore[arg-type]  # one of the names
    cues = lay_out(transcript, style, canvas)
    for before, behind in pairwise(cues):
        assert before.end <= behind.start
    for cue in cues:
        assert 0 <= cue.start <= cue.end <= 600
        assert cue.end - cue.start <= max(MOST_SECONDS, max(word.end for word in cue.words) - cue.start)
        assert 0 < cue.scale <= 1
    shown = sum(len(cue.words) for cue in cues)
    assert shown >= len([word for word in timed_words(transcript) if word.text.isalnum()])


def test_captions_that_were_given_as_one_stand_as_long_as_they_say() -> None:
    words = (
        Word("Hello", 0.5, 1.0),
        Word("world", 1.0, 1.5, is_last=True),
        Word("Second", 1.5, 2.0),
        Word("line", 2.0, 2.5, is_last=True),
        Word("No", 2.75, 2.9, is_last=True),
    )
    transcript = Transcript(None, 5.0, (Segment("", 0.5, 2.9, words),))
    again = Transcript.from_json(transcript.to_json())
    for style in ("classic", "progressive"):
        cues = lay_out(again, CaptionStyle(style=style), (1280, 720))
        assert [(cue.text, cue.start, cue.end) for cue in cues] == [
            ("Hello world", 0.5, 1.5),
            ("Second line", 1.5, 2.5),
            ("No", 2.75, 2.9),
        ]


def test_a_long_word_that_ends_a_caption_is_cut_and_still_ends_it() -> None:
    words = (Word("a" * 300, 0.0, 1.0, is_last=True), Word("b", 1.0, 2.0, is_last=True))
    cues = lay_out(
        Transcript(None, 5.0, (Segment("", 0, 2, words),)), CaptionStyle(style="classic"), (640, 360)
    )
    assert (cues[-1].text, cues[-1].start, cues[-1].end) == ("b", 1.0, 2.0)
    assert cues[-2].end == 1.0
