"""Captions as files: nothing that is said is read as anything but text, and what is written is read again."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.errors import InvalidInput
from videocraft.media.captions.ass import write_ass
from videocraft.media.captions.escape import ass_text, plain
from videocraft.media.captions.read import CaptionFormat, read_captions
from videocraft.media.captions.srt import write_srt
from videocraft.media.captions.style import CaptionStyle
from videocraft.media.captions.transcript import Segment, Transcript, Word
from videocraft.media.captions.vtt import write_vtt

HOSTILE = r"{\an8} {\p1}m 0 0{\p0} \N \h \n <b>x</b> --> & %{n} ' "
CANVAS = (640, 360)


def said(text: str) -> Transcript:
    return Transcript("en", 10.0, (Segment(text, 1.0, 4.0),))


@given(st.text(alphabet=st.sampled_from("{}\\Nnhrpabc &<>\u202e\u2066\n\r\u2028\x00\x1b,;")) | st.text())
def test_escaped_text_holds_no_override_and_no_break(text: str) -> None:
    escaped = ass_text(text)
    # What libass would see: braces only behind a backslash, a backslash never before a letter.
    assert not re.search(r"(?<!\\)[{}]", escaped)
    assert not re.search(r"\\[^{}\u2060]", escaped)
    assert not escaped.endswith("\\")
    assert "\n" not in escaped
    assert "\r" not in escaped
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x1f]", escaped)


@given(st.text())
def test_letters_stay_what_they_are(text: str) -> None:
    kept = [letter for letter in text if letter.isalnum()]
    assert [letter for letter in plain(text) if letter.isalnum()] == kept


@pytest.mark.parametrize("style", ["progressive", "classic", "highlight", "boxed", "pop"])
def test_every_event_is_one_line_in_its_place(style: str) -> None:
    words = tuple(Word(text, 1 + n / 4, 1.2 + n / 4) for n, text in enumerate(HOSTILE.split()))
    transcript = Transcript("en", 10.0, (Segment(HOSTILE, 1.0, 4.0, words),))
    script = write_ass(transcript, CaptionStyle(style=style), CANVAS)  # type: ignore[arg-type]  # one of the names
    head, _, events = script.partition("[Events]\n")
    assert head.count("\nStyle: ") == 2
    lines = events.splitlines()[1:]
    assert lines
    for line in lines:
        assert line.startswith("Dialogue: ")
        fields = line.split(",", 9)
        assert fields[3] in {"Words", "Box"}
        # Only our own overrides are unescaped.
        for override in re.findall(r"(?<!\\)\{(.*?)(?<!\\)\}", fields[9]):
            assert re.fullmatch(
                r"(\\(1?a(lpha)?|1c|r|fn|fs|fscx|fscy|t)[^\\{}]*(\\fsc[xy]\d+)*\)?)+", override
            ), override


@pytest.mark.parametrize("format_", ["srt", "vtt", "ass"])
def test_what_is_written_is_read_again(format_: CaptionFormat) -> None:
    text = HOSTILE + "مرحبا 你好"
    transcript = said(text)
    written = {
        "srt": lambda: write_srt(transcript),
        "vtt": lambda: write_vtt(transcript),
        "ass": lambda: write_ass(transcript, CaptionStyle(style="classic"), CANVAS),
    }[format_]()
    read = read_captions(written, format_)
    assert " ".join(segment.text for segment in read) == " ".join(text.split())
    assert read[0].start == pytest.approx(1.0, abs=0.03)


def test_formatting_of_others_is_left_out() -> None:
    srt = "1\n00:00:01,000 --> 00:00:02,500\n{\\an8}<i>Hello</i>\nthere\n"
    assert read_captions(srt, "srt") == [Segment("Hello there", 1.0, 2.5)]
    vtt = "WEBVTT\n\nNOTE no\n\n00:01.000 --> 00:02.000 align:start\n<v Bob>Hi <i>you</i> &amp; me\n"
    assert read_captions(vtt, "vtt") == [Segment("Hi you & me", 1.0, 2.0)]


@pytest.mark.parametrize("format_", ["srt", "vtt", "ass"])
@given(
    text=st.text()
    | st.text(alphabet="0123456789:,.-> \n{}\\<>[]DialogueEventsFormatStyle").map("1\n".__add__)
)
def test_any_text_is_read_or_refused(format_: CaptionFormat, text: str) -> None:
    try:
        segments = read_captions(text, format_)
    except InvalidInput:
        return
    assert all(segment.text and 0 <= segment.start <= segment.end for segment in segments)


def test_a_flood_is_refused() -> None:
    with pytest.raises(InvalidInput, match="longer than"):
        read_captions("x" * 5_000_000, "srt")
    many = "".join(f"{n}\n00:00:01,000 --> 00:00:02,000\nx\n\n" for n in range(20_001))
    with pytest.raises(InvalidInput, match="more than 20000"):
        read_captions(many, "srt")


def test_srt_and_vtt_clocks() -> None:
    late = Transcript("en", 7300.0, (Segment("late", 3661.5, 3663.0, (Word("late", 3661.5, 3663.0),)),))
    assert "01:01:01,500 --> 01:01:03,500" in write_srt(late)
    assert "01:01:01.500 --> 01:01:03.500" in write_vtt(late)
