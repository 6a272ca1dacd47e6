"""Use cases of the exports family: submit, download and delete. (`status` answers the polls.)"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from videocraft.apis.downloads import StoredObject
from videocraft.apis.exports import files, remote
from videocraft.apis.exports.admission import admit, parse
from videocraft.apis.exports.schemas import ExportConfig, is_export_id
from videocraft.apis.exports.status import PENDING, encode, status_body
from videocraft.core import json
from videocraft.core.database import clock
from videocraft.core.database.models import Export, Job
from videocraft.core.idempotency import digest_of
from videocraft.core.jobs import TERMINAL, JobsService, JobState, submit
from videocraft.core.jobs import cancel as cancel_job
from videocraft.core.jobs import delete as delete_job
from videocraft.errors import Conflict, NotFound, StorageFull, Unavailable
from videocraft.services import Services

FAMILY = "exports"
KIND = "exports.export"
LET_GO_SECONDS = 3.0
"""How long a delete waits for the worker; FFmpeg is gone within 2."""

MEDIA_TYPES = {"mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm"}

NO_DOWNLOAD = "Export not found or not completed"

# Posts of one id go one after the other, so that of fifty at once one probes the sources and the others
# find its row. Between processes the unique row decides alone.
_SUBMIT_LOCKS = [threading.Lock() for _ in range(64)]


@dataclass(frozen=True)
class Download:
    """A finished file and how it is to be handed out."""

    source: Path | StoredObject
    filename: str
    content_type: str


def create(services: Services, body: bytes, *, request_id: str | None = None) -> str:
    """Check a config against its schema and its media, and queue the export.

    Sending the same config again is answered alike and does nothing.

    Args:
        body: the request as it came; it is kept as ``config.json``.

    Returns:
        The export's id.

    Raises:
        InvalidInput: not JSON, not a config, or one that its sources can't fulfil.
        Conflict: the id is taken by another config.
        StorageFull: the disk can't hold what the export needs.
    """
    document = json.loads(body)
    media_root = services.settings.media_root
    config = parse(document, media_root)
    digest = digest_of(document)
    with _SUBMIT_LOCKS[hash(config.id) % len(_SUBMIT_LOCKS)]:
        with services.database.read() as session:
            if _is_known(session, config.id, digest):
                return config.id
        bucket = services.storage if services.settings.is_s3 else None
        payload = admit(config, services.database, media_root, bucket)
        with _disk_full_is_507():
            _insert(services, config, body=body, digest=digest, payload=payload, request_id=request_id)
    return config.id


def find_download(services: Services, export_id: str) -> Download:
    """The finished file of an export.

    Raises:
        NotFound: no such export, or it is not completed.
    """
    row = None
    if is_export_id(export_id):
        with services.database.read() as session:
            row = session.execute(
                select(Export.project_name, Export.format, Job.state, Job.result)
                .join(Job, Job.id == Export.job_id)
                .where(Export.id == export_id)
            ).one_or_none()
    if row is not None and row.state == JobState.COMPLETED:
        source: Path | StoredObject | None
        if services.settings.is_s3:
            info = services.storage.stat(row.result["file"])
            source = None if info is None else StoredObject(services.storage, info)
        else:
            source = files.finished_file(services.settings.media_root / "exports", export_id, row.format)
        if source is not None:
            filename = f"{row.project_name or export_id}.{row.format}"
            return Download(source, filename, MEDIA_TYPES[row.format])
    raise NotFound(NO_DOWNLOAD)


def delete(services: Services, export_id: str) -> None:
    """Stop an export in whatever state it is and remove its files and rows.

    Raises:
        NotFound: no such export.
    """
    jobs = _jobs(services)
    job_id = None
    if is_export_id(export_id):
        with jobs.transaction() as session:
            export = session.get(Export, export_id)
            if export is not None:
                job_id = export.job_id
                cancel_job(session, job_id)
    if job_id is None:
        raise NotFound("Export not found")
    jobs.wait_until_terminal(job_id, LET_GO_SECONDS)
    root = files.exports_root(services.settings.media_root)
    hidden = _forget(jobs, root, export_id, job_id)
    if hidden is not None:
        files.remove(hidden)
    files.sweep(root)
    if services.settings.is_s3:
        # Of this job alone: the id is free again, and somebody may have taken it.
        services.storage.delete_prefix(remote.folder(export_id, job_id))


def _forget(jobs: JobsService, root: Path, export_id: str, job_id: str) -> Path | None:
    """Remove the rows and take the directory away; ``None`` when another request has done it already."""
    hidden = None
    try:
        with jobs.transaction() as session:
            export = session.get(Export, export_id, with_for_update=True)
            if export is None or export.job_id != job_id:
                return None
            session.delete(export)
            session.flush()
            # A worker that did not let go in time is fenced off by this, and finds out later.
            alive = update(Job).where(Job.id == job_id, Job.state.not_in(TERMINAL))
            session.execute(alive.values(state=JobState.CANCELLED))
            delete_job(session, job_id)
            # Last, and before the commit: no new export of this id can have come between.
            hidden = files.take_away(root, export_id)
    except SQLAlchemyError:
        if hidden is not None:  # the commit failed
            with suppress(FileNotFoundError):
                hidden.rename(root / export_id)
        raise
    return hidden


@contextmanager
def _disk_full_is_507() -> Iterator[None]:
    try:
        yield
    except (OSError, SQLAlchemyError) as error:
        if not files.is_disk_full(error):
            raise
        raise StorageFull("Not enough disk space for this export") from error


def _jobs(services: Services) -> JobsService:
    return JobsService(services.database, services.dispatcher)


def _is_known(session: Session, export_id: str, digest: str) -> bool:
    known = session.scalar(select(Export.config_sha256).where(Export.id == export_id))
    if known is not None and known != digest:
        raise Conflict(f"Export {export_id} already exists with a different config")
    return known is not None


def _insert(
    services: Services,
    config: ExportConfig,
    *,
    body: bytes,
    digest: str,
    payload: dict[str, Any],
    request_id: str | None,
) -> None:
    root = files.exports_root(services.settings.media_root)
    pending = encode(status_body(config.id, PENDING))
    prepared = files.prepare(root, body, pending)
    job_id = None
    try:
        with _jobs(services).transaction() as session:
            if _is_known(session, config.id, digest):
                return
            job = submit(session, family=FAMILY, kind=KIND, payload=payload, request_id=request_id)
            session.flush()
            session.add(
                Export(
                    id=config.id,
                    job_id=job.id,
                    config_sha256=digest,
                    project_name=config.project_name or "",
                    format=config.output.format,
                    created_at=clock.now(session),
                )
            )
            session.flush()
            job_id = job.id
            # Within the transaction: whoever sees the row finds the directory.
            if not services.settings.is_s3:
                prepared.install(config.id)
    except IntegrityError:
        # Another process was first. SQLite's writers take turns; PostgreSQL's meet here.
        with services.database.read() as session:
            if not _is_known(session, config.id, digest):
                raise
    except SQLAlchemyError:
        prepared.withdraw()  # the commit failed
        raise
    except Unavailable:
        # The workers could not be told, and the job was closed: it must not stand in the way of the next try.
        prepared.withdraw()
        with services.database.read() as session:
            job_id = session.scalar(select(Export.job_id).where(Export.id == config.id))
        if job_id is not None:
            _forget(_jobs(services), root, config.id, job_id)
        raise
    finally:
        prepared.clean_up()
    if services.settings.is_s3 and job_id is not None:
        remote.put_copies(
            services, remote.folder(config.id, job_id), {files.CONFIG: body, files.STATUS: pending}
        )
