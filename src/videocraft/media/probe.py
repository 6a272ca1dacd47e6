"""What is in a media file: the facts that an edit depends on, found without decoding and without trust.

Files are inspected by a child process with tight limits (``_inspect.py``), never here: a file that crashes
FFmpeg's libraries takes the child with it and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

from videocraft import telemetry
from videocraft.errors import MediaError
from videocraft.media import process
from videocraft.media.filling import Fill
from videocraft.media.process import Limits

PROBE_VERSION = 3
"""Goes up when a probe finds other things in the same file, so that cached ones are made anew."""

_MEMORY_BYTES = 2**30
_CPU_SECONDS = 10
_START_SECONDS = 20
"""For the child itself to start where many others want the processor; no file is to blame for that."""
_FETCH_SECONDS = 600
"""Most time for fetching what a file is probed by; the storage itself gives up on what does not answer."""
_PACKAGE_ROOT = Path(__file__).parents[2]
_CHILD = (sys.executable, "-B", "-P", "-m", "videocraft.media._inspect")


@dataclass(frozen=True, slots=True)
class VideoStream:
    """The picture track. Times named ``pts`` are in units of ``time_base``, on the container's clock."""

    index: int
    codec: str
    """FFmpeg's name: ``h264``, ``hevc``, ``vp9``, ..."""
    profile: str | None
    level: int | None
    """As the codec counts: 40 is H.264 level 4.0, 120 is HEVC level 4."""
    width: int
    height: int
    pix_fmt: str
    sample_aspect: Fraction
    rate: Fraction
    """Frames per second: exact when constant, else the nominal one, which is a whole or common number."""
    is_constant_rate: bool
    time_base: Fraction
    start_pts: int | None
    """Of the first picture shown."""
    end_pts: int | None
    """Where the last picture ends."""
    frames: int | None
    """Exact, from the index or from reading every packet; ``None`` when the file is too long for that."""
    duration: Fraction
    """Seconds from the first picture's start to the last one's end."""
    longest_gap: Fraction
    """Seconds that the longest-standing picture stands (a gap in the recording, or a slow frame)."""
    color_space: str
    color_primaries: str
    color_transfer: str
    color_range: str
    """FFmpeg's names (``bt709``, ``smpte170m``, ``tv``, ``pc``); ``unknown`` where the file says nothing."""
    field_order: str
    """``progressive``, ``tt``, ``bb``, ``tb``, ``bt``; ``unknown`` where the file says nothing."""
    rotation: int
    """Degrees clockwise to turn the picture for display: 0, 90, 180 or 270."""
    is_mirrored: bool
    """The display matrix does more than turn."""
    has_odd_edit_list: bool
    """An edit list that does more than the usual: one shift of the start, or one empty edit before it."""
    bit_rate: int | None
    b_frames: int
    """Pictures of reordering delay that the stream announces; 0: decoding order is display order."""

    @property
    def start_time(self) -> Fraction:
        """Seconds of the first picture on the container's clock."""
        return (self.start_pts or 0) * self.time_base

    @property
    def end_time(self) -> Fraction:
        """Seconds at which the last picture ends, on the container's clock."""
        return self.start_time + self.duration


@dataclass(frozen=True, slots=True)
class AudioStream:
    """One sound track; times are seconds on the container's clock."""

    index: int
    codec: str
    sample_rate: int
    channels: int
    layout: str
    start_time: Fraction
    duration: Fraction


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a probe found in one file."""

    path: str
    size: int
    """Bytes."""
    format: str
    """The demuxer that reads it, by the name that forces it: ``mov``, ``matroska``, ..."""
    duration: Fraction
    """Seconds, the container's: from ``start_time`` to the end of the longest stream."""
    start_time: Fraction
    video: VideoStream | None
    """The first real video stream; cover pictures are not video."""
    audio: tuple[AudioStream, ...]
    stream_count: int
    """All streams of the file, also those that are left out here."""
    warnings: tuple[str, ...] = ()
    """What is odd about the file, in sentences."""
    timecode: str | None = None
    """Of the first picture, ``HH:MM:SS:FF`` (``;`` before the frames when frame numbers are dropped)."""
    promised_size: int | None = None
    """Bytes that the file says it has, where its format says that; more than ``size``: it is truncated."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; rational numbers become ``"n/d"``."""
        return {key: _plain(value) for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> MediaInfo:
        """The inverse of :meth:`to_json`."""
        video = data["video"]
        return cls(
            path=data["path"],
            size=data["size"],
            format=data["format"],
            duration=Fraction(data["duration"]),
            start_time=Fraction(data["start_time"]),
            video=None if video is None else VideoStream(**_rational(video, _VIDEO_FRACTIONS)),
            audio=tuple(AudioStream(**_rational(track, _AUDIO_FRACTIONS)) for track in data["audio"]),
            stream_count=data["stream_count"],
            warnings=tuple(data["warnings"]),
            timecode=data["timecode"],
            promised_size=data.get("promised_size"),
        )


_VIDEO_FRACTIONS = ("sample_aspect", "rate", "time_base", "duration", "longest_gap")
_AUDIO_FRACTIONS = ("start_time", "duration")


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value


def _rational(data: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {key: Fraction(value) if key in names else value for key, value in data.items()}


def probe(
    paths: Sequence[Path],
    *,
    wall_seconds: float = 10,
    images: bool = False,
    fills: Sequence[Fill | None] = (),
) -> list[MediaInfo | MediaError]:
    """Inspect files in a child process without rights; one bad file costs the others nothing.

    Args:
        wall_seconds: most time for each file, besides what it takes to fetch it.
        images: take single pictures (PNG, JPEG, WebP) too.
        fills: for each path how the file is fetched as it is read, if it is; what that raises is raised here.

    Returns:
        For each path what was found, or the error that says why not.
    """
    results: list[MediaInfo | MediaError] = []
    fills = fills or [None] * len(paths)
    with telemetry.span("probe", {"probe.files": len(paths)}):
        while len(results) < len(paths):
            done = len(results)
            results += _Session(paths[done:], fills[done:], wall_seconds, images=images).run()
    return results


class _Session:
    """One child process: it goes on until the files are done or one of them ends it."""

    def __init__(
        self, paths: Sequence[Path], fills: Sequence[Fill | None], wall_seconds: float, *, images: bool
    ) -> None:
        self._paths = paths
        self._fills = fills
        self._pipe: int | None = None
        self._wall_seconds = wall_seconds
        self._images = images
        self._results: list[MediaInfo | MediaError] = []
        self._file_started: float | None = None

    def run(self) -> list[MediaInfo | MediaError]:
        """At least one result, in the order of the paths; fewer than paths when a file ended the child."""
        stopped = False
        details: Mapping[str, Any] = {}
        fetching = _FETCH_SECONDS * sum(fill is not None for fill in self._fills)
        try:
            finished = process.run(
                _CHILD,
                limits=Limits(
                    wall_seconds=_START_SECONDS + self._wall_seconds * len(self._paths) + fetching,
                    cpu_seconds=_CPU_SECONDS * (len(self._paths) + 1),
                    memory_bytes=_MEMORY_BYTES,
                    # It only reads; its answer goes to a pipe.
                    file_bytes=0,
                    open_files=64,
                ),
                on_line=self._take,
                should_stop=self._is_late,
                feed=self._ask,
                environment={"PYTHONPATH": str(_PACKAGE_ROOT)},
            )
            details = process.failure_details(finished)
        except process.Stopped:
            stopped = True
        finally:
            if self._pipe is not None:
                os.close(self._pipe)
        if len(self._results) < len(self._paths):
            if self._file_started is None:
                raise MediaError(
                    "Media files can't be inspected: the reader does not start.", details=details
                )
            self._results.append(
                MediaError(f"The file could not be inspected within {self._wall_seconds:g} s.")
                if stopped
                else MediaError("The file is damaged: it crashed the reader.", details=details)
            )
        return self._results

    def _ask(self, stream: BinaryIO) -> None:
        request = {
            "paths": [str(path) for path in self._paths],
            "filled": [fill is not None for fill in self._fills],
            "images": self._images,
            "cpu_seconds": _CPU_SECONDS,
        }
        # The stream is closed when this returns; answers to the child's own questions go the same way.
        self._pipe = os.dup(stream.fileno())
        stream.write(json.dumps(request).encode() + b"\n")

    def _is_late(self) -> bool:
        return self._file_started is not None and time.monotonic() - self._file_started > self._wall_seconds

    def _take(self, line: str) -> None:
        answer = json.loads(line)
        if "fill" in answer:
            self._fetch(self._fills[answer["file"]], *answer["fill"])
            return
        self._file_started = time.monotonic()
        if "info" in answer:
            self._results.append(MediaInfo.from_json(answer["info"]))
        elif "error" in answer:
            self._results.append(MediaError(answer["error"], details=answer["details"]))

    def _fetch(self, fill: Fill | None, start: int, stop: int) -> None:
        if fill is None or self._pipe is None or self._file_started is None:
            raise ValueError("the reader of media files asks for what it was given")
        began = time.monotonic()
        fill(start, stop)
        self._file_started += time.monotonic() - began
        with contextlib.suppress(BrokenPipeError):  # it has died meanwhile, and its end tells that
            os.write(self._pipe, b".")
