"""Wire shapes of the jobs family: the payload of each kind of job, and what assets and clips are made from.

Unknown keys are kept in the job's payload and ignored; a key whose value is ``null`` counts as not given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from videocraft.apis.errors import Problem
from videocraft.apis.jobs.render import RENDERER
from videocraft.apis.shapes import Wire

JobType = Literal["ingest", "transcribe", "generate_clip", "render", "export"]
JobStatus = Literal["pending", "queued", "in_progress", "completed", "failed", "cancelled"]
Format = Literal["mp4", "mov", "webm"]
Resolution = Literal["360p", "480p", "540p", "720p", "1080p", "1440p", "2160p", "source"]

MAX_SEGMENTS = 500
"""Of one timeline, those of nested ones included."""
MAX_SECONDS = 24 * 3600.0
"""Longest timeline, and largest time within a recording that a payload may name."""
LOUDNESS: Final[Mapping[str, float]] = {
    "ebu_r128": -23.0,
    "atsc_a85": -24.0,
    "streaming": -14.0,
    "podcast": -16.0,
}
"""Presets of integrated loudness, in LUFS."""

_RATIO = re.compile(r"([1-9][0-9]{0,3}):([1-9][0-9]{0,3})", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)


def _ratio(value: str) -> str:
    if value == "source":
        return value
    match = _RATIO.fullmatch(value)
    if match is None or not 0.2 <= int(match[1]) / int(match[2]) <= 5:
        raise ValueError("must be like 9:16 (between 1:5 and 5:1), or 'source'")
    return value


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError("must be an ISO 639 code like 'en'")
    return value


Id = Annotated[str, Field(min_length=1, max_length=64)]
Seconds = Annotated[float, Field(ge=0, le=MAX_SECONDS, allow_inf_nan=False)]
Ratio = Annotated[str, AfterValidator(_ratio)]
Language = Annotated[str, AfterValidator(_language)]
Captions = bool | dict[str, Any]
"""Whether to burn them in, or how they are to look."""
Loudness = (
    Literal["ebu_r128", "atsc_a85", "streaming", "podcast"]
    | Annotated[float, Field(ge=-40, le=-5, allow_inf_nan=False)]
)


class _Sourced(Wire):
    """Names one recording."""

    source_asset_id: Id | None = None
    path: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    url: Annotated[str, Field(min_length=1, max_length=4096)] | None = None

    def sources(self) -> Iterator[str]:
        """The keys that name a recording."""
        for name in ("source_asset_id", "path", "url"):
            if getattr(self, name) is not None:
                yield name


class _OneSource(_Sourced):
    @model_validator(mode="after")
    def _exactly_one(self) -> _OneSource:
        if len(list(self.sources())) != 1:
            raise ValueError("exactly one of source_asset_id, path and url is required")
        return self


class Ingest(_OneSource):
    """``ingest``."""

    project_id: Annotated[str, Field(max_length=128)] | None = None
    transcript: bool = False
    language: Language | None = None


class Transcribe(_OneSource):
    """``transcribe``."""

    language: Language | None = None


class GenerateClip(_OneSource):
    """``generate_clip``."""

    prompt: Annotated[str, Field(max_length=2000)] = ""
    count: Annotated[int, Field(ge=1, le=20)] = 3
    min_duration: Annotated[float, Field(ge=0.5, le=600)] | None = None
    max_duration: Annotated[float, Field(ge=1, le=600)] = 60.0
    aspect_ratio: Ratio | None = None
    captions: Captions = False
    render: bool | None = None
    """Whether to make the files at once; by default when a shape or captions are asked for."""
    language: Language | None = None

    @model_validator(mode="after")
    def _ordered(self) -> GenerateClip:
        if self.min_duration is not None and self.min_duration > self.max_duration:
            raise ValueError("min_duration must not be greater than max_duration")
        return self


class TimelineSegment(_Sourced):
    """A part of a recording, of a clip, or another timeline; without ``end`` up to its end."""

    clip_id: Id | None = None
    clip_version_id: Id | None = None
    timeline: Timeline | None = None
    start: Seconds = 0.0
    end: Seconds | None = None

    @field_validator("url")
    @classmethod
    def _not_fetched(cls, _value: str) -> str:
        raise ValueError("a timeline takes assets, paths and clips; ingest the URL first")

    @model_validator(mode="after")
    def _sound(self) -> TimelineSegment:
        others = (self.clip_id, self.clip_version_id, self.timeline)
        if len(list(self.sources())) + sum(other is not None for other in others) != 1:
            raise ValueError(
                "exactly one of source_asset_id, path, clip_id, clip_version_id and timeline is required"
            )
        if self.end is not None and self.end <= self.start:
            raise ValueError("end must be greater than start")
        return self


class TimelineOutput(Wire):
    """The file of a timeline; what is left out is as in the first segment's recording."""

    format: Format = "mp4"
    width: Annotated[int, Field(ge=16, le=8192)] | None = None
    height: Annotated[int, Field(ge=16, le=8192)] | None = None
    fps: Annotated[float, Field(ge=1, le=240, allow_inf_nan=False)] | None = None


class Timeline(Wire):
    """Segments one after the other."""

    segments: Annotated[list[TimelineSegment], Field(min_length=1, max_length=MAX_SEGMENTS)]
    output: TimelineOutput = TimelineOutput()


class Render(Wire):
    """``render``."""

    clip_version_id: Id | None = None
    timeline: Timeline | None = None


class Export(_Sourced):
    """``export``."""

    clip_id: Id | None = None
    clip_version_id: Id | None = None
    format: Format | None = None
    resolution: Resolution | None = None
    aspect_ratio: Ratio | None = None
    captions: Captions | None = None
    loudness: Loudness | None = None
    preset: Literal["youtube", "shorts", "reels", "tiktok", "square", "podcast"] | None = None
    language: Language | None = None

    @model_validator(mode="after")
    def _one_at_most(self) -> Export:
        named = len(list(self.sources())) + (self.clip_id is not None) + (self.clip_version_id is not None)
        if named > 1:
            raise ValueError(
                "only one of clip_id, clip_version_id, source_asset_id, path and url can be exported"
            )
        return self


PAYLOADS: Final[Mapping[str, type[BaseModel]]] = {
    "ingest": Ingest,
    "transcribe": Transcribe,
    "generate_clip": GenerateClip,
    "render": Render,
    "export": Export,
}


class NewAsset(Wire):
    """The body of ``POST /assets`` for a file that lies in the media root."""

    path: Annotated[str, Field(min_length=1, max_length=4096)]
    filename: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    project_id: Annotated[str, Field(max_length=128)] | None = None


class VersionSettings(Wire):
    """What the file of a clip version is to be like."""

    format: Format = "mp4"
    aspect_ratio: Ratio | None = None
    resolution: Resolution | None = None
    captions: Captions = False
    loudness: Loudness | None = None


class NewClip(_Sourced):
    """The body of ``POST /clips``."""

    start: Seconds
    end: Seconds
    title: Annotated[str, Field(max_length=1000)] = ""
    settings: VersionSettings = VersionSettings()

    @model_validator(mode="after")
    def _sound(self) -> NewClip:
        if self.url is not None or len(list(self.sources())) != 1:
            raise ValueError("exactly one of source_asset_id and path is required")
        if self.end <= self.start:
            raise ValueError("end must be greater than start")
        return self


class NewVersion(Wire):
    """The body of ``POST /clips/{id}/versions``."""

    settings: VersionSettings = VersionSettings()


Shape = TypeVar("Shape", bound=BaseModel)


def parse(shape: type[Shape], document: Any) -> Shape:
    """A body as one of the shapes above.

    Raises:
        Unprocessable: it is not; FastAPI's list of problems.
    """
    try:
        return shape.model_validate(document)
    except (ValidationError, RecursionError) as error:
        raise RENDERER.invalid(_problems(error)) from None


def _problems(error: ValidationError | RecursionError) -> list[Problem]:
    if isinstance(error, RecursionError):
        return [Problem(("body",), "too_deep", "The timeline is nested too deep")]
    return [
        Problem.from_pydantic({**found, "loc": ("body", *found["loc"])})
        for found in error.errors(include_url=False)
    ]


def timestamp(seconds: float | None) -> str | None:
    """Seconds since 1970 as ``2024-10-30T12:45:01.000000+00:00``."""
    return (
        None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
    )
