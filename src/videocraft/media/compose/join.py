"""Puts encoded pieces behind one another without encoding again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from videocraft.errors import MediaError
from videocraft.media.muxer import OutputPicture, VideoTrack, write_output
from videocraft.media.nal import Codec
from videocraft.media.parameter_sets import ParameterSetPool, Renumbering, TooManySets
from videocraft.media.splice import EncodedFile


@dataclass(frozen=True)
class Encoded:
    """A file with the pictures of a piece, and how many they are."""

    path: Path
    frames: int


def join(pieces: Sequence[Encoded], sound: Path | None, output: Path, rate: Fraction) -> None:
    """Write the film; pieces are opened one after the other, so their number does not matter.

    Raises:
        MediaError: the pieces do not belong together, or one has too few frames.
    """
    pool = ParameterSetPool(Codec.H264)
    renumberings: list[Renumbering] = []
    delay = 0
    for piece in pieces:
        with ExitStack() as stack:
            encoded = EncodedFile(piece.path, rate, stack)
            delay = max(delay, encoded.reorder_delay)
            try:
                renumberings.append(pool.add(encoded.sets))
            except TooManySets as error:
                raise MediaError(
                    "The scenes of the film were encoded in too many ways to be joined."
                ) from error
    with ExitStack() as stack:
        template = EncodedFile(pieces[0].path, rate, stack).stream
        frames = sum(piece.frames for piece in pieces)
        track = VideoTrack(template, rate, frames, delay, pool.config(), "avc1")
        write_output(output, "mp4", track, _pictures(pieces, renumberings, rate), sound)


def _pictures(
    pieces: Sequence[Encoded], renumberings: Sequence[Renumbering], rate: Fraction
) -> Iterator[OutputPicture]:
    start = 0
    for piece, renumbering in zip(pieces, renumberings, strict=True):
        with ExitStack() as stack:
            yield from EncodedFile(piece.path, rate, stack).pictures(piece.frames, start, renumbering)
        start += piece.frames
