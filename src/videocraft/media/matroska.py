"""How long a Matroska or WebM file says that it is (EBML: RFC 8794; Matroska: RFC 9559)."""

from __future__ import annotations

from collections.abc import Callable

_EBML = 0x1A45DFA3
_SEGMENT = 0x18538067
_LONGEST_ID, _LONGEST_SIZE = 4, 8
_MOST_ELEMENTS = 8
"""Before the segment: the EBML header, and perhaps a Void."""


def promised_size(read: Callable[[int, int], bytes]) -> int | None:
    """The bytes from the file's start to the end of its segment; None where the header leaves that open.

    Args:
        read: gives up to ``length`` bytes from an ``offset``.
    """
    offset = 0
    for _ in range(_MOST_ELEMENTS):
        head = read(offset, _LONGEST_ID + _LONGEST_SIZE)
        identifier = _number(head, _LONGEST_ID, keep_marker=True)
        if identifier is None:
            return None
        name, used = identifier
        length = _number(head[used:], _LONGEST_SIZE, keep_marker=False)
        if length is None or (offset == 0 and name != _EBML):
            return None
        size, more = length
        if size == (1 << 7 * more) - 1:
            # All ones: a live recording, whose size its writer did not know.
            return None
        offset += used + more + size
        if name == _SEGMENT:
            return offset
    return None


def _number(data: bytes, longest: int, *, keep_marker: bool) -> tuple[int, int] | None:
    """A variable-length number and how many bytes it has."""
    if not data or not data[0]:
        return None
    length = 9 - data[0].bit_length()
    if length > longest or len(data) < length:
        return None
    value = int.from_bytes(data[:length], "big")
    return (value if keep_marker else value & ((1 << 7 * length) - 1)), length
