"""How the queue is, for health endpoints and the doctor."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from videocraft.core.jobs.dispatch import broker
from videocraft.core.jobs.dispatch.choice import EMBEDDED

if TYPE_CHECKING:
    from videocraft.services import Services
    from videocraft.settings import Settings

RUN_FOLDER = "run"


@dataclass(frozen=True, slots=True)
class QueueState:
    """What a look at the queue found; the last three belong to Redis."""

    connected: bool
    broker_url: str
    """``embedded``, or ``HOST:PORT/DATABASE`` without credentials."""
    redis_version: str | None = None
    connected_clients: int | None = None
    error: str | None = None


def queue_state(services: Services) -> QueueState:
    """Ask the broker by PING and INFO; answers within two seconds, whatever the broker does."""
    return look_at_queue(services.settings)


def look_at_queue(settings: Settings) -> QueueState:
    """As ``queue_state``, for those who have no services."""
    if settings.queue_url == EMBEDDED:
        # Without the folder of the pipes no worker of this machine can be woken.
        folder = settings.data_dir / RUN_FOLDER
        is_there = not folder.exists() or os.access(folder, os.R_OK | os.W_OK | os.X_OK)
        error = None if is_there else "the folder of the workers' bells can't be written"
        return QueueState(is_there, EMBEDDED, error=error)
    answers: list[QueueState] = []
    # A name server may take as long as it likes, and no socket's time-out covers it.
    asking = threading.Thread(target=lambda: answers.append(_ask(settings.queue_url)), daemon=True)
    asking.start()
    asking.join(broker.REACH_SECONDS)
    if answers:
        return answers[0]
    where = broker.address(settings.queue_url)
    return QueueState(False, where, error=f"Timeout connecting to {where.rpartition('/')[0]}")


def _ask(queue_url: str) -> QueueState:
    where = broker.address(queue_url)
    try:
        # Half of the time each, for the connection and for what it is asked.
        with broker.client(queue_url, seconds=broker.REACH_SECONDS / 2) as client:
            client.ping()
            facts: dict[str, Any] = client.info()
    except broker.troubles() as error:
        return QueueState(False, where, error=broker.reason(error, queue_url))
    return QueueState(True, where, str(facts["redis_version"]), int(facts["connected_clients"]))
