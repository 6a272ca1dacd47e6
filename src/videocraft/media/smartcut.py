"""Decides what of an edit is copied and what is encoded, before any media is touched for writing.

A segment is copied from the first IDR picture at or after its start up to the last place where its group of
pictures can be left; only what lies before and after that is encoded. What can't be copied, or what it would
not pay to copy, is encoded from its first to its last frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise

from videocraft.media.audio import Heard
from videocraft.media.edit import Edit, EditSource
from videocraft.media.nal import Codec
from videocraft.media.pictures import Cut, Grid, NotCopyable, PictureReader
from videocraft.media.time import frame_boundaries

DECODE_COST = 0.3
"""What decoding a frame costs, where encoding one costs 1 (measured with x264 veryfast: 0.2 to 0.35)."""
_EDGE_SECONDS = 12
"""A range longer than this is encoded like any other segment: the edge encoder is tuned for a few frames."""


@dataclass(frozen=True)
class Copied:
    """Coded pictures [first, end) of a source, taken as they are; ``first`` is an IDR."""

    source: int
    first: int
    end: int


@dataclass(frozen=True)
class Edge:
    """Frames [first, end) of a source, encoded to fit between copied pictures; decoding starts earlier."""

    source: int
    first: int
    end: int
    decode_from: int


@dataclass(frozen=True)
class Whole:
    """A whole segment, encoded from the source by way of a filter graph (any size, rate, rotation)."""

    segment: int
    frames: int


Piece = Copied | Edge | Whole


def length_of(piece: Piece) -> int:
    """Frames of a piece."""
    return piece.frames if isinstance(piece, Whole) else piece.end - piece.first


@dataclass(frozen=True)
class Plan:
    """The output as pieces, in order.

    Attributes:
        rate: frames per second of the output.
        boundaries: first frame of each segment in the output, and the end.
        pieces: in output order; one tuple for each segment.
        reasons: why something is encoded that was to be copied, for the warnings.
    """

    rate: Fraction
    boundaries: tuple[int, ...]
    pieces: tuple[tuple[Piece, ...], ...]
    reasons: tuple[str, ...] = ()

    @property
    def frames(self) -> int:
        """Frames of the output."""
        return self.boundaries[-1]

    @property
    def frames_copied(self) -> int:
        """Frames that are not encoded again."""
        return sum(piece.end - piece.first for piece in self.all_pieces() if isinstance(piece, Copied))

    def joins(self) -> tuple[int, ...]:
        """Frame numbers of the output at which one piece ends and another begins."""
        return tuple(accumulate(length_of(piece) for piece in self.all_pieces()))[:-1]

    def all_pieces(self) -> Iterator[Piece]:
        """Every piece, in output order."""
        for pieces in self.pieces:
            yield from pieces


def used_sources(edit: Edit) -> list[int]:
    """Indices of the sources whose picture is used, ascending."""
    return sorted({segment.source for segment in edit.segments})


def target_of(edit: Edit) -> EditSource:
    """The source that the output's geometry, rate and colour come from: the first that is used."""
    return edit.sources[used_sources(edit)[0]]


def grid_of(source: EditSource) -> Grid:
    """The frame grid of a constant-rate source."""
    video = source.video
    return Grid(video.start_time, video.rate)


def output_rate(edit: Edit) -> Fraction:
    """Frames per second of the output."""
    return edit.output.rate or target_of(edit).video.rate


def boundaries_of(edit: Edit) -> tuple[int, ...]:
    """Where each segment begins on the output's frame grid, and the end."""
    durations = [segment.end - segment.start for segment in edit.segments]
    return tuple(frame_boundaries(durations, output_rate(edit)))


def first_frame(source: EditSource, start: Fraction) -> int:
    """The source frame nearest to a time in the source."""
    frame = max(0, grid_of(source).index(source.origin + start))
    return frame if source.video.frames is None else min(frame, source.video.frames - 1)


def codec_of(source: EditSource) -> Codec | None:
    """The codec as one that can be smart-cut, or None."""
    return {"h264": Codec.H264, "hevc": Codec.HEVC}.get(source.video.codec)


def why_not_at_all(edit: Edit) -> str | None:
    """Why nothing of this edit can be copied, or None."""
    output, target = edit.output, target_of(edit)
    video = target.video
    if output.container == "webm":
        return "WebM holds no H.264 or HEVC"
    if codec_of(target) is None:
        return f"{video.codec} can't be cut without encoding"
    if output.width not in {None, video.width} or output.height not in {None, video.height}:
        return "another size was asked for"
    if output.rate not in {None, video.rate}:
        return "another frame rate was asked for"
    return why_not(target, target)


def why_not(source: EditSource, target: EditSource) -> str | None:
    """Why a source can't be joined with the target without encoding it, or None."""
    video, wanted = source.video, target.video
    if not video.is_constant_rate:
        return "its frame rate varies"
    if video.field_order not in {"progressive", "unknown"}:
        return "it is interlaced"
    if video.rotation:
        return "it is rotated"
    if video.has_odd_edit_list:
        return "it has an edit list"
    same = {
        "codec": video.codec == wanted.codec,
        "profile": video.profile == wanted.profile,
        "size": (video.width, video.height) == (wanted.width, wanted.height),
        "frame rate": video.rate == wanted.rate,
        "pixel format": video.pix_fmt == wanted.pix_fmt,
        "pixel shape": video.sample_aspect == wanted.sample_aspect,
        "colour": _colour(source) == _colour(target),
    }
    differing = [name for name, is_same in same.items() if not is_same]
    return f"its {' and '.join(differing)} differ{'s' if len(differing) == 1 else ''}" if differing else None


def _colour(source: EditSource) -> tuple[str, ...]:
    video = source.video
    return video.color_space, video.color_primaries, video.color_transfer, video.color_range


def plan_encode(edit: Edit, reasons: Sequence[str] = ()) -> Plan:
    """Everything is encoded."""
    boundaries = boundaries_of(edit)
    pieces = tuple(
        (Whole(index, end - begin),) if end > begin else ()
        for index, (begin, end) in enumerate(pairwise(boundaries))
    )
    return Plan(output_rate(edit), boundaries, pieces, tuple(reasons))


def plan_copy(edit: Edit, readers: Mapping[int, PictureReader], reasons: Sequence[str]) -> Plan:
    """As little as possible is encoded.

    Args:
        readers: the sources that can be copied from; segments of the others are encoded whole.
        reasons: why the others can't.

    Raises:
        NotCopyable: a reader found its source to be different from what was promised.
    """
    boundaries = boundaries_of(edit)
    pieces: list[tuple[Piece, ...]] = []
    for index, segment in enumerate(edit.segments):
        frames = boundaries[index + 1] - boundaries[index]
        if not frames:
            pieces.append(())
        elif segment.source in readers:
            first = first_frame(edit.sources[segment.source], segment.start)
            pieces.append(_segment(edit, index, first, frames, readers[segment.source]))
        else:
            pieces.append((Whole(index, frames),))
    told = [
        f"{edit.sources[index].name} was encoded up to pictures that can be cut at: its groups are open."
        for index, reader in readers.items()
        if reader.has_open_groups
    ]
    return Plan(output_rate(edit), boundaries, tuple(pieces), (*reasons, *told))


def _segment(edit: Edit, index: int, first: int, frames: int, reader: PictureReader) -> tuple[Piece, ...]:
    number = edit.segments[index].source
    available = edit.sources[number].video.frames
    end = first + frames if available is None else min(first + frames, available)
    try:
        cut = reader.cut(first, end)
    except NotCopyable as error:
        raise NotCopyable(str(error), number) from error
    # An edit may end up to a frame behind its source (sound often lasts longer): the last picture stands.
    last_from = cut.tail_from if cut.copy_end > cut.copy_first else cut.head_from
    held = tuple(Edge(number, end - 1, end, last_from) for _ in range(first + frames - end))
    if not pays(cut):
        if frames > _EDGE_SECONDS * reader.grid.rate:
            return (Whole(index, frames),)
        return (Edge(number, first, end, cut.head_from), *held)
    pieces: list[Piece] = []
    if cut.copy_first > first:
        pieces.append(Edge(number, first, cut.copy_first, cut.head_from))
    pieces.append(Copied(number, cut.copy_first, cut.copy_end))
    if cut.copy_end < end:
        pieces.append(Edge(number, cut.copy_end, end, cut.tail_from))
    return (*pieces, *held)


def pays(cut: Cut) -> bool:
    """Whether copying the middle of a cut costs less than encoding all of it."""
    if cut.copy_end <= cut.copy_first:
        return False
    edges = (cut.copy_first - cut.first) + DECODE_COST * (cut.copy_first - cut.head_from)
    if cut.copy_first == cut.first:
        edges = 0
    if cut.copy_end < cut.end:
        edges += (cut.end - cut.copy_end) + DECODE_COST * (cut.end - cut.tail_from)
    return edges < (cut.end - cut.first) + DECODE_COST * (cut.end - cut.head_from)


def heard(edit: Edit, plan: Plan) -> list[Heard]:
    """What each segment is to be heard with, on the clocks of the sources."""
    result = []
    for index, segment in enumerate(edit.segments):
        source = edit.sources[segment.source]
        number = segment.audio_source
        listened = source if number is None else edit.sources[number]
        shift = source.sync_offset - listened.sync_offset - source.origin + listened.origin
        result.append(
            Heard(
                source=number if number is None or (listened.has_audio and listened.info.audio) else None,
                start=first_instant(source, segment.start) + shift,
                wanted=(source.origin + segment.start + shift, source.origin + segment.end + shift),
                frames=plan.boundaries[index + 1] - plan.boundaries[index],
                is_own=number == segment.source,
            )
        )
    return result


def first_instant(source: EditSource, start: Fraction) -> Fraction:
    """The container time at which a segment's first picture is shown in its source."""
    if source.video.is_constant_rate:
        return grid_of(source).seconds(first_frame(source, start))
    return max(source.origin + start, source.video.start_time)
