"""When the packets of a file are shown: all of them, or of a long file some stretches; nothing is decoded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice

from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Stream
from av.video.stream import VideoStream

WHOLE_FILE_BYTES = 256 * 2**20
"""Files up to this size are read whole (a fraction of a second); larger ones without an index are sampled."""

_STRETCHES = (Fraction(0), Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))
_STRETCH_PACKETS = 2_000
_STRETCH_FRAMES = 240
_TAIL_SECONDS = 5
_TAIL_PACKETS = 50_000
_MOST_PACKETS = 8_000_000
# Decoding order differs from display order by up to 16 frames, so the ends of a stretch have holes.
_REORDERED = 16


@dataclass(slots=True)
class Track:
    """Presentation times of one stream, in its ticks."""

    times: list[int] = field(default_factory=list)
    """In packet order; empty for sound."""
    first: int | None = None
    end: int | None = None
    last_time: int | None = None
    last_duration: int = 0

    def add(self, packet: Packet[Stream], *, keep: bool) -> None:
        """Take one packet into account; ``keep`` its time in ``times``."""
        time = packet.pts if packet.pts is not None else packet.dts
        if time is None or packet.is_discard:
            return
        if keep:
            self.times.append(time)
        if self.first is None or time < self.first:
            self.first = time
        if self.last_time is None or time >= self.last_time:
            self.last_time, self.last_duration = time, packet.duration or 0
        self.end = max(self.end if self.end is not None else time, time + (packet.duration or 0))


@dataclass(slots=True)
class Packets:
    """What the packets of a file say."""

    tracks: dict[int, Track]
    """By stream index."""
    windows: list[list[int]]
    """Ascending presentation times of the video: one run when complete, else one for each stretch."""
    is_complete: bool
    index_gap: Fraction = Fraction(0)
    """Seconds of the longest stretch without an entry in the file's index; only when sampled."""


def read_packets(container: InputContainer, indexes: Sequence[int], size: int) -> Packets:
    """Read the times of the packets of some streams of a freshly opened file.

    Args:
        indexes: of the streams, at most one of them video.
        size: bytes of the file; decides between everything and samples.
    """
    streams = [container.streams[index] for index in indexes]
    for stream in container.streams:
        if stream.index not in indexes:
            stream.discard = Discard.all
    tracks = {index: Track() for index in indexes}
    video = next((stream for stream in streams if isinstance(stream, VideoStream)), None)
    if size <= WHOLE_FILE_BYTES or not container.duration:
        _take(islice(container.demux(streams), _MOST_PACKETS), tracks, video)
        times = sorted(tracks[video.index].times) if video is not None else []
        return Packets(tracks, [times], is_complete=True)
    return _sample(container, streams, tracks, video)


def _sample(
    container: InputContainer,
    streams: list[Stream],
    tracks: dict[int, Track],
    video: VideoStream | None,
) -> Packets:
    start, duration = container.start_time or 0, container.duration or 0
    windows: list[list[int]] = []
    for share in _STRETCHES:
        container.seek(start + int(share * duration))
        _take(islice(container.demux(streams), _STRETCH_PACKETS), tracks, video, most=_STRETCH_FRAMES)
        windows.append(_inner(tracks, video, from_start=not share, to_end=False))
    container.seek(start + max(0, duration - _TAIL_SECONDS * 1_000_000))
    _take(islice(container.demux(streams), _TAIL_PACKETS), tracks, video)
    windows.append(_inner(tracks, video, from_start=False, to_end=True))
    return Packets(tracks, windows, is_complete=False, index_gap=_index_gap(video))


def _take(
    packets: Iterable[Packet[Stream]],
    tracks: dict[int, Track],
    video: VideoStream | None,
    *,
    most: int | None = None,
) -> None:
    frames = 0
    for packet in packets:
        is_video = video is not None and packet.stream_index == video.index
        tracks[packet.stream_index].add(packet, keep=is_video)
        frames += is_video
        if most is not None and frames >= most:
            return


def _inner(
    tracks: dict[int, Track], video: VideoStream | None, *, from_start: bool, to_end: bool
) -> list[int]:
    """The times collected since the last call, without the ends where reordering left holes."""
    if video is None:
        return []
    times = sorted(tracks[video.index].times)
    tracks[video.index].times.clear()
    return times[0 if from_start else _REORDERED : None if to_end else -_REORDERED]


def _index_gap(video: VideoStream | None) -> Fraction:
    if video is None or video.time_base is None:
        return Fraction(0)
    longest = 0
    before: int | None = None
    for entry in video.index_entries:
        if before is not None:
            longest = max(longest, entry.timestamp - before)
        before = entry.timestamp
    return longest * video.time_base
