"""``api.videos`` and ``api.jobs``."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from videocraft.client.answers import data_of
from videocraft.client.download import download
from videocraft.client.exchange import Call
from videocraft.client.operation import Mode, Resource, operation
from videocraft.client.progress import reporting
from videocraft.client.types import (
    Job,
    JobCancellation,
    JobCreated,
    JobList,
    JobResult,
    JobState,
    JobStatus,
    Project,
    Video,
    VideoList,
)
from videocraft.client.waiting import wait_for_completion
from videocraft.client.wire import Steps


class Videos(Resource[Mode]):
    """Films: ordered, listed, fetched, deleted."""

    @operation
    def create(
        self, project: Project | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> Steps[JobCreated]:
        """Order a film.

        Args:
            project: scenes and elements, as the API takes them.
            idempotency_key: orders with the same key are one order. Without one each call makes its own,
                so that its repeats after a lost answer never make a second film.

        Raises:
            BadRequest: ``details`` says what is wrong, by path.
        """
        key = uuid.uuid4().hex if idempotency_key is None else idempotency_key
        if not re.fullmatch("[ -~]{1,255}", key):
            raise ValueError("idempotency_key must be 1 to 255 printable ASCII characters")
        reply = yield from self._exchange.perform(
            Call("POST", "/generate-video", body=project, idempotency_key=key)
        )
        created: JobCreated = data_of(reply)
        return created

    @operation
    def plan(self, project: Project | Mapping[str, Any]) -> Steps[dict[str, Any]]:
        """What a project would become, with its length and cost; nothing is ordered.

        Raises:
            BadRequest: as ``create``.
        """
        call = Call("POST", "/generate-video", {"dry_run": "true"}, body=project, is_harmless=True)
        reply = yield from self._exchange.perform(call)
        plan: dict[str, Any] = data_of(reply)
        return plan

    @operation
    def list(
        self,
        *,
        limit: int = 20,
        offset: int = 0,
        status: JobState | None = None,
        created_after: datetime | str | None = None,
        created_before: datetime | str | None = None,
    ) -> Steps[VideoList]:
        """A page of videos, newest first; ``limit`` is 1-100."""
        query = {
            "limit": limit,
            "offset": offset,
            "status": status,
            "created_after": created_after,
            "created_before": created_before,
        }
        reply = yield from self._exchange.perform(Call("GET", "/videos", query=_query(query)))
        videos: VideoList = data_of(reply)
        return videos

    @operation
    def get(self, video_id: str) -> Steps[Video]:
        """All about one video."""
        reply = yield from self._exchange.perform(Call("GET", f"/videos/{_part(video_id)}"))
        video: Video = data_of(reply)
        return video

    @operation
    def download(self, video_id: str, destination: str | os.PathLike[str]) -> Steps[Path]:
        """Save a film; where that is an existing folder, as ``<video_id>.mp4`` in it.

        The file appears under its name when it is whole, and replaces what was there. Broken connections
        are taken up where they broke.

        Returns:
            Where it is.

        Raises:
            DownloadFailed: what came is not what was announced.
            OSError: the folder can't be written to.
        """
        part, path = _part(video_id), Path(destination)
        if path.is_dir():
            path /= re.sub(r"[^A-Za-z0-9._-]", "_", video_id) + ".mp4"
        return (yield from download(self._exchange, Call("GET", f"/videos/{part}/download"), path))

    @operation
    def delete(self, video_id: str) -> Steps[None]:
        """Delete a video and its files."""
        call = Call("DELETE", f"/videos/{_part(video_id)}", done_if_repeated=frozenset({404}))
        yield from self._exchange.perform(call)


class Jobs(Resource[Mode]):
    """The work on films: listed, watched, cancelled."""

    @operation
    def list(self, *, limit: int = 20, offset: int = 0, status: JobState | None = None) -> Steps[JobList]:
        """A page of jobs, newest first; ``limit`` is 1-100."""
        query = {"limit": limit, "offset": offset, "status": status}
        reply = yield from self._exchange.perform(Call("GET", "/jobs", query=_query(query)))
        jobs: JobList = data_of(reply)
        return jobs

    @operation
    def get(self, job_id: str) -> Steps[Job]:
        """All about one job, with what it was asked for and its log."""
        reply = yield from self._exchange.perform(Call("GET", f"/jobs/{_part(job_id)}"))
        job: Job = data_of(reply)
        return job

    @operation
    def status(self, job_id: str) -> Steps[JobStatus]:
        """How far a job is; cheap enough to be asked often."""
        reply = yield from self._exchange.perform(Call("GET", f"/jobs/{_part(job_id)}/status"))
        status: JobStatus = data_of(reply)
        return status

    @operation
    def cancel(self, job_id: str) -> Steps[JobCancellation]:
        """Stop a job.

        Raises:
            Conflict: it has ended already.
        """
        reply = yield from self._exchange.perform(Call("POST", f"/jobs/{_part(job_id)}/cancel"))
        cancellation: JobCancellation = data_of(reply)
        return cancellation

    @operation
    def wait_for_completion(
        self,
        job_id: str,
        *,
        timeout: float | None = None,
        poll_interval: float = 1.0,
        progress: bool = False,
        on_progress: Callable[[JobStatus], None] | None = None,
    ) -> Steps[JobResult]:
        """Wait until a job has ended.

        A server that is away for a while (a restart) is waited for, up to two minutes.

        Args:
            timeout: seconds; None waits as long as it takes.
            poll_interval: seconds between the first two questions; later ones come up to 10 s apart.
            progress: draw a progress bar on stderr.
            on_progress: called with each status that comes.

        Returns:
            What the job has made: ``video_id``, ``download_url``, ``file_size``, ``duration``.

        Raises:
            JobFailed: with the job's own code and message.
            JobCancelled: somebody cancelled it.
            WaitTimeout: it goes on, only the waiting has ended.
        """
        call = Call("GET", f"/jobs/{_part(job_id)}/status")
        with reporting(bar=progress, callback=on_progress) as report:
            return (
                yield from wait_for_completion(
                    self._exchange, call, timeout=timeout, interval=poll_interval, report=report
                )
            )


def _part(identifier: str) -> str:
    """An id as one part of a path, whatever is in it."""
    if identifier in {"", ".", ".."}:
        raise ValueError(f"{identifier!r} is not an id")
    return quote(identifier, safe="")


def _query(values: Mapping[str, Any]) -> dict[str, str | int]:
    given = {name: value for name, value in values.items() if value is not None}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in given.items()
    }
