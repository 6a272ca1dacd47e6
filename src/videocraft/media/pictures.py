"""The coded pictures of one source around a cut: where copying may start and where it must end.

Only the groups of pictures that a cut falls into are read, so a plan for a two-hour recording costs a few
megabytes of reading a segment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, Any

from videocraft.media.decoder_config import DecoderConfig, read_config, sequence_facts
from videocraft.media.nal import (
    Codec,
    MalformedBitstream,
    Picture,
    SetKind,
    parameter_set,
    picture_of,
    split_annex_b,
    split_length_prefixed,
)
from videocraft.media.time import round_half_up

if TYPE_CHECKING:
    from av import Packet
    from av.container import InputContainer
    from av.video.stream import VideoStream

_SEEK_ATTEMPTS = 64

_MOST_REORDERED = 17
"""No picture is shown more than 16 pictures after it was decoded (the largest DPB of H.264 and HEVC)."""


class NotCopyable(Exception):
    """A stream must be encoded; the message says why, for a warning.

    ``source`` is its index in the edit, where whoever raises knows it.
    """

    def __init__(self, message: str, source: int | None = None) -> None:
        super().__init__(message)
        self.source = source


@dataclass(frozen=True)
class Grid:
    """The frames of a constant-rate stream: frame ``i`` is shown at container time ``origin + i / rate``."""

    origin: Fraction
    rate: Fraction

    def index(self, seconds: Fraction) -> int:
        """The frame nearest to a container time."""
        return round_half_up((seconds - self.origin) * self.rate)

    def seconds(self, index: int) -> Fraction:
        """The container time of a frame."""
        return self.origin + index / self.rate


@dataclass(frozen=True)
class CodedPicture:
    """One access unit: its place in display order, and its NAL units without parameter sets."""

    index: int
    is_idr: bool
    nals: tuple[bytes, ...]


@dataclass(frozen=True)
class Cut:
    """How a segment [first, end) of frames is made.

    ``head_from`` and ``tail_from`` are the frames at which decoding starts for the encoded edges
    [first, copy_first) and [copy_end, end); between them whole coded pictures are copied. A segment without
    anything to copy has ``copy_first == copy_end == end``.
    """

    first: int
    copy_first: int
    copy_end: int
    end: int
    head_from: int
    tail_from: int


class PictureReader:
    """Reads coded pictures of one open source, addressed by frame number.

    Args:
        container: opened by ``reader.open_media``.
        stream: its video stream.
        grid: the frame grid of the stream.

    Raises:
        NotCopyable: the bitstream is not one that can be joined with others.
    """

    def __init__(self, container: InputContainer, stream: VideoStream, codec: Codec, grid: Grid) -> None:
        self._container = container
        self.stream = stream
        self._time_base = Fraction(stream.time_base or 0)
        self.codec = codec
        self.grid = grid
        self.has_open_groups = False
        """Whether a keyframe was met that is no IDR picture, where decoding or copying was to start."""
        self.delay = int(stream.codec_context.reorder_depth)
        """Most frames that a decode time was ahead of its display time in what was read so far."""
        try:
            self.config: DecoderConfig = read_config(codec, bytes(stream.codec_context.extradata or b""))
            facts = [sequence_facts(codec, item) for item in self.config.sets if item.kind is SetKind.SPS]
        except MalformedBitstream as error:
            raise NotCopyable(f"its decoder configuration can't be read ({error})") from error
        if not all(fact.frames_only for fact in facts):
            raise NotCopyable("it is interlaced")
        self._known_sets = frozenset(item.nal for item in self.config.sets)

    def _frame_of(self, packet: Packet[Any]) -> int:
        if packet.pts is None or packet.is_discard:
            raise NotCopyable("some of its pictures have no time or are hidden by an edit list")
        if packet.is_keyframe and packet.dts is not None:
            ahead = round_half_up((packet.pts - packet.dts) * self._time_base * self.grid.rate)
            self.delay = max(self.delay, ahead)
        return self.grid.index(packet.pts * self._time_base)

    def packets(self, index: int) -> Iterator[tuple[int, Packet[Any]]]:
        """Packets in decode order with their frame numbers, from the last keyframe shown by ``index``."""
        target = round_half_up(self.grid.seconds(index) / self._time_base)
        for _ in range(_SEEK_ATTEMPTS):
            self._container.seek(target, stream=self.stream, backward=True)
            packets = (packet for packet in self._container.demux(self.stream) if packet.size)
            first = next(packets, None)
            if first is None:
                break
            found = self._frame_of(first)
            if found <= index and first.is_keyframe:
                yield found, first
                for packet in packets:
                    yield self._frame_of(packet), packet
                return
            # Seeking goes by decode time, which runs ahead of display time where pictures are reordered.
            start = first.dts if first.dts is not None else first.pts
            target = min(target, start or 0) - 1
        raise NotCopyable("no keyframe was found before a cut")

    def nals(self, packet: Packet[Any]) -> tuple[bytes, ...]:
        """The NAL units of a packet, without the parameter sets (which the output's header holds).

        Raises:
            NotCopyable: parameter sets that the header does not know, or a malformed packet.
        """
        data = bytes(packet)
        size = self.config.length_size
        try:
            units = tuple(split_length_prefixed(data, size) if size else split_annex_b(data))
            kept = []
            for unit in units:
                if parameter_set(self.codec, unit) is None:
                    kept.append(unit)
                elif unit not in self._known_sets:
                    raise NotCopyable("its parameter sets change within the file")
        except MalformedBitstream as error:
            raise NotCopyable(f"its bitstream is damaged ({error})") from error
        return tuple(kept)

    def is_idr(self, packet: Packet[Any]) -> bool:
        """Whether decoding can start here with nothing from before."""
        try:
            return packet.is_keyframe and picture_of(self.codec, self.nals(packet)) is Picture.IDR
        except MalformedBitstream as error:
            raise NotCopyable(f"its bitstream is damaged ({error})") from error

    # -- planning -------------------------------------------------------------------------------------

    def cut(self, first: int, end: int) -> Cut:
        """How the frames [first, end) are best made from this source."""
        head_from, copy_first = self._first_idr(first, end)
        if copy_first is None:
            return Cut(first, end, end, end, head_from, end)
        tail_from, copy_end = self._complete_prefix(copy_first, end)
        return Cut(first, copy_first, copy_end, end, head_from, tail_from)

    def _first_idr(self, first: int, end: int) -> tuple[int, int | None]:
        start: int | None = None
        for index, packet in self.packets(first):
            if start is None:
                start = index
                self.has_open_groups |= not self.is_idr(packet)
            if packet.is_keyframe:
                if index >= end:
                    break
                if index >= first:
                    if self.is_idr(packet):
                        return start, index
                    self.has_open_groups = True
        if start is None:
            raise NotCopyable("no keyframe was found before a cut")
        return start, None

    def _complete_prefix(self, copy_first: int, end: int) -> tuple[int, int]:
        """The last IDR before ``end``, and up to where the pictures from there can be copied.

        A run of pictures in decode order may end wherever no picture is missing in display order: what comes
        later in decode order is then later in display order too, and nothing that stays refers to it.
        """
        start = end - 1
        while True:
            run = self.packets(start)
            index, packet = next(run)
            if index <= copy_first or self.is_idr(packet):
                break
            start = index - 1
        complete = index
        highest = index - 1
        for count, (shown, following) in enumerate(chain([(index, packet)], run), start=1):
            if count > 1 and following.is_keyframe and shown >= end:
                break
            highest = max(highest, shown)
            if highest == index + count - 1 and highest < end:
                complete = highest + 1
            if complete == end or count > end - index + _MOST_REORDERED:
                break
        return index, complete

    # -- copying --------------------------------------------------------------------------------------

    def copy(self, first: int, end: int) -> Iterator[CodedPicture]:
        """The coded pictures of the frames [first, end) in decode order; ``first`` is an IDR.

        Raises:
            NotCopyable: the pictures are not exactly these frames, each once.
        """
        seen = bytearray(end - first)
        missing = end - first
        for index, packet in self.packets(first):
            if missing == end - first and index < first:
                continue
            if not first <= index < end or seen[index - first]:
                raise NotCopyable("its pictures are not in the order that its timestamps promise")
            seen[index - first] = 1
            yield self._coded_picture(index, packet)
            missing -= 1
            if not missing:
                return
        raise NotCopyable("it ends before its last frame")

    def _coded_picture(self, index: int, packet: Packet[Any]) -> CodedPicture:
        nals = self.nals(packet)
        try:
            is_idr = picture_of(self.codec, nals) is Picture.IDR
        except MalformedBitstream as error:
            raise NotCopyable(f"its bitstream is damaged ({error})") from error
        return CodedPicture(index, is_idr, nals)
