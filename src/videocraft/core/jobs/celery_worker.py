"""A Celery worker around our own: it waits for bells, and each one makes it claim jobs until none is left."""

from __future__ import annotations

import signal
from collections.abc import Iterable
from types import FrameType

import celery.worker.state
from celery import Celery

from videocraft.core.jobs.dispatch.celery import TASK, queue_name
from videocraft.core.jobs.runner import Worker


def run(app: Celery, worker: Worker, kinds: Iterable[str], name: str) -> None:
    """Answer bells until SIGTERM or SIGINT, which hands a running job back; in the main thread.

    The pool is Celery's ``solo``: a bell is answered in the loop that fetches bells, so a worker that is busy
    takes none that another one could answer.

    Args:
        app: from ``make_app``.
        worker: claims and runs the jobs.
        kinds: of jobs, for which it listens.
        name: of this worker among all that share the broker.
    """
    app.task(name=TASK, ignore_result=True)(worker.answer)
    controller = app.WorkController(
        app=app,
        hostname=f"videocraft@{name}",
        pool_cls="solo",
        concurrency=1,
        queues=[queue_name(kind) for kind in kinds],
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )

    def stop(_number: int, _frame: FrameType | None) -> None:
        worker.stop()
        # Celery looks at this at its next turn, a second away at most.
        celery.worker.state.should_stop = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with worker.opened():
            controller.start()
    finally:
        for number, action in before.items():
            signal.signal(number, action)
