"""Parameter sets of real encoders, renumbered so that they can live in one header."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from tests.support.cameras import make_camera
from videocraft.media.decoder_config import read_config, sequence_facts, write_config
from videocraft.media.nal import Codec, MalformedBitstream, SetKind, parameter_set, renumber_set
from videocraft.media.parameter_sets import ParameterSetPool, TooManySets

CODECS = pytest.mark.parametrize(("name", "codec"), [("h264", Codec.H264), ("h265", Codec.HEVC)])


def extradata(path: Path, name: str, **parameters: object) -> bytes:
    camera = make_camera(path, seconds=0.2, codec=name, size=(64, 64), audio=None, **parameters)
    with av.open(str(camera.path)) as container:
        return bytes(container.streams.video[0].codec_context.extradata or b"")


@CODECS
def test_a_configuration_is_read_and_written_alike(tmp_path: Path, name: str, codec: Codec) -> None:
    config = read_config(codec, extradata(tmp_path / "a.mp4", name))
    assert config.length_size == 4
    written = read_config(codec, write_config(codec, config.sets))
    assert written.sets == config.sets


@CODECS
def test_a_transport_stream_has_the_same_sets_with_start_codes(
    tmp_path: Path, name: str, codec: Codec
) -> None:
    in_file = read_config(codec, extradata(tmp_path / "a.mp4", name))
    in_stream = read_config(codec, extradata(tmp_path / "a.ts", name))
    assert in_stream.length_size == 0
    assert {item.kind for item in in_stream.sets} == {item.kind for item in in_file.sets}


@CODECS
def test_a_renumbered_set_says_so_and_can_be_numbered_back(tmp_path: Path, name: str, codec: Codec) -> None:
    for item in read_config(codec, extradata(tmp_path / "a.mp4", name)).sets:
        parent = None if item.parent is None else 5
        moved = renumber_set(codec, item, 9, parent)
        found = parameter_set(codec, moved.nal)
        assert found is not None
        assert (found.kind, found.id, found.parent) == (item.kind, 9, parent)
        assert renumber_set(codec, moved, item.id, item.parent).nal == item.nal


@CODECS
def test_the_facts_of_a_sequence(tmp_path: Path, name: str, codec: Codec) -> None:
    ten_bits = "high10" if name == "h264" else "main10"
    data = extradata(tmp_path / "a.mp4", name, pix_fmt="yuv420p10le", profile=ten_bits)
    sps = next(item for item in read_config(codec, data).sets if item.kind is SetKind.SPS)
    facts = sequence_facts(codec, sps)
    assert (facts.chroma_format, facts.luma_depth, facts.chroma_depth, facts.frames_only) == (1, 10, 10, True)


def test_an_interlaced_sequence_is_told(tmp_path: Path) -> None:
    data = extradata(tmp_path / "a.mp4", "h264", interlaced=True)
    sps = next(item for item in read_config(Codec.H264, data).sets if item.kind is SetKind.SPS)
    assert not sequence_facts(Codec.H264, sps).frames_only


@CODECS
def test_a_pool_keeps_the_first_stream_and_renumbers_the_second(
    tmp_path: Path, name: str, codec: Codec
) -> None:
    first = read_config(codec, extradata(tmp_path / "a.mp4", name, bframes=2)).sets
    second = read_config(codec, extradata(tmp_path / "b.mp4", name, bframes=0)).sets
    pool = ParameterSetPool(codec)
    assert pool.add(first).pps_ids == {}
    assert pool.add(second).pps_ids == {0: 15}
    assert pool.add(first).pps_ids == {}
    merged = read_config(codec, pool.config()).sets
    assert set(first) < set(merged)
    for kind in SetKind:
        ids = [item.id for item in merged if item.kind is kind]
        assert len(ids) == len(set(ids))
    parents = {item.id for item in merged if item.kind is SetKind.SPS}
    assert all(item.parent in parents for item in merged if item.kind is SetKind.PPS)


def test_streams_beyond_what_can_be_numbered_are_refused(tmp_path: Path) -> None:
    sets = read_config(Codec.H264, extradata(tmp_path / "a.mp4", "h264")).sets
    pool = ParameterSetPool(Codec.H264)
    sps = next(item for item in sets if item.kind is SetKind.SPS)
    pps = next(item for item in sets if item.kind is SetKind.PPS)
    for level in range(17):
        other = sps.nal[:3] + bytes([level + 10]) + sps.nal[4:]
        found = parameter_set(Codec.H264, other)
        assert found is not None
        pool.add((found, pps))
    with pytest.raises(TooManySets, match="PPS"):
        pool.add((renumber_set(Codec.H264, sps, 30, None), renumber_set(Codec.H264, pps, 0, 30)))


@pytest.mark.parametrize("data", [b"", b"\1", b"\1dddd\xff\xe1\xff\xff", b"\2" * 40, b"\0\0\1\x09\x10"])
def test_a_damaged_configuration_is_refused(data: bytes) -> None:
    for codec in Codec:
        with pytest.raises(MalformedBitstream):
            read_config(codec, data)
