"""A worker process for tests: ``python -m tests.support.job_worker DATA_DIR LEASE WORKER_ID URLS KINDS``.

Its handlers talk to the test by files in the data directory: ``begun/{job}-{epoch}`` when one has begun,
``hold/{job}-{epoch}`` for as long as it is to go on, ``effects/{job}-{epoch}`` when it has published.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import Mock

from videocraft.core.database import Database
from videocraft.core.jobs import registry
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.dispatch.choice import open_dispatcher
from videocraft.core.jobs.registry import handler
from videocraft.core.jobs.runner import Worker
from videocraft.core.storage.traffic import Traffic
from videocraft.logs import configure_logging
from videocraft.settings import Settings

FOLDERS = ("begun", "hold", "effects")


def _begin(context: JobContext) -> Path:
    name = f"{context.job_id}-{context.epoch}"
    (context.workdir / "result").write_text(name)
    (context.settings.data_dir / "begun" / name).touch()
    return context.settings.data_dir / "hold" / name


def _publish(context: JobContext) -> Mapping[str, Any]:
    with context.publish():
        target = context.settings.data_dir / "effects" / f"{context.job_id}-{context.epoch}"
        (context.workdir / "result").rename(target)
    return {"epoch": context.epoch}


@handler("test.publish")
def publish(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    """Holds as long as it is told to, stops when it is told to."""
    hold, pause = _begin(context), threading.Event()
    context.progress(0.5, f"Epoch {context.epoch}")
    while hold.exists():
        context.check()
        pause.wait(0.005)
    return _publish(context)


@handler("test.stubborn")
def stubborn(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    """Never asks whether it is to stop, as code of others may."""
    hold, pause = _begin(context), threading.Event()
    while hold.exists():
        context.progress(0.9, f"Stubborn in epoch {context.epoch}")
        pause.wait(0.005)
    return _publish(context)


@handler("test.busy")
def busy(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    """Takes its time, and stops when it is told to."""
    _begin(context)
    end, pause = time.monotonic() + payload["seconds"], threading.Event()
    while time.monotonic() < end:
        context.check()
        pause.wait(0.01)
    return _publish(context)


@handler("test.trivial")
def trivial(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    """Does nothing."""
    return {}


@handler("test.suicide")
def suicide(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    """Dies as if the kernel had run out of memory."""
    _begin(context)
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def main(data_dir: str, lease_seconds: str, worker_id: str, urls: str, only: str) -> None:
    """Run one worker until SIGTERM."""
    configure_logging("error")
    settings = Settings(data_dir=Path(data_dir), job_lease_seconds=float(lease_seconds), **json.loads(urls))
    database = Database(settings.effective_database_url)
    dispatcher = open_dispatcher(settings.queue_url, database, settings.data_dir / "run")
    kinds = frozenset(only.split(",")) if only else None
    worker = Worker(
        settings, database, Mock(name="storage", traffic=Traffic()), dispatcher, worker_id, kinds=kinds
    )
    if settings.is_embedded:
        worker.run()
    else:
        from videocraft.core.jobs import celery_worker
        from videocraft.core.jobs.dispatch.celery import make_app

        celery_worker.run(make_app(settings.queue_url), worker, kinds or registry.kinds(), worker_id)
    dispatcher.close()
    database.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
