"""Wire shapes of the exports family: the config that comes in, the bodies that go out.

Unknown keys are ignored (``config.json`` keeps them), and a key whose value is ``null`` counts as not
given: JavaScript clients write ``null`` where they have nothing to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from videocraft.apis.shapes import CamelWire, Shown

MAX_SOURCES = 64
MAX_SEGMENTS = 10_000
MAX_SECONDS = 10_000_000
"""About 115 days: far beyond any recording, and small enough for every later calculation."""

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)


def is_export_id(text: str) -> bool:
    """Whether ``text`` can be the id of an export at all."""
    return _ID.fullmatch(text) is not None


def _whole(value: object) -> object:
    # JSON has one kind of number: 1920.0 is as whole as 1920.
    return int(value) if isinstance(value, float) and value.is_integer() else value


Seconds = Annotated[float, Field(ge=0, le=MAX_SECONDS, allow_inf_nan=False)]
Index = Annotated[int, Field(ge=0, le=1_000_000), BeforeValidator(_whole)]
Size = Annotated[int, Field(ge=0, le=65536), BeforeValidator(_whole)]
# H.264 and HEVC with 4:2:0 colour have no odd sizes.
EvenSize = Annotated[int, Field(ge=16, le=8192, multiple_of=2), BeforeValidator(_whole)]


class Source(CamelWire):
    """A recording. What it says about itself (size, duration, rate) is not trusted: the file is probed."""

    id: Annotated[str, Field(min_length=1, max_length=1024)]
    name: Annotated[str, Field(max_length=1024)]
    file_path: Annotated[str, Field(min_length=1, max_length=4096)]
    """A file under the media root, or in ``sources/`` there; ``asset:ID`` names an asset of a session."""
    width: Size | None = None
    height: Size | None = None
    duration: Seconds | None = None
    fps: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)] | None = None
    has_audio: bool = True
    sync_offset: Annotated[float, Field(ge=-MAX_SECONDS, le=MAX_SECONDS, allow_inf_nan=False)] = 0.0
    """Seconds from the start of the master recording to the start of this one."""


class Segment(CamelWire):
    """A stretch of one source, in seconds within its file; segments follow each other in the output."""

    source_index: Index
    start_time: Seconds
    end_time: Seconds
    audio_from_source: bool = True
    audio_source_index: Index | None = None
    """The source whose sound runs under this segment, taken at the same moment of the recording."""


class Output(CamelWire):
    """The file to make. ``copy`` encodes as little as it can; ``webm`` always encodes VP9 and Opus."""

    format: Literal["mp4", "webm", "mov"] = "mp4"
    codec: Literal["copy", "h264", "h265", "vp9", "av1"] = "copy"
    width: EvenSize | None = None
    height: EvenSize | None = None
    fps: Annotated[float, Field(ge=1, le=240, allow_inf_nan=False)] | None = None
    quality: Literal["low", "medium", "high", "very_high"] | None = None
    include_audio: bool = True
    file_path: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    """A file inside ``exports/{id}/``; the finished file is ``output.{format}`` there in any case."""


class ExportConfig(CamelWire):
    """The body of ``POST /api/export``."""

    version: Annotated[int, Field(ge=1, le=1), BeforeValidator(_whole)]
    id: Annotated[str, Field(pattern=ID_PATTERN)]
    project_name: Annotated[str, Field(max_length=1024)] | None = None
    """The name of the downloaded file; the id when it is missing."""
    sources: Annotated[list[Source], Field(min_length=1, max_length=MAX_SOURCES)]
    segments: Annotated[list[Segment], Field(min_length=1, max_length=MAX_SEGMENTS)]
    output: Output


class ExportCreated(Shown):
    """The answer to ``POST /api/export``, also when the same config is sent again."""

    jobId: str  # noqa: N815 - the documented key; the model only describes the answer
    status: Literal["pending"]
    message: str


class ExportStatus(Shown):
    """The state of an export; keys that do not apply to it are left out."""

    jobId: str  # noqa: N815 - as above
    status: Literal["pending", "processing", "completed", "failed", "cancelled"]
    progress: Annotated[float, Field(ge=0, le=1)]
    message: str | None = None
    warnings: list[str]
    downloadUrl: str | None = None  # noqa: N815 - as above
    error: str | None = None
    framesCopied: int | None = None  # noqa: N815 - as above
    framesEncoded: int | None = None  # noqa: N815 - as above
    duration: float | None = None
    """Seconds of the finished file."""


class ExportCancelled(Shown):
    """The answer to ``DELETE /api/export/{jobId}``."""

    jobId: str  # noqa: N815 - as above
    status: Literal["cancelled"]
    message: str


def complaint(error: ValidationError) -> str:
    """What is wrong with a config, in words, naming the path of the first wrong key."""
    first = error.errors(include_url=False, include_context=True, include_input=False)[0]
    path = _path(first["loc"])
    context = first.get("ctx", {})
    if path == "version" and first["type"] != "missing":
        return "version must be 1"
    match first["type"]:
        case "missing" | "too_short":  # an empty list is as good as none
            return f"missing {path}"
        case "string_pattern_mismatch":
            demand = (
                "have 1 to 128 letters, digits, dots, underscores or hyphens and begin with a letter or digit"
            )
        case "too_long":
            demand = f"have at most {context['max_length']} entries"
        case "string_too_long":
            demand = f"have at most {context['max_length']} characters"
        case "string_too_short":
            demand = "not be empty"
        case "literal_error":
            demand = f"be one of {context['expected']}"
        case kind:
            demand = f"be {_demand(kind, context)}"
    return f"{path or 'the body'} must {demand}"


def _demand(kind: str, context: dict[str, Any]) -> str:
    bounds = {"greater_than_equal": ("at least", "ge"), "less_than_equal": ("at most", "le")}
    if kind in bounds:
        words, key = bounds[kind]
        return f"{words} {context[key]:.0f}"
    return _DEMANDS.get(kind, "a valid value")


_DEMANDS = {
    "model_type": "an object",
    "list_type": "a list",
    "string_type": "a string",
    "string_unicode": "a string of Unicode characters",
    "bool_type": "true or false",
    "float_type": "a number",
    "int_type": "a whole number",
    "finite_number": "a finite number",
    "multiple_of": "even",
}


def _path(location: Iterable[str | int]) -> str:
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return path


def contradiction(config: ExportConfig) -> str | None:
    """What the keys of a config say against each other, in words; ``None`` when they agree."""
    count = len(config.sources)
    for number, segment in enumerate(config.segments):
        path = f"segments[{number}]"
        if segment.source_index >= count:
            return f"{path}.sourceIndex must be less than the number of sources ({count})"
        if segment.audio_source_index is not None and segment.audio_source_index >= count:
            return f"{path}.audioSourceIndex must be less than the number of sources ({count})"
        if segment.end_time <= segment.start_time:
            return f"{path}.endTime must be greater than startTime"
    output = config.output
    if output.format == "mov" and output.codec in {"vp9", "av1"}:
        return f"output.codec {output.codec} does not go into mov; use mp4 or webm"
    return None
