"""What the handlers of this room share: the recording of a job, its progress, and where its files go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from videocraft.core.fetching import fetch_source
from videocraft.core.jobs.context import JobContext
from videocraft.core.probing import probe_files, probe_stored
from videocraft.errors import MediaError, NotFound
from videocraft.media.probe import MediaInfo


@dataclass(frozen=True)
class Recording:
    """The recording of a job while it is at hand as a file."""

    path: Path
    info: MediaInfo
    identity: Mapping[str, Any]
    """What tells this version of the file from others: part of the key of every stage."""
    asset_id: str | None
    key: str | None
    """Where it lies in the storage; none when it was fetched for this job."""
    name: str


@contextmanager
def opened(context: JobContext, source: Mapping[str, Any]) -> Iterator[Recording]:
    """The recording that ``admission`` has found, for reading while the block runs.

    Raises:
        NotFound: it was deleted since.
        MediaError: it is no media, or can't be read.
        VideoCraftError: code ``DOWNLOAD_FAILED``; its URL can't be fetched.
    """
    key = source["key"]
    if key is None:
        context.log("Fetching the recording")
        path = fetch_source(context, source["url"], kinds=("video", "audio"))
        found = path.stat()
        identity = {"url": source["url"], "size": found.st_size, "changed": found.st_mtime_ns}
        (info,) = probe_files(context.database, [path])
        yield Recording(path, _usable(context, info), identity, None, None, "recording")
        return
    stored = context.storage.stat(key)
    if stored is None:
        raise NotFound("The recording was deleted.")
    with context.storage.local_file(key) as path:
        identity = {"key": key, "etag": stored.etag, "size": stored.size}
        (known,) = probe_stored(context.database, context.storage, [key])
        yield Recording(path, _usable(context, known), identity, source["asset_id"], key, source["name"])


def _usable(context: JobContext, info: MediaInfo | MediaError | None) -> MediaInfo:
    if info is None:
        raise NotFound("The recording was deleted.")
    if isinstance(info, MediaError):
        raise info
    for warning in info.warnings:
        context.warn(warning)
    return info


def part(context: JobContext, start: float, end: float, message: str) -> Callable[[float], None]:
    """Note what comes next in the job's log; the result tells the progress of it, 0 to 1."""
    context.check()
    context.log(message)
    context.progress(start, message)

    def report(fraction: float) -> None:
        context.progress(start + (end - start) * min(1.0, max(0.0, fraction)))

    return report


def file_key(job_id: str, epoch: int, name: str) -> str:
    """Where a job's file lies. Of one run alone: a late worker can't write over what another one has made."""
    return f"jobs/{job_id}/{epoch}/{name}"


def store(context: JobContext, path: Path, name: str) -> dict[str, Any]:
    """Hand a file over to the storage: ``file`` (its path), ``download_url``, ``size``."""
    key = file_key(context.job_id, context.epoch, name)
    stored = context.storage.put_file(path, key)
    return {"file": key, "download_url": f"/jobs/{context.job_id}/files/{name}", "size": stored.size}


def store_text(context: JobContext, text: str, name: str) -> str:
    """The same for a text; its URL."""
    path = context.workdir / name
    path.write_text(text, encoding="utf-8")
    url: str = store(context, path, name)["download_url"]
    return url


def forget_earlier_runs(context: JobContext) -> None:
    """Remove the files of runs that were lost; to be called when this one's are in their place."""
    if context.epoch == 1:
        return
    mine = file_key(context.job_id, context.epoch, "")
    for stored in list(context.storage.list(f"jobs/{context.job_id}")):
        if not stored.key.startswith(mine):
            context.storage.delete(stored.key)
