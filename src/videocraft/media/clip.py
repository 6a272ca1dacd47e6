"""One range of one recording as a file: in another shape or size, with captions in the picture, levelled.

One FFmpeg process decodes and encodes. What needs none of this is cut without encoding by ``export``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from videocraft.errors import MediaError
from videocraft.media import fonts
from videocraft.media.check import Expected, check_file
from videocraft.media.edit import Tools, origin_of
from videocraft.media.ffmpeg import Progress, ffmpeg, input_arguments, working_encoder
from videocraft.media.filters import convert_colour, deinterlace, displayed, is_hdr
from videocraft.media.loudness import cut, first_track, from_second_zero
from videocraft.media.presets import (
    STREAM_CODECS,
    Codec,
    Container,
    Encoder,
    audio_arguments,
    color_filter,
    container_arguments,
    encoder,
    pixel_format,
)
from videocraft.media.probe import MediaInfo, VideoStream, probe
from videocraft.media.reframe.crop import CropPath, window_of
from videocraft.media.time import microseconds, round_half_up

CAPTIONS = "captions.ass"
"""In the folder that FFmpeg runs in: a filter's options hold no path of the machine."""

_COMMANDS = "window.cmd"
_SEEK_MARGIN = Fraction(2)
_HELD_FRAMES = 2
_GOP_SECONDS = 2
_SQUARE = Fraction(1)
_CODECS: dict[Container, Codec] = {"mp4": "h264", "mov": "h264", "webm": "vp9"}


@dataclass(frozen=True)
class ClipPlan:
    """What to make.

    Attributes:
        path, info: the recording.
        start, end: seconds from its second 0; ``end`` is after ``start``.
        container: of the file; its usual codecs follow.
        size: width and height of the picture, even; None for a recording without one.
        crop: the window to show; None: the whole picture.
        has_captions: the folder of the work holds ``captions.ass``.
        levelling: a filter for the sound, from ``loudness.measure_range``.
    """

    path: Path
    info: MediaInfo
    start: Fraction
    end: Fraction
    container: Container = "mp4"
    size: tuple[int, int] | None = None
    crop: CropPath | None = None
    has_captions: bool = False
    levelling: str | None = None

    @property
    def frames(self) -> int:
        """Pictures of the file."""
        video = self.info.video
        return 0 if video is None else max(1, round_half_up((self.end - self.start) * video.rate))

    @property
    def duration(self) -> Fraction:
        """Seconds of the file: whole frames where there are pictures."""
        video = self.info.video
        return self.end - self.start if video is None else self.frames / video.rate


def output_size(video: VideoStream, ratio: Fraction | None, lines: int | None) -> tuple[int, int]:
    """Width and height of a file: ``ratio`` (width by height) cut out, ``lines`` on the short side.

    Args:
        ratio: None: as the recording.
        lines: None: as many as the recording has, nothing is enlarged.
    """
    width, height = (Fraction(side) for side in displayed(video))
    if ratio is not None:
        is_horizontal, window = window_of(int(width), int(height), ratio)
        width, height = (width * window, height) if is_horizontal else (width, height * window)
    scale = Fraction(lines) / min(width, height) if lines is not None else _SQUARE
    return _even(width * scale), _even(height * scale)


def arguments(plan: ClipPlan, output: Path, *, chosen: Encoder | None, threads: int) -> list[str]:
    """FFmpeg's arguments, to be run in the folder of the work. ``chosen`` encodes the picture."""
    graph, maps = [], []
    video = plan.info.video
    if video is not None and chosen is not None:
        graph.append(f"[0:{video.index}]{','.join(_picture(plan, video))}[v]")
        rate = video.rate
        maps += ["-map", "[v]", *chosen.quality_arguments("high"), "-g", str(round(_GOP_SECONDS * rate))]
        maps += ["-threads", str(threads), "-frames:v", str(plan.frames), "-fps_mode:v", "passthrough"]
        maps += ["-enc_time_base:v", f"{rate.denominator}/{rate.numerator}"]
    if plan.info.audio:
        track = first_track(plan.info)
        end = plan.start + plan.duration
        sound = [from_second_zero(plan.info), cut(plan.start, end)]
        if plan.levelling is not None:
            # The leveller may add its own delay to the end; the length is the picture's.
            sound += [plan.levelling, cut(Fraction(0), plan.duration)]
        sound.append("aformat=channel_layouts=stereo")
        graph.append(f"[0:{track.index}]{','.join(sound)}[a]")
        maps += ["-map", "[a]", *audio_arguments(plan.container, channels=2)]
    codec = _CODECS[plan.container]
    return [
        *("-copyts", *_seek(plan), "-threads", str(threads)),
        *input_arguments(plan.path, plan.info),
        *("-filter_complex", ";".join(graph), *maps),
        *(*container_arguments(plan.container, codec), f"file:{output.absolute()}"),
    ]


def commands(plan: ClipPlan) -> str:
    """Where the window stands at each picture, for ``sendcmd``; a line only where it moves."""
    video, crop, size = plan.info.video, plan.crop, plan.size
    if video is None or crop is None or size is None:
        return ""
    lines = []
    before: int | None = None
    for number, offset in enumerate(_offsets(video, crop, size)):
        if offset != before:
            # Half a picture early, so that rounding can't make it a picture late.
            at = max(Fraction(0), (number - Fraction(1, 2)) / video.rate)
            lines.append(f"{microseconds(at)} crop@window {'x' if crop.is_horizontal else 'y'} {offset};")
            before = offset
    return "\n".join(lines) + "\n"


def make_clip(
    plan: ClipPlan,
    output: Path,
    *,
    workdir: Path,
    tools: Tools,
    should_stop: Callable[[], bool],
    on_progress: Callable[[float], None],
    warn: Callable[[str], None],
) -> MediaInfo:
    """Make the file; it is whole and checked when this returns.

    Args:
        workdir: FFmpeg runs in it; holds the captions where the plan has some.

    Raises:
        MediaError: the work failed, or the result is not what was asked for.
        process.Stopped: ``should_stop`` said so.
    """
    video = plan.info.video
    if video is None and not plan.info.audio:
        raise MediaError("The recording has neither picture nor sound.")
    codec = _CODECS[plan.container]
    chosen = encoder(working_encoder(tools.ffmpeg, codec)) if video is not None else None
    (workdir / _COMMANDS).write_text(commands(plan))

    def report(progress: Progress) -> None:
        done = progress.frame / plan.frames if plan.frames else progress.out_time / plan.duration
        on_progress(min(1.0, float(done)))

    ffmpeg(
        arguments(plan, output, chosen=chosen, threads=max(1, min(16, os.cpu_count() or 1))),
        binary=tools.ffmpeg,
        limits=tools.limits,
        should_stop=should_stop,
        on_progress=report,
        cwd=workdir,
        environment=fonts.environment(),
    )
    if video is None or plan.size is None:
        (info,) = probe([output])
        if isinstance(info, MediaError):
            raise MediaError(f"The finished file can't be read: {info.message}", details=info.details)
        return info
    expected = Expected(
        plan.frames, video.rate, STREAM_CODECS[codec], *plan.size, has_audio=bool(plan.info.audio)
    )
    checked = check_file(
        output, expected, ffmpeg_binary=tools.ffmpeg, limits=tools.limits, should_stop=should_stop
    )
    for warning in checked.warnings:
        warn(warning)
    return checked.info


def _seek(plan: ClipPlan) -> list[str]:
    first = plan.start + origin_of(plan.info) - _SEEK_MARGIN
    if first <= plan.info.start_time:
        return []
    # Absolute timestamps on both sides of the seek: frames and samples are picked by the file's own clock.
    return ["-seek_timestamp", "1", "-noaccurate_seek", "-ss", microseconds(first)]


def _picture(plan: ClipPlan, video: VideoStream) -> list[str]:
    if plan.size is None:
        raise MediaError("A picture needs a size.")
    width, height = plan.size
    rate = video.rate
    first = round_half_up((plan.start + origin_of(plan.info)) / video.time_base)
    display = _display_of(video)
    filters = [
        # In the source's own timebase, so before any filter that may change it.
        f"setpts=PTS-{first}",
        color_filter(video),
        *deinterlace(video),
        f"fps=fps={rate.numerator}/{rate.denominator}:start_time=0:round=near",
        f"tpad=stop_mode=clone:stop={_HELD_FRAMES}",
        *convert_colour(video, display),
    ]
    if plan.crop is None:
        filters += [f"scale=w={width}:h={height}:flags=bicubic", "setsar=1"]
    else:
        whole = _whole(plan.crop, video, plan.size)
        axis = "x" if plan.crop.is_horizontal else "y"
        at = _offsets(video, plan.crop, plan.size)[0]
        filters += [
            f"scale=w={whole[0]}:h={whole[1]}:flags=bicubic",
            "setsar=1",
            # Every pixel has its own colour while the window moves: with 4:2:0 it could only go by twos.
            "format=yuv444p",
            f"sendcmd=f={_COMMANDS}",
            f"crop@window=w={width}:h={height}:{axis}={at}:{'y' if axis == 'x' else 'x'}=0:exact=1",
        ]
    if plan.has_captions:
        filters.append(f"ass=filename={CAPTIONS}:shaping=complex")
    return [*filters, f"format={pixel_format('h264', video)}", color_filter(display)]


def _display_of(video: VideoStream) -> VideoStream:
    """How the file's picture is tagged: as the recording's, on a display of ordinary range."""
    like = replace(video, color_range="tv")
    if is_hdr(video):
        like = replace(like, color_space="bt709", color_primaries="bt709", color_transfer="bt709")
    return like


def _whole(crop: CropPath, video: VideoStream, size: tuple[int, int]) -> tuple[int, int]:
    """Size of the whole picture at the scale at which the window has ``size``."""
    shown_width, shown_height = displayed(video)
    if crop.is_horizontal:
        return max(size[0], _even(Fraction(shown_width * size[1], shown_height))), size[1]
    return size[0], max(size[1], _even(Fraction(shown_height * size[0], shown_width)))


def _offsets(video: VideoStream, crop: CropPath, size: tuple[int, int]) -> list[int]:
    whole = _whole(crop, video, size)
    return crop.offsets(whole[0], size[0]) if crop.is_horizontal else crop.offsets(whole[1], size[1])


def _even(value: Fraction) -> int:
    """The nearest even number, at least 2."""
    return max(2, 2 * round_half_up(value / 2))
