"""Decoder configuration of MP4 tracks: ``avcC`` and ``hvcC`` (ISO/IEC 14496-15 5.3.3, 8.3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from videocraft.media.nal import (
    Bits,
    Codec,
    MalformedBitstream,
    ParameterSet,
    SetKind,
    parameter_set,
    split_annex_b,
    unescape,
)

_H264_WITH_CHROMA = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}


@dataclass(frozen=True)
class DecoderConfig:
    """A stream's parameter sets, and how its packets are cut into NAL units.

    ``length_size`` is the bytes of each NAL unit's length, 0 for a byte stream with start codes.
    """

    length_size: int
    sets: tuple[ParameterSet, ...]


@dataclass(frozen=True)
class SequenceFacts:
    """What an SPS says that a container does not."""

    chroma_format: int
    luma_depth: int
    chroma_depth: int
    frames_only: bool
    """False when pictures may be fields (H.264); always True for HEVC, whose fields are pictures."""


def read_config(codec: Codec, extradata: bytes) -> DecoderConfig:
    """The configuration of a stream.

    Args:
        extradata: ``avcC``/``hvcC``, or parameter sets with start codes.

    Raises:
        MalformedBitstream: no parameter sets, or not what the standard demands.
    """
    if extradata[:3] == b"\x00\x00\x01" or extradata[:4] == b"\x00\x00\x00\x01":
        length_size, nals = 0, list(split_annex_b(extradata))
    elif codec is Codec.H264:
        length_size, nals = _read_avcc(extradata)
    else:
        length_size, nals = _read_hvcc(extradata)
    sets = tuple(item for nal in nals if (item := parameter_set(codec, nal)))
    if not any(item.kind is SetKind.SPS for item in sets) or not any(
        item.kind is SetKind.PPS for item in sets
    ):
        raise MalformedBitstream("the stream's configuration lacks parameter sets")
    return DecoderConfig(length_size, sets)


def _counted(data: bytes, position: int, count: int) -> tuple[list[bytes], int]:
    nals = []
    for _ in range(count):
        size = int.from_bytes(data[position : position + 2], "big")
        nal = data[position + 2 : position + 2 + size]
        if not nal or len(nal) != size:
            raise MalformedBitstream("a parameter set is longer than its box")
        nals.append(nal)
        position += 2 + size
    return nals, position


def _read_avcc(data: bytes) -> tuple[int, list[bytes]]:
    if len(data) < 7 or data[0] != 1:
        raise MalformedBitstream("not an AVC decoder configuration")
    sps, position = _counted(data, 6, data[5] & 0x1F)
    if position >= len(data):
        raise MalformedBitstream("an AVC decoder configuration without PPS")
    pps, _ = _counted(data, position + 1, data[position])
    return (data[4] & 3) + 1, sps + pps


def _read_hvcc(data: bytes) -> tuple[int, list[bytes]]:
    if len(data) < 23 or data[0] != 1:
        raise MalformedBitstream("not an HEVC decoder configuration")
    nals: list[bytes] = []
    position = 23
    for _ in range(data[22]):
        found, position = _counted(
            data, position + 3, int.from_bytes(data[position + 1 : position + 3], "big")
        )
        nals += found
    return (data[21] & 3) + 1, nals


def sequence_facts(codec: Codec, sps: ParameterSet) -> SequenceFacts:
    """What the SPS says of sampling, depth and fields (H.264 7.3.2.1.1, H.265 7.3.2.2.1)."""
    bits = Bits(unescape(sps.nal))
    bits.read(8 * codec.header_bytes)
    return _h264_facts(bits) if codec is Codec.H264 else _hevc_facts(bits)


def _h264_facts(bits: Bits) -> SequenceFacts:
    profile = bits.read(8)
    bits.read(16)
    bits.read_ue()
    chroma, luma_depth, chroma_depth = 1, 8, 8
    if profile in _H264_WITH_CHROMA:
        chroma = bits.read_ue()
        if chroma == 3:
            bits.read(1)
        luma_depth, chroma_depth = 8 + bits.read_ue(), 8 + bits.read_ue()
        bits.read(1)
        if bits.read(1):
            for index in range(12 if chroma == 3 else 8):
                if bits.read(1):
                    _skip_scaling_list(bits, 16 if index < 6 else 64)
    bits.read_ue()  # log2_max_frame_num_minus4
    order_type = bits.read_ue()
    if order_type == 0:
        bits.read_ue()
    elif order_type == 1:
        bits.read(1)
        bits.read_se()
        bits.read_se()
        for _ in range(bits.read_ue()):
            bits.read_se()
    bits.read_ue()  # max_num_ref_frames
    bits.read(1)
    bits.read_ue()  # width in macroblocks - 1
    bits.read_ue()  # height in map units - 1
    return SequenceFacts(chroma, luma_depth, chroma_depth, frames_only=bool(bits.read(1)))


def _skip_scaling_list(bits: Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.read_se()) % 256
        last = following or last


def _hevc_facts(bits: Bits) -> SequenceFacts:
    bits.read(4)
    sub_layers = bits.read(3)
    bits.read(1)
    bits.read(96)
    present = [(bits.read(1), bits.read(1)) for _ in range(sub_layers)]
    if sub_layers:
        bits.read(2 * (8 - sub_layers))
    for profile, level in present:
        bits.read(88 * profile + 8 * level)
    bits.read_ue()
    chroma = bits.read_ue()
    if chroma == 3:
        bits.read(1)
    bits.read_ue()
    bits.read_ue()
    if bits.read(1):
        for _ in range(4):
            bits.read_ue()
    return SequenceFacts(chroma, 8 + bits.read_ue(), 8 + bits.read_ue(), frames_only=True)


def write_config(codec: Codec, sets: Sequence[ParameterSet]) -> bytes:
    """``avcC`` or ``hvcC`` with four-byte lengths that holds all of ``sets``.

    Profile and constraints are the first SPS's, the level the highest of all.
    """
    of_kind = {kind: [item.nal for item in sets if item.kind is kind] for kind in SetKind}
    first = next(item for item in sets if item.kind is SetKind.SPS)
    facts = sequence_facts(codec, first)
    return _write_avcc(of_kind, facts) if codec is Codec.H264 else _write_hvcc(of_kind, facts)


def _length_prefixed(nals: Sequence[bytes]) -> bytes:
    return b"".join(len(nal).to_bytes(2, "big") + nal for nal in nals)


def _write_avcc(of_kind: dict[SetKind, list[bytes]], facts: SequenceFacts) -> bytes:
    sps, pps = of_kind[SetKind.SPS], of_kind[SetKind.PPS]
    profile = sps[0][1]
    constraints = sps[0][2]
    for nal in sps:
        constraints &= nal[2]
    record = bytes([1, profile, constraints, max(nal[3] for nal in sps), 0xFC | 3, 0xE0 | len(sps)])
    record += _length_prefixed(sps) + bytes([len(pps)]) + _length_prefixed(pps)
    if profile in _H264_WITH_CHROMA:
        record += bytes(
            [0xFC | facts.chroma_format, 0xF8 | (facts.luma_depth - 8), 0xF8 | (facts.chroma_depth - 8), 0]
        )
    return record


def _write_hvcc(of_kind: dict[SetKind, list[bytes]], facts: SequenceFacts) -> bytes:
    headers = [unescape(nal[:40]) for nal in of_kind[SetKind.SPS]]
    first = headers[0]
    sub_layers = (first[2] >> 1) & 7
    nesting = first[2] & 1
    tier_and_flags, level = first[3:14], max(header[14] for header in headers)
    record = bytes([1]) + tier_and_flags + bytes([level])
    record += b"\xf0\x00\xfc"  # no spatial segmentation, unknown parallelism
    record += bytes(
        [0xFC | facts.chroma_format, 0xF8 | (facts.luma_depth - 8), 0xF8 | (facts.chroma_depth - 8)]
    )
    record += b"\x00\x00"  # average frame rate: unspecified
    record += bytes([((sub_layers + 1) << 3) | (nesting << 2) | 3])
    arrays = [(32, SetKind.VPS), (33, SetKind.SPS), (34, SetKind.PPS)]
    record += bytes([len(arrays)])
    for number, kind in arrays:
        nals = of_kind[kind]
        # The first bit says that every set of this kind is here and none in the samples: hvc1.
        record += bytes([0x80 | number]) + len(nals).to_bytes(2, "big") + _length_prefixed(nals)
    return record
