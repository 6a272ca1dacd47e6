"""What a probe finds in files whose making is known."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.media import AAC, H264, make_av, picture, remux, run_ffmpeg, tone
from videocraft.errors import MediaError
from videocraft.media.packets import read_packets
from videocraft.media.probe import MediaInfo, VideoStream, probe
from videocraft.media.reader import open_as, open_media


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("probe")


@pytest.fixture(scope="module")
def plain(folder: Path) -> Path:
    """Two seconds of 30 fps with B-frames, and sound."""
    return make_av(folder / "plain.mp4")


def look(path: Path) -> MediaInfo:
    (info,) = probe([path])
    assert isinstance(info, MediaInfo), info
    return info


def look_video(path: Path) -> VideoStream:
    video = look(path).video
    assert video is not None
    return video


@pytest.mark.parametrize(
    ("suffix", "demuxer"),
    [(".mp4", "mov"), (".mov", "mov"), (".mkv", "matroska"), (".ts", "mpegts"), (".flv", "flv")],
)
def test_the_same_packets_in_every_container(suffix: str, demuxer: str, plain: Path) -> None:
    info = look(plain if suffix == ".mp4" else remux(plain, plain.with_suffix(suffix)))
    video = info.video
    assert video is not None
    assert info.format == demuxer
    assert info.size == Path(info.path).stat().st_size
    assert (video.codec, video.profile, video.level) == ("h264", "High", 13)
    assert (video.width, video.height, video.pix_fmt, video.sample_aspect) == (320, 180, "yuv420p", 1)
    assert (video.rate, video.is_constant_rate, video.frames) == (30, True, 60)
    assert abs(video.duration - 2) <= Fraction(1, 500)
    assert video.end_pts == video.start_pts + video.duration / video.time_base
    assert (video.rotation, video.is_mirrored, video.has_odd_edit_list) == (0, False, False)
    assert (video.field_order, video.b_frames) == ("progressive", 2)
    (sound,) = info.audio
    assert (sound.codec, sound.sample_rate, sound.channels, sound.layout) == ("aac", 48000, 1, "mono")
    assert abs(sound.duration - 2) < Fraction(1, 10)
    assert info.stream_count == 2


def test_a_fragmented_file(plain: Path, folder: Path) -> None:
    video = look_video(remux(plain, folder / "pieces.mp4", "-movflags", "frag_keyframe+empty_moov"))
    assert (video.rate, video.is_constant_rate, video.frames, video.duration) == (30, True, 60, 2)


@pytest.mark.parametrize(
    ("rate", "clock"),
    [("24000/1001", ".mp4"), ("30000/1001", ".mkv"), ("60000/1001", ".ts"), ("25", ".mkv"), ("12", ".mp4")],
)
def test_frame_rates_are_exact(rate: str, clock: str, folder: Path) -> None:
    path = make_av(folder / f"rate{rate.replace('/', '_')}{clock}", rate=rate)
    video = look_video(path)
    assert (video.rate, video.is_constant_rate) == (Fraction(rate), True)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_variable_rate_is_seen(suffix: str, folder: Path) -> None:
    path = make_av(folder / f"vfr{suffix}", "-vf", "select='not(eq(mod(n,7),3))'", "-fps_mode", "vfr")
    video = look_video(path)
    assert (video.is_constant_rate, video.rate, video.frames) == (False, 30, 51)
    assert abs(video.longest_gap - Fraction(1, 15)) <= Fraction(1, 500)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_rotation_is_clockwise(turn: int, plain: Path, folder: Path) -> None:
    path = folder / f"turned{turn}.mp4"
    # FFmpeg's option turns against the clock.
    run_ffmpeg("-display_rotation", str(-turn), "-i", str(plain), "-c", "copy", str(path))
    video = look_video(path)
    assert (video.rotation, video.is_mirrored) == (turn, False)


def test_a_mirror_is_no_rotation(plain: Path, folder: Path) -> None:
    path = folder / "mirrored.mp4"
    run_ffmpeg("-display_hflip", "-i", str(plain), "-c", "copy", str(path))
    assert look_video(path).is_mirrored


def test_a_cut_in_the_edit_list_is_odd(plain: Path, folder: Path) -> None:
    path = folder / "cut.mp4"
    run_ffmpeg("-ss", "0.5", "-i", str(plain), "-c", "copy", str(path))
    video = look_video(path)
    assert video.has_odd_edit_list
    assert (video.start_pts, video.frames) == (0, 45)


def test_a_track_that_starts_late_stays_late(plain: Path, folder: Path) -> None:
    path = folder / "late.mp4"
    inputs = ["-i", str(plain), "-itsoffset", "0.5", "-i", str(plain)]
    run_ffmpeg(*inputs, "-map", "0:v", "-map", "1:a", "-c", "copy", str(path))
    info = look(path)
    assert abs(info.audio[0].start_time - Fraction(1, 2)) < Fraction(1024 + 1, 48000)
    assert info.video is not None
    assert info.video.start_time == 0


def test_a_transport_stream_keeps_the_containers_clock(plain: Path) -> None:
    info = look(remux(plain, plain.with_suffix(".m2ts"), "-f", "mpegts"))
    assert info.start_time > 1
    assert info.video is not None
    assert info.start_time <= info.video.start_time < info.start_time + Fraction(1, 10)


def test_colours_interlacing_and_depth(folder: Path) -> None:
    hdr, fields = folder / "hdr.mp4", folder / "fields.mp4"
    tags = "setparams=range=tv:color_primaries=bt2020:color_trc=arib-std-b67:colorspace=bt2020nc"
    hevc = [
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-x265-params",
        "log-level=error",
        "-pix_fmt",
        "yuv420p10le",
    ]
    run_ffmpeg(*picture(0.5), "-vf", tags, *hevc, str(hdr))
    run_ffmpeg(*picture(0.5), *H264, "-flags", "+ildct+ilme", "-x264-params", "tff=1", str(fields))
    video = look_video(hdr)
    assert (video.codec, video.pix_fmt) == ("hevc", "yuv420p10le")
    assert (video.color_space, video.color_primaries) == ("bt2020nc", "bt2020")
    assert (video.color_transfer, video.color_range) == ("arib-std-b67", "tv")
    assert look_video(fields).field_order in {"tt", "tb"}


@pytest.mark.parametrize(
    ("name", "codec", "demuxer"),
    [
        ("a.wav", "pcm_s16le", "wav"),
        ("a.mp3", "mp3", "mp3"),
        ("a.flac", "flac", "flac"),
        ("a.aac", "aac", "aac"),
        ("a.ogg", "vorbis", "ogg"),
        ("a.m4a", "aac", "mov"),
    ],
)
def test_sound_alone(name: str, codec: str, demuxer: str, folder: Path) -> None:
    path = folder / name
    run_ffmpeg(*tone(2), *(["-c:a", "libvorbis"] if codec == "vorbis" else []), str(path))
    info = look(path)
    assert (info.format, info.video, info.audio[0].codec) == (demuxer, None, codec)
    assert abs(info.duration - 2) < Fraction(1, 10)


def test_a_cover_is_no_video(folder: Path) -> None:
    path = folder / "cover.mp3"
    run_ffmpeg(
        *tone(1), *picture(0.1, "10"), "-map", "0", "-map", "1", "-c:v", "mjpeg", "-frames:v", "1",
        "-disposition:v", "attached_pic", str(path),
    )  # fmt: skip
    info = look(path)
    assert info.video is None
    assert (len(info.audio), info.stream_count) == (1, 2)


def test_sound_that_cannot_be_read_is_left_out_with_a_word(folder: Path) -> None:
    path = folder / "odd.mkv"
    run_ffmpeg(*picture(1), *tone(1), *H264, "-c:a", "wmav2", str(path))
    info = look(path)
    assert info.audio == ()
    assert info.warnings == ("The sound of stream 1 (wmav2) is not supported.",)


def test_a_codec_that_is_not_ours(folder: Path) -> None:
    path = folder / "odd.avi"
    run_ffmpeg(*picture(1), "-c:v", "snow", "-strict", "-2", str(path))
    (error,) = probe([path])
    assert isinstance(error, MediaError)
    assert error.message == "The video codec snow is not supported."


def test_one_bad_file_costs_the_others_nothing(plain: Path, folder: Path) -> None:
    results = probe([plain, folder / "missing", plain])
    assert [type(result) for result in results] == [MediaInfo, MediaError, MediaInfo]
    assert probe([]) == []


@pytest.mark.parametrize("suffix", [".mkv", ".ts"])
def test_long_files_without_an_index_are_sampled(suffix: str, folder: Path) -> None:
    path = make_av(folder / f"long{suffix}", seconds=60, codecs=["-c:v", "mpeg2video", "-bf", "2", *AAC])
    info = look(path)
    assert info.video is not None
    with open_media(path, info) as container:
        packets = read_packets(container, [0, 1], size=10**12)
    assert not packets.is_complete
    assert len(packets.windows) == 5
    assert sum(len(window) for window in packets.windows) < 1300 < info.video.frames
    assert packets.tracks[0].first == info.video.start_pts
    steps = {b - a for window in packets.windows for a, b in pairwise(window)}
    assert steps <= ({33, 34} if suffix == ".mkv" else {3000})
    end = packets.tracks[0].last_time + packets.tracks[0].last_duration
    assert end == info.video.end_pts


def test_samples_find_a_gap_between_them(folder: Path) -> None:
    path = folder / "gap.mkv"
    jump = ["-vf", "setpts='if(gte(N,300),PTS+86400/TB,PTS)'", "-fps_mode", "vfr", "-g", "10"]
    run_ffmpeg(
        *picture(60, "10", "64x64"), *jump, "-c:v", "mpeg2video", "-cluster_time_limit", "500", str(path)
    )
    with open_as(path, "matroska") as container:
        packets = read_packets(container, [0], size=10**12)
    assert packets.index_gap > 86_000
