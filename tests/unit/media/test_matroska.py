"""The size that a Matroska file's header promises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.media.matroska import promised_size

EBML = bytes.fromhex("1A45DFA3")
SEGMENT = bytes.fromhex("18538067")
VOID = b"\xec"


def size_of(data: bytes) -> int | None:
    return promised_size(lambda offset, length: data[offset : offset + length])


@pytest.mark.parametrize(
    ("data", "promised"),
    [
        (EBML + b"\x82ab" + SEGMENT + b"\x8acontents", 7 + 5 + 10),
        (EBML + b"\x82ab" + VOID + b"\x81x" + SEGMENT + b"\x40\x64", 7 + 3 + 6 + 100),
        (EBML + b"\x82ab" + SEGMENT + b"\x01" + (2**40).to_bytes(7, "big"), 7 + 12 + 2**40),
        # The writer of a live recording doesn't know its size.
        (EBML + b"\x82ab" + SEGMENT + b"\xff", None),
        (EBML + b"\x82ab" + SEGMENT + b"\x01" + b"\xff" * 7, None),
        (SEGMENT + b"\x8acontents", None),
        (EBML + b"\x82ab", None),
        (EBML, None),
        (b"", None),
    ],
)
def test_the_size_of_the_segment(data: bytes, promised: int | None) -> None:
    assert size_of(data) == promised


@given(st.binary(max_size=64))
def test_no_bytes_break_it(tail: bytes) -> None:
    promised = size_of(EBML + b"\x82ab" + tail)
    assert promised is None or promised > 7
