"""Words on the film's clock, and in the scenes to which they belong."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.apis.videos.captioning import as_one, joined, moved, tracks_of, transcript_of
from videocraft.apis.videos.project import GivenWord
from videocraft.media.captions.layout import lay_out
from videocraft.media.captions.style import CaptionStyle
from videocraft.media.captions.transcript import Segment, Transcript, Word


def test_given_words_become_sentences() -> None:
    words = [
        GivenWord("Hello", 0.0, 0.4),
        GivenWord("there.", 0.4, 0.8),
        GivenWord("And", 1.0, None),
        GivenWord("then", 1.2, None),
        GivenWord("late", 5.0, None),
    ]
    transcript = transcript_of(words, 10.0, "en")
    assert [segment.text for segment in transcript.segments] == ["Hello there.", "And then", "late"]
    assert [(word.start, word.end) for word in transcript.words][2:] == [(1.0, 1.2), (1.2, 2.2), (5.0, 6.0)]


def test_phrases_without_words_get_them() -> None:
    transcript = Transcript("en", 4.0, (Segment("one two", 1.0, 3.0),))
    (segment,) = moved(transcript, 10.0, 100.0)
    assert [word.text for word in segment.words] == ["one", "two"]
    assert (segment.start, segment.end) == (11.0, pytest.approx(12.75))


def test_words_belong_to_the_scene_in_which_they_begin() -> None:
    words = (Word("a", 0.5, 1.5), Word("b", 1.5, 2.5), Word("c", 2.6, 9.0))
    transcript = Transcript("en", 4.0, (Segment("a b c", 0.5, 9.0, words),))
    starts = [Fraction(0), Fraction(1), Fraction(2), Fraction(3), Fraction(4)]
    tracks = tracks_of(transcript, starts, CaptionStyle())
    assert tracks[3] is None
    shown = [
        [(word.text, word.start, word.end) for word in track.transcript.words]
        for track in tracks[:3]
        if track
    ]
    assert shown == [[("a", 0.5, 1.0)], [("b", 0.5, 1.0)], [("c", pytest.approx(0.6), 1.0)]]


def test_joined_in_order_of_time() -> None:
    later, earlier = [Segment("b", 2, 3)], [Segment("a", 0, 1)]
    assert joined([later, earlier], 5.0, None).text == "a b"


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 5)), max_size=20),
    st.lists(st.fractions(Fraction(1, 30), 20), min_size=1, max_size=6),
)
def test_no_word_is_lost_or_shown_outside_of_its_scene(
    times: list[tuple[float, float]], lengths: list[Fraction]
) -> None:
    starts = [Fraction(0)]
    for length in lengths:
        starts.append(starts[-1] + length)
    times.sort()
    words = [GivenWord(f"w{n}", start, start + long) for n, (start, long) in enumerate(times)]
    tracks = tracks_of(transcript_of(words, float(starts[-1]), None), starts, CaptionStyle())
    shown = []
    for track, begin, end in zip(tracks, starts[:-1], starts[1:], strict=True):
        for word in track.transcript.words if track else ():
            assert 0 <= word.start <= word.end <= float(end - begin) + 1e-9
            shown.append(word.text)
    assert sorted(shown) == sorted(
        f"w{n}"
        for n, (start, _) in enumerate(times)
        if any(0 <= start - float(begin) < float(end - begin) for begin, end in pairwise(starts))
    )


def test_captions_of_a_file_keep_their_times_in_every_scene() -> None:
    captions = Transcript(
        None, 9.0, tuple(map(as_one, [Segment("One two", 3.5, 4.5), Segment("Three", 5, 6)]))
    )
    (first, second) = tracks_of(captions, [Fraction(0), Fraction(3), Fraction(9)], CaptionStyle())
    assert first is None
    assert second is not None
    cues = lay_out(second.transcript, CaptionStyle(style="classic"), (640, 360))
    assert [(cue.text, cue.start, cue.end) for cue in cues] == [("One two", 0.5, 1.5), ("Three", 2.0, 3.0)]
