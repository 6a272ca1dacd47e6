"""Derivatives of real recordings, each measured: frames, groups, codecs, sound, second 0 of all of them."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support import measure, sound
from tests.support.cameras import Camera, make_camera
from tests.support.media import LIMITS, picture, run_ffmpeg, tone
from tests.support.selection import thorough
from tests.support.shots import luma
from videocraft.errors import MediaError
from videocraft.media import ffmpeg
from videocraft.media.derivatives import Derivatives, Truncated, make, plan
from videocraft.media.edit import Tools
from videocraft.media.probe import MediaInfo, VideoStream, probe
from videocraft.media.process import Stopped

X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]


def inspect(path: Path) -> MediaInfo:
    (info,) = probe([path])
    assert isinstance(info, MediaInfo), info
    return info


def derive(path: Path, *, mezzanine: bool = True) -> Derivatives:
    outdir = path.parent / f"{path.stem}-made"
    outdir.mkdir()
    info = inspect(path)
    return make(
        path,
        info,
        plan(info, mezzanine=mezzanine),
        outdir,
        tools=Tools(ffmpeg.binary(), LIMITS),
        should_stop=lambda: False,
        on_progress=lambda _: None,
    )


def video_of(path: Path | None) -> VideoStream:
    assert path is not None
    video = inspect(path).video
    assert video is not None
    return video


def pictures(made: Derivatives) -> list[Path]:
    assert made.proxy is not None
    assert made.mezzanine is not None
    return [made.proxy, made.mezzanine]


def sound_error(path: Path | None, camera: Camera, at: float) -> tuple[float, float]:
    """How much later than right the sound at ``at`` is, in seconds, and how sure that is."""
    assert path is not None
    samples, rate = measure.decoded_sound(path)
    begin = round(at * rate)
    excerpt = samples[begin : begin + rate // 10].astype(float)
    return sound.locate(excerpt, rate, camera.heard, at, reach=0.6)


CASES: dict[str, dict[str, Any]] = {
    "plain.mp4": {},
    "late-sound.mp4": {"audio_delay": 0.49},
    "late-sound.mkv": {"audio_delay": 0.49},
    "late-sound.ts": {"audio_delay": 0.49},
    "late-sound-44100.mp4": {"audio_delay": 0.2, "sample_rate": 44_100},
    "late-picture.mp4": {"video_delay": 0.3},
    "late-picture.mkv": {"video_delay": 0.3},
    "any-clock.ts": {},
    "ntsc.mov": {"rate": Fraction(30_000, 1001), "audio": "pcm_s16le"},
    "surround.mkv": {"channels": 6, "audio": "ac3"},
    "turned.mp4": {"rotation": 90},
    "woven.mp4": {"interlaced": True, "rate": 25},
    "deep.mp4": {"codec": "h265", "pix_fmt": "yuv420p10le"},
    "full-range.mp4": {"full_range": True},
}
QUICK = ["late-sound.mp4", "late-sound.mkv", "late-picture.mp4", "any-clock.ts", "ntsc.mov", "turned.mp4"]


@pytest.mark.parametrize("name", thorough(CASES, QUICK))
def test_all_derivatives_share_second_0_to_the_frame_and_the_sample(tmp_path: Path, name: str) -> None:
    camera = make_camera(tmp_path / name, seconds=2, **CASES[name])
    made = derive(camera.path)
    frames = camera.frames + round(camera.video_delay * camera.rate)
    for path in pictures(made):
        wanted = [camera.code(max(0, n - round(camera.video_delay * camera.rate))) for n in range(frames)]
        assert measure.frame_codes(path) == wanted
        assert measure.frame_times(path)[0] == 0
        assert measure.uneven_times(measure.frame_times(path), camera.rate) == []
    for path in (*pictures(made), made.audio_wav):
        late, sure = sound_error(path, camera, 1.2)
        assert abs(late) < 0.0001
        assert sure > 0.95


def test_a_proxy_and_its_sound_as_planned(tmp_path: Path) -> None:
    camera = make_camera(tmp_path / "a.mp4", seconds=2, size=(1440, 1080), channels=1)
    made = derive(camera.path, mezzanine=False)
    assert made.proxy is not None
    tags = measure.stream_tags(made.proxy)
    assert (tags.codec, tags.size, tags.pix_fmt) == ("h264", (720, 540), "yuv420p")
    boxes = measure.top_boxes(made.proxy)
    assert boxes.index("moov") < boxes.index("mdat")
    keys = [packet.pts for packet in measure.packets(made.proxy) if packet.is_keyframe]
    assert keys == [Fraction(n, 2) for n in range(4)]
    (heard,) = inspect(made.proxy).audio
    assert (heard.codec, heard.sample_rate, heard.channels) == ("aac", 48_000, 2)
    assert measure.decode_messages(made.proxy) == ""
    assert set(made.by_kind()) == {"proxy", "audio-wav", "waveform", "poster"}


def test_lines_of_one_pixel_become_grey_in_a_proxy(tmp_path: Path) -> None:
    """A pixel of the proxy is a mean of several: one picked from them would flicker and show moire."""
    stripes = tmp_path / "stripes.mkv"
    # Every third column is white.
    source = "nullsrc=size=1440x1080:rate=10:duration=0.5,geq=lum='if(mod(X,3),16,235)':cb=128:cr=128"
    run_ffmpeg("-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", "-c:v", "ffv1", str(stripes))
    made = derive(stripes, mezzanine=False)
    assert made.proxy is not None
    columns = luma(made.proxy, 720, 540).mean(axis=(0, 1))
    assert sorted(columns.reshape(-1, 3).mean(axis=0)) == pytest.approx([71, 98, 98], abs=6)


def test_groups_of_the_proxy_are_closed(tmp_path: Path) -> None:
    """Each half second decodes to the same pictures when nothing before it is there."""
    camera = make_camera(tmp_path / "a.mp4", seconds=2)
    made = derive(camera.path, mezzanine=False)
    assert made.proxy is not None
    whole = measure.frame_hashes(made.proxy)
    tail = tmp_path / "tail.mp4"
    run_ffmpeg("-ss", "1", "-i", str(made.proxy), "-map", "0:v", "-c", "copy", str(tail))
    assert measure.frame_hashes(tail) == whole[30:]


def test_a_mezzanine_as_planned(tmp_path: Path) -> None:
    camera = make_camera(tmp_path / "a.mkv", seconds=1, channels=6, audio="ac3", size=(640, 360))
    made = derive(camera.path)
    video = video_of(made.mezzanine)
    assert (video.codec, video.profile, video.width, video.height) == ("prores", "Standard", 640, 360)
    assert (video.rate, video.frames, video.is_constant_rate) == (30, 30, True)
    (heard,) = inspect(pictures(made)[1]).audio
    assert (heard.codec, heard.sample_rate, heard.channels) == ("pcm_s24le", 48_000, 6)
    assert heard.duration == 1


def test_wav_peaks_and_poster(tmp_path: Path) -> None:
    camera = make_camera(tmp_path / "a.mp4", seconds=2, audio_delay=0.5)
    made = derive(camera.path, mezzanine=False)
    assert made.audio_wav is not None
    assert made.waveform is not None
    assert made.poster is not None
    (heard,) = inspect(made.audio_wav).audio
    assert (heard.codec, heard.sample_rate, heard.channels) == ("pcm_s16le", 48_000, 2)
    assert 0 <= heard.duration - 2 < Fraction(2 * 1024, 48_000)
    peaks = json.loads(made.waveform.read_text())
    assert peaks["length"] == -(-int(heard.duration * 48_000) // 480)
    low, high = np.array(peaks["data"]).reshape(-1, 2).T
    assert not high[:49].any()
    assert (high[52:199] > 20).all()
    assert (low[52:199] < -20).all()
    (poster,) = probe([made.poster], images=True)
    assert isinstance(poster, MediaInfo)
    assert poster.video is not None
    assert (poster.video.codec, poster.video.width, poster.video.height) == ("mjpeg", 320, 180)


def test_hdr_becomes_sdr_in_the_proxy_and_stays_in_the_mezzanine(tmp_path: Path) -> None:
    path = tmp_path / "hdr.mp4"
    tags = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc,format=yuv420p10le"
    encoder = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error"]
    run_ffmpeg(*picture(0.5), "-vf", tags, *encoder, str(path))
    made = derive(path)
    proxy, mezzanine = video_of(made.proxy), video_of(made.mezzanine)
    assert (proxy.color_transfer, proxy.color_space, proxy.color_primaries) == ("bt709", "bt709", "bt709")
    assert (mezzanine.color_transfer, mezzanine.color_space, mezzanine.profile) == (
        "smpte2084",
        "bt2020nc",
        "HQ",
    )


def test_a_varying_rate_becomes_constant_and_keeps_its_length(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    # A phone: every fifth frame 6 ms late, and a last picture that stands for six seconds.
    jitter = "settb=1/90000,setpts='if(eq(N,59),8/TB,PTS+eq(mod(N,5),2)*0.006/TB)'"
    options = ["-fps_mode", "passthrough", "-enc_time_base", "1/90000", "-video_track_timescale", "90000"]
    run_ffmpeg(*picture(2), *tone(8), "-vf", jitter, *options, *X264, str(path))
    assert not video_of(path).is_constant_rate
    made = derive(path)
    for made_of in pictures(made):
        video = video_of(made_of)
        assert (video.rate, video.is_constant_rate, video.frames) == (30, True, 241)
    assert made.warnings == ()


def test_only_sound_and_only_a_picture(tmp_path: Path) -> None:
    heard, seen = tmp_path / "a.mp3", tmp_path / "b.mp4"
    run_ffmpeg(*tone(1), "-c:a", "libmp3lame", str(heard))
    run_ffmpeg(*picture(1), *X264, str(seen))
    assert set(derive(heard).by_kind()) == {"audio-wav", "waveform"}
    assert set(derive(seen).by_kind()) == {"proxy", "mezzanine", "poster"}


@pytest.mark.parametrize("size", thorough(["321:181", "320:181", "321:180", "2:2"], ["321:181", "2:2"]))
def test_odd_sizes(tmp_path: Path, size: str) -> None:
    path = tmp_path / "a.mkv"
    run_ffmpeg(
        *picture(0.2), "-vf", f"scale={size},setsar=1", "-c:v", "ffv1", "-pix_fmt", "yuv444p", str(path)
    )
    width, height = map(int, size.split(":"))
    made = derive(path)
    assert (video_of(made.mezzanine).width, video_of(made.mezzanine).height) == (width // 2 * 2, height)
    assert (video_of(made.proxy).width, video_of(made.proxy).height) == (width // 2 * 2, height // 2 * 2)


def test_of_two_sound_tracks_the_first_is_used_and_the_other_told(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    run_ffmpeg(
        *picture(1), *tone(1, 440), *tone(1, 3000), "-map", "0", "-map", "1", "-map", "2", *X264, str(path)
    )
    made = derive(path)
    assert made.warnings == ("The recording has 2 sound tracks; the first one is used.",)
    assert made.audio_wav is not None
    samples, rate = measure.decoded_sound(made.audio_wav)
    assert abs(np.argmax(np.abs(np.fft.rfft(samples[:rate]))) - 440) <= 1


def test_a_gap_in_the_sound_stays_where_it_is(tmp_path: Path) -> None:
    camera = make_camera(tmp_path / "whole.mkv", seconds=3)
    path = tmp_path / "gap.mkv"
    dropped = "noise=drop='between(pts*tb,0.8,1.3)'"
    run_ffmpeg("-i", str(camera.path), "-c", "copy", "-bsf:a", dropped, str(path))
    made = derive(path, mezzanine=False)
    assert made.audio_wav is not None
    samples, rate = measure.decoded_sound(made.audio_wav)
    assert not np.abs(samples[round(0.9 * rate) : round(1.2 * rate)]).max() > 0.01
    late, sure = sound_error(made.audio_wav, camera, 2.0)
    assert abs(late) < 0.0005
    assert sure > 0.95


def test_the_timecode_is_kept_for_editors(tmp_path: Path) -> None:
    path = tmp_path / "a.mov"
    run_ffmpeg(*picture(1, rate="30000/1001"), *X264, "-timecode", "01:02:03;04", str(path))
    made = derive(path)
    assert inspect(path).timecode == inspect(pictures(made)[1]).timecode == "01:02:03;04"
    assert inspect(pictures(made)[0]).stream_count == 1


@pytest.mark.parametrize("share", thorough([0.4, 0.61, 0.9], [0.61]))
def test_a_truncated_recording_says_where_it_ends(tmp_path: Path, share: float) -> None:
    whole, path = tmp_path / "whole.mp4", tmp_path / "cut.mp4"
    run_ffmpeg(*picture(6), *tone(6), *X264, "-b:v", "1M", "-movflags", "+faststart", str(whole))
    data = whole.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(Truncated, match=r"^The file is truncated: its picture ends at \d+ % \(") as caught:
        derive(path)
    assert abs(caught.value.details["percent"] - 100 * share) < 10


@pytest.mark.parametrize("suffix", ["mkv", "webm"])
def test_a_truncated_matroska_file_says_how_much_of_it_is_there(tmp_path: Path, suffix: str) -> None:
    whole, path = tmp_path / f"whole.{suffix}", tmp_path / f"cut.{suffix}"
    codec = ["-c:v", "libvpx", "-c:a", "libopus"] if suffix == "webm" else X264
    run_ffmpeg(*picture(2), *tone(2), *codec, "-b:v", "1M", str(whole))
    assert derive(whole, mezzanine=False).warnings == ()
    data = whole.read_bytes()
    path.write_bytes(data[: int(0.61 * len(data))])
    with pytest.raises(Truncated, match=r"^The file is truncated: 61 % of its bytes are there\.$"):
        derive(path, mezzanine=False)


def test_truncated_sound_says_where_it_ends(tmp_path: Path) -> None:
    whole, path = tmp_path / "whole.m4a", tmp_path / "cut.m4a"
    run_ffmpeg(*tone(6), "-c:a", "aac", "-movflags", "+faststart", str(whole))
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(Truncated, match="its sound ends at"):
        derive(path)


def test_a_recording_that_lacks_its_last_moment_is_used_with_a_warning(tmp_path: Path) -> None:
    whole, path = tmp_path / "whole.mp4", tmp_path / "cut.mp4"
    run_ffmpeg(*picture(10), *X264, "-g", "15", "-b:v", "1M", "-movflags", "+faststart", str(whole))
    data = whole.read_bytes()
    path.write_bytes(data[: int(0.97 * len(data))])
    made = derive(path, mezzanine=False)
    (warning,) = made.warnings
    assert warning.startswith("The picture ends a little early: 9.")


def test_progress_rises_to_1_and_a_stop_is_heard(tmp_path: Path) -> None:
    camera = make_camera(tmp_path / "a.mp4", seconds=2)
    info = inspect(camera.path)
    tools = Tools(ffmpeg.binary(), LIMITS)
    told: list[float] = []
    make(
        camera.path, info, plan(info, mezzanine=False), tmp_path, tools=tools, should_stop=lambda: False,
        on_progress=told.append,
    )  # fmt: skip
    assert told == sorted(told)
    assert told[-1] == 1.0
    with pytest.raises(Stopped):
        make(
            camera.path, info, plan(info, mezzanine=False), tmp_path, tools=tools, should_stop=lambda: True,
            on_progress=told.append,
        )  # fmt: skip


def test_what_is_no_recording_is_told_in_words(tmp_path: Path) -> None:
    png, m3u8, protected = tmp_path / "a.mp4", tmp_path / "b.mp4", tmp_path / "c.mp4"
    run_ffmpeg(*picture(0.1), "-frames:v", "1", "-c:v", "png", "-f", "image2", "-update", "1", str(png))
    m3u8.write_text("#EXTM3U\n#EXTINF:9,\nhttp://example.com/a.ts\n")
    run_ffmpeg(*picture(0.2), *X264, "-tag:v", "avc1", str(protected))
    protected.write_bytes(protected.read_bytes().replace(b"avc1\0\0\0\0\0\0", b"drmi\0\0\0\0\0\0"))
    found = probe([png, m3u8, protected])
    assert [error.message for error in found if isinstance(error, MediaError)] == [
        "The file is a still picture, not video or sound.",
        "The file is a playlist: it only names other files.",
        "The file is encrypted.",
    ]
