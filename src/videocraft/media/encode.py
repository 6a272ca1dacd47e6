"""Encodes one segment of an edit from its source: any size, rate, rotation or colour into the output's."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from videocraft.media.edit import Edit
from videocraft.media.ffmpeg import input_arguments
from videocraft.media.filters import convert_colour, deinterlace, displayed, even
from videocraft.media.presets import DEFAULT_QUALITY, Codec, Encoder, color_filter, pixel_format
from videocraft.media.probe import VideoStream
from videocraft.media.smartcut import first_instant, output_rate, target_of
from videocraft.media.time import microseconds, round_half_up

_SEEK_MARGIN = Fraction(1, 2)
"""Decoding starts at least this many seconds before the first frame: some containers seek by decode time.
Frames are then picked by their timestamps, so early costs a little and late would be wrong."""
_GOP_SECONDS = 2
# An open GOP would keep players from seeking to its keyframe in the joined file.
_CLOSED_GOP = {"libx265": ("-x265-params", "log-level=error:open-gop=0")}
_HELD_FRAMES = 2
"""An edit may end up to a frame behind its source; anything more is a source that is not what it was."""


@dataclass(frozen=True)
class Picture:
    """What every encoded frame of an output looks like; ``like`` gives the colour."""

    width: int
    height: int
    sample_aspect: Fraction
    rate: Fraction
    pix_fmt: str
    like: VideoStream


def output_picture(edit: Edit, codec: Codec) -> Picture:
    """The output's picture: what was asked for, else the target source's, in square pixels."""
    video = target_of(edit).video
    shown_width, shown_height = displayed(video)
    width, height = edit.output.width, edit.output.height
    if width is None:
        width = shown_width if height is None else round_half_up(Fraction(shown_width * height, shown_height))
    if height is None:
        height = round_half_up(Fraction(shown_height * width, shown_width))
    return Picture(
        width=even(width),
        height=even(height),
        sample_aspect=Fraction(1),
        rate=output_rate(edit),
        pix_fmt=pixel_format(codec, video),
        like=video,
    )


def joinable_picture(edit: Edit) -> Picture:
    """Frames that can stand beside copied pictures of the target source."""
    video = target_of(edit).video
    return Picture(video.width, video.height, video.sample_aspect, video.rate, video.pix_fmt, video)


def segment_arguments(
    edit: Edit, segment: int, frames: int, picture: Picture, output: Path, *, encoder: Encoder, threads: int
) -> list[str]:
    """FFmpeg arguments that make ``frames`` frames of a segment into an MP4 piece."""
    asked = edit.segments[segment]
    source = edit.sources[asked.source]
    video = source.video
    first = round_half_up(first_instant(source, asked.start) / video.time_base)
    seek = first * video.time_base - _SEEK_MARGIN
    seeking = []
    if seek > video.start_time:
        # Absolute timestamps on both sides of the seek: frames are picked by the source's own clock.
        seeking = ["-seek_timestamp", "1", "-noaccurate_seek", "-ss", microseconds(seek)]
    time_base = f"{picture.rate.denominator}/{picture.rate.numerator}"
    return [
        *("-copyts", *seeking, "-threads", str(threads)),
        *input_arguments(source.path, source.info),
        *("-map", f"0:{video.index}", "-an", "-sn", "-dn"),
        *("-vf", ",".join(filter_chain(video, picture, first)), "-frames:v", str(frames)),
        *("-fps_mode", "passthrough", "-enc_time_base", time_base),
        *encoder.quality_arguments(edit.output.quality or DEFAULT_QUALITY),
        *_CLOSED_GOP.get(encoder.name, ()),
        *("-g", str(max(1, round(_GOP_SECONDS * picture.rate))), "-threads", str(threads)),
        *("-f", "mp4", f"file:{output}"),
    ]


def filter_chain(video: VideoStream, picture: Picture, first_pts: int) -> list[str]:
    """Filters that turn a decoded source into the output's frames; only numbers and enumerated names.

    Args:
        first_pts: the timestamp, in the stream's timebase, that becomes time 0.
    """
    rate = picture.rate
    # In the source's own timebase, so before any filter that may change it.
    filters = [f"setpts=PTS-{first_pts}", color_filter(video)]
    filters += deinterlace(video)
    # Frames before the first are dropped, gaps are filled, and a picture a little off the grid snaps to it.
    filters.append(f"fps=fps={rate.numerator}/{rate.denominator}:start_time=0:round=near")
    filters.append(f"tpad=stop_mode=clone:stop={_HELD_FRAMES}")
    filters += convert_colour(video, picture.like)
    filters += _geometry(video, picture)
    filters += [f"format={picture.pix_fmt}", color_filter(picture.like)]
    return filters


def _geometry(video: VideoStream, picture: Picture) -> list[str]:
    coded = (video.width, video.height, video.sample_aspect)
    if coded == (picture.width, picture.height, picture.sample_aspect) and not video.rotation:
        return []
    shown_width, shown_height = displayed(video)
    aspect = picture.sample_aspect
    scale = min(picture.width * aspect / shown_width, Fraction(picture.height, shown_height))
    width = min(picture.width, even(round_half_up(shown_width * scale / aspect)))
    height = min(picture.height, even(round_half_up(shown_height * scale)))
    # Even positions, so that the chroma planes are padded by the same picture area.
    x, y = (picture.width - width) // 4 * 2, (picture.height - height) // 4 * 2
    return [
        f"scale=w={width}:h={height}:flags=bicubic",
        f"pad=w={picture.width}:h={picture.height}:x={x}:y={y}:color=black",
        f"setsar={aspect.numerator}/{aspect.denominator}",
    ]
