"""Cuts, levels and subjects of real files."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.support.media import run_ffmpeg, tone
from tests.support.shots import TOOLS, info_of, luma, make_blob, make_shots
from videocraft.media.clip import ClipPlan, make_clip, output_size
from videocraft.media.loudness import measure_range, measure_sound
from videocraft.media.reframe import CropPath, follow
from videocraft.media.scenes import find_scenes
from videocraft.media.silences import find_silences


def never() -> bool:
    return False


@pytest.mark.parametrize("rate", ["25", pytest.param("30000/1001", marks=pytest.mark.slow)])
def test_cuts_are_found_at_their_frames(tmp_path: Path, rate: str) -> None:
    path = make_shots(tmp_path / "film.mp4", (20, 13, 31, 17, 9), rate=rate)
    scenes = find_scenes(path, info_of(path), workdir=tmp_path, tools=TOOLS, should_stop=never)
    assert scenes.cuts == (20, 33, 64, 81)
    assert scenes.frames == 90
    assert list(tmp_path.glob("*.raw")) == []


def test_a_moving_picture_without_cuts_has_none(tmp_path: Path) -> None:
    path = make_blob(tmp_path / "blob.mp4")
    scenes = find_scenes(path, info_of(path), workdir=tmp_path, tools=TOOLS, should_stop=never)
    assert scenes.cuts == ()
    assert max(scenes.motion) > 0


def _sound(path: Path, *arguments: str) -> Path:
    run_ffmpeg(*arguments, "-c:a", "pcm_s16le", str(path))
    return path


def test_the_loudness_of_a_sine_is_what_r128_says(tmp_path: Path) -> None:
    # A sine of 1 kHz with a peak of -23 dBFS in both channels has -23 LUFS (EBU Tech 3341, case 1).
    path = _sound(
        tmp_path / "tone.wav",
        *(
            "-f",
            "lavfi",
            "-i",
            "aevalsrc=exprs='0.0708*sin(2*PI*1000*t)|0.0708*sin(2*PI*1000*t)':s=48000:d=4",
        ),
    )
    loudness, levels = measure_sound(path, info_of(path), workdir=tmp_path, tools=TOOLS, should_stop=never)
    assert loudness.integrated == pytest.approx(-23.0, abs=0.1)
    assert loudness.true_peak == pytest.approx(-23.0, abs=0.1)
    assert levels.duration == pytest.approx(4.0, abs=0.03)
    assert np.median(levels.db) == pytest.approx(-26.0, abs=0.2)


def test_pauses_are_found_where_they_are(tmp_path: Path) -> None:
    path = _sound(
        tmp_path / "pauses.wav",
        *("-f", "lavfi", "-i", "sine=frequency=300:sample_rate=48000:duration=4"),
        *("-af", "volume='if(between(t,1,1.6)+between(t,3,3.4),0,1)':eval=frame"),
    )
    _, levels = measure_sound(path, info_of(path), workdir=tmp_path, tools=TOOLS, should_stop=never)
    found = find_silences(levels)
    assert [(silence.start, silence.end) for silence in found] == [
        (pytest.approx(1.0, abs=0.04), pytest.approx(1.6, abs=0.04)),
        (pytest.approx(3.0, abs=0.04), pytest.approx(3.4, abs=0.04)),
    ]


def test_silence_has_no_loudness(tmp_path: Path) -> None:
    path = _sound(tmp_path / "silence.wav", "-f", "lavfi", "-i", "anullsrc=sample_rate=48000:d=2")
    info = info_of(path)
    loudness, _ = measure_sound(path, info, workdir=tmp_path, tools=TOOLS, should_stop=never)
    assert loudness.integrated is None
    whole = {"start": Fraction(0), "end": Fraction(2), "target": -16.0}
    assert measure_range(path, info, **whole, tools=TOOLS, should_stop=never) is None


def test_two_passes_bring_a_clip_to_the_loudness_asked_for(tmp_path: Path) -> None:
    path = make_shots(tmp_path / "film.mp4", (50, 50), sound=tone(4))
    info = info_of(path)
    start, end = Fraction(1), Fraction(3)
    filter_ = measure_range(path, info, start=start, end=end, target=-16.0, tools=TOOLS, should_stop=never)
    assert filter_ is not None
    assert info.video is not None
    plan = ClipPlan(path, info, start, end, size=output_size(info.video, None, None), levelling=filter_)
    made = make_clip(
        plan,
        tmp_path / "out.mp4",
        workdir=tmp_path,
        tools=TOOLS,
        should_stop=never,
        on_progress=lambda _: None,
        warn=print,
    )
    loudness, _ = measure_sound(tmp_path / "out.mp4", made, workdir=tmp_path, tools=TOOLS, should_stop=never)
    assert loudness.integrated == pytest.approx(-16.0, abs=0.5)
    assert made.audio[0].duration == pytest.approx(2.0, abs=0.05)


def test_the_window_follows_what_moves(tmp_path: Path) -> None:
    path = make_blob(tmp_path / "blob.mp4", frames=75)
    info = info_of(path)
    crop = follow(
        path,
        info,
        Fraction(9, 16),
        start=Fraction(0),
        end=Fraction(3),
        cuts=[],
        workdir=tmp_path,
        tools=TOOLS,
        should_stop=never,
    )
    assert crop.is_horizontal
    assert len(crop.centres) == 75
    aims = np.clip((20 + 280 * np.arange(75) / 75) / 320, crop.window / 2, 1 - crop.window / 2)
    # Never further off than what keeps most of the square in the picture.
    assert np.abs(np.array(crop.centres) - aims).max() < crop.window / 3


def test_the_file_shows_the_window_at_each_frame(tmp_path: Path) -> None:
    path = make_blob(tmp_path / "blob.mp4", frames=50)
    info = info_of(path)
    assert info.video is not None
    size = output_size(info.video, Fraction(1), None)
    assert size == (180, 180)
    # Along with the square from the start: it has to stand still in the result.
    centres = tuple(min(max((20 + 280 * at / 50) / 320, 90 / 320), 230 / 320) for at in range(50))
    plan = ClipPlan(path, info, Fraction(0), Fraction(2), size=size, crop=CropPath(True, 180 / 320, centres))
    made = make_clip(
        plan,
        tmp_path / "out.mp4",
        workdir=tmp_path,
        tools=TOOLS,
        should_stop=never,
        on_progress=lambda _: None,
        warn=print,
    )
    assert made.video is not None
    assert (made.video.width, made.video.height, made.video.frames) == (180, 180, 50)
    pictures = luma(tmp_path / "out.mp4", 180, 180)
    for at, picture in enumerate(pictures):
        columns = np.flatnonzero(picture[90] > 190)
        square = 280 * at / 50 + 19.5
        offset = round(centres[at] * 320 - 90)
        assert columns.mean() == pytest.approx(square - offset, abs=2.6), at
