"""Which parts are taken, where they begin and end, and what is said about it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.media.captions.transcript import Segment, Transcript, Word
from videocraft.media.highlights import Highlight, Judge, Judged, Material, choose, onto_cuts
from videocraft.media.highlights.boundaries import (
    CUT_REACH_SECONDS,
    LEAD_SECONDS,
    TAIL_SECONDS,
    Pauses,
    offset,
    onset,
)
from videocraft.media.highlights.choose import without_overlaps
from videocraft.media.highlights.material import excerpt, sentences_of
from videocraft.media.highlights.shortlist import MOST, MOST_ALIKE
from videocraft.media.loudness import HOP_SECONDS, Levels
from videocraft.media.scenes import Scenes
from videocraft.media.silences import Silence

TALK = (
    "Welcome back to the show, my name is Anna.",
    "Today the weather is fine and the coffee is hot.",
    "Penguins are birds that cannot fly, but they swim like torpedoes.",
    "A penguin can dive for twenty minutes and catch a hundred fish.",
    "And that is why everybody loves them.",
    "Now a word about our sponsor, who sells mattresses.",
    "Mattresses should be firm, says the sponsor.",
    "Thank you for listening, see you next week.",
)


def spoken(lines: tuple[str, ...] = TALK, pause: float = 0.5, word: float = 0.3) -> Transcript:
    """Lines that are said one after the other, each word equally long."""
    segments, at = [], 1.0
    for line in lines:
        words = []
        for text in line.split():
            words.append(Word(text, at, at + word * 0.9, 0.9))
            at += word
        segments.append(Segment(line, words[0].start, words[-1].end, tuple(words)))
        at += pause
    return Transcript("en", at + 1.0, tuple(segments))


def material(transcript: Transcript | None = None, **more: object) -> Material:
    transcript = transcript or spoken()
    return Material(transcript.duration, transcript, **more)  # type: ignore[arg-type]


def test_sentences_end_at_full_stops_and_pauses() -> None:
    words = tuple(
        Word(text, start, start + 0.3, None)
        for text, start in (("One", 0.0), ("two.", 0.4), ("Three", 0.8), ("four", 2.5))
    )
    found = sentences_of(Transcript("en", 4, (Segment("One two. Three four", 0, 3, words),)))
    assert [(sentence.text, sentence.is_whole) for sentence in found] == [
        ("One two.", True),
        ("Three", False),
        ("four", False),
    ]
    assert found[0].spoken == pytest.approx(0.6)


def test_sentences_go_across_the_segments_of_the_recogniser() -> None:
    segments = (
        Segment("This is", 0, 1, (Word("This", 0, 0.4), Word("is", 0.5, 0.9))),
        Segment("one.", 1, 1.5, (Word("one.", 1, 1.4),)),
    )
    assert [sentence.text for sentence in sentences_of(Transcript("en", 2, segments))] == ["This is one."]


def test_the_prompt_finds_what_is_said_about_it() -> None:
    choice = choose(material(), "the part about penguins and fish", count=1, longest=12)
    (best,) = choice.highlights
    assert "penguin" in best.text.lower()
    assert "sponsor" not in best.text
    assert "penguin" in best.reason.lower()
    assert 0 < best.score <= 1


def test_clips_are_whole_sentences_with_air_and_do_not_overlap() -> None:
    transcript = spoken()
    choice = choose(material(transcript), "", count=3, longest=10)
    assert len(choice.highlights) == 3
    starts = [segment.start for segment in transcript.segments]
    for highlight in choice.highlights:
        assert highlight.end - highlight.start <= 10
        assert any(0 < start - highlight.start <= LEAD_SECONDS + 1e-3 for start in starts)
        assert highlight.text[-1] in ".!?"
    in_time = sorted(choice.highlights, key=lambda each: each.start)
    assert all(a.end <= b.start for a, b in pairwise(in_time))
    scores = [highlight.score for highlight in choice.highlights]
    assert scores == sorted(scores, reverse=True)


def test_a_prompt_that_matches_nothing_is_no_clip_and_a_reason() -> None:
    choice = choose(material(), "quantum chromodynamics", count=3, longest=30)
    assert choice.highlights == ()
    assert "quantum chromodynamics" in choice.reason


def test_a_prompt_without_a_topic_is_no_obstacle() -> None:
    assert choose(material(), "find the best moments", count=2, longest=10).highlights


def test_a_clip_begins_on_a_cut_that_is_near() -> None:
    transcript = spoken()
    start = transcript.segments[2].start
    scenes = Scenes(Fraction(25), round(transcript.duration * 25), (round((start - 0.4) * 25),), (1.0,))
    choice = choose(material(transcript, scenes=scenes), "penguins", count=1, longest=11)
    assert choice.highlights[0].start == pytest.approx(scenes.times[0], abs=1e-3)


def test_without_speech_the_liveliest_shots_are_taken_and_it_is_said() -> None:
    motion = tuple([1.0] * 10 + [20.0] * 10 + [2.0] * 10)
    scenes = Scenes(Fraction(25), 750, (250, 500), motion)
    choice = choose(Material(30.0, Transcript(None, 30, ()), scenes), "penguins", count=2, longest=10)
    assert (choice.highlights[0].start, choice.highlights[0].end) == (10.0, 20.0)
    assert "No speech" in choice.reason
    assert "prompt" in choice.reason
    assert "moves" in choice.highlights[0].reason


def test_a_recording_of_one_long_silent_shot_gives_parts_of_it() -> None:
    motion = tuple([1.0] * 40 + [30.0] * 10 + [1.0] * 50)
    choice = choose(Material(100.0, None, Scenes(Fraction(25), 2500, (), motion)), "", count=2, longest=10)
    assert choice.highlights[0].start == pytest.approx(40.0)


def test_a_recording_shorter_than_a_clip_is_one() -> None:
    choice = choose(Material(2.0, None, Scenes(Fraction(25), 50, (), (1.0, 1.0))), "", count=3, longest=60)
    assert [(each.start, each.end) for each in choice.highlights] == [(0.0, 2.0)]


def test_louder_passages_score_higher() -> None:
    transcript = spoken(("One two three four five six seven.",) * 6)
    levels = np.full(round(transcript.duration / HOP_SECONDS), -30, np.float32)
    loud = transcript.segments[3]
    levels[round(loud.start / HOP_SECONDS) : round(loud.end / HOP_SECONDS)] = -18
    choice = choose(material(transcript, levels=Levels(levels)), "", count=1, longest=3.5, shortest=1)
    assert choice.highlights[0].start == pytest.approx(loud.start, abs=0.4)


times = st.floats(0, 100)


@given(st.lists(st.tuples(times, st.floats(0.1, 20), st.floats(0, 1)), max_size=40), st.integers(1, 10))
def test_taken_ones_never_overlap(parts: list[tuple[float, float, float]], count: int) -> None:
    candidates = [Highlight(start, start + length, score, "") for start, length, score in parts]
    taken = without_overlaps(candidates, count)
    assert len(taken) <= count
    assert bool(taken) == bool(candidates)
    for number, one in enumerate(taken):
        assert all(one.end <= other.start or one.start >= other.end for other in taken[:number])
    if candidates:
        assert taken[0].score == pytest.approx(max(score for _, _, score in parts), abs=1e-4)


@given(times, st.floats(0, 5), st.lists(times, max_size=10))
def test_boundaries_lie_in_the_pause(at: float, pause: float, cuts: list[float]) -> None:
    begin = Pauses(at, at + pause, at + pause, at + pause).begin(sorted(cuts))
    assert at - 1e-9 <= begin <= at + pause + 1e-9
    assert at + pause - begin <= CUT_REACH_SECONDS + 1e-9
    end = Pauses(at, at, at, at + pause).end(sorted(cuts))
    assert at - 1e-9 <= end <= at + pause + 1e-9
    assert end - at <= max(CUT_REACH_SECONDS, TAIL_SECONDS) + 1e-9


def test_chosen_parts_move_onto_cuts_that_are_looked_up_in_their_pauses_alone() -> None:
    choice = choose(material(), "penguins", count=1, longest=11)
    (part,) = choice.highlights
    assert part.pauses is not None
    cut = part.pauses.first_word - 0.4
    asked = []

    def cuts_between(start: float, end: float) -> list[float]:
        asked.append((start, end))
        return [cut] if start <= cut <= end else []

    (moved,) = onto_cuts(choice.highlights, cuts_between, longest=11)
    assert moved.start == pytest.approx(cut, abs=1e-3)
    assert moved.end == part.end
    assert len(asked) == 2
    assert all(end - start <= CUT_REACH_SECONDS + 1e-9 for start, end in asked)


def test_a_part_stays_where_a_cut_would_make_it_too_long_or_meet_another() -> None:
    pauses = Pauses(9.4, 10.0, 15.0, 15.6)
    part = Highlight(9.8, 15.2, 0.9, "", "", pauses)
    assert onto_cuts([part], lambda *_: [9.4], longest=5.5) == (part,)
    neighbour = Highlight(3.0, 9.6, 0.8, "")
    assert onto_cuts([part, neighbour], lambda *_: [9.4], longest=60)[0] == part
    assert onto_cuts([part], lambda *_: [9.4, 15.5], longest=60)[0].end == 15.5


def test_a_word_begins_and_ends_where_the_silence_beside_it_does() -> None:
    silences = [Silence(1.0, 2.0), Silence(5.0, 6.0)]
    assert onset(2.2, silences) == 2.0
    assert onset(1.8, silences) == 2.0
    assert onset(2.5, silences) == 2.5
    assert onset(0.5, silences) == 0.5
    assert offset(4.8, silences) == 5.0
    assert offset(5.2, silences) == 5.0
    assert offset(4.0, silences) == 4.0
    assert offset(9.0, silences) == 9.0


def test_clips_keep_to_the_silences() -> None:
    transcript = spoken()
    line = transcript.segments[2]
    late = Silence(line.start - 0.5, line.start + 0.2)
    choice = choose(material(transcript, silences=(late,)), "penguins", count=1, longest=6)
    assert choice.highlights[0].start == pytest.approx(late.end - LEAD_SECONDS, abs=1e-3)


def test_speech_without_full_stops_is_cut_to_the_length_asked_for() -> None:
    choice = choose(material(spoken(("word " * 200,))), "", count=2, longest=10)
    assert len(choice.highlights) == 2
    assert all(part.end - part.start <= 10 for part in choice.highlights)


def test_a_remark_is_better_than_nothing() -> None:
    transcript = spoken(("Look, penguins.",))
    assert len(choose(material(transcript), "penguins", count=3, longest=60).highlights) == 1
    assert choose(material(transcript), "penguins", count=3, longest=60, shortest=3).highlights == ()


def test_an_excerpt_has_a_clock_of_its_own() -> None:
    transcript = spoken()
    second = transcript.segments[1]
    part = excerpt(transcript, second.start - 0.2, second.end + 0.2)
    assert part.text == second.text
    assert part.words[0].start == pytest.approx(0.2)
    assert part.duration == pytest.approx(second.end - second.start + 0.4)
    assert excerpt(transcript, 0.0, 0.5).segments == ()


def judged_by(scores: dict[str, float], seen: list[Highlight]) -> Judge:
    """A judge who knows words, whatever was asked for."""

    def judge(candidates: Sequence[Highlight]) -> list[Judged]:
        seen.extend(candidates)
        return [
            Judged(index, max([0.0, *(score for word, score in scores.items() if word in each.text)]), "So.")
            for index, each in enumerate(candidates)
        ]

    return judge


def test_a_judge_finds_what_the_words_of_the_prompt_do_not() -> None:
    seen: list[Highlight] = []
    prompt = "beds"
    assert choose(material(), prompt, count=1, longest=8).highlights == ()
    judge = judged_by({"Mattresses": 0.9, "weather": 0.3}, seen)
    choice = choose(material(), prompt, count=2, longest=8, judge=judge)
    assert ["Mattresses" in part.text for part in choice.highlights] == [True, False]
    assert [(part.score, part.reason) for part in choice.highlights] == [(0.9, "So."), (0.3, "So.")]
    assert "language model" in choice.reason
    assert 1 < len(seen) <= MOST
    for one, other in combinations(seen, 2):
        common = min(one.end, other.end) - max(one.start, other.start)
        assert common <= MOST_ALIKE * (max(one.end, other.end) - min(one.start, other.start))


def test_what_a_judge_thinks_little_of_is_not_taken() -> None:
    choice = choose(material(), "beds", count=3, longest=8, judge=judged_by({}, []))
    assert choice.highlights == ()
    assert choice.reason == (
        "Nothing that is said in the recording matches the prompt 'beds', as a language model judged it."
    )


def test_nobody_is_asked_where_nobody_speaks() -> None:
    silent = Material(20.0, None, Scenes(Fraction(25), 500, (), (0.5,) * 20))
    seen: list[Highlight] = []
    assert choose(silent, "", count=1, longest=5, judge=judged_by({}, seen)).highlights
    assert seen == []
