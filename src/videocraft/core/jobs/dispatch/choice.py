"""Which dispatcher fits a queue and a database."""

from __future__ import annotations

from pathlib import Path

from videocraft.core.database import Database
from videocraft.core.jobs.dispatch.base import Dispatcher
from videocraft.core.jobs.dispatch.embedded import EmbeddedDispatcher
from videocraft.core.jobs.dispatch.postgres import PostgresDispatcher

EMBEDDED = "embedded"


def open_dispatcher(queue_url: str, database: Database, folder: Path) -> Dispatcher:
    """Pipes in ``folder`` on one machine, NOTIFY with PostgreSQL; and Celery for work with a Redis."""
    others: Dispatcher = EmbeddedDispatcher(folder) if database.is_sqlite else PostgresDispatcher(database)
    if queue_url == EMBEDDED:
        return others
    # Takes most of a second to import, which only those pay who use it.
    from videocraft.core.jobs.dispatch.celery import CeleryDispatcher

    return CeleryDispatcher(queue_url, others)
