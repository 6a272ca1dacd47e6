"""NAL units: bits, escaping, and ids that change without touching a slice's payload."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.media.nal import (
    MAX_SET_ID,
    Bits,
    Codec,
    MalformedBitstream,
    Picture,
    SetKind,
    compatible_ids,
    escape,
    join_length_prefixed,
    picture_of,
    renumber_slice,
    slice_pps_id,
    split_annex_b,
    split_length_prefixed,
    ue_length,
    unescape,
)

zero_ridden = st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 4, 0x80, 0xFF]), max_size=80).map(bytes)


def ue(value: int) -> str:
    """The Exp-Golomb code of a number as bits (H.264 9.1)."""
    binary = f"{value + 1:b}"
    return "0" * (len(binary) - 1) + binary


def packed(bits: str) -> bytes:
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


def unpacked(nal: bytes, header: int) -> str:
    return "".join(f"{byte:08b}" for byte in unescape(nal)[header:])


def h264_slice(first_mb: int, slice_type: int, pps_id: int, rest: str, payload: bytes) -> bytes:
    return b"\x41" + escape(packed(ue(first_mb) + ue(slice_type) + ue(pps_id) + rest) + payload)


@given(zero_ridden)
def test_escaping_is_undone_and_leaves_no_start_code(data: bytes) -> None:
    escaped = escape(data)
    assert unescape(escaped)[: len(data)] == data
    for forbidden in (b"\0\0\0", b"\0\0\1", b"\0\0\2"):
        assert forbidden not in escaped


@given(st.integers(0, 2**20))
def test_exp_golomb_codes_are_read_and_measured(value: int) -> None:
    bits = Bits(packed(ue(value) + "1"))
    assert bits.read_ue() == value
    assert bits.position == ue_length(value)


def test_signed_exp_golomb_codes_alternate_around_zero() -> None:
    bits = Bits(packed("".join(ue(code) for code in range(5))))
    assert [bits.read_se() for _ in range(5)] == [0, 1, -1, 2, -2]


def test_reading_past_the_end_is_an_error() -> None:
    with pytest.raises(MalformedBitstream, match="past the end"):
        Bits(b"\xff").read(9)
    with pytest.raises(MalformedBitstream):
        Bits(bytes(8)).read_ue()


@given(codec=st.sampled_from(list(Codec)), old=st.integers(0, 14))
def test_compatible_ids_have_codes_eight_bits_longer(codec: Codec, old: int) -> None:
    for new in compatible_ids(codec, old):
        assert ue_length(new) - ue_length(old) == 8
        assert new <= MAX_SET_ID[codec][SetKind.PPS]


@given(
    first_mb=st.sampled_from([0, 1, 40, 8159]),
    slice_type=st.integers(0, 9),
    old=st.integers(0, 6),
    choice=st.integers(0, 1000),
    rest=st.text("01", min_size=3, max_size=70),
    payload=st.lists(st.sampled_from([0, 0, 0, 1, 3, 7, 200]), min_size=1, max_size=60).map(
        lambda data: bytes([*data, 0x80])
    ),
)
def test_renumbering_a_slice_changes_its_pps_id_and_nothing_else(
    first_mb: int, slice_type: int, old: int, choice: int, rest: str, payload: bytes
) -> None:
    ids = compatible_ids(Codec.H264, old)
    new = ids[choice % len(ids)]
    before = h264_slice(first_mb, slice_type, old, rest, payload)
    after = renumber_slice(Codec.H264, before, {old: new})
    assert slice_pps_id(Codec.H264, after) == new
    assert b"\0\0\1" not in after
    assert b"\0\0\0" not in after
    # All bits behind the id are the same, at the same place within their byte.
    start = ue_length(first_mb) + ue_length(slice_type)
    bits_before, bits_after = unpacked(before, 1), unpacked(after, 1)
    assert bits_after[:start] == bits_before[:start]
    assert bits_after[start + ue_length(new) :] == bits_before[start + ue_length(old) :]


@pytest.mark.parametrize("kind", [1, 19, 21])
def test_an_hevc_slice_is_renumbered_behind_its_first_flags(kind: int) -> None:
    flags = "1" + ("0" if 16 <= kind <= 23 else "")
    before = bytes([kind << 1, 1]) + escape(packed(flags + ue(0) + "1011001110001") + bytes(range(1, 40)))
    after = renumber_slice(Codec.HEVC, before, {0: 15})
    assert slice_pps_id(Codec.HEVC, after) == 15
    assert len(after) == len(before) + 1
    assert after[-30:] == before[-30:]


def test_an_id_that_would_shift_the_payload_is_refused() -> None:
    with pytest.raises(MalformedBitstream, match="without shifting"):
        renumber_slice(Codec.H264, h264_slice(0, 7, 0, "111", b"\x80"), {0: 1})


def test_a_slice_that_keeps_its_id_is_not_written_again() -> None:
    before = h264_slice(0, 7, 2, "111", b"\x80")
    assert renumber_slice(Codec.H264, before, {2: 2}) is before


@pytest.mark.parametrize(
    ("codec", "nals", "expected"),
    [
        (Codec.H264, [b"\x09\x10", b"\x06\x05", b"\x65\x88"], Picture.IDR),
        (Codec.H264, [b"\x41\x9a"], Picture.OTHER),
        (Codec.HEVC, [b"\x46\x01", b"\x26\x01\xaf"], Picture.IDR),
        (Codec.HEVC, [b"\x28\x01\xaf"], Picture.IDR),
        # A CRA picture is a keyframe to containers, and its leading pictures need what came before.
        (Codec.HEVC, [b"\x2a\x01\xaf"], Picture.OTHER),
    ],
)
def test_only_idr_pictures_start_afresh(codec: Codec, nals: list[bytes], expected: Picture) -> None:
    assert picture_of(codec, nals) is expected


def test_an_access_unit_without_a_slice_is_malformed() -> None:
    with pytest.raises(MalformedBitstream, match="without a slice"):
        picture_of(Codec.H264, [b"\x09\x10"])


@given(st.lists(st.binary(min_size=1, max_size=30), min_size=1, max_size=6))
def test_length_prefixed_units_survive_joining_and_splitting(nals: list[bytes]) -> None:
    assert list(split_length_prefixed(join_length_prefixed(nals), 4)) == nals


@given(st.lists(zero_ridden.map(lambda raw: b"\x41" + escape(raw) + b"\x80"), min_size=1, max_size=5))
def test_annex_b_is_split_at_its_start_codes(nals: list[bytes]) -> None:
    assert list(split_annex_b(b"".join(b"\0\0\0\1" + nal for nal in nals))) == nals


@pytest.mark.parametrize("data", [b"\0\0\0\5\x41", b"\0\0\0\0", b"\xff\xff\xff\xff\x41"])
def test_lengths_that_point_past_the_sample_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedBitstream):
        list(split_length_prefixed(data, 4))
