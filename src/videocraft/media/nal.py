"""NAL units of H.264 and HEVC: what a picture is, and parameter sets that live side by side.

Joining streams of several encoders in one file needs one ``avcC``/``hvcC`` that holds everybody's
parameter sets, but nearly every encoder numbers its sets 0. So sets are renumbered here. A slice names
its PPS near its start with an Exp-Golomb code, and the slice's payload that follows must keep its phase
within a byte (CABAC data and I_PCM samples are byte-aligned). Choosing a new id whose code is exactly
eight bits longer (0 -> 15..30: one bit -> nine) keeps that phase, so everything behind the id stays the
same bytes; no slice header has to be understood beyond the id itself.

Sources: ITU-T H.264 7.3.1-7.3.3, 7.4.1, 9.1; ITU-T H.265 7.3.1-7.3.2, 7.3.6.1; ISO/IEC 14496-15 5.3, 8.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

_UNESCAPE = re.compile(rb"\x00\x00\x03")
_ESCAPE = re.compile(rb"\x00\x00(?=[\x00-\x03])")
_START_CODE = re.compile(rb"\x00\x00\x01")


class MalformedBitstream(ValueError):
    """The bytes are not what the standard demands; the caller encodes instead of copying."""


class Codec(Enum):
    """The two codecs with NAL units that can be smart-cut."""

    H264 = "h264"
    HEVC = "hevc"

    @property
    def header_bytes(self) -> int:
        """Length of a NAL unit's header."""
        return 1 if self is Codec.H264 else 2


class Picture(Enum):
    """What a coded picture is for whoever wants to start decoding at it."""

    IDR = "idr"
    """Nothing before it is needed by anything after it."""
    OTHER = "other"


class SetKind(Enum):
    """Kinds of parameter set."""

    VPS = "vps"
    SPS = "sps"
    PPS = "pps"


_SET_TYPES: Mapping[Codec, Mapping[int, SetKind]] = {
    Codec.H264: {7: SetKind.SPS, 8: SetKind.PPS},
    Codec.HEVC: {32: SetKind.VPS, 33: SetKind.SPS, 34: SetKind.PPS},
}
MAX_SET_ID: Mapping[Codec, Mapping[SetKind, int]] = {
    Codec.H264: {SetKind.SPS: 31, SetKind.PPS: 255},
    Codec.HEVC: {SetKind.VPS: 15, SetKind.SPS: 15, SetKind.PPS: 63},
}


def nal_type(codec: Codec, nal: bytes) -> int:
    """The NAL unit's type number."""
    if len(nal) < codec.header_bytes:
        raise MalformedBitstream("empty NAL unit")
    return nal[0] & 0x1F if codec is Codec.H264 else (nal[0] >> 1) & 0x3F


def is_slice(codec: Codec, kind: int) -> bool:
    """Whether a NAL unit of this type carries picture data that names a PPS."""
    return kind in {1, 5} if codec is Codec.H264 else kind <= 31


def picture_of(codec: Codec, nals: Iterable[bytes]) -> Picture:
    """What the access unit made of these NAL units is.

    A container's keyframe flag is not enough: it is also set on the I pictures of open GOPs, whose
    leading pictures need what came before.
    """
    idr = {5} if codec is Codec.H264 else {19, 20}
    for nal in nals:
        kind = nal_type(codec, nal)
        if is_slice(codec, kind):
            return Picture.IDR if kind in idr else Picture.OTHER
    raise MalformedBitstream("an access unit without a slice")


# -- bytes and bits -----------------------------------------------------------------------------------


def split_length_prefixed(data: bytes, length_size: int) -> Iterator[bytes]:
    """NAL units of one MP4 sample, each behind a big-endian length of ``length_size`` bytes."""
    position = 0
    while position < len(data):
        start = position + length_size
        end = start + int.from_bytes(data[position:start], "big")
        if end > len(data) or end == start:
            raise MalformedBitstream("a NAL unit's length points past its sample")
        yield data[start:end]
        position = end


def split_annex_b(data: bytes) -> Iterator[bytes]:
    """NAL units of a byte stream with start codes (ITU-T H.264 annex B)."""
    starts = [match.end() for match in _START_CODE.finditer(data)]
    for index, start in enumerate(starts):
        end = starts[index + 1] - 3 if index + 1 < len(starts) else len(data)
        nal = data[start:end].rstrip(b"\x00")
        if nal:
            yield nal


def join_length_prefixed(nals: Iterable[bytes]) -> bytes:
    """One MP4 sample with four-byte lengths."""
    parts: list[bytes] = []
    for nal in nals:
        parts += (len(nal).to_bytes(4, "big"), nal)
    return b"".join(parts)


def unescape(nal: bytes) -> bytes:
    """Remove the emulation prevention bytes."""
    return _UNESCAPE.sub(b"\x00\x00", nal)


def escape(rbsp: bytes) -> bytes:
    """Insert emulation prevention bytes so that no start code appears."""
    escaped = _ESCAPE.sub(b"\x00\x00\x03", rbsp)
    return escaped + b"\x03" if escaped.endswith(b"\x00\x00") else escaped


class Bits:
    """Reads bits of an RBSP, most significant first.

    Raises:
        MalformedBitstream: when it is read past its end.
    """

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._length = 8 * len(data)
        self.position = 0

    def read(self, count: int) -> int:
        """The next ``count`` bits as a number: u(n)."""
        end = self.position + count
        if end > self._length:
            raise MalformedBitstream("read past the end of a NAL unit")
        self.position = end
        return (self._value >> (self._length - end)) & ((1 << count) - 1)

    def read_ue(self) -> int:
        """Unsigned Exp-Golomb code: ue(v)."""
        zeros = 0
        while not self.read(1):
            zeros += 1
            if zeros > 32:
                raise MalformedBitstream("an Exp-Golomb code of more than 32 leading zeros")
        return (1 << zeros) - 1 + self.read(zeros)

    def read_se(self) -> int:
        """Signed Exp-Golomb code: se(v)."""
        code = self.read_ue()
        return (code + 1) // 2 if code % 2 else -(code // 2)


def ue_length(value: int) -> int:
    """Bits of the Exp-Golomb code of ``value``."""
    return 2 * (value + 1).bit_length() - 1


def _replace_bits(data: bytes, start: int, old_length: int, new: int, new_length: int) -> bytes:
    """``data`` with the bits [start, start + old_length) replaced; the total must stay whole bytes."""
    total = 8 * len(data)
    value = int.from_bytes(data, "big")
    tail_length = total - start - old_length
    head = value >> (total - start)
    tail = value & ((1 << tail_length) - 1)
    joined = (((head << new_length) | new) << tail_length) | tail
    return joined.to_bytes((total - old_length + new_length) // 8, "big")


# -- parameter sets -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ParameterSet:
    """One parameter set: its id, the id of the set it refers to (SPS -> VPS, PPS -> SPS), its NAL unit."""

    kind: SetKind
    id: int
    parent: int | None
    nal: bytes


def parameter_set(codec: Codec, nal: bytes) -> ParameterSet | None:
    """The parameter set in a NAL unit, or None when it is something else."""
    kind = _SET_TYPES[codec].get(nal_type(codec, nal))
    if kind is None:
        return None
    bits, fields = _set_fields(codec, kind, nal)
    del bits
    return ParameterSet(kind, fields[0].value, fields[1].value if len(fields) > 1 else None, nal)


@dataclass(frozen=True)
class _Field:
    """An id within a set: where it stands in the RBSP, how long it is, fixed (u) or Exp-Golomb (ue)."""

    position: int
    length: int
    value: int
    fixed: bool


def _set_fields(codec: Codec, kind: SetKind, nal: bytes) -> tuple[bytes, list[_Field]]:
    """The unescaped NAL unit, and the fields (own id, then parent's id)."""
    rbsp = unescape(nal)
    bits = Bits(rbsp)
    bits.read(8 * codec.header_bytes)

    def fixed(length: int) -> _Field:
        start = bits.position
        return _Field(start, length, bits.read(length), fixed=True)

    def golomb() -> _Field:
        start = bits.position
        value = bits.read_ue()
        return _Field(start, bits.position - start, value, fixed=False)

    if kind is SetKind.PPS:
        return rbsp, [golomb(), golomb()]
    if codec is Codec.H264:
        bits.read(24)  # profile_idc, constraint flags, level_idc
        return rbsp, [golomb()]
    if kind is SetKind.VPS:
        return rbsp, [fixed(4)]
    vps = fixed(4)
    sub_layers = bits.read(3)
    bits.read(1)
    _skip_profile_tier_level(bits, sub_layers)
    return rbsp, [golomb(), vps]


def _skip_profile_tier_level(bits: Bits, sub_layers: int) -> None:
    bits.read(88 + 8)
    present = [(bits.read(1), bits.read(1)) for _ in range(sub_layers)]
    if sub_layers:
        bits.read(2 * (8 - sub_layers))
    for profile, level in present:
        bits.read(88 * profile + 8 * level)


def renumber_set(codec: Codec, item: ParameterSet, new_id: int, new_parent: int | None) -> ParameterSet:
    """The same parameter set under another id, referring to another parent."""
    rbsp, fields = _set_fields(codec, item.kind, item.nal)
    values = [new_id] if new_parent is None else [new_id, new_parent]
    # Drop rbsp_trailing_bits (a one, then zeros), put them back once the length is known.
    value = int.from_bytes(rbsp, "big")
    stop = (value & -value).bit_length() - 1
    value >>= stop + 1
    length = 8 * len(rbsp) - stop - 1
    for field, new in sorted(zip(fields, values, strict=True), key=lambda pair: -pair[0].position):
        new_length = field.length if field.fixed else ue_length(new)
        code = new if field.fixed else new + 1
        tail_length = length - field.position - field.length
        head = value >> (length - field.position)
        tail = value & ((1 << tail_length) - 1)
        value = (((head << new_length) | code) << tail_length) | tail
        length += new_length - field.length
    padding = 7 - length % 8
    value = ((value << 1) | 1) << padding
    nal = escape(value.to_bytes((length + 1 + padding) // 8, "big"))
    return ParameterSet(item.kind, new_id, new_parent, nal)


# -- slices -------------------------------------------------------------------------------------------


def _pps_field(codec: Codec, kind: int, rbsp: bytes) -> _Field:
    bits = Bits(rbsp)
    bits.read(8 * codec.header_bytes)
    if codec is Codec.H264:
        bits.read_ue()  # first_mb_in_slice
        bits.read_ue()  # slice_type
    else:
        bits.read(1)  # first_slice_segment_in_pic_flag
        if 16 <= kind <= 23:
            bits.read(1)  # no_output_of_prior_pics_flag
    start = bits.position
    value = bits.read_ue()
    return _Field(start, bits.position - start, value, fixed=False)


def _split_head(nal: bytes) -> int:
    """Where a slice can be split so that neither side's emulation prevention depends on the other."""
    for position in range(16, len(nal)):
        if nal[position - 1]:
            return position
    return len(nal)


def slice_pps_id(codec: Codec, nal: bytes) -> int:
    """The id of the PPS that a slice uses."""
    return _pps_field(codec, nal_type(codec, nal), unescape(nal[: _split_head(nal)])).value


def renumber_slice(codec: Codec, nal: bytes, ids: Mapping[int, int]) -> bytes:
    """The slice with its PPS id mapped through ``ids``: the same picture, byte for byte behind the id.

    Raises:
        MalformedBitstream: when the new id's code is not exactly as long, or eight bits longer.
    """
    cut = _split_head(nal)
    head = unescape(nal[:cut])
    field = _pps_field(codec, nal_type(codec, nal), head)
    new = ids[field.value]
    if new == field.value:
        return nal
    new_length = ue_length(new)
    if new_length - field.length not in {0, 8}:
        raise MalformedBitstream(f"PPS id {field.value} cannot become {new} without shifting the slice data")
    return escape(_replace_bits(head, field.position, field.length, new + 1, new_length)) + nal[cut:]


def compatible_ids(codec: Codec, pps_id: int) -> range:
    """PPS ids that a slice naming ``pps_id`` can be renumbered to: their code is eight bits longer."""
    exponent = (pps_id + 1).bit_length() - 1 + 4
    return range((1 << exponent) - 1, min((2 << exponent) - 1, MAX_SET_ID[codec][SetKind.PPS] + 1))
