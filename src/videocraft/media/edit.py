"""What an export is asked to make: sources, segments and the output's format, as exact values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, Protocol

from videocraft.errors import MediaError
from videocraft.media.filling import Fill, fill_whole
from videocraft.media.presets import Codec, Container, Quality
from videocraft.media.probe import MediaInfo, VideoStream
from videocraft.media.process import Limits

OutputCodec = Literal["copy"] | Codec

_PRIMING_SECONDS = Fraction(1, 10)
"""More than the priming of any sound codec, less than a late track that somebody means."""


@dataclass(frozen=True)
class EditSource:
    """One recording.

    Attributes:
        sync_offset: its start minus the master's start, in seconds.
        fill: of a file that is fetched as it is read.
        version: what changes with the content, where the file's own facts don't tell that.
        name: what a user knows it by; default: the file's name.
    """

    path: Path
    info: MediaInfo
    sync_offset: Fraction = Fraction(0)
    has_audio: bool = True
    fill: Fill | None = None
    version: str | None = None
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name or self.path.name)

    @property
    def identity(self) -> list[str | int]:
        """What a piece made from it depends on."""
        if self.version is not None:
            return [self.version]
        return [str(self.path), self.info.size, self.path.stat().st_mtime_ns]

    def complete(self, check: Callable[[], None]) -> Path:
        """The file with every byte in its place, for a process to read; ``check`` may raise meanwhile."""
        if self.fill is not None:
            fill_whole(self.fill, self.info.size, check)
        return self.path

    @property
    def video(self) -> VideoStream:
        """The picture track.

        Raises:
            MediaError: the source has none.
        """
        if self.info.video is None:
            raise MediaError(f"{self.name} has no picture track.")
        return self.info.video

    @property
    def origin(self) -> Fraction:
        """The container time of this source's second 0."""
        return origin_of(self.info)


def origin_of(info: MediaInfo) -> Fraction:
    """The container time that is second 0 of a file.

    An MP4's edit list defines its second 0, also when nothing is shown then. Other containers begin anywhere
    (a transport stream at an arbitrary clock), and players show their first moment as 0. There the first
    picture counts, unless it is late: sound starts a little earlier only because of the encoder's priming
    samples, which those containers can't hide.
    """
    if info.format == "mov":
        return Fraction(0)
    if info.video is None or info.video.start_time - info.start_time > _PRIMING_SECONDS:
        return info.start_time
    return info.video.start_time


@dataclass(frozen=True)
class EditSegment:
    """A half-open range [start, end) of one source, in seconds from the source's second 0.

    ``audio_source`` is the index of the source that is heard meanwhile; None is silence.
    """

    source: int
    start: Fraction
    end: Fraction
    audio_source: int | None


@dataclass(frozen=True)
class OutputFormat:
    """The file to make. None stands for what the first source that is used has."""

    container: Container = "mp4"
    codec: OutputCodec = "copy"
    width: int | None = None
    height: int | None = None
    rate: Fraction | None = None
    quality: Quality | None = None
    include_audio: bool = True


@dataclass(frozen=True)
class Edit:
    """Segments in output order, over sources."""

    sources: tuple[EditSource, ...]
    segments: tuple[EditSegment, ...]
    output: OutputFormat


@dataclass(frozen=True)
class ExportReport:
    """What was made."""

    frames: int
    frames_copied: int
    frames_encoded: int
    duration: Fraction
    warnings: tuple[str, ...]
    wall_seconds: float


@dataclass(frozen=True)
class Tools:
    """What the work may use: the FFmpeg binary, limits of one process, processes at once."""

    ffmpeg: str
    limits: Limits
    parallel: int = 2


class Stage(Protocol):
    """Keeps what ``make`` writes under a key, so that a job that died goes on where it was."""

    def __call__(self, name: str, key: Mapping[str, Any], make: Callable[[Path], None], /) -> Path:
        """The finished file; ``make`` runs only when it is not there yet."""
        ...
