"""Encodes the frames between a cut and the next picture that can be copied.

The groups of pictures that the frames lie in are first written, untouched, into one file with display times
of our own; FFmpeg decodes that and picks frames by number. So no seek decides which frame is first, and one
process makes the edges of many segments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    from av.stream import Stream

_H264_PROFILES = {
    "Constrained Baseline": "baseline",
    "Baseline": "baseline",
    "Main": "main",
    "High": "high",
    "High 10": "high10",
    "High 4:2:2": "high422",
    "High 4:4:4 Predictive": "high444",
}
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


def batches(edges: Sequence[Edge]) -> list[Batch]:
    """Edges grouped by source, no group much larger than the others."""
    groups: list[Batch] = []
    for source in sorted({edge.source for edge in edges}):
        current: list[Edge] = []
        for edge in (edge for edge in edges if edge.source == source):
            current.append(edge)
            if Batch(source, tuple(current)).cost >= _BATCH_COST:
                groups.append(Batch(source, tuple(current)))
                current = []
        if current:
            groups.append(Batch(source, tuple(current)))
    return groups


def write_sources(path: Path, reader: PictureReader, template: Stream, batch: Batch) -> list[tuple[int, int]]:
    """Write what must be decoded for a batch into one file.

    Returns:
        For each edge the frame numbers [first, last] in that file, both included.
    """
    wanted: list[tuple[int, int]] = []

    def packets() -> Iterator[tuple[int, Packet[Any]]]:
        base = FIRST_NUMBER
        for edge in batch.edges:
            shift = base - edge.decode_from
            wanted.append((edge.first + shift, edge.end - 1 + shift))
            missing = edge.end - edge.first
            for index, packet in reader.packets(edge.decode_from):
                # Pictures shown before the one that decoding starts at need what is not here.
                if index < edge.decode_from:
                    continue
                yield index + shift, packet
                base = max(base, index + shift + 1)
                missing -= edge.first <= index < edge.end
                if not missing:
                    break

    write_run(path, template, reader.grid.rate, packets())
    return wanted


def encode_arguments(
    source: Path,
    output: Path,
    *,
    codec: Codec,
    profile: str | None,
    pix_fmt: str,
    rate: Fraction,
    bit_rate: int | None,
    batch: Batch,
    wanted: Sequence[tuple[int, int]],
) -> list[str]:
    """FFmpeg arguments that encode the wanted frames, each edge from an IDR picture of its own.

    There are no B pictures, so packet ``n`` of the output is frame ``n``. The quality is near the source's
    and the size is bounded by its bit rate.
    """
    ranges = "+".join(f"between(pts,{first},{last})" for first, last in wanted)
    starts, frame = [], 0
    for edge in batch.edges:
        starts.append(f"eq(n,{frame})")
        frame += edge.end - edge.first
    keyframe_interval = max(1, round(2 * rate))
    time_base = f"{rate.denominator}/{rate.numerator}"
    return [
        *("-f", "nut", "-protocol_whitelist", "file", "-threads", "1", "-copyts", "-i", f"file:{source}"),
        *("-map", "0:v:0", "-an"),
        # NUT may use a finer timebase than it was given: back to one tick a frame.
        *("-vf", f"settb={time_base},select='{ranges}',setpts=N"),
        *("-fps_mode", "passthrough", "-enc_time_base", time_base),
        *(_x264(profile) if codec is Codec.H264 else _x265()),
        *("-pix_fmt", pix_fmt, "-bf", "0", "-g", str(keyframe_interval), "-forced-idr", "1"),
        *("-force_key_frames", f"expr:{'+'.join(starts)}"),
        *_rate_control(bit_rate),
        *("-threads", "1", "-f", "mp4", f"file:{output}"),
    ]


def _x264(profile: str | None) -> list[str]:
    named = _H264_PROFILES.get(profile or "")
    return ["-c:v", "libx264", "-preset", "veryfast", *(["-profile:v", named] if named else [])]


def _x265() -> list[str]:
    return [
        *("-c:v", "libx265", "-preset", "veryfast", "-tag:v", "hvc1"),
        *(
            "-x265-params",
            "log-level=error:info=0:bframes=0:open-gop=0:repeat-headers=0:pools=1:frame-threads=1",
        ),
    ]


def _rate_control(bit_rate: int | None) -> list[str]:
    arguments = ["-crf", "18"]
    if bit_rate:
        # An edge is short and starts with an IDR picture, so its own rate is above the stream's; half a
        # second of buffer lets that picture through and keeps the rest near the source's size.
        most = bit_rate * 3 // 2
        arguments += ["-maxrate", str(most), "-bufsize", str(most // 2)]
    return arguments
