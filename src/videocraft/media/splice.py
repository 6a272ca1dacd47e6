"""Puts the pieces of a plan behind one another: copied and encoded pictures as one stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from videocraft.errors import MediaError
from videocraft.media.decoder_config import read_config
from videocraft.media.edges import Batch
from videocraft.media.muxer import OutputPicture, VideoTrack, open_own
from videocraft.media.nal import (
    Codec,
    MalformedBitstream,
    ParameterSet,
    Picture,
    join_length_prefixed,
    parameter_set,
    picture_of,
    split_length_prefixed,
)
from videocraft.media.parameter_sets import ParameterSetPool, Renumbering, TooManySets
from videocraft.media.pictures import NotCopyable, PictureReader
from videocraft.media.smartcut import Copied, Edge, Plan, Whole
from videocraft.media.time import round_half_up

if TYPE_CHECKING:
    from av.packet import Packet
    from av.stream import Stream

_TAGS = {Codec.H264: "avc1", Codec.HEVC: "hvc1"}
_CODECS = {"h264": Codec.H264, "hevc": Codec.HEVC}


class EncodedFile:
    """Pictures of a file that we encoded, in decode order."""

    def __init__(self, path: Path, rate: Fraction, stack: ExitStack) -> None:
        container = stack.enter_context(open_own(path))
        self.stream: Stream = container.streams.video[0]
        self._rate = rate
        self._time_base = Fraction(self.stream.time_base or 0)
        self._packets = (packet for packet in container.demux(self.stream) if packet.size)
        context = self.stream.codec_context
        self.codec = _CODECS.get(context.name)
        self.reorder_delay = int(context.reorder_depth)
        self.sets: tuple[ParameterSet, ...] = ()
        if self.codec is not None:
            self.sets = read_config(self.codec, bytes(context.extradata or b"")).sets

    def pictures(self, count: int, start: int, renumbering: Renumbering | None) -> Iterator[OutputPicture]:
        """The next ``count`` pictures; the first of them in display order gets the number ``start``.

        Raises:
            MediaError: there are fewer.
        """
        shift: int | None = None
        for _ in range(count):
            packet = next(self._packets, None)
            if packet is None or packet.pts is None:
                raise MediaError("The encoder made fewer frames than it was asked for.")
            number = round_half_up(packet.pts * self._time_base * self._rate)
            # A piece starts with its first picture in display order too: an IDR picture.
            shift = start - number if shift is None else shift
            yield self._picture(number + shift, packet, renumbering)

    def _picture(self, number: int, packet: Packet[Any], renumbering: Renumbering | None) -> OutputPicture:
        data = bytes(packet)
        if self.codec is None:
            return OutputPicture(number, data, packet.is_keyframe)
        codec = self.codec
        nals = tuple(nal for nal in split_length_prefixed(data, 4) if parameter_set(codec, nal) is None)
        is_idr = picture_of(codec, nals) is Picture.IDR
        if renumbering is not None:
            nals = renumbering.apply(nals)
        return OutputPicture(number, join_length_prefixed(nals), is_idr)


class Splice:
    """The pictures of a whole output.

    Args:
        readers: sources that pictures are copied from, by index.
        wholes: encoded segments, by index.
        batches: encoded edges with the file that holds them.
        rate: frames per second of the output.
    """

    def __init__(
        self,
        readers: Mapping[int, PictureReader],
        wholes: Mapping[int, Path],
        batches: Sequence[tuple[Batch, Path]],
        rate: Fraction,
    ) -> None:
        self._stack = ExitStack()
        self._readers = readers
        self._wholes = {index: EncodedFile(path, rate, self._stack) for index, path in wholes.items()}
        self._edges: dict[Edge, list[EncodedFile]] = {}
        self._encoded = list(self._wholes.values())
        for batch, path in batches:
            encoded = EncodedFile(path, rate, self._stack)
            self._encoded.append(encoded)
            for edge in batch.edges:
                self._edges.setdefault(edge, []).append(encoded)
        self._renumberings: dict[tuple[ParameterSet, ...], Renumbering] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def track(self, plan: Plan) -> VideoTrack:
        """The output's picture track, with everybody's parameter sets in its header.

        Raises:
            NotCopyable: the parameter sets of all sources do not fit into one track.
        """
        copied: dict[int, int] = {}
        for piece in plan.all_pieces():
            if isinstance(piece, Copied):
                copied[piece.source] = copied.get(piece.source, 0) + piece.end - piece.first
        most_first = sorted(copied, key=lambda source: -copied[source])
        readers = [self._readers[source] for source in most_first]
        template = readers[0].stream if readers else self._encoded[0].stream
        delay = max(
            [reader.delay for reader in readers] + [encoded.reorder_delay for encoded in self._encoded]
        )
        codec = readers[0].codec if readers else self._encoded[0].codec
        if codec is None:
            return VideoTrack(template, plan.rate, plan.frames, delay)
        pool = ParameterSetPool(codec)
        try:
            for source in most_first:
                self._take(pool, self._readers[source].config.sets)
        except TooManySets as error:
            raise NotCopyable(str(error), source) from error
        try:
            for encoded in self._encoded:
                self._take(pool, encoded.sets)
        except TooManySets as error:
            # Encoded sets come last and are few; the source with the least to copy makes room.
            raise NotCopyable(str(error), most_first[-1] if most_first else None) from error
        return VideoTrack(template, plan.rate, plan.frames, delay, pool.config(), _TAGS[codec])

    def _take(self, pool: ParameterSetPool, sets: tuple[ParameterSet, ...]) -> None:
        self._renumberings[sets] = pool.add(sets)

    def pictures(self, plan: Plan) -> Iterator[OutputPicture]:
        """Every picture of the output in decode order, numbered in display order."""
        number = 0
        for pieces in plan.pieces:
            for piece in pieces:
                if isinstance(piece, Copied):
                    yield from self._copied(piece, number)
                    number += piece.end - piece.first
                    continue
                if isinstance(piece, Whole):
                    encoded, count = self._wholes[piece.segment], piece.frames
                else:
                    encoded, count = self._edges[piece].pop(0), piece.end - piece.first
                yield from encoded.pictures(count, number, self._renumberings.get(encoded.sets))
                number += count

    def _copied(self, piece: Copied, start: int) -> Iterator[OutputPicture]:
        reader = self._readers[piece.source]
        renumbering = self._renumberings[reader.config.sets]
        try:
            for picture in reader.copy(piece.first, piece.end):
                data = join_length_prefixed(renumbering.apply(picture.nals))
                yield OutputPicture(start + picture.index - piece.first, data, picture.is_idr)
        except MalformedBitstream as error:
            raise NotCopyable(f"its bitstream is damaged ({error})", piece.source) from error
        except NotCopyable as error:
            raise NotCopyable(str(error), piece.source) from error
