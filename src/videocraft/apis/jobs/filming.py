"""From the settings of a clip version to its file: reframed, captioned, levelled, or cut without encoding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from videocraft.apis.jobs.analysis import scenes_of, transcript_of
from videocraft.apis.jobs.work import Recording, part
from videocraft.core.jobs.context import JobContext
from videocraft.core.tools import media_tools
from videocraft.errors import MediaError
from videocraft.fonts import FONT_FILES
from videocraft.media.captions.ass import write_ass
from videocraft.media.captions.style import CaptionStyle
from videocraft.media.clip import CAPTIONS, FONTS, ClipPlan, make_clip, output_size
from videocraft.media.edit import Edit, EditSegment, EditSource, OutputFormat, origin_of
from videocraft.media.export import make_export
from videocraft.media.highlights.material import excerpt
from videocraft.media.loudness import measure_range
from videocraft.media.probe import MediaInfo
from videocraft.media.reframe import CropPath, follow
from videocraft.media.time import round_half_up, to_fraction

_COPYABLE = {"mp4": frozenset({"h264", "hevc"}), "mov": frozenset({"h264", "hevc"}), "webm": frozenset()}
"""What a container can take from a recording without encoding it anew, as players want it."""


@dataclass(frozen=True)
class Made:
    """A finished file: its size in pixels (none: no picture), its seconds."""

    path: Path
    duration: float
    width: int | None
    height: int | None


def film(
    context: JobContext,
    recording: Recording,
    range_: tuple[float, float] | None,
    settings: Mapping[str, Any],
    output: Path,
    *,
    language: str | None = None,
    share: tuple[float, float] = (0.0, 1.0),
) -> Made:
    """Make the file of a range of a recording (None: all of it), as the settings ask for.

    Args:
        settings: with the keys of ``schemas.VersionSettings``; loudness in LUFS.
        share: the part of the job's progress that this is.

    Raises:
        MediaError: the range lies outside of the recording, or the work failed.
    """
    start, end = _range(recording.info, range_)
    begin, width = share[0], share[1] - share[0]

    def step(first: float, last: float, message: str) -> Callable[[float], None]:
        return part(context, begin + width * first, begin + width * last, message)

    if _is_cut_only(recording.info, settings):
        return _cut(context, recording, (start, end), settings["format"], output, step(0.0, 1.0, "Cutting"))
    crop = _crop(context, recording, (start, end), settings["aspect_ratio"], step)
    size = _size(context, recording.info, settings)
    has_captions = _write_captions(
        context, recording, (start, end), settings["captions"], size, language, output.parent, step
    )
    plan = ClipPlan(
        recording.path,
        recording.info,
        start,
        end,
        container=settings["format"],
        size=size,
        crop=crop,
        has_captions=has_captions,
        levelling=_levelling(context, recording, (start, end), settings["loudness"], step),
    )
    info = make_clip(
        plan,
        output,
        workdir=output.parent,
        tools=media_tools(context.settings),
        should_stop=context.should_stop,
        on_progress=step(0.5, 1.0, "Encoding"),
        warn=context.warn,
    )
    return _made(output, info)


def _range(info: MediaInfo, range_: tuple[float, float] | None) -> tuple[Fraction, Fraction]:
    length = _length(info)
    if range_ is None:
        return Fraction(0), length
    start, end = to_fraction(range_[0]), min(to_fraction(range_[1]), length)
    rate = info.video.rate if info.video else Fraction(50)
    if end - start < 1 / rate:
        raise MediaError(
            f"The range {range_[0]:g}-{range_[1]:g} s lies outside of the recording, "
            f"which lasts {float(length):.3f} s."
        )
    return start, end


def _length(info: MediaInfo) -> Fraction:
    """Seconds from second 0 to the end of the picture; of the sound where there is no picture."""
    if info.video is not None:
        return info.video.end_time - origin_of(info)
    return info.start_time + info.duration - origin_of(info)


def _is_cut_only(info: MediaInfo, settings: Mapping[str, Any]) -> bool:
    wants_another = any(
        (
            settings["aspect_ratio"] not in {None, "source"},
            settings["resolution"] not in {None, "source"},
            settings["captions"],
            settings["loudness"] is not None,
        )
    )
    video = info.video
    return not wants_another and video is not None and video.codec in _COPYABLE[settings["format"]]


def _cut(
    context: JobContext,
    recording: Recording,
    range_: tuple[Fraction, Fraction],
    container: Any,
    output: Path,
    report: Callable[[float], None],
) -> Made:
    source = EditSource(recording.path, recording.info, has_audio=bool(recording.info.audio))
    first = max(Fraction(0), source.video.start_time - source.origin)
    segment = EditSegment(0, max(range_[0], first), range_[1], 0 if source.has_audio else None)
    edit = Edit(
        (source,), (segment,), OutputFormat(container, "copy", include_audio=bool(recording.info.audio))
    )
    return cut(context, edit, output, report)


def cut(context: JobContext, edit: Edit, output: Path, report: Callable[[float], None]) -> Made:
    """Make an edit by the engine of exports."""
    made = make_export(
        edit,
        output,
        workdir=output.parent,
        tools=media_tools(context.settings),
        stage=context.stage,
        should_stop=context.should_stop,
        on_progress=lambda fraction, _message: report(fraction),
        warn=context.warn,
    )
    from videocraft.media.probe import probe

    (info,) = probe([output])
    if isinstance(info, MediaError):
        raise info
    return Made(output, float(made.duration), *_pixels(info))


def _crop(
    context: JobContext,
    recording: Recording,
    range_: tuple[Fraction, Fraction],
    ratio: str | None,
    step: Callable[[float, float, str], Callable[[float], None]],
) -> CropPath | None:
    video = recording.info.video
    if ratio in {None, "source"} or video is None:
        return None
    wanted = ratio_of(ratio)
    scenes = scenes_of(context, recording, step(0.0, 0.15, "Looking for cuts"))
    first = round_half_up(range_[0] * video.rate)
    return follow(
        recording.path,
        recording.info,
        wanted,
        start=range_[0],
        end=range_[1],
        cuts=[number - first for number in scenes.cuts],
        workdir=context.workdir,
        tools=media_tools(context.settings),
        should_stop=context.should_stop,
        on_progress=step(0.15, 0.3, "Following faces and motion"),
    )


def ratio_of(text: str | None) -> Fraction:
    """``9:16`` as a number, width by height."""
    width, _, height = (text or "1:1").partition(":")
    return Fraction(int(width), int(height))


def _size(
    context: JobContext, info: MediaInfo, settings: Mapping[str, Any]
) -> tuple[int, int] | None:
    if info.video is None:
        return None
    ratio, lines = settings["aspect_ratio"], settings["resolution"]
    shape = None if ratio in {None, "source"} else ratio_of(ratio)
    short = None if lines in {None, "source"} else int(lines.removesuffix("p"))
    natural = min(output_size(info.video, shape, None))
    if short is not None and short > natural:
        context.warn(f"The recording has {natural} lines; it was enlarged to {short}.")
    return output_size(info.video, shape, short)


def _write_captions(
    context: JobContext,
    recording: Recording,
    range_: tuple[Fraction, Fraction],
    wanted: Any,
    size: tuple[int, int] | None,
    language: str | None,
    folder: Path,
    step: Callable[[float, float, str], Callable[[float], None]],
) -> bool:
    """Put the captions and their fonts into the folder of the work; whether there are any."""
    if not wanted or size is None:
        return False
    report = step(0.3, 0.45, "Listening to what is said")
    transcript = excerpt(
        transcript_of(context, recording, language, report), float(range_[0]), float(range_[1])
    )
    if not transcript.segments:
        context.warn("No speech was found, so there are no captions.")
        return False
    style, unknown = CaptionStyle.from_settings(wanted if isinstance(wanted, dict) else {})
    for name in unknown:
        context.warn(f"The caption setting {name} is not known and was ignored.")
    (folder / CAPTIONS).write_text(write_ass(transcript, style, size), encoding="utf-8")
    fonts = folder / FONTS
    if not fonts.is_symlink():
        fonts.symlink_to(FONT_FILES, target_is_directory=True)
    return True


def _levelling(
    context: JobContext,
    recording: Recording,
    range_: tuple[Fraction, Fraction],
    target: float | None,
    step: Callable[[float, float, str], Callable[[float], None]],
) -> str | None:
    if target is None or not recording.info.audio:
        return None
    step(0.45, 0.5, "Measuring the loudness")
    found = measure_range(
        recording.path,
        recording.info,
        start=range_[0],
        end=range_[1],
        target=target,
        tools=media_tools(context.settings),
        should_stop=context.should_stop,
    )
    if found is None:
        context.warn("The sound is silent; there is nothing to level.")
    return found


def _made(path: Path, info: MediaInfo) -> Made:
    seconds = info.video.duration if info.video is not None else info.duration
    return Made(path, round(float(seconds), 6), *_pixels(info))


def _pixels(info: MediaInfo) -> tuple[int | None, int | None]:
    return (info.video.width, info.video.height) if info.video is not None else (None, None)
