"""Tables of encoders and containers."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from typing import get_args

import pytest

from tests.support.streams import STREAM
from videocraft.media import presets

VIDEO = dataclasses.replace(
    STREAM, color_space="unknown", color_primaries="unknown", color_transfer="unknown", color_range="unknown"
)


@pytest.mark.parametrize("codec", get_args(presets.Codec))
def test_every_encoder_knows_every_quality(codec: str) -> None:
    for each in (presets.SOFTWARE[codec], *presets.HARDWARE[codec]):
        assert set(each.factors) == set(get_args(presets.Quality))
        assert presets.encoder(each.name) is each
        values = [each.factors[quality] for quality in get_args(presets.Quality)]
        # Apple's scale is the only one on which more is better.
        ordered = values if each.name.endswith("videotoolbox") else values[::-1]
        assert all(before < after for before, after in pairwise(ordered))
        assert each.quality_arguments("low")[:2] == ["-c:v", each.name]


def test_hevc_in_mp4_is_tagged_for_apple() -> None:
    assert presets.container_arguments("mp4", "hevc") == [
        "-tag:v",
        "hvc1",
        "-movflags",
        "+faststart",
        "-f",
        "mp4",
    ]
    assert presets.container_arguments("webm", "vp9") == ["-f", "webm"]
    assert "-tag:v" not in presets.container_arguments("mov", "h264")


def test_ten_bits_stay_where_players_take_them() -> None:
    deep = dataclasses.replace(VIDEO, pix_fmt="yuv420p10le")
    assert presets.pixel_format("h265", deep) == "yuv420p10le"
    assert presets.pixel_format("h264", deep) == "yuv420p"
    assert presets.pixel_format("h265", VIDEO) == "yuv420p"
    assert presets.pixel_format("av1", None) == "yuv420p"


@pytest.mark.parametrize(
    ("changes", "tags"),
    [
        ({}, "range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"),
        ({"height": 576}, "range=tv:color_primaries=smpte170m:color_trc=smpte170m:colorspace=smpte170m"),
        (
            {"color_space": "bt2020nc", "color_primaries": "bt2020", "color_transfer": "arib-std-b67"},
            "range=tv:color_primaries=bt2020:color_trc=arib-std-b67:colorspace=bt2020nc",
        ),
        ({"color_range": "pc"}, "range=pc:color_primaries=bt709:color_trc=bt709:colorspace=bt709"),
    ],
)
def test_colours_keep_their_meaning(changes: dict[str, object], tags: str) -> None:
    assert presets.color_filter(dataclasses.replace(VIDEO, **changes)) == f"setparams={tags}"


def test_rgb_is_converted_before_it_is_tagged() -> None:
    parts = presets.color_filter(dataclasses.replace(VIDEO, color_space="gbr")).split(",")
    assert parts[0] == "scale=out_color_matrix=bt709:out_range=tv"
    assert parts[-1].endswith("colorspace=bt709")
