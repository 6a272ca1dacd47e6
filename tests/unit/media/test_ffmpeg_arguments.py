"""What FFmpeg is told, what it reports, and what its complaints mean. Nothing is run here."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.errors import MediaError, StorageFull
from videocraft.media.ffmpeg import Progress, _ProgressParser, error_of, input_arguments
from videocraft.media.probe import MediaInfo
from videocraft.media.process import Finished, Limits

INFO = MediaInfo("x", 1, "mov", Fraction(1), Fraction(0), None, (), 1)


@given(st.text(st.characters(exclude_characters="\0/"), min_size=1, max_size=40))
def test_no_name_is_read_as_anything_but_a_file(name: str) -> None:
    arguments = input_arguments(Path("/media") / name, INFO)
    assert arguments[-2] == "-i"
    assert arguments[-1].startswith("file:/")


def test_every_limit_is_told() -> None:
    arguments = input_arguments(Path("a.mp4"), INFO)
    options = dict(zip(arguments[::2], arguments[1::2], strict=True))
    assert options["-f"] == "mov"
    assert options["-protocol_whitelist"] == "file"
    assert options["-max_streams"] == "32"
    assert options["-enable_drefs"] == options["-use_absolute_path"] == "0"
    assert "h264" in options["-codec_whitelist"].split(",")
    assert options["-i"] == f"file:{Path.cwd()}/a.mp4"


def parse(text: str) -> list[Progress]:
    reports: list[Progress] = []
    parser = _ProgressParser(reports.append)
    for line in text.splitlines():
        parser.line(line)
    return reports


def test_progress_is_parsed() -> None:
    block = "frame=%d\nfps=25.5\nout_time_us=%s\nout_time_ms=1\nspeed=%s\nprogress=%s\n"
    text = block % (0, "N/A", "N/A", "continue") + block % (50, "2000000", " 1.5x", "end")
    assert parse(text) == [
        Progress(0, Fraction(0), 25.5, 0.0),
        Progress(50, Fraction(2), 25.5, 1.5),
    ]


def test_time_before_the_start_is_none() -> None:
    assert parse("out_time_us=-23000\nprogress=continue") == [Progress()]


@given(st.text(max_size=200))
def test_no_output_breaks_the_parser(text: str) -> None:
    assert all(isinstance(report, Progress) for report in parse(text))


def finished(stderr: str, exit_code: int = 1, cpu_seconds: float = 0) -> Finished:
    return Finished(("ffmpeg", "-i", "/secret/a.mp4"), exit_code, stderr, b"", 1, cpu_seconds)


@pytest.mark.parametrize(
    ("stderr", "sentence"),
    [
        (
            "[mov] [error] moov atom not found\n[error] Invalid data found when processing input",
            "The file has no index (moov): it was not finished or is truncated.",
        ),
        ("Invalid data found when processing input", "The file is damaged or not a media file."),
        (
            "av_interleaved_write_frame(): File too large",
            "The output grew beyond the size that one file may have.",
        ),
        ("Cannot allocate memory", "The work needs more memory than it may use."),
        ("something new", "FFmpeg failed with exit code 1."),
    ],
)
def test_complaints_become_sentences(stderr: str, sentence: str) -> None:
    error = error_of(finished(stderr), Limits())
    assert error.message == sentence
    assert error.details == {"command": ["ffmpeg", "-i", "/secret/a.mp4"], "exit_code": 1, "stderr": stderr}


@given(st.text(max_size=300))
def test_no_sentence_quotes_the_operators_facts(stderr: str) -> None:
    assert "/secret" not in error_of(finished(stderr), Limits()).message


def test_a_full_disk_is_an_error_of_its_own() -> None:
    assert isinstance(error_of(finished("foo: No space left on device"), Limits()), StorageFull)


def test_limits_and_signals() -> None:
    spent = error_of(
        finished("Exiting normally, received signal 24.", 255, cpu_seconds=5), Limits(cpu_seconds=5)
    )
    assert isinstance(spent, MediaError)
    assert "processor time" in spent.message
    assert error_of(finished("", -11), Limits()).message == "FFmpeg was ended by signal 11."
