"""Shapes of what is sent and answered, for type checkers; at run time all of it is plain dicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

JobState = Literal["pending", "processing", "completed", "failed", "cancelled"]

Element = TypedDict(
    "Element",
    {
        "type": str,
        "src": NotRequired[str],
        "id": NotRequired[str],
        "settings": NotRequired[Mapping[str, Any]],
        "x": NotRequired[float],
        "y": NotRequired[float],
        "width": NotRequired[float],
        "height": NotRequired[float],
        "z-index": NotRequired[int],
        "resize": NotRequired[str],
        "volume": NotRequired[float],
        "start": NotRequired[float],
        "duration": NotRequired[float],
        "loop": NotRequired[bool],
        "fade-in": NotRequired[float],
        "fade-out": NotRequired[float],
        "language": NotRequired[str],
        "text": NotRequired[str],
    },
)
"""An ``audio``, ``image``, ``video``, ``subtitles`` or ``text``; times in seconds, places in pixels."""

Scene = TypedDict(
    "Scene",
    {
        "elements": list[Element],
        "id": NotRequired[str],
        "background-color": NotRequired[str],
        "duration": NotRequired[float],
        "transition": NotRequired[Any],
    },
)


class Project(TypedDict):
    """What ``videos.create`` takes; keys beyond these are sent as they are."""

    scenes: list[Scene]
    elements: NotRequired[list[Element]]
    quality: NotRequired[Literal["low", "medium", "high"]]
    resolution: NotRequired[str]
    width: NotRequired[int]
    height: NotRequired[int]
    variables: NotRequired[Mapping[str, Any]]
    webhook_url: NotRequired[str]


class Pagination(TypedDict):
    """Where a page lies in its list."""

    limit: int
    offset: int
    total: int
    has_more: NotRequired[bool]


class Job(TypedDict):
    """A job as ``videos.create``, ``jobs.list`` and ``jobs.get`` answer it; each fills in a part."""

    job_id: NotRequired[str]
    id: NotRequired[str]
    status: JobState
    progress: int
    current_step: NotRequired[str | None]
    status_url: NotRequired[str]
    estimated_completion: NotRequired[str | None]
    video_config: NotRequired[dict[str, Any]]
    processing_log: NotRequired[list[dict[str, Any]]]
    created_at: str
    updated_at: NotRequired[str]


class JobCreated(TypedDict):
    """The answer to ``videos.create``."""

    job_id: str
    status: JobState
    progress: int
    created_at: str
    status_url: str


class JobResult(TypedDict):
    """What a completed job has made; ``download_url`` is a path of the server."""

    video_id: str
    download_url: str
    file_size: int
    duration: float


class JobStatus(TypedDict):
    """The answer to ``jobs.status``; ``progress`` is 0-100."""

    job_id: str
    status: JobState
    progress: int
    current_step: NotRequired[str | None]
    result: NotRequired[JobResult | None]
    error: NotRequired[str]
    code: NotRequired[str]
    updated_at: str


class JobCancellation(TypedDict):
    """The answer to ``jobs.cancel``."""

    job_id: str
    status: JobState
    cancelled_at: str


class JobList(TypedDict):
    """A page of jobs, newest first."""

    jobs: list[Job]
    pagination: Pagination


class Video(TypedDict):
    """A finished film; ``videos.get`` fills in all of it, ``videos.list`` a part."""

    id: str
    job_id: str
    status: JobState
    file_size: int
    duration: float
    resolution: str
    created_at: str
    completed_at: str
    download_url: str
    preview_url: NotRequired[str]
    file_format: NotRequired[str]
    framerate: NotRequired[float]
    audio_codec: NotRequired[str | None]
    video_codec: NotRequired[str]
    subtitle_tracks: NotRequired[list[dict[str, Any]]]
    processing_stats: NotRequired[dict[str, float]]


class VideoList(TypedDict):
    """A page of videos, newest first."""

    videos: list[Video]
    pagination: Pagination
