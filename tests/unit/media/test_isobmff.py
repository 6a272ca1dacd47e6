"""The boxes of MP4 headers that are read by hand."""

from __future__ import annotations

import contextlib
import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.media.isobmff import Edit, Movie, Track, read_movie
from videocraft.media.timing import has_odd_edits

IDENTITY = (0x10000, 0, 0, 0x10000)


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def table(kind: bytes, *rows: tuple[int, int], signed: bool = False) -> bytes:
    pairs = b"".join(struct.pack(">Ii" if signed else ">II", *row) for row in rows)
    return box(kind, struct.pack(">II", 0, len(rows)), pairs)


def tkhd(track_id: int = 1, matrix: tuple[int, int, int, int] = IDENTITY) -> bytes:
    a, b, c, d = matrix
    layer_to_volume = bytes(24)
    nine = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    return box(b"tkhd", struct.pack(">IIII", 0, 0, 0, track_id), layer_to_volume, nine, bytes(8))


def movie_bytes(
    *,
    matrix: tuple[int, int, int, int] = IDENTITY,
    steps: tuple[tuple[int, int], ...] = ((4, 10),),
    offsets: tuple[tuple[int, int], ...] = (),
    samples: int = 4,
    edits: bytes = b"",
    entry: bytes = b"avc1",
) -> bytes:
    tables = box(
        b"stbl",
        box(b"stsd", struct.pack(">II", 0, 1), box(entry)),
        table(b"stts", *steps),
        table(b"ctts", *offsets, signed=True) if offsets else b"",
        box(b"stsz", struct.pack(">III", 0, 0, samples)),
    )
    media = box(
        b"mdia",
        box(b"mdhd", struct.pack(">IIIII", 0, 0, 0, 300, 40)),
        box(b"hdlr", struct.pack(">II", 0, 0), b"vide"),
        box(b"minf", box(b"hdlr", struct.pack(">II", 0, 0), b"alis"), tables),
    )
    header = box(b"mvhd", struct.pack(">IIII", 0, 0, 0, 1000))
    return box(b"ftyp", b"isom") + box(b"moov", header, box(b"trak", tkhd(7, matrix), edits, media))


def read(data: bytes) -> Movie:
    return read_movie(io.BytesIO(data), len(data))


def elst(*entries: tuple[int, int, int]) -> bytes:
    rows = b"".join(struct.pack(">IiI", *entry) for entry in entries)
    return box(b"edts", box(b"elst", struct.pack(">II", 0, len(entries)), rows))


def test_a_header_is_read() -> None:
    movie = read(movie_bytes(offsets=((1, 20), (1, 30), (2, -10)), edits=elst((133, 20, 0x10000))))
    (track,) = movie.tracks
    assert (movie.timescale, movie.is_fragmented) == (1000, False)
    assert (track.id, track.handler, track.timescale, track.rotation) == (7, b"vide", 300, 0)
    assert track.times == [10, 20, 20, 40]
    assert track.last_duration == 10
    assert track.edits == (Edit(133, 20, is_normal_rate=True),)
    assert not track.is_encrypted


@pytest.mark.parametrize(
    ("matrix", "rotation"),
    [
        ((0, 0x10000, -0x10000, 0), 90),
        ((-0x10000, 0, 0, -0x10000), 180),
        ((0, -0x10000, 0x10000, 0), 270),
        ((-0x10000, 0, 0, 0x10000), None),
        ((0x8000, 0, 0, 0x10000), None),
    ],
)
def test_matrices(matrix: tuple[int, int, int, int], rotation: int | None) -> None:
    assert read(movie_bytes(matrix=matrix)).tracks[0].rotation == rotation


def test_encryption_is_seen() -> None:
    assert read(movie_bytes(entry=b"encv")).tracks[0].is_encrypted


@pytest.mark.parametrize("steps", [((5, 10),), ((3, 10),), ((0xFFFFFFFF, 1),), ((4, 10), (1, 10))])
def test_tables_that_disagree_give_no_times(steps: tuple[tuple[int, int], ...]) -> None:
    assert read(movie_bytes(steps=steps)).tracks[0].times == []


def test_a_claim_of_billions_of_samples_is_refused() -> None:
    with pytest.raises(ValueError, match="samples"):
        read(movie_bytes(samples=0xFFFFFFFF))


def test_deep_nesting_is_refused() -> None:
    nested = b""
    for _ in range(5000):
        nested = box(b"mdia", nested)
    with pytest.raises(ValueError, match="nested"):
        read(box(b"moov", box(b"trak", nested)))


@pytest.mark.parametrize("data", [b"", b"\0", box(b"ftyp"), box(b"moov", box(b"mvhd")), b"\0\0\0\1moov"])
def test_broken_headers(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(data)


@given(st.data())
def test_flipped_bits_raise_value_error_or_nothing(data: st.DataObject) -> None:
    content = bytearray(movie_bytes(offsets=((4, 10),), edits=elst((133, 0, 0x10000))))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(content)))
    with contextlib.suppress(ValueError):
        read(bytes(content[:end]))


TRACK = Track(timescale=300, times=[20, 30, 40, 50], last_duration=10)
WHOLE = 1000 * 40 // 300


@pytest.mark.parametrize(
    ("edits", "odd"),
    [
        ((), False),
        ((Edit(WHOLE, 20, True),), False),
        ((Edit(WHOLE, 0, True),), True),
        ((Edit(WHOLE + 67, 0, True),), False),
        ((Edit(500, -1, True), Edit(WHOLE, 20, True)), False),
        ((Edit(0, 20, True),), False),
        ((Edit(500, -1, True),), False),
        ((Edit(WHOLE - 33, 20, True),), True),
        ((Edit(WHOLE, 30, True),), True),
        ((Edit(WHOLE, 20, False),), True),
        ((Edit(WHOLE, 20, True), Edit(WHOLE, 20, True)), True),
        ((Edit(500, -1, True), Edit(500, -1, True)), True),
    ],
)
def test_which_edit_lists_are_odd(edits: tuple[Edit, ...], odd: bool) -> None:
    track = Track(timescale=300, times=TRACK.times, last_duration=10, edits=edits)
    assert has_odd_edits(track, Movie(timescale=1000, tracks=[track])) is odd
