"""``videocraft worker``: processes that do the work, embedded in a server or on their own."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from videocraft import telemetry
from videocraft.commands import CommandFailed, datadir
from videocraft.commands.lifeline import follow_parent
from videocraft.commands.options import start_logging
from videocraft.commands.supervisor import Supervisor, worker_command

if TYPE_CHECKING:
    from videocraft.services import Services
    from videocraft.settings import Settings


def run_pool(settings: Settings, count: int, kinds: str = "") -> None:
    """Keep ``count`` worker processes running until SIGTERM or SIGINT; a second signal ends them at once.

    Raises:
        CommandFailed: no handler is registered for one of ``kinds``, or the database can't be used.
    """
    from videocraft.commands.database import open_database

    start_logging(settings)
    if kinds:
        choose_kinds(kinds)
    datadir.prepare(settings.data_dir)
    open_database(settings).dispose()
    asyncio.run(_supervise(settings, count, kinds))


def choose_kinds(wanted: str) -> frozenset[str]:
    """The kinds of jobs that a list with commas names: ``sessions.ingest``, or ``sessions`` for all of them.

    Raises:
        CommandFailed: there are no such jobs.
    """
    from videocraft.apis import task_modules
    from videocraft.core.jobs import registry

    registry.load_handlers(task_modules())
    known = registry.kinds()
    chosen: set[str] = set()
    for name in (part.strip() for part in wanted.split(",")):
        found = {kind for kind in known if kind == name or kind.startswith(f"{name}.")}
        if not found:
            raise CommandFailed(
                f"--kinds names {name!r}, but the kinds of jobs are {', '.join(sorted(known))}", exit_code=2
            )
        chosen |= found
    return frozenset(chosen)


async def _supervise(settings: Settings, count: int, kinds: str) -> None:
    supervisor = Supervisor(worker_command(str(settings.data_dir), kinds), count)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            supervisor.kill()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    supervisor.start()
    sys.stdout.write(f"{count} worker process(es) on {settings.data_dir}; Ctrl-C stops them\n")
    sys.stdout.flush()
    await stop.wait()
    await supervisor.stop()


def run_one(settings: Settings, kinds: str = "") -> None:
    """Be one worker process of a supervisor: claim and run jobs until SIGTERM or the supervisor's death."""
    follow_parent()
    # As in the server: nothing that is imported is garbage.
    gc.disable()
    start_logging(settings)
    telemetry.start("worker")
    from videocraft.apis import task_modules
    from videocraft.commands.database import open_services
    from videocraft.core.jobs import registry

    # One that is started again while machines are updated may find a newer version's tables.
    services = open_services(settings, first_key=False)
    try:
        registry.load_handlers(task_modules())
        gc.freeze()
        gc.enable()
        work(services, choose_kinds(kinds) if kinds else None)
    finally:
        services.close()
        telemetry.stop()


def work(services: Services, kinds: frozenset[str] | None = None) -> None:
    """Run jobs of these kinds (None: all that have a handler) until SIGTERM or SIGINT."""
    from videocraft.core.jobs import registry
    from videocraft.core.jobs.runner import Worker

    settings = services.settings
    worker_id = f"{socket.gethostname()}-{os.getpid()}"
    worker = Worker(
        settings, services.database, services.storage, services.dispatcher, worker_id, kinds=kinds
    )
    with beside(services, worker_id, kinds):
        if settings.is_embedded:
            worker.run()
            return
        from videocraft.core.jobs import celery_worker
        from videocraft.core.jobs.dispatch.celery import make_app

        celery_worker.run(make_app(settings.queue_url), worker, kinds or registry.kinds(), worker_id)


@contextmanager
def beside(services: Services, worker_id: str, kinds: frozenset[str] | None) -> Iterator[None]:
    """A second worker in this process, for what somebody's request waits for.

    Such a job takes a second or two; behind a film of an hour it would be answered after an hour. It hears
    bells as any worker; with Celery, which rings the first one alone, it looks every two seconds.
    """
    from videocraft.core.jobs import registry
    from videocraft.core.jobs.runner import Worker

    awaited = registry.awaited_kinds() & (kinds or registry.kinds())
    if not awaited:
        yield
        return
    worker = Worker(
        services.settings,
        services.database,
        services.storage,
        services.dispatcher,
        f"{worker_id}-beside",
        kinds=awaited,
        cleans=False,
    )
    thread = threading.Thread(target=worker.run, name="beside")
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join()
