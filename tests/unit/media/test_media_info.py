"""What a probe reports survives JSON unchanged."""

from __future__ import annotations

import json
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from videocraft.media.probe import AudioStream, MediaInfo, VideoStream

FRACTIONS = st.fractions(-(10**6), 10**6)
VIDEOS = st.builds(
    VideoStream,
    sample_aspect=FRACTIONS,
    rate=FRACTIONS,
    time_base=st.just(Fraction(1, 90000)),
    duration=FRACTIONS,
    longest_gap=FRACTIONS,
)
SOUNDS = st.builds(AudioStream, start_time=FRACTIONS, duration=FRACTIONS)
INFOS = st.builds(
    MediaInfo,
    duration=FRACTIONS,
    start_time=FRACTIONS,
    video=st.none() | VIDEOS,
    audio=st.lists(SOUNDS, max_size=2).map(tuple),
    warnings=st.lists(st.text(max_size=20), max_size=2).map(tuple),
)


@given(INFOS)
def test_round_trip(info: MediaInfo) -> None:
    assert MediaInfo.from_json(json.loads(json.dumps(info.to_json()))) == info


@given(VIDEOS)
def test_the_end_is_the_start_and_the_length(video: VideoStream) -> None:
    assert video.end_time - video.start_time == video.duration
