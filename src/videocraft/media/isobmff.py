"""The few boxes of an MP4/MOV header that FFmpeg's Python binding does not show.

Reads headers only, never media data, and never more than a bound; a file that breaks the rules raises
``ValueError``, whatever it holds.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, repeat
from operator import add
from typing import BinaryIO

_MAX_TOP_BOXES = 10_000
_MAX_BOXES = 1_000
_MAX_TRACKS = 64
_MAX_DEPTH = 8
_MAX_BOX_BYTES = 64 * 2**20
_MAX_SAMPLES = 4_000_000
_ENCRYPTED = frozenset({b"encv", b"enca", b"enct", b"encs", b"drmi", b"drms"})
_UNITY = (0x10000, 0, 0, 0x10000)
_ROTATIONS = {
    _UNITY: 0,
    (0, 0x10000, -0x10000, 0): 90,
    (-0x10000, 0, 0, -0x10000): 180,
    (0, -0x10000, 0x10000, 0): 270,
}


@dataclass(frozen=True, slots=True)
class Edit:
    """One entry of an edit list."""

    duration: int
    """In units of the movie's timescale; 0: to the end."""
    media_time: int
    """In units of the track's timescale; -1: nothing is shown."""
    is_normal_rate: bool


@dataclass(slots=True)
class Track:
    """What the boxes of one track say."""

    id: int = 0
    handler: bytes = b""
    timescale: int = 0
    matrix: tuple[int, int, int, int] = _UNITY
    sample_entries: tuple[bytes, ...] = ()
    edits: tuple[Edit, ...] = ()
    sample_count: int = 0
    times: list[int] = field(default_factory=list)
    """Composition times of all samples in ticks of the track, ascending; empty when the tables are broken."""
    last_duration: int = 0
    """Ticks of the last sample."""

    @property
    def rotation(self) -> int | None:
        """Degrees clockwise for display; ``None`` when the matrix mirrors, shears or scales."""
        return _ROTATIONS.get(self.matrix)

    @property
    def is_encrypted(self) -> bool:
        """Whether a description of its samples is one of Common Encryption's, or of FairPlay's."""
        return not _ENCRYPTED.isdisjoint(self.sample_entries)


@dataclass(slots=True)
class Movie:
    """The header of a file."""

    timescale: int = 0
    tracks: list[Track] = field(default_factory=list)
    is_fragmented: bool = False


def read_movie(stream: BinaryIO, size: int) -> Movie:
    """The header of the MP4/MOV file of ``size`` bytes.

    Raises:
        ValueError: there is no header, or it is broken.
    """
    for count, (kind, start, end) in enumerate(_boxes(stream, 0, size)):
        if kind == b"moov":
            return _read_moov(stream, start, end)
        if count >= _MAX_TOP_BOXES:
            break
    raise ValueError("no moov box")


def _boxes(stream: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Type, begin and end of the content of the boxes between two offsets."""
    while start + 8 <= end:
        stream.seek(start)
        header = stream.read(16)
        if len(header) < 8:
            return
        length, kind = struct.unpack_from(">I4s", header)
        content = start + 8
        if length == 1:
            if len(header) < 16:
                return
            length = struct.unpack_from(">Q", header, 8)[0]
            content = start + 16
        elif length == 0:
            length = end - start
        if length < content - start or start + length > end:
            # A truncated last box; what stands before it may be whole.
            return
        yield kind, content, start + length
        start += length


def _children(stream: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    for count, box in enumerate(_boxes(stream, start, end)):
        if count >= _MAX_BOXES:
            raise ValueError("too many boxes")
        yield box


def _content(stream: BinaryIO, start: int, end: int) -> bytes:
    if end - start > _MAX_BOX_BYTES:
        raise ValueError("a box of the header is too large")
    stream.seek(start)
    data = stream.read(end - start)
    if len(data) < end - start:
        raise ValueError("the header is truncated")
    return data


def _read_moov(stream: BinaryIO, start: int, end: int) -> Movie:
    movie = Movie()
    try:
        for kind, begin, stop in _children(stream, start, end):
            if kind == b"mvhd":
                data = _content(stream, begin, stop)
                movie.timescale = struct.unpack_from(">I", data, 20 if data[0] == 1 else 12)[0]
            elif kind == b"mvex":
                movie.is_fragmented = True
            elif kind == b"trak":
                if len(movie.tracks) >= _MAX_TRACKS:
                    raise ValueError("too many tracks")
                movie.tracks.append(_read_track(stream, begin, stop))
    except (struct.error, IndexError) as error:
        raise ValueError("a box of the header is too short") from error
    return movie


@dataclass(slots=True)
class _Tables:
    """Sample tables as they stand in the file."""

    sample_count: int = 0
    steps: array[int] = field(default_factory=lambda: array("I"))
    """Pairs of count and duration (``stts``)."""
    offsets: array[int] = field(default_factory=lambda: array("i"))
    """Pairs of count and composition offset (``ctts``); empty: none."""


def _read_track(stream: BinaryIO, start: int, end: int) -> Track:
    track, tables = Track(), _Tables()
    _descend(stream, start, end, track, tables, depth=0)
    if track.handler == b"vide":
        _lay_out(track, tables)
    return track


def _descend(stream: BinaryIO, start: int, end: int, track: Track, tables: _Tables, *, depth: int) -> None:
    """Go down into the boxes that only hold others, and read the ones that matter."""
    if depth > _MAX_DEPTH:
        raise ValueError("the header is nested too deep")
    for kind, begin, stop in _children(stream, start, end):
        if kind in {b"edts", b"mdia", b"minf", b"stbl"}:
            _descend(stream, begin, stop, track, tables, depth=depth + 1)
        elif kind in _TRACK_READERS:
            _TRACK_READERS[kind](track, _content(stream, begin, stop))
        elif kind in _TABLE_READERS:
            _TABLE_READERS[kind](tables, _content(stream, begin, stop))


def _lay_out(track: Track, tables: _Tables) -> None:
    """Turn run lengths into times; leave them empty where the tables contradict each other."""
    times: list[int] = []
    time = step = 0
    for count, step in zip(tables.steps[::2], tables.steps[1::2], strict=True):
        if len(times) + count > tables.sample_count:
            return
        times.extend(range(time, time + step * count, step) if step else [time] * count)
        time += step * count
    if len(times) != tables.sample_count:
        return
    # Run lengths that end early leave the rest without an offset; map stops where the times end.
    offsets = chain(chain.from_iterable(map(repeat, tables.offsets[1::2], tables.offsets[::2])), repeat(0))
    track.times = sorted(map(add, times, offsets))
    track.last_duration = step


def _tkhd(track: Track, data: bytes) -> None:
    wide = data[0] == 1
    track.id = struct.unpack_from(">I", data, 20 if wide else 12)[0]
    a, b, _, c, d = struct.unpack_from(">5i", data, 52 if wide else 40)
    track.matrix = (a, b, c, d)


def _mdhd(track: Track, data: bytes) -> None:
    track.timescale = struct.unpack_from(">I", data, 20 if data[0] == 1 else 12)[0]


def _hdlr(track: Track, data: bytes) -> None:
    # QuickTime has a second one in minf (a data handler), which must not hide the first.
    track.handler = track.handler or data[8:12]


def _elst(track: Track, data: bytes) -> None:
    layout = ">QqI" if data[0] == 1 else ">IiI"
    count = min(struct.unpack_from(">I", data, 4)[0], _MAX_BOXES)
    size = struct.calcsize(layout)
    entries = (struct.unpack_from(layout, data, 8 + n * size) for n in range(count))
    track.edits = tuple(Edit(duration, media, rate == 0x10000) for duration, media, rate in entries)


def _stsd(track: Track, data: bytes) -> None:
    names: list[bytes] = []
    position = 8
    while position + 8 <= len(data) and len(names) < _MAX_TRACKS:
        length, name = struct.unpack_from(">I4s", data, position)
        names.append(name)
        position += max(length, 8)
    track.sample_entries = tuple(names)


def _stsz(tables: _Tables, data: bytes) -> None:
    tables.sample_count = struct.unpack_from(">I", data, 8)[0]
    if tables.sample_count > _MAX_SAMPLES:
        raise ValueError("too many samples")


def _stts(tables: _Tables, data: bytes) -> None:
    tables.steps = _pairs("I", data)


def _ctts(tables: _Tables, data: bytes) -> None:
    # Version 0 says unsigned, but files with negative offsets and version 0 exist and all readers take them.
    tables.offsets = _pairs("i", data)


def _pairs(kind: str, data: bytes) -> array[int]:
    count = struct.unpack_from(">I", data, 4)[0]
    if 8 + count * 8 > len(data):
        raise ValueError("a sample table is truncated")
    values = array(kind, data[8 : 8 + count * 8])
    if sys.byteorder == "little":
        values.byteswap()
    return values


_TRACK_READERS = {
    b"tkhd": _tkhd,
    b"mdhd": _mdhd,
    b"hdlr": _hdlr,
    b"elst": _elst,
    b"stsd": _stsd,
}
_TABLE_READERS = {
    b"stsz": _stsz,
    b"stz2": _stsz,
    b"stts": _stts,
    b"ctts": _ctts,
}
