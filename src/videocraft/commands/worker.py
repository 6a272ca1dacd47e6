"""``videocraft worker``: processes that do the work, embedded in a server or on their own."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

from videocraft.commands import datadir
from videocraft.commands.lifeline import follow_parent
from videocraft.commands.options import start_logging
from videocraft.commands.supervisor import Supervisor, worker_command

if TYPE_CHECKING:
    from videocraft.settings import Settings


def run_pool(settings: Settings, count: int) -> None:
    """Keep ``count`` worker processes running until SIGTERM or SIGINT; a second signal ends them at once."""
    from videocraft.commands.database import open_database

    start_logging(settings)
    datadir.prepare(settings.data_dir)
    open_database(settings).dispose()
    asyncio.run(_supervise(settings, count))


async def _supervise(settings: Settings, count: int) -> None:
    supervisor = Supervisor(worker_command(str(settings.data_dir)), count)
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


def run_one(settings: Settings) -> None:
    """Be one worker process of a supervisor: claim and run jobs until SIGTERM or the supervisor's death."""
    follow_parent()
    from videocraft.apis import task_modules
    from videocraft.core.jobs.registry import load_handlers
    from videocraft.core.jobs.runner import Worker
    from videocraft.services import Services

    start_logging(settings)
    services = Services.open(settings)
    try:
        load_handlers(task_modules())
        worker_id = f"{socket.gethostname()}-{os.getpid()}"
        Worker(settings, services.database, services.storage, services.dispatcher, worker_id).run()
    finally:
        services.close()
