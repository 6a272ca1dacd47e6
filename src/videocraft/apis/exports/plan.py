"""What a config means on its real media: the rules that admission checks and that the worker's edit follows.

Pure functions of the config and of what the probe found.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from pathlib import PurePosixPath

from videocraft.apis.exports.remote import OpenSource
from videocraft.apis.exports.schemas import ExportConfig, Segment
from videocraft.media.edit import Edit, EditSegment, EditSource, OutputFormat, origin_of
from videocraft.media.probe import MediaInfo, VideoStream
from videocraft.media.time import round_half_up, snap_rate, to_fraction

_OVERHANG = Fraction(1, 10)
"""Sound lasts a little longer than the picture in most recordings (whole codec frames), and players tell the
longer of the two as the duration. A cut at a duration that a player told is no mistake."""

_HEADROOM = Fraction(13, 10)
_FIXED_BYTES = 16 * 2**20
"""For the index of the output, the database and status files."""


def objection(config: ExportConfig, infos: Sequence[MediaInfo]) -> str | None:
    """What the config asks of its sources that they do not have, in words; ``None`` when all is there."""
    for number, segment in enumerate(config.segments):
        found = _segment_objection(config, infos, segment)
        if found is not None:
            return f"segments[{number}]{found}"
    length = sum(
        (end - start for start, end in (_range(segment, infos) for segment in config.segments)), Fraction()
    )
    if round_half_up(length * _output_rate(config, infos)) == 0:
        return "segments hold less than one frame"
    return None


def _segment_objection(config: ExportConfig, infos: Sequence[MediaInfo], segment: Segment) -> str | None:
    index, heard = segment.source_index, segment.audio_source_index
    info = infos[index]
    if info.video is None:
        return f".sourceIndex names sources[{index}], which has no video stream"
    start, end = _range(segment, infos)
    last = _first(info, info.video) + info.video.duration
    found = None
    if to_fraction(segment.end_time) > _latest_end(info, info.video):
        found = f".endTime is past the end of sources[{index}], which lasts {float(last):.3f} seconds"
    elif start > last - 1 / (2 * info.video.rate):
        found = f".startTime is past the last frame of sources[{index}]"
    elif end <= start:
        found = f" ends before the first frame of sources[{index}]"
    elif (
        config.output.include_audio
        and heard is not None
        and not (config.sources[heard].has_audio and infos[heard].audio)
    ):
        found = f".audioSourceIndex names sources[{heard}], which has no audio stream"
    return found


def needed_bytes(config: ExportConfig, infos: Sequence[MediaInfo]) -> int:
    """Disk space that the export may take: the output, estimated from its sources, and its pieces."""
    output = Fraction()
    for segment in config.segments:
        info = infos[segment.source_index]
        start, end = _range(segment, infos)
        if info.duration > 0:
            output += info.size / info.duration * (end - start)
    # Pieces stay until the output is whole.
    return math.ceil(output * _HEADROOM) + math.ceil(output) + _FIXED_BYTES


def build_edit(config: ExportConfig, opened: Sequence[OpenSource], infos: Sequence[MediaInfo]) -> Edit:
    """The edit that a config describes, in exact times.

    Segments end with their source's last picture at the latest; see `objection` for how far they may ask.
    """
    sources = tuple(
        EditSource(
            file.path,
            info,
            to_fraction(source.sync_offset),
            source.has_audio,
            fill=file.fill,
            version=file.version,
            name=PurePosixPath(source.file_path).name,
        )
        for source, file, info in zip(config.sources, opened, infos, strict=True)
    )
    segments = tuple(
        EditSegment(segment.source_index, *_range(segment, infos), audio_source(config, segment, infos))
        for segment in config.segments
    )
    wanted = config.output
    return Edit(
        sources,
        segments,
        OutputFormat(
            container=wanted.format,
            # WebM holds VP9 and Opus here, whatever the codec says.
            codec="vp9" if wanted.format == "webm" else wanted.codec,
            width=wanted.width,
            height=wanted.height,
            rate=None if wanted.fps is None else snap_rate(to_fraction(wanted.fps)),
            quality=wanted.quality,
            include_audio=wanted.include_audio,
        ),
    )


def audio_source(config: ExportConfig, segment: Segment, infos: Sequence[MediaInfo]) -> int | None:
    """Index of the source that is heard during a segment; ``None`` is silence."""
    if not config.output.include_audio:
        return None
    if segment.audio_source_index is not None:
        return segment.audio_source_index
    own = segment.source_index
    if segment.audio_from_source and config.sources[own].has_audio and infos[own].audio:
        return own
    return None


def _range(segment: Segment, infos: Sequence[MediaInfo]) -> tuple[Fraction, Fraction]:
    """Begin and end of a segment, in seconds within its source, as far as there are pictures."""
    start, end = to_fraction(segment.start_time), to_fraction(segment.end_time)
    info = infos[segment.source_index]
    video = info.video
    if video is None:
        return start, end
    first = _first(info, video)
    if start < first:
        # Before the first frame there is nothing to show. A gap of up to a frame is a matter of how the
        # tracks were cut; the segment then begins that little later and keeps its length.
        end += first - start if first - start <= 1 / video.rate else 0
        start = first
    return start, min(end, first + video.duration)


def _first(info: MediaInfo, video: VideoStream) -> Fraction:
    """Seconds within the file at which its first frame is shown."""
    return video.start_time - origin_of(info)


def _latest_end(info: MediaInfo, video: VideoStream) -> Fraction:
    end = _first(info, video) + video.duration
    overhang = min(max(info.start_time + info.duration - video.end_time, Fraction()), _OVERHANG)
    return end + overhang + 1 / video.rate


def _output_rate(config: ExportConfig, infos: Sequence[MediaInfo]) -> Fraction:
    if config.output.fps is not None:
        return to_fraction(config.output.fps)
    video = infos[config.segments[0].source_index].video
    return Fraction(1) if video is None else video.rate
