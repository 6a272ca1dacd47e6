"""Checks of what is kept: database, queue and storage. Nothing is migrated or made here."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from videocraft.commands.database import DatabaseKind, inspect_database, reason_of, sqlite_file
from videocraft.commands.datadir import running_server
from videocraft.doctor.finding import Finding, fail, ok, warn
from videocraft.doctor.machine import nearest_existing

if TYPE_CHECKING:
    from videocraft.settings import Settings

OTHER_DATABASE = (
    "Choose another database with VIDEOCRAFT_DATABASE_URL, or another data directory with --data-dir."
)


def check_database(settings: Settings) -> list[Finding]:
    """Whether the database can be reached, is ours, is migrated, and keeps what it commits (WAL)."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        state = inspect_database(settings)
        says = f"{state.shown} is {state.kind.value}"
        match state.kind:
            case DatabaseKind.MISSING | DatabaseKind.EMPTY:
                return [ok("database", f"{says}; the first start makes its tables")]
            case DatabaseKind.FOREIGN:
                return [fail("database", says, OTHER_DATABASE)]
            case DatabaseKind.AHEAD:
                return [
                    fail(
                        "database",
                        f"{says} (revision {state.revision})",
                        f"Install that version. {OTHER_DATABASE}",
                    )
                ]
            case DatabaseKind.BEHIND:
                found = warn(
                    "database",
                    f"{says} (revision {state.revision}, this version has {state.head})",
                    "Start the server once, it migrates the database; keep a copy of it until that is done.",
                )
            case DatabaseKind.CURRENT:
                found = ok("database", f"{says} (revision {state.head})")
        return [found, _check_journal(settings)]
    except SQLAlchemyError as error:
        return [
            fail(
                "database",
                f"it can't be used: {reason_of(error)}",
                f"Start it or correct its address. {OTHER_DATABASE}",
            )
        ]


def _check_journal(settings: Settings) -> Finding:
    from videocraft.core.database import Database

    database = Database(settings.effective_database_url)
    try:
        if not database.is_sqlite:
            return ok("journal", "kept by the database server")
        with database.read() as session:
            mode = session.connection().exec_driver_sql("PRAGMA journal_mode").scalar_one()
    finally:
        database.dispose()
    if mode == "wal":
        return ok("journal", "WAL")
    return warn(
        "journal",
        f"SQLite keeps its journal in mode {mode!r} instead of 'wal'",
        "Put the data directory on a local disk; a network file system can't share SQLite's WAL.",
    )


def check_queue(settings: Settings) -> list[Finding]:
    """Jobs that wait or run, and whether there is a server to do them."""
    from sqlalchemy.exc import SQLAlchemyError

    if not settings.is_embedded:
        return [_check_broker(settings)]
    address = running_server(settings.data_dir)
    file = sqlite_file(settings)
    try:
        counts = {} if file is not None and not file.exists() else _count_jobs(settings)
    except SQLAlchemyError:
        return [warn("queue", "the jobs can't be read", "Mend the database first.")]
    waiting = counts.get("queued", 0) + counts.get("pending", 0)
    server = (
        "no server runs on this data directory" if address is None else f"server {address or 'is starting'}"
    )
    running, failed = counts.get("running", 0), counts.get("failed", 0)
    says = f"embedded, {server}: {waiting} waiting, {running} running, {failed} failed"
    if waiting and address is None:
        return [warn("queue", says, "Start `videocraft serve`: it does the waiting jobs.")]
    return [ok("queue", says)]


def _check_broker(settings: Settings) -> Finding:
    from videocraft.core.diagnostics import look_at_queue

    state = look_at_queue(settings)
    if not state.connected:
        return fail(
            "queue",
            f"the Redis at {state.broker_url} can't be used: {state.error}",
            "Start it or correct VIDEOCRAFT_QUEUE_URL; until then whatever makes a job is answered 503.",
        )
    says = f"Redis {state.redis_version} at {state.broker_url}, {state.connected_clients} clients"
    return ok("queue", f"{says}; `videocraft worker` does the jobs")


def _count_jobs(settings: Settings) -> dict[str, int]:
    from sqlalchemy import func, select

    from videocraft.core.database import Database
    from videocraft.core.database.models import Job

    database = Database(settings.effective_database_url)
    try:
        with database.read() as session:
            rows = session.execute(select(Job.state, func.count()).group_by(Job.state))
            return dict(rows.all())
    finally:
        database.dispose()


def _check_bucket(settings: Settings) -> Finding:
    from videocraft.services import open_storage

    storage = open_storage(settings, b"")
    try:
        storage.check()
    except OSError as error:
        return fail(
            "storage",
            f"{settings.storage_url} can't be used: {error}",
            "Start the S3 server, make the bucket, or correct VIDEOCRAFT_STORAGE_URL and VIDEOCRAFT_S3_….",
        )
    finally:
        storage.close()
    return ok("storage", f"{settings.storage_url} can be reached")


def check_storage(settings: Settings) -> list[Finding]:
    """Whether files can be made, and renamed into place, below the media root; or the bucket be used."""
    if settings.is_s3:
        return [_check_bucket(settings)]
    root = settings.media_root
    where = nearest_existing(root)
    try:
        with tempfile.TemporaryDirectory(dir=where, prefix=".doctor-") as folder:
            part = Path(folder) / "part"
            part.write_bytes(b"whole")
            part.rename(Path(folder) / "done")
    except OSError as error:
        return [
            fail(
                "storage",
                f"{where} can't be written: {os.strerror(error.errno or 0)}",
                "Give this user the right to write there, or set VIDEOCRAFT_STORAGE_URL to another folder.",
            )
        ]
    if where != root:
        return [ok("storage", f"{root} is not there yet; the first start makes it")]
    return [ok("storage", f"{root} can be written")]
