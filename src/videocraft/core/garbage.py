"""What may be removed, each with its size and the way to remove it. Rooms find theirs in ``cleaning.py``."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from videocraft.core import fetching, idempotency, webhooks
from videocraft.core.auth import rate_limit
from videocraft.core.database import Database, clock
from videocraft.core.database.models import Base, IdempotencyKey, Job, RateCount
from videocraft.core.jobs import stages, workdirs
from videocraft.core.jobs.states import TERMINAL

if TYPE_CHECKING:
    from videocraft.services import Services

SAFE_SECONDS = 86400.0
"""What is younger may belong to something that is just being made."""
JOBS_PREFIX = "jobs"
CACHE_PREFIX = "cache"


@dataclass(frozen=True, slots=True)
class Garbage:
    """One thing that nobody needs."""

    kind: str
    """Which sort of thing, in the plural: ``finished stages``."""
    name: str
    size: int
    """In bytes; 0 when it is not known or none."""
    remove: Callable[[], object]
    count: int = 1
    """How many they are: rows that had their time go in one statement."""


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept. None: for ever, or as much as there is."""

    cache_days: float = 7.0
    """How long a cached file is kept after its last use."""
    cache_bytes: int | None = None
    """How much each cache may take; the least recently used go first."""
    result_days: float | None = None
    """How long the files and rows of work that has ended are kept."""
    upload_days: float | None = None
    """How long files are kept that clients have sent for use in films."""


def find(services: Services, keep: Retention) -> Iterator[Garbage]:
    """Whatever no room owns: caches of this machine and of the storage, and what jobs left that are gone."""
    data_dir = services.settings.data_dir
    yield from _old_files("finished stages", stages.default_root(data_dir), keep)
    yield from _fetched_sources(data_dir / fetching.FOLDER, keep)
    yield from _idle_folders(services, workdirs.default_root(data_dir))
    yield from _stored_cache(services, keep)
    yield from _stored_orphans(services)
    yield from _spent_rows(services)


def orphans(
    services: Services, kind: str, prefix: str, read_owners: Callable[[], Callable[[str], bool]]
) -> Iterator[Garbage]:
    """Stored files that no row names, and that are too old to belong to something that is just being made.

    Args:
        prefix: the folder of the storage that is looked through.
        read_owners: called after that, since what has a row by then is no orphan; says whether a key has one.
    """
    young = time.time() - SAFE_SECONDS
    files = [info for info in services.storage.list(prefix) if info.modified < young]
    has_owner = read_owners()
    for info in files:
        if not has_owner(info.key):
            yield Garbage(kind, info.key, info.size, partial(services.storage.delete, info.key))


def broken_off(kind: str, paths: Iterable[Path]) -> Iterator[Garbage]:
    """Files and folders that somebody began to write and nobody goes on with."""
    for path in sorted(paths):
        with contextlib.suppress(FileNotFoundError):  # it was finished, or removed, just now
            found = path.stat()
            if found.st_mtime < time.time() - SAFE_SECONDS:
                size = folder_bytes(path) if path.is_dir() else found.st_size
                yield Garbage(kind, path.name, size, partial(_remove, path))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _fetched_sources(root: Path, keep: Retention) -> Iterator[Garbage]:
    if not root.is_dir():
        return
    cache = fetching.SourceCache(root)
    notes = cache.notes_by_file()
    for found in _old_files("fetched sources", cache.files, keep):
        yield replace(found, remove=partial(cache.drop, found.name, notes.get(found.name, ())))
    yield from broken_off("broken-off downloads", [*cache.files.glob(".*"), *cache.notes.glob(".*")])


def _spent_rows(services: Services) -> Iterator[Garbage]:
    """Rows whose time is over. What writes them forgets them too, but only while it is used."""
    database = services.database
    with database.read() as session:
        now = clock.now(session)
        counts = {
            kind: session.execute(select(func.count()).where(expired(now))).scalar_one()
            for kind, (expired, _) in _SPENT.items()
        }
    for kind, count in counts.items():
        if count:
            yield Garbage(kind, "those past their time", 0, partial(_forget, database, kind), count)


def _forget(database: Database, kind: str) -> None:
    expired, forget = _SPENT[kind]
    with database.write() as session:
        forget(session, expired(clock.now(session)))


def _delete(model: type[Base], session: Session, which: ColumnElement[bool]) -> None:
    session.execute(delete(model).where(which))


_SPENT: dict[str, tuple[Callable[[float], ColumnElement[bool]], Callable[..., object]]] = {
    "idempotency keys": (idempotency.expired, partial(_delete, IdempotencyKey)),
    "webhook delivery logs": (webhooks.expired, webhooks.forget),
    "spent rate counts": (rate_limit.expired, partial(_delete, RateCount)),
}
"""For each kind which rows had their time, and how they are dropped."""


def _old_files(kind: str, folder: Path, keep: Retention) -> Iterator[Garbage]:
    files = []
    for path in folder.glob("[!.]*"):
        with contextlib.suppress(FileNotFoundError):  # another process was quicker
            found = path.stat()
            files.append((found.st_mtime, found.st_size, path))
    files.sort()
    for index, size in _superfluous([(used, size) for used, size, _ in files], keep):
        path = files[index][2]
        yield Garbage(kind, path.name, size, partial(path.unlink, missing_ok=True))


def _superfluous(used_and_size: list[tuple[float, int]], keep: Retention) -> Iterator[tuple[int, int]]:
    """Index and size of what goes, of things in the order of their last use."""
    total = sum(size for _, size in used_and_size)
    oldest = time.time() - keep.cache_days * 86400
    for index, (used, size) in enumerate(used_and_size):
        if used < oldest or (keep.cache_bytes is not None and total > keep.cache_bytes):
            total -= size
            yield index, size


def _idle_folders(services: Services, root: Path) -> Iterator[Garbage]:
    found = workdirs.jobs_with_folders(root)
    # Read after the folders: a job that has one by now and no row here has ended.
    with services.database.read() as session:
        going_on = set(session.scalars(select(Job.id).where(Job.state.not_in(sorted(TERMINAL)))))
    for job_id in sorted(set(found) - going_on):
        size = folder_bytes(root / job_id)
        yield Garbage("folders of ended jobs", job_id, size, partial(workdirs.remove_job, root, job_id))


def _stored_cache(services: Services, keep: Retention) -> Iterator[Garbage]:
    cached = sorted(services.storage.list(CACHE_PREFIX), key=lambda info: info.modified)
    for index, size in _superfluous([(info.modified, info.size) for info in cached], keep):
        key = cached[index].key
        yield Garbage("stored caches", key, size, partial(services.storage.delete, key))


def _stored_orphans(services: Services) -> Iterator[Garbage]:
    """Files below ``jobs/{job_id}/`` of jobs that are gone."""
    young = time.time() - SAFE_SECONDS
    files = [info for info in services.storage.list(JOBS_PREFIX) if info.modified < young]
    owners = {info.key.split("/")[1] for info in files}
    known: set[str] = set()
    with services.database.read() as session:
        listed = sorted(owners)
        for start in range(0, len(listed), 500):
            query = select(Job.id).where(Job.id.in_(listed[start : start + 500]))
            known.update(session.scalars(query))
    for info in files:
        if info.key.split("/")[1] not in known:
            yield Garbage(
                "files of jobs that are gone",
                info.key,
                info.size,
                partial(services.storage.delete, info.key),
            )


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below a folder; 0 when there is none."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # somebody is just removing it
            total += path.lstat().st_size if path.is_file() else 0
    return total
