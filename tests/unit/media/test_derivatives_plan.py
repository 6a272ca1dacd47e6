"""From what a probe found to FFmpeg's arguments, without a process."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.streams import STREAM
from videocraft.media.derivatives import Derivatives, Size, arguments, plan
from videocraft.media.description import describe
from videocraft.media.probe import AudioStream, MediaInfo

SOUND = AudioStream(1, "aac", 48_000, 2, "stereo", Fraction(0), Fraction(10))
INFO = MediaInfo("/x/a.mp4", 1000, "mov", Fraction(10), Fraction(0), STREAM, (SOUND,), 2)
FILES = Derivatives(*(Path("/out") / name for name in ("p.mp4", "m.mov", "a.wav", "w.json", "p.jpg")))


def made(info: MediaInfo, *, mezzanine: bool = True, processors: int = 2) -> list[str]:
    return arguments(Path("/x/a.mp4"), info, plan(info, mezzanine=mezzanine), FILES, processors=processors)


def graph(info: MediaInfo, *, mezzanine: bool = True) -> str:
    built = made(info, mezzanine=mezzanine)
    return built[built.index("-filter_complex") + 1]


def picture(**changes: object) -> MediaInfo:
    return replace(INFO, video=replace(STREAM, **changes))  # type: ignore[arg-type]


def test_one_input_is_decoded_for_all_outputs() -> None:
    built = made(INFO)
    assert built.count("-i") == 1
    outputs = [argument for argument in built if argument.startswith("file:/out/")]
    assert outputs == ["file:/out/p.mp4", "file:/out/m.mov", "file:/out/a.wav", "file:/out/p.jpg"]


@pytest.mark.parametrize(
    ("processors", "width", "mezzanine", "decoder", "encoder"),
    [
        (1, 1920, True, "1", "1"),
        (1, 1920, False, "1", "1"),
        # Decoding is most of the work here.
        (2, 1920, False, "4", "1"),
        (2, 3840, False, "4", "1"),
        (2, 3840, True, "1", "1"),
        (8, 1920, True, "8", "8"),
    ],
)
def test_few_processors_are_kept_busy_by_the_stages_themselves(
    processors: int, width: int, mezzanine: bool, decoder: str, encoder: str
) -> None:
    recording = picture(width=width, height=width * 9 // 16)
    built = made(recording, mezzanine=mezzanine, processors=processors)
    assert built[built.index("-threads") + 1] == decoder
    assert built.index("-threads") < built.index("-i")
    assert built[built.index("-threads:v") + 1] == encoder


@pytest.mark.parametrize(
    ("width", "height", "rate", "most"),
    [
        (1280, 720, 30, 5_000_000),
        (1280, 720, 60, 5_000_000),
        (1920, 1080, 30, 2_812_500),
        # A slide a second, or a small picture, needs its bits too.
        (1920, 1080, 1, 2_812_500),
        (160, 90, 30, 2_000_000),
    ],
)
def test_a_proxy_may_have_bits_for_its_pixels(width: int, height: int, rate: int, most: int) -> None:
    built = made(picture(width=width, height=height, rate=Fraction(rate)))
    assert built[built.index("-maxrate") + 1] == str(most)
    assert built[built.index("-bufsize") + 1] == str(2 * most)


def test_without_a_mezzanine_nothing_is_made_for_it() -> None:
    built = made(INFO, mezzanine=False)
    assert not {"file:/out/m.mov", "prores_aw", "pcm_s24le"} & set(built)
    assert "[mezzanine]" not in graph(INFO, mezzanine=False)
    assert plan(INFO, mezzanine=False).picture.mezzanine is None  # type: ignore[union-attr]


def test_only_sound_becomes_a_wav() -> None:
    built = made(replace(INFO, video=None))
    assert [argument for argument in built if argument.startswith("file:/out/")] == ["file:/out/a.wav"]


def test_only_a_picture_has_no_wav() -> None:
    built = made(replace(INFO, audio=()))
    assert "file:/out/a.wav" not in built
    assert not any(argument.startswith(("pcm_", "aac")) for argument in built)


@pytest.mark.parametrize(
    ("coded", "aspect", "rotation", "proxy", "mezzanine"),
    [
        ((1920, 1080), "1", 0, (960, 540), (1920, 1080)),
        ((1920, 1080), "1", 90, (360, 640), (1080, 1920)),
        ((1440, 1080), "4/3", 0, (960, 540), (1440, 1080)),
        ((1280, 720), "1", 0, (1280, 720), (1280, 720)),
        ((720, 576), "16/15", 0, (768, 576), (720, 576)),
        ((3840, 2160), "1", 180, (1280, 720), (3840, 2160)),
        ((641, 361), "1", 0, (640, 360), (640, 361)),
        ((1, 1), "1", 0, (2, 2), (2, 1)),
    ],
)
def test_sizes(
    coded: tuple[int, int], aspect: str, rotation: int, proxy: tuple[int, int], mezzanine: tuple[int, int]
) -> None:
    info = picture(width=coded[0], height=coded[1], sample_aspect=Fraction(aspect), rotation=rotation)
    planned = plan(info, mezzanine=True).picture
    assert planned is not None
    assert (planned.proxy, planned.mezzanine) == (Size(*proxy), Size(*mezzanine))


@given(st.integers(2, 8192), st.integers(2, 4320), st.sampled_from([0, 90, 180, 270]))
def test_a_proxy_is_even_at_most_720_lines_and_never_larger(width: int, height: int, rotation: int) -> None:
    planned = plan(picture(width=width, height=height, rotation=rotation), mezzanine=False).picture
    assert planned is not None
    shown = (height, width) if rotation in {90, 270} else (width, height)
    assert planned.proxy.width % 2 == planned.proxy.height % 2 == 0
    assert 2 <= planned.proxy.height <= min(720, max(2, shown[1]))
    assert 2 <= planned.proxy.width <= max(2, shown[0])


@pytest.mark.parametrize(
    ("pix_fmt", "is_deep"),
    [
        ("yuv420p", False), ("yuvj422p", False), ("nv12", False), ("rgb24", False), ("yuv410p", False),
        ("yuv420p10le", True), ("yuv422p12le", True), ("gbrp10le", True), ("p010le", True), ("rgb48le", True),
        ("gray10le", True), ("v210", True),
    ],
)  # fmt: skip
def test_ten_bits_and_more_get_the_high_profile(pix_fmt: str, *, is_deep: bool) -> None:
    built = made(picture(pix_fmt=pix_fmt))
    assert built[built.index("-profile:v") + 1] == ("3" if is_deep else "2")


@pytest.mark.parametrize(
    ("rate", "frames"), [("24000/1001", 11), ("25", 12), ("30000/1001", 14), ("30", 15), ("60", 30), ("1", 1)]
)
def test_keyframes_are_never_more_than_half_a_second_apart(rate: str, frames: int) -> None:
    built = made(picture(rate=Fraction(rate)))
    assert built[built.index("-g") + 1] == built[built.index("-keyint_min") + 1] == str(frames)


def test_the_time_base_is_for_pictures_alone() -> None:
    """Sound timed in frames comes apart: this was a bug."""
    built = made(INFO)
    assert "-enc_time_base" not in built
    assert built.count("-enc_time_base:v") == 2


def test_second_0_is_that_of_the_recording() -> None:
    late = replace(
        picture(start_pts=14_400, time_base=Fraction(1, 90_000), duration=Fraction(10)),
        format="mpegts",
        start_time=Fraction(14_400, 90_000),
    )
    assert "setpts=PTS-14400," in graph(late)
    assert "asetpts=round(PTS-4/25/TB)" in graph(late)
    assert "setpts=PTS-0," in graph(replace(late, format="mov"))


def test_a_picture_that_starts_late_is_as_much_longer() -> None:
    planned = plan(picture(start_pts=15360), mezzanine=False).picture
    assert planned is not None
    assert planned.frames == 330


def test_light_beyond_the_display_is_mapped_after_scaling_and_for_the_proxy_alone() -> None:
    hdr = picture(color_transfer="smpte2084", color_space="bt2020nc", color_primaries="bt2020")
    small, large = graph(hdr).split(";")[1], graph(hdr).split(";")[3]
    assert small.index("scale=w=960") < small.index("tonemap") < small.index("color_trc=bt709")
    assert "tonemap" not in large
    assert "bt709" not in large
    assert "tonemap" not in graph(INFO)


def test_fields_are_woven_before_the_rate_is_made_constant() -> None:
    woven = graph(picture(field_order="tt"))
    assert woven.index("bwdif") < woven.index("fps=")
    assert "bwdif" not in graph(INFO)


def test_channels_without_a_layout_are_not_mixed_by_one() -> None:
    seven = replace(SOUND, channels=7, layout="7 channels")
    assert graph(replace(INFO, audio=(seven,))).count("pan=stereo|c0=c0|c1=c1") == 2
    assert "pan" not in graph(replace(INFO, audio=(replace(SOUND, channels=1, layout="1 channels"),)))


def test_a_timecode_goes_to_the_mezzanine() -> None:
    built = made(replace(INFO, timecode="01:00:00;02"))
    assert built[built.index("-timecode") + 1] == "01:00:00;02"
    assert "-timecode" not in made(INFO)


def test_the_contract_s_metadata() -> None:
    told = describe(picture(rate=Fraction(30000, 1001), rotation=90))
    assert (told["durationMs"], told["fps"], told["resolution"], told["codec"]) == (
        10_000,
        29.97,
        "1080x1920",
        "h264",
    )
    assert describe(picture(rate=Fraction(24000, 1001)))["fps"] == 23.976
    assert describe(INFO)["fps"] == 30
    only_sound = describe(replace(INFO, video=None))
    assert (only_sound["fps"], only_sound["resolution"], only_sound["codec"]) == (None, None, "aac")
