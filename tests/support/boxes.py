"""Building and bending containers byte by byte, for files that no honest tool writes."""

from __future__ import annotations

import struct
from collections.abc import Callable

_PARENTS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl", b"edts"})


def box(kind: bytes, *content: bytes) -> bytes:
    """One box of an MP4."""
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def rewrite(data: bytes, replace: Callable[[bytes, bytes], bytes | None]) -> bytes:
    """The MP4 with some boxes replaced: ``replace(kind, content)`` gives a whole new box, or ``None``."""
    output = b""
    position = 0
    while position + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        content = data[position + 8 : position + length]
        new = replace(kind, content)
        if new is None and kind in _PARENTS:
            new = box(kind, rewrite(content, replace))
        output += data[position : position + length] if new is None else new
        position += length
    return output


def alias(path: str) -> bytes:
    """A ``dref`` box whose only entry is a Macintosh alias of a file."""
    name = path.encode()
    name += b"\0" * (len(name) % 2)
    record = bytes(10) + bytes(1 + 27 + 12 + 1 + 63 + 16 + 4 + 16)
    record += struct.pack(">hH", 2, len(name)) + name + struct.pack(">hH", -1, 0)
    entry = box(b"alis", bytes(4), record, bytes(40))
    return box(b"dref", struct.pack(">II", 0, 1), entry)


def element(identifier: int, content: bytes) -> bytes:
    """One element of a Matroska file, its length in eight bytes."""
    name = identifier.to_bytes((identifier.bit_length() + 7) // 8, "big")
    return name + b"\x01" + len(content).to_bytes(7, "big") + content


def matroska_of_tracks(count: int) -> bytes:
    """A Matroska file that claims ``count`` video tracks."""
    header = element(0x1A45DFA3, element(0x4282, b"matroska"))
    video = element(0xE0, element(0xB0, b"\x40") + element(0xBA, b"\x40"))
    tracks = b"".join(
        element(
            0xAE,
            element(0xD7, number.to_bytes(2, "big"))
            + element(0x73C5, number.to_bytes(2, "big"))
            + element(0x83, b"\x01")
            + element(0x86, b"V_MPEG4/ISO/AVC")
            + video,
        )
        for number in range(1, count + 1)
    )
    info = element(0x1549A966, element(0x2AD7B1, (1_000_000).to_bytes(4, "big")))
    cluster = element(0x1F43B675, element(0xE7, b"\0") + element(0xA3, b"\x81\0\0\x80" + bytes(16)))
    return header + element(0x18538067, info + element(0x1654AE6B, tracks) + cluster)
