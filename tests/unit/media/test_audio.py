"""The sound of an edit: spans that last as long as the picture, and PCM cut by sample."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import sound
from tests.support.cameras import Camera, make_camera
from videocraft.media.audio import FADE_SAMPLES, SAMPLE_RATE, Heard, Span, pcm, plan_spans
from videocraft.media.edit import EditSource
from videocraft.media.probe import MediaInfo, probe

RATE = Fraction(30)


def heard(
    source: int | None, start: str, frames: int, *, wanted: str | None = None, own: bool = True
) -> Heard:
    begin = Fraction(wanted or start)
    return Heard(source, Fraction(start), (begin, begin + frames / RATE), frames, own)


@given(
    st.lists(st.tuples(st.sampled_from([None, 0, 1]), st.integers(0, 90)), max_size=30),
    st.sampled_from([Fraction(30), Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001)]),
)
def test_spans_last_exactly_as_long_as_the_picture(
    wanted: list[tuple[int | None, int]], rate: Fraction
) -> None:
    items = [
        Heard(
            source, Fraction(7 * index), (Fraction(7 * index), 7 * index + frames / rate), frames, is_own=True
        )
        for index, (source, frames) in enumerate(wanted)
    ]
    total = sum(span.samples for span in plan_spans(items, rate))
    frames = sum(frames for _, frames in wanted)
    assert abs(total - frames * SAMPLE_RATE / rate) <= Fraction(1, 2)


def test_the_same_camera_going_on_is_one_span() -> None:
    spans = plan_spans([heard(0, "1", 30), heard(0, "2", 15)], RATE)
    assert spans == [Span(0, Fraction(1), 72_000)]


def test_a_jump_within_a_camera_is_a_cut() -> None:
    assert len(plan_spans([heard(0, "1", 30), heard(0, "2.04", 15)], RATE)) == 2


def test_a_microphone_runs_on_through_a_cut_that_falls_between_frames() -> None:
    spans = plan_spans(
        [
            heard(2, "1", 30, own=False),
            # The other camera's first picture is 12 ms off the asked instant; the edit goes on.
            heard(2, "2.012", 30, wanted="2", own=False),
        ],
        RATE,
    )
    assert spans == [Span(2, Fraction(1), 96_000)]


def test_a_microphone_that_is_asked_for_elsewhere_starts_with_the_picture() -> None:
    spans = plan_spans([heard(2, "1", 30, own=False), heard(2, "9.012", 30, wanted="9", own=False)], RATE)
    assert spans[1] == Span(2, Fraction("9.012"), 48_000)


def source_of(camera: Camera) -> EditSource:
    (info,) = probe([camera.path])
    assert isinstance(info, MediaInfo)
    return EditSource(camera.path, info)


def samples_of(camera: Camera, start: Fraction, count: int) -> np.ndarray:
    return np.concatenate(list(pcm([source_of(camera)], [Span(0, start, count)])))


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"sample_rate": 44_100},
        {"channels": 1},
        {"audio": "pcm_s16le", "suffix": ".mov"},
        {"sample_rate": 8_000, "channels": 1},
    ],
)
def test_sound_is_cut_to_the_sample(tmp_path: Path, parameters: dict[str, object]) -> None:
    suffix = str(parameters.pop("suffix", ".mp4"))
    camera = make_camera(tmp_path / f"a{suffix}", seconds=4, **parameters)
    start = Fraction("1.2345")
    cut = samples_of(camera, start, 24_000)
    assert cut.shape == (24_000, 2)
    inner = cut[FADE_SAMPLES : 24_000 - FADE_SAMPLES].mean(axis=1).astype(np.float64)
    begin = float(Fraction(round(start * SAMPLE_RATE) + FADE_SAMPLES, SAMPLE_RATE))
    shift, score = sound.locate(inner, SAMPLE_RATE, camera.heard, begin)
    assert score > 0.5
    assert abs(shift) < 0.0001


def test_a_track_that_starts_late_is_silent_until_then(tmp_path: Path) -> None:
    camera = make_camera(tmp_path / "a.mp4", seconds=3, audio_delay=1)
    cut = samples_of(camera, Fraction(1, 2), 48_000)
    assert not cut[:22_900].any()  # up to the priming of the encoder, 21 ms before
    assert cut[25_000:40_000].std() > 0.01


def test_sound_that_ends_early_is_followed_by_silence(tmp_path: Path) -> None:
    cut = samples_of(make_camera(tmp_path / "a.mp4", seconds=1), Fraction(0), 96_000)
    assert len(cut) == 96_000
    assert not cut[60_000:].any()


def test_cuts_are_faded_on_both_sides() -> None:
    assert FADE_SAMPLES <= SAMPLE_RATE * 5 // 1000


def test_a_fade_has_no_step_at_either_end(tmp_path: Path) -> None:
    cut = samples_of(make_camera(tmp_path / "a.mp4", seconds=2), Fraction("0.5"), 10_000)
    loud = np.abs(cut[1_000:9_000]).max()
    assert np.abs(cut[0]).max() < loud / 50
    assert np.abs(cut[-1]).max() < loud / 50


def test_silence_is_exactly_silence() -> None:
    blocks = list(pcm([], [Span(None, Fraction(0), 100_001)]))
    assert sum(len(block) for block in blocks) == 100_001
    assert not any(block.any() for block in blocks)
