"""Given words get the times of the words that were heard."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.media.captions.transcript import Segment, Transcript, Word
from videocraft.speech.align import MAX_WORDS, align_lines, align_text, align_words


def heard(text: str, *, start: float = 1.0, each: float = 0.4, gap: float = 0.1) -> list[Word]:
    """Words of ``each`` seconds, ``gap`` seconds apart."""
    return [
        Word(word, start + i * (each + gap), start + i * (each + gap) + each, 0.9)
        for i, word in enumerate(text.split())
    ]


def transcript(words: list[Word], duration: float = 60.0) -> Transcript:
    segment = Segment(" ".join(w.text for w in words), 0, duration, tuple(words))
    return Transcript("en", duration, (segment,) if words else ())


def test_equal_words_get_the_times_whatever_their_case_and_marks() -> None:
    words = heard("he said good morning to \u00e9milie")
    found = align_text("\u201cHe said: GOOD morning, to Emilie!\u201d", transcript(words))
    assert [(w.start, w.end) for w in found] == [(w.start, w.end) for w in words]
    assert [w.text for w in found] == ["\u201cHe", "said:", "GOOD", "morning,", "to", "Emilie!\u201d"]
    assert {w.confidence for w in found} == {0.9}


def test_a_misheard_word_keeps_its_place() -> None:
    words = heard("the quick round fark jumps")
    found = align_text("the quick brown fox jumps", transcript(words))
    assert [w.start for w in found] == [w.start for w in words]


def test_words_that_were_not_heard_share_the_gap() -> None:
    words = [Word("one", 1.0, 1.5), Word("four", 2.5, 3.0)]
    found = align_text("one two three four", transcript(words))
    assert found[3].start == 2.5
    assert found[1].start == 1.5
    assert found[1].end == found[2].start
    # "three" is longer than "two".
    assert found[2].end - found[2].start > found[1].end - found[1].start
    assert found[2].end <= 2.5
    assert (found[1].confidence, found[2].confidence) == (None, None)


def test_what_was_heard_and_is_not_given_is_left_out() -> None:
    words = heard("well you know this is um really good")
    found = align_text("this is really good", transcript(words))
    assert [w.start for w in found] == [words[i].start for i in (3, 4, 6, 7)]


def test_words_beyond_the_speech_stay_beside_it() -> None:
    words = heard("middle words here", start=20.0)
    found = align_text("before that middle words here and after", transcript(words))
    assert 18.0 <= found[0].start < found[1].end <= 20.0
    assert words[2].end <= found[5].start < found[6].end <= words[2].end + 2.0


def test_words_without_room_take_some_of_their_neighbour() -> None:
    for text, room in (("at once go", (0.0, 1.0)), ("go at once", (0.0, 1.0))):
        found = align_text(text, transcript([Word("go", *room, 1.0)], duration=1.0))
        assert all(w.end - w.start > 0.05 for w in found)
        assert (found[0].start, found[-1].end) == (0.0, 1.0)


def test_without_any_speech_the_text_is_spread() -> None:
    found = align_text("no one speaks", transcript([], duration=6.0))
    assert (found[0].start, found[-1].end) == (0.0, 6.0)


def test_lines_are_segments() -> None:
    words = heard("first line second one")
    found = align_lines("First line,\n\n  second one. \n", transcript(words))
    assert [segment.text for segment in found] == ["First line,", "second one."]
    assert [(segment.start, segment.end) for segment in found] == [
        (words[0].start, words[1].end),
        (words[2].start, words[3].end),
    ]
    assert align_lines(" \n", transcript(words)) == ()


def test_a_long_text_is_done_in_bounded_work() -> None:
    words = heard(" ".join(f"w{i % 97}" for i in range(3000)), each=0.2, gap=0.0)
    found = align_words([w.text for w in words[:2000]] + ["extra"] * 1000, words, 3000.0)
    assert [w.start for w in found[:1900]] == [w.start for w in words[:1900]]
    with pytest.raises(ValueError, match="up to 20000 words, not 20001"):
        align_words(["x"] * (MAX_WORDS + 1), words, 1.0)


_words = st.sampled_from(["a", "an", "and", "the", "then", "cat", "cats", "\u5b57", "!", "42"])


@given(
    st.lists(_words, max_size=25), st.lists(st.tuples(_words, st.floats(0, 3), st.floats(0, 2)), max_size=25)
)
def test_times_are_always_in_order_and_inside(given: list[str], said: list[tuple[str, float, float]]) -> None:
    words, at = [], 0.0
    for text, gap, length in said:
        words.append(Word(text, at + gap, at + gap + length, 0.5))
        at += gap + length
    duration = at + 1.0
    found = align_words(given, words, duration)
    assert [w.text for w in found] == given
    for word in found:
        assert -1e-9 <= word.start <= word.end <= duration + 1e-9
    for one, other in itertools.pairwise(found):
        assert one.end <= other.start + 1e-9
