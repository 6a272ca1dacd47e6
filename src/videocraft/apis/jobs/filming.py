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
from videocraft.media.captions.ass import write_ass
from videocraft.media.captions.style import CaptionStyle
from videocraft.media.clip import CAPTIONS, ClipPlan, make_clip, output_size
from videocraft.media.edit import Edit, EditSegment, EditSource, OutputFormat, origin_of
from videocraft.media.export import make_export
from videocraft.media.highlights.material import excerpt
from videocraft.media.loudness import measure_range
from videocraft.media.probe import MediaInfo, probe
from videocraft.media.reframe import CropPath, can_find_faces, follow
from videocraft.media.time import to_fraction

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
        output: in a folder where nothing else is made.
        share: the part of the job's progress that this is.

    Raises:
        MediaError: the range lies outside of the recording, or the work failed.
    """
    work = _Filming(context, recording, *_range(recording.info, range_), settings, share)
    if work.is_cut_only():
        return work.cut(output)
    crop = work.crop()
    size = work.size()
    plan = ClipPlan(
        recording.path,
        recording.info,
        work.start,
        work.end,
        container=settings["format"],
        size=size,
        crop=crop,
        has_captions=size is not None and work.write_captions(size, language, output.parent),
        levelling=work.levelling(),
    )
    info = make_clip(
        plan,
        output,
        workdir=output.parent,
        tools=media_tools(context.settings),
        should_stop=context.should_stop,
        on_progress=work.step(0.5, 1.0, "Encoding"),
        warn=context.warn,
    )
    seconds = info.video.duration if info.video is not None else info.duration
    return Made(output, round(float(seconds), 6), *_pixels(info))


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
    (info,) = probe([output])
    if isinstance(info, MediaError):
        raise info
    return Made(output, float(made.duration), *_pixels(info))


@dataclass(frozen=True)
class _Filming:
    """One file that is being made: [start, end) of a recording, in seconds from its second 0."""

    context: JobContext
    recording: Recording
    start: Fraction
    end: Fraction
    settings: Mapping[str, Any]
    share: tuple[float, float]

    def step(self, first: float, last: float, message: str) -> Callable[[float], None]:
        """Note what comes next; the result tells its progress."""
        begin, width = self.share[0], self.share[1] - self.share[0]
        return part(self.context, begin + width * first, begin + width * last, message)

    def is_cut_only(self) -> bool:
        """Whether pictures can be copied: nothing about them is to be another."""
        settings = self.settings
        wants_another = any(
            (
                settings["aspect_ratio"] not in {None, "source"},
                settings["resolution"] not in {None, "source"},
                settings["captions"],
                settings["loudness"] is not None,
            )
        )
        video = self.recording.info.video
        return not wants_another and video is not None and video.codec in _COPYABLE[settings["format"]]

    def cut(self, output: Path) -> Made:
        """Cut the range, encoding only what must be."""
        info = self.recording.info
        source = EditSource(self.recording.path, info, has_audio=bool(info.audio))
        first = max(self.start, source.video.start_time - source.origin)
        segment = EditSegment(0, first, self.end, 0 if source.has_audio else None)
        wanted = OutputFormat(self.settings["format"], "copy", include_audio=source.has_audio)
        return cut(self.context, Edit((source,), (segment,), wanted), output, self.step(0.0, 1.0, "Cutting"))

    def crop(self) -> CropPath | None:
        """The window of another shape; None where the shape stays."""
        ratio, video = self.settings["aspect_ratio"], self.recording.info.video
        if ratio in {None, "source"} or video is None:
            return None
        report = self.step(0.0, 0.15, "Looking for cuts")
        scenes = scenes_of(self.context, self.recording, report, (self.start, self.end))
        if not can_find_faces():
            self.context.warn("Faces can't be found by this OpenCV; the picture follows what moves.")
        return follow(
            self.recording.path,
            self.recording.info,
            ratio_of(ratio),
            start=self.start,
            end=self.end,
            cuts=scenes.cuts,
            workdir=self.context.workdir,
            tools=media_tools(self.context.settings),
            should_stop=self.context.should_stop,
            on_progress=self.step(0.15, 0.3, "Following faces and motion"),
        )

    def size(self) -> tuple[int, int] | None:
        """Of the picture, in pixels; None where there is none."""
        video = self.recording.info.video
        if video is None:
            return None
        ratio, lines = self.settings["aspect_ratio"], self.settings["resolution"]
        shape = None if ratio in {None, "source"} else ratio_of(ratio)
        short = None if lines in {None, "source"} else int(lines.removesuffix("p"))
        natural = min(output_size(video, shape, None))
        if short is not None and short > natural:
            self.context.warn(f"The recording has {natural} lines; it was enlarged to {short}.")
        return output_size(video, shape, short)

    def write_captions(self, size: tuple[int, int], language: str | None, folder: Path) -> bool:
        """Put the captions into the folder of the work; whether there are any."""
        wanted, video = self.settings["captions"], self.recording.info.video
        if not wanted or video is None:
            return False
        report = self.step(0.3, 0.45, "Listening to what is said")
        heard = transcript_of(self.context, self.recording, language, report)
        transcript = excerpt(heard, float(self.start), float(self.end))
        if not transcript.segments:
            self.context.warn("No speech was found, so there are no captions.")
            return False
        style, unknown = CaptionStyle.from_settings(wanted if isinstance(wanted, dict) else {})
        for name in unknown:
            self.context.warn(f"The caption setting {name} is not known and was ignored.")
        (folder / CAPTIONS).write_text(write_ass(transcript, style, size, video.rate), encoding="utf-8")
        return True

    def levelling(self) -> str | None:
        """The filter that brings the sound to the loudness asked for."""
        target = self.settings["loudness"]
        if target is None or not self.recording.info.audio:
            return None
        self.step(0.45, 0.5, "Measuring the loudness")
        found = measure_range(
            self.recording.path,
            self.recording.info,
            start=self.start,
            end=self.end,
            target=target,
            tools=media_tools(self.context.settings),
            should_stop=self.context.should_stop,
        )
        if found is None:
            self.context.warn("The sound is silent; there is nothing to level.")
        return found


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


def ratio_of(text: str | None) -> Fraction:
    """``9:16`` as a number, width by height."""
    width, _, height = (text or "1:1").partition(":")
    return Fraction(int(width), int(height))


def _pixels(info: MediaInfo) -> tuple[int | None, int | None]:
    return (info.video.width, info.video.height) if info.video is not None else (None, None)
