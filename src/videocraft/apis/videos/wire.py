"""What OpenAPI says about the bodies of this family; ``schemas`` and ``status`` read and write them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from videocraft.apis.shapes import Shown
from videocraft.apis.videos import elements, project, schemas
from videocraft.apis.videos.render import RENDERER

_Status = Literal["pending", "processing", "completed", "failed", "cancelled"]


class _Created(Shown):
    job_id: str
    status: Literal["pending"]
    progress: Literal[0]
    created_at: str
    status_url: str
    warnings: list[str] | None = None
    """Keys of the request that mean nothing here."""


class CREATED(Shown):
    """A job that was just queued."""

    success: Literal[True]
    data: _Created
    message: str
    request_id: str


class _Video(Shown):
    id: str
    job_id: str
    status: Literal["completed"]
    file_size: int
    duration: float
    resolution: str
    created_at: str
    completed_at: str
    download_url: str


class _Pages(Shown):
    limit: int
    offset: int
    total: int


class _MorePages(_Pages):
    has_more: bool


class _Videos(Shown):
    videos: list[_Video]
    pagination: _MorePages


class VIDEOS(Shown):
    """A page of films."""

    success: Literal[True]
    data: _Videos
    request_id: str


class _Track(Shown):
    language: str
    style: str
    word_count: int


class _VideoDetails(_Video):
    file_format: Literal["mp4"]
    framerate: float
    audio_codec: Literal["aac"] | None
    video_codec: Literal["h264"]
    subtitle_tracks: list[_Track]
    processing_stats: dict[str, float]
    preview_url: str
    thumbnail_url: str
    subtitle_urls: dict[str, str] | None = None


class VIDEO(Shown):
    """One film."""

    success: Literal[True]
    data: _VideoDetails
    request_id: str


class DELETED(Shown):
    """It is gone."""

    success: Literal[True]
    message: str
    request_id: str


class _Job(Shown):
    id: str
    status: _Status
    progress: int = Field(ge=0, le=100)
    current_step: str
    created_at: str
    updated_at: str


class _Jobs(Shown):
    jobs: list[_Job]
    pagination: _Pages


class JOBS(Shown):
    """A page of jobs."""

    success: Literal[True]
    data: _Jobs


class _Step(Shown):
    timestamp: str
    step: Literal["download", "audio_analysis", "transcription", "subtitle_generation", "video_generation"]
    status: Literal["in_progress", "completed", "failed", "cancelled"]
    duration: float | None = None
    progress: int | None = None


class _Result(Shown):
    video_id: str
    download_url: str
    file_size: int
    duration: float


class _JobDetails(_Job):
    estimated_completion: str | None
    video_config: dict[str, Any]
    processing_log: list[_Step]
    warnings: list[str]
    result: _Result | None = None
    error: str | None = None
    code: str | None = None


class JOB(Shown):
    """One job."""

    success: Literal[True]
    data: _JobDetails


class _JobStatus(Shown):
    job_id: str
    status: _Status
    progress: int = Field(ge=0, le=100)
    current_step: str
    result: _Result | None = None
    """With ``completed``."""
    error: str | None = None
    """With ``failed``: a sentence."""
    code: str | None = None
    """With ``failed``: ``DOWNLOAD_FAILED``, ``TRANSCRIPTION_FAILED``, ``FFMPEG_FAILED`` …"""
    updated_at: str


class JOB_STATUS(Shown):  # noqa: N801 - as above
    """How far a job is."""

    success: Literal[True]
    data: _JobStatus


class _Cancelled(Shown):
    job_id: str
    status: Literal["cancelled"]
    cancelled_at: str


class CANCELLED(Shown):
    """The job is cancelled."""

    success: Literal[True]
    data: _Cancelled
    message: str


class _Csrf(Shown):
    csrf_token: str
    expires_at: str


class CSRF(Shown):
    """A CSRF token."""

    success: Literal[True]
    data: _Csrf


class HEALTH(Shown):
    """Readings of the server and its machine."""

    success: Literal[True]
    data: dict[str, Any]


class ANY(Shown):
    """What goes beyond the document."""

    success: Literal[True]
    data: dict[str, Any]
    request_id: str


_NUMBER: Final = {"type": "number"}
_TEXT: Final = {"type": "string"}
_COLOUR: Final = {"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"}
_ELEMENT: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"enum": list(elements.TYPES)},
        "id": _TEXT,
        "src": {**_TEXT, "description": "An http(s) URL, `upload:ID` or `asset:ID`"},
        "settings": {"type": "object", "description": "Of subtitles and texts"},
        "x": {"type": "integer"},
        "y": {"type": "integer"},
        "width": {"type": "integer"},
        "height": {"type": "integer"},
        "z-index": {"type": "integer"},
        "resize": {"enum": list(elements.RESIZES)},
        "volume": {**_NUMBER, "minimum": 0, "maximum": 1},
        "start": {**_NUMBER, "minimum": 0},
        "duration": {**_NUMBER, "exclusiveMinimum": 0},
        "offset": {**_NUMBER, "minimum": 0, "description": "Where in its source it begins"},
        "loop": {"type": "boolean"},
        "fade-in": {**_NUMBER, "minimum": 0},
        "fade-out": {**_NUMBER, "minimum": 0},
        "zoom": {**_NUMBER, "description": "Of an image: above 0 in, below 0 out; 10 doubles it"},
        "pan": {"enum": list(elements.PANS)},
        "language": _TEXT,
        "text": _TEXT,
        "words": {"type": "array", "items": {"type": "object"}},
    },
}
PROJECT: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["scenes"],
    "properties": {
        "scenes": {
            "type": "array",
            "minItems": 1,
            "maxItems": project.MOST_SCENES,
            "items": {
                "type": "object",
                "required": ["elements"],
                "properties": {
                    "id": _TEXT,
                    "elements": {"type": "array", "items": _ELEMENT},
                    "background-color": _COLOUR,
                    "duration": {**_NUMBER, "exclusiveMinimum": 0},
                    "transition": {"enum": list(schemas.TRANSITIONS), "description": "To the next scene"},
                },
            },
        },
        "elements": {"type": "array", "items": _ELEMENT},
        "quality": {"enum": list(schemas.QUALITIES)},
        "resolution": {**_TEXT, "description": f"`WxH`, {', '.join(schemas.RESOLUTIONS)}"},
        "width": {"type": "integer", "minimum": 16, "maximum": project.MOST_PIXELS, "multipleOf": 2},
        "height": {"type": "integer", "minimum": 16, "maximum": project.MOST_PIXELS, "multipleOf": 2},
        "background-color": _COLOUR,
        "loudness": {"description": "LUFS, or `off`; unless given, -14 less the highest `volume`"},
        "variables": {"type": "object", "description": "What stands for `{{name}}` in any text"},
        "webhook_url": _TEXT,
        "dry_run": {"type": "boolean"},
    },
}
RECAPTION: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "words": _ELEMENT["properties"]["words"],
        "segments": {"type": "array", "items": {"type": "object"}},
        "settings": {"type": "object"},
        "language": _TEXT,
        "webhook_url": _TEXT,
    },
}


def upload_body() -> dict[str, Any]:
    """``openapi_extra`` of the route that takes a file."""
    binary = {"type": "string", "format": "binary"}
    form = {"type": "object", "properties": {"file": binary}}
    content = {"application/octet-stream": {"schema": binary}, "multipart/form-data": {"schema": form}}
    return {"requestBody": {"required": True, "content": content}}


def answers(model: type[BaseModel], *errors: int, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """``responses`` of a route: its answer, and the errors that it is known for."""
    described = RENDERER.responses(*errors, 500)
    return {status: {"model": model, "description": HTTPStatus(status).phrase}, **described}


def file(*content_types: str) -> dict[int | str, dict[str, Any]]:
    """``responses`` of a route that sends a file."""
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in content_types}
    sent: dict[int | str, dict[str, Any]] = {
        200: {"description": "The whole file", "content": content},
        206: {"description": "The asked range of it", "content": content},
        304: {"description": "The file is the one that the client has"},
    }
    return {**sent, **RENDERER.responses(404, 416, 429, 500)}


def text(content_type: str) -> dict[int | str, dict[str, Any]]:
    """``responses`` of a route that answers plain text."""
    sent: dict[int | str, dict[str, Any]] = {200: {"description": "Text", "content": {content_type: {}}}}
    return {**sent, **RENDERER.responses(500)}
