"""Encodes one segment of an edit from its source: any size, rate, rotation or colour into the output's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from videocraft.media.edit import Edit
from videocraft.media.ffmpeg import input_arguments
from videocraft.media.presets import Tags, video_arguments
from videocraft.media.probe import VideoStream
from videocraft.media.smartcut import first_instant, output_rate, target_of
from videocraft.media.time import microseconds, round_half_up

_SEEK_MARGIN = Fraction(1, 2)
"""Decoding starts at least this many seconds before the first frame: some containers seek by decode time.
Frames are then picked by their timestamps, so early costs a little and late would be wrong."""
_HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})
_HELD_FRAMES = 2
"""An edit may end up to a frame behind its source; anything more is a source that is not what it was."""


@dataclass(frozen=True)
class Picture:
    """What every encoded frame of an output looks like."""

    width: int
    height: int
    sample_aspect: Fraction
    rate: Fraction
    pix_fmt: str
    tags: Tags


def output_picture(edit: Edit, pix_fmt: str | None) -> Picture:
    """The output's picture: what was asked for, else the target source's.

    Args:
        pix_fmt: the encoder's pixel format, or None for the target's own.
    """
    video = target_of(edit).video
    width, height = _displayed(video)
    asked = edit.output
    if asked.width and not asked.height:
        width, height = asked.width, round_half_up(Fraction(height * asked.width, width))
    elif asked.height and not asked.width:
        width, height = round_half_up(Fraction(width * asked.height, height)), asked.height
    elif asked.width and asked.height:
        width, height = asked.width, asked.height
    return Picture(
        width=_even(width),
        height=_even(height),
        sample_aspect=Fraction(1),
        rate=output_rate(edit),
        pix_fmt=pix_fmt or video.pix_fmt,
        tags=Tags.of(video),
    )


def joinable_picture(edit: Edit) -> Picture:
    """Frames that can stand beside copied pictures of the target source."""
    video = target_of(edit).video
    return Picture(video.width, video.height, video.sample_aspect, video.rate, video.pix_fmt, Tags.of(video))


def _displayed(video: VideoStream) -> tuple[int, int]:
    """Width and height in square pixels, turned upright."""
    width = round_half_up(video.width * video.sample_aspect)
    return (video.height, width) if video.rotation in {90, 270} else (width, video.height)


def _even(value: int) -> int:
    return max(2, value - value % 2)


def segment_arguments(
    edit: Edit,
    segment: int,
    frames: int,
    picture: Picture,
    output: Path,
    *,
    codec: str,
    threads: int,
) -> list[str]:
    """FFmpeg arguments that make ``frames`` frames of a segment into an MP4 piece."""
    asked = edit.segments[segment]
    source = edit.sources[asked.source]
    video = source.video
    first = round_half_up(first_instant(source, asked.start) / video.time_base)
    seek = first * video.time_base - _SEEK_MARGIN
    seeking = []
    if seek > source.video.start_time:
        # Absolute timestamps on both sides of the seek: frames are picked by the source's own clock.
        seeking = ["-seek_timestamp", "1", "-noaccurate_seek", "-ss", microseconds(seek)]
    filters = filter_chain(video, picture, first)
    return [
        "-copyts",
        *seeking,
        *("-threads", str(threads)),
        *input_arguments(source.path, source.info),
        *("-map", f"0:{video.index}", "-an", "-sn", "-dn"),
        *("-vf", ",".join(filters), "-frames:v", str(frames)),
        *(
            "-fps_mode",
            "passthrough",
            "-enc_time_base",
            f"{picture.rate.denominator}:{picture.rate.numerator}",
        ),
        *video_arguments(codec, edit.output.quality, rate=picture.rate, threads=threads, tags=picture.tags),
        *("-f", "mp4", f"file:{output}"),
    ]


def filter_chain(video: VideoStream, picture: Picture, first_pts: int) -> Sequence[str]:
    """Filters that turn a decoded source into the output's frames; only numbers and enumerated names."""
    # In the source's own timebase, so before any filter that may change it.
    filters = [f"setpts=PTS-{first_pts}"]
    if video.field_order not in {"progressive", "unknown"}:
        filters.append("bwdif=mode=send_frame:deint=interlaced")
    rate = picture.rate
    # Frames before the first are dropped, gaps are filled, and a picture a little off the grid snaps to it.
    filters.append(f"fps=fps={rate.numerator}/{rate.denominator}:start_time=0:round=near")
    filters.append(f"tpad=stop_mode=clone:stop={_HELD_FRAMES}")
    filters += _colour(video, picture)
    filters += _geometry(video, picture)
    filters.append(f"format={picture.pix_fmt}")
    return filters


def _geometry(video: VideoStream, picture: Picture) -> list[str]:
    same = (video.width, video.height, video.sample_aspect) == (
        picture.width,
        picture.height,
        picture.sample_aspect,
    )
    if same and not video.rotation:
        return []
    shown_width, shown_height = _displayed(video)
    canvas_width = picture.width * picture.sample_aspect
    scale = min(canvas_width / shown_width, Fraction(picture.height, shown_height))
    width = min(picture.width, _even(round_half_up(shown_width * scale / picture.sample_aspect)))
    height = min(picture.height, _even(round_half_up(shown_height * scale)))
    aspect = picture.sample_aspect
    x, y = (picture.width - width) // 4 * 2, (picture.height - height) // 4 * 2
    return [
        f"scale=w={width}:h={height}:flags=bicubic",
        f"pad=w={picture.width}:h={picture.height}:x={x}:y={y}:color=black",
        f"setsar={aspect.numerator}/{aspect.denominator}",
    ]


def _colour(video: VideoStream, picture: Picture) -> list[str]:
    tags = picture.tags
    if video.color_transfer in _HDR_TRANSFERS and tags.transfer not in _HDR_TRANSFERS:
        # Source: FFmpeg's documentation of tonemap, which works on linear light in RGB floats.
        return [
            "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709",
            "tonemap=tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv",
        ]
    matrix, wanted = _matrix(video.color_space, video.height), _matrix(tags.space, picture.height)
    full, wanted_full = video.color_range == "pc", tags.range == "pc"
    if matrix == wanted and full == wanted_full:
        return []
    ranges = {True: "pc", False: "tv"}
    return [
        (
            f"scale=in_color_matrix={matrix}:out_color_matrix={wanted}"
            f":in_range={ranges[full]}:out_range={ranges[wanted_full]}"
        )
    ]


def _matrix(space: str, height: int) -> str:
    """The matrix by the name that the scaler knows; by size where the file says nothing, as players do."""
    names = {
        "bt709": "bt709",
        "smpte170m": "smpte170m",
        "bt470bg": "bt470",
        "bt2020nc": "bt2020",
        "bt2020c": "bt2020",
    }
    return names.get(space) or ("bt709" if height >= 720 else "smpte170m")
