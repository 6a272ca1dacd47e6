"""What a config means on its media."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.exports.configs import SOUND, config, media, picture, segment, source
from videocraft.apis.exports.plan import build_edit, needed_bytes, objection
from videocraft.apis.exports.remote import OpenSource
from videocraft.media.edit import Edit, EditSegment, origin_of
from videocraft.media.probe import MediaInfo

PATHS = [Path("/media/a.mp4"), Path("/media/b.mp4")]
FRAME = Fraction(1, 30)


def edit(infos: list[MediaInfo] | None = None, **changes: Any) -> Edit:
    opened = [OpenSource(path) for path in PATHS]
    return build_edit(config(**changes), opened, infos or [media(), media()])


def object_to(*segments: dict[str, Any], infos: list[MediaInfo] | None = None, **changes: Any) -> str | None:
    return objection(config(segments=list(segments), **changes), infos or [media(), media()])


def test_times_are_exactly_what_was_written() -> None:
    found = edit(segments=[segment(1, 0.1, 0.3)], sources=[source("a"), source("b", syncOffset=-1.7)])
    assert found.segments == (EditSegment(1, Fraction(1, 10), Fraction(3, 10), 1),)
    assert [part.sync_offset for part in found.sources] == [0, Fraction(-17, 10)]
    assert [part.path for part in found.sources] == PATHS


@pytest.mark.parametrize(
    ("output", "container", "codec"),
    [
        ({}, "mp4", "copy"),
        ({"format": "mov", "codec": "h265"}, "mov", "h265"),
        ({"format": "mp4", "codec": "av1"}, "mp4", "av1"),
        ({"format": "webm"}, "webm", "vp9"),
        ({"format": "webm", "codec": "h264"}, "webm", "vp9"),
        ({"format": "webm", "codec": "av1"}, "webm", "vp9"),
    ],
)
def test_containers_and_codecs(output: dict[str, Any], container: str, codec: str) -> None:
    found = edit(output=output).output
    assert (found.container, found.codec) == (container, codec)


def test_the_rate_is_the_one_that_was_meant() -> None:
    assert edit(output={"fps": 29.97}).output.rate == Fraction(30000, 1001)
    assert edit(output={"fps": 25}).output.rate == 25
    assert edit(output={}).output.rate is None


@pytest.mark.parametrize(
    ("keys", "sources", "output", "heard"),
    [
        ({}, {}, {}, 0),
        ({"audioFromSource": False}, {}, {}, None),
        ({"audioSourceIndex": 1}, {}, {}, 1),
        ({"audioSourceIndex": 1, "audioFromSource": False}, {}, {}, 1),
        ({"audioSourceIndex": 0}, {}, {}, 0),
        ({}, {"hasAudio": False}, {}, None),
        ({"audioSourceIndex": 1}, {"hasAudio": False}, {}, 1),
        ({"audioSourceIndex": 1}, {}, {"includeAudio": False}, None),
    ],
)
def test_which_sound_runs_under_a_segment(
    keys: dict[str, Any], sources: dict[str, Any], output: dict[str, Any], heard: int | None
) -> None:
    found = edit(
        segments=[segment(0, 0, 1, **keys)], sources=[source("a", **sources), source("b")], output=output
    )
    assert found.segments[0].audio_source == heard


def test_a_source_without_sound_is_silent() -> None:
    assert edit([media(audio=()), media()], segments=[segment(0, 0, 1)]).segments[0].audio_source is None


def test_segments_may_end_with_their_source_and_a_frame_later() -> None:
    assert object_to(segment(0, 9, 10)) is None
    assert object_to(segment(0, 9, 10.033)) is None
    assert (
        object_to(segment(0, 9, 10.04))
        == "segments[0].endTime is past the end of sources[0], which lasts 10.000 seconds"
    )
    assert object_to(segment(0, 0, 1), segment(1, 0, 60)) == (
        "segments[1].endTime is past the end of sources[1], which lasts 10.000 seconds"
    )
    assert edit(segments=[segment(0, 9, 10.033)]).segments[0].end == 10


def test_sound_that_outlasts_the_picture_a_little_is_no_mistake() -> None:
    longer = media(duration=Fraction("10.06"))
    assert object_to(segment(0, 9, 10.06), infos=[longer, longer]) is None
    much_longer = media(duration=Fraction(60))
    assert object_to(segment(0, 9, 11), infos=[much_longer, media()]) is not None


def test_a_segment_must_have_a_picture() -> None:
    assert object_to(segment(0, 10.01, 10.03)) == "segments[0].startTime is past the last frame of sources[0]"
    assert object_to(segment(0, 9.97, 10)) is None
    assert object_to(segment(0, 0, 1), infos=[media(video=None), media()]) == (
        "segments[0].sourceIndex names sources[0], which has no video stream"
    )


def test_sound_that_is_asked_for_must_be_there() -> None:
    sentence = "segments[0].audioSourceIndex names sources[1], which has no audio stream"
    asked = segment(0, 0, 1, audioSourceIndex=1)
    assert object_to(asked, infos=[media(), media(audio=())]) == sentence
    assert object_to(asked, sources=[source("a"), source("b", hasAudio=False)]) == sentence
    assert object_to(asked, infos=[media(), media(audio=())], output={"includeAudio": False}) is None
    # A recorder has no picture, and need not have one.
    assert object_to(asked, infos=[media(), media(video=None)]) is None


def test_an_edit_must_have_a_frame() -> None:
    assert object_to(segment(0, 0, 0.01)) == "segments hold less than one frame"
    assert object_to(segment(0, 0, 0.01), segment(0, 0, 0.01)) is None


def late(delay: Fraction, sound_from: Fraction = Fraction(0), container: str = "mov") -> MediaInfo:
    """A file whose picture starts ``delay`` after its clock's zero, and its sound at ``sound_from``."""
    track = picture(start_pts=int(delay * 15360), end_pts=int((delay + 10) * 15360))
    begin = min(delay, sound_from)
    return media(video=track, start_time=begin, duration=delay + 10 - begin, format=container)


@pytest.mark.parametrize(
    ("info", "start", "end", "expected"),
    [
        # The picture starts half a second after the sound; before it there is nothing to show.
        (late(Fraction(1, 2)), 2, 4, (Fraction(2), Fraction(4))),
        (late(Fraction(1, 2)), 0, 4, (Fraction(1, 2), Fraction(4))),
        (late(Fraction(1, 2)), 8, 10.5, (Fraction(8), Fraction(21, 2))),
        # A transport stream begins anywhere on its clock.
        (late(Fraction(3, 2), Fraction(3, 2), "mpegts"), 0, 10, (Fraction(0), Fraction(10))),
        # Priming of the sound lies before the first frame, where no player shows anything.
        (late(Fraction(0), Fraction(-1, 48)), 2, 4, (Fraction(2), Fraction(4))),
    ],
)  # fmt: skip
def test_a_segment_begins_and_ends_where_there_are_pictures(
    info: MediaInfo, start: float, end: float, expected: tuple[Fraction, Fraction]
) -> None:
    infos = [info, media()]
    assert object_to(segment(0, start, end), infos=infos) is None
    found = edit(infos, segments=[segment(0, start, end)]).segments[0]
    assert (found.start, found.end) == expected


def test_a_segment_before_the_first_frame_is_refused() -> None:
    assert object_to(segment(0, 0, 0.25), infos=[late(Fraction(1, 2)), media()]) == (
        "segments[0] ends before the first frame of sources[0]"
    )
    assert object_to(segment(0, 9, 10.6), infos=[late(Fraction(1, 2)), media()]) == (
        "segments[0].endTime is past the end of sources[0], which lasts 10.500 seconds"
    )


def test_the_space_needed_grows_with_what_is_taken() -> None:
    infos = [media(size=100_000_000), media()]
    short = needed_bytes(config(segments=[segment(0, 0, 1)]), infos)
    long = needed_bytes(config(segments=[segment(0, 0, 10)]), infos)
    # 10 MB of the source, 1.3 times as output and once as pieces.
    assert short == pytest.approx(23_000_000 + 16 * 2**20, abs=1)
    assert long - short == pytest.approx(9 * 23_000_000, abs=2)
    assert needed_bytes(config(segments=[segment(0, 0, 10)] * 3), infos) > 2.9 * (long - 16 * 2**20)


@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.floats(0, 11, allow_nan=False), st.floats(0, 11, allow_nan=False)),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from([media(), media(audio=()), late(Fraction(1, 2)), media(video=None, audio=(SOUND,))]),
)
def test_what_is_admitted_is_an_edit_within_its_sources(
    parts: list[tuple[int, float, float]], info: MediaInfo
) -> None:
    segments = [segment(index, start, end) for index, start, end in parts if start < end]
    infos = [info, media()]
    if not segments or object_to(*segments, infos=infos) is not None:
        return
    for found in edit(infos, segments=segments).segments:
        video = infos[found.source].video
        assert video is not None
        first = video.start_time - origin_of(infos[found.source])
        assert first <= found.start < found.end <= first + video.duration
