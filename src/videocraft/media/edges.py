"""Encodes the frames between a cut and the next picture that can be copied.

The groups of pictures that the frames lie in are first written, untouched, into one file with display times
of our own; FFmpeg decodes that and picks frames by number. So no seek decides which frame is first, and one
process makes the edges of many segments.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from videocraft.media.muxer import FIRST_NUMBER, write_run
from videocraft.media.nal import Codec
from videocraft.media.pictures import PictureReader
from videocraft.media.smartcut import DECODE_COST, Edge

if TYPE_CHECKING:
    from av import Packet

_H264_PROFILES = {
    "Constrained Baseline": "baseline",
    "Baseline": "baseline",
    "Main": "main",
    "High": "high",
    "High 10": "high10",
    "High 4:2:2": "high422",
    "High 4:4:4 Predictive": "high444",
}
_LOOKAHEAD_FRAMES = 4
"""Each frame of lookahead holds about 6 MB at 1080p, and an edge is too short to gain from a long one."""
SAMPLE_CRF = 20.0
_SAMPLE_FRAMES = 12
_BEST_CRF, _WORST_CRF = 12.0, 32.0
_BATCH_COST = 240
"""Frames' worth of encoding in a batch: enough to hide the start of a process, little enough to share out."""


@dataclass(frozen=True)
class Batch:
    """Edges of one source that one process encodes, in output order."""

    source: int
    edges: tuple[Edge, ...]

    @property
    def frames(self) -> int:
        """Frames to encode."""
        return sum(edge.end - edge.first for edge in self.edges)

    @property
    def cost(self) -> float:
        """Work, in frames encoded."""
        return self.frames + DECODE_COST * sum(edge.end - edge.decode_from for edge in self.edges)


def batches(edges: Sequence[Edge], open_sources: Collection[int] = ()) -> list[Batch]:
    """Edges grouped by source, no group much larger than the others.

    Args:
        open_sources: sources whose groups are open. An edge of theirs is decoded by itself: only an IDR
            picture makes a decoder forget what it has seen, and it drops what seems to be out of order.
    """
    groups: list[Batch] = []
    for source in sorted({edge.source for edge in edges}):
        current: list[Edge] = []
        for edge in (edge for edge in edges if edge.source == source):
            current.append(edge)
            if source in open_sources or Batch(source, tuple(current)).cost >= _BATCH_COST:
                groups.append(Batch(source, tuple(current)))
                current = []
        if current:
            groups.append(Batch(source, tuple(current)))
    return groups


@dataclass
class Run:
    """What must be decoded for a batch, in a file of its own.

    Attributes:
        wanted: for each edge its frame numbers [first, last] in the file, both included.
        wanted_bytes: size of the coded pictures that are wanted.
    """

    path: Path
    wanted: list[tuple[int, int]]
    wanted_bytes: int = 0


def write_run_of(path: Path, reader: PictureReader, batch: Batch) -> Run:
    """Write the groups of pictures that a batch's frames lie in, as they are, into one file."""
    run = Run(path, [])

    def packets() -> Iterator[tuple[int, Packet[Any]]]:
        base = FIRST_NUMBER
        for edge in batch.edges:
            shift = base - edge.decode_from
            run.wanted.append((edge.first + shift, edge.end - 1 + shift))
            missing = edge.end - edge.first
            for index, packet in reader.packets(edge.decode_from):
                # Pictures shown before the one that decoding starts at need what is not here.
                if index < edge.decode_from:
                    continue
                yield index + shift, packet
                base = max(base, index + shift + 1)
                if edge.first <= index < edge.end:
                    run.wanted_bytes += packet.size
                    missing -= 1
                if not missing:
                    break

    write_run(path, reader.stream, reader.grid.rate, packets())
    return run


@dataclass(frozen=True)
class EdgeFormat:
    """What encoded edges have in common with the pictures that they stand beside."""

    codec: Codec
    profile: str | None
    pix_fmt: str
    rate: Fraction


def encode_arguments(run: Run, output: Path, like: EdgeFormat, *, crf: float, container: str) -> list[str]:
    """FFmpeg arguments that encode the wanted frames, each edge from an IDR picture of its own.

    There are no B pictures, so packet ``n`` of the output is frame ``n``.

    Args:
        crf: the rate factor that gives the source's quality (``rate_factor``).
        container: ``mp4``, or ``h264``/``hevc`` for the bare stream.
    """
    rate = like.rate
    ranges = "+".join(f"between(pts,{first},{last})" for first, last in run.wanted)
    starts, frame = [], 0
    for first, last in run.wanted:
        starts.append(f"eq(n,{frame})")
        frame += last - first + 1
    keyframe_interval = max(1, round(2 * rate))
    time_base = f"{rate.denominator}/{rate.numerator}"
    return [
        *("-f", "nut", "-protocol_whitelist", "file", "-threads", "1", "-copyts", "-i", f"file:{run.path}"),
        *("-map", "0:v:0", "-an"),
        # NUT may use a finer timebase than it was given: back to one tick a frame.
        *("-vf", f"settb={time_base},select='{ranges}',setpts=N"),
        *("-fps_mode", "passthrough", "-enc_time_base", time_base),
        *(_x264(like.profile) if like.codec is Codec.H264 else _x265()),
        *("-crf", f"{crf:.1f}", "-pix_fmt", like.pix_fmt, "-bf", "0"),
        *("-g", str(keyframe_interval), "-forced-idr", "1", "-force_key_frames", f"expr:{'+'.join(starts)}"),
        *("-threads", "1", "-f", container, f"file:{output}"),
    ]


def _x264(profile: str | None) -> list[str]:
    named = _H264_PROFILES.get(profile or "")
    return [
        *("-c:v", "libx264", "-preset", "veryfast", "-rc-lookahead", str(_LOOKAHEAD_FRAMES)),
        *(["-profile:v", named] if named else []),
    ]


def _x265() -> list[str]:
    # libx265 starts a thread for each core unless it is told not to.
    params = "log-level=error:info=0:bframes=0:open-gop=0:repeat-headers=0:pools=1:frame-threads=1"
    params += f":rc-lookahead={_LOOKAHEAD_FRAMES}"
    return ["-c:v", "libx265", "-preset", "veryfast", "-tag:v", "hvc1", "-x265-params", params]


def sample_of(batch: Batch) -> Batch:
    """The first pictures of the group that a batch starts in: what the quality is measured on."""
    first = batch.edges[0]
    end = min(first.decode_from + _SAMPLE_FRAMES, first.end)
    return Batch(batch.source, (Edge(batch.source, first.decode_from, end, first.decode_from),))


def rate_factor(source_bytes: int, encoded_bytes: int) -> float:
    """The rate factor at which an encode is as large as the source, so about as good.

    Both are of the same pictures, from a keyframe on, encoded with ``SAMPLE_CRF``. A step of 6 halves the
    size (x264 and x265 double the quantiser's step size with every 6, as the standards do).
    """
    if source_bytes <= 0 or encoded_bytes <= 0:
        return SAMPLE_CRF
    return min(max(SAMPLE_CRF + 6 * math.log2(encoded_bytes / source_bytes), _BEST_CRF), _WORST_CRF)
