"""Dispatch through Celery over Redis: a message is a bell and carries nothing.

Each kind of job has a queue, so that a bell reaches a worker that takes this kind. Whoever gets the bell
claims the *best* job that waits, which may be another one. So nothing depends on the broker but time: a
message that is lost, doubled or late costs nothing, since workers are reminded of jobs that wait
(``Janitor``), and Redis's own idea of priorities is not used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from videocraft.core.jobs.dispatch import broker
from videocraft.core.jobs.dispatch.base import Bell, Dispatcher, QueueUnavailable, Topic

if TYPE_CHECKING:
    from celery import Celery

TASK = "videocraft.bell"
QUEUE_PREFIX = "videocraft."


def queue_name(kind: str) -> str:
    """The queue of a kind of job; the key of a list in Redis."""
    return QUEUE_PREFIX + kind


def make_app(queue_url: str) -> Celery:
    """The Celery application of both ends."""
    from celery import Celery

    app = Celery("videocraft", broker=queue_url, set_as_current=False)
    secured = urlsplit(queue_url)
    app.conf.update(
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        # A bell that is answered has done its work; one that is lost is rung again.
        task_acks_late=False,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "socket_timeout": broker.REACH_SECONDS,
            "socket_connect_timeout": broker.REACH_SECONDS,
            "socket_keepalive": True,
            # The jobs table knows priorities; one list for each queue is enough.
            "priority_steps": [0],
            "client_name": "videocraft",
        },
    )
    if secured.scheme == "rediss" and "ssl_cert_reqs" not in parse_qs(secured.query):
        app.conf.broker_use_ssl = {"ssl_cert_reqs": "required"}
    return app


class CeleryDispatcher:
    """Rings workers through Celery, and everybody else as ``others`` does.

    Args:
        queue_url: ``redis://`` or ``rediss://``.
        others: carries cancels and events, which concern everybody and which nobody depends on.
    """

    def __init__(self, queue_url: str, others: Dispatcher) -> None:
        self._url = queue_url
        self._others = others
        self._app = make_app(queue_url)
        self._client = broker.client(queue_url)

    def check(self) -> None:
        """Whether a worker could be rung now.

        Raises:
            QueueUnavailable: the broker can't be reached.
        """
        try:
            self._client.ping()
        except broker.troubles() as error:
            raise self._unavailable(error) from error

    def ring(self, topic: Topic, kinds: Sequence[str] = ()) -> None:
        """Wake one worker for each of ``kinds``, or everybody who listens to another topic.

        Raises:
            QueueUnavailable: the broker can't be reached.
        """
        if topic != Topic.WORK:
            self._others.ring(topic)
            return
        try:
            self._send(kinds)
        except broker.troubles() as error:
            raise self._unavailable(error) from error

    def remind(self, kinds: Sequence[str]) -> None:
        """Ring for jobs for which no ring is on its way any more.

        Raises:
            QueueUnavailable: the broker can't be reached.
        """
        try:
            for kind, waiting in Counter(kinds).items():
                rung: Any = self._client.llen(queue_name(kind))
                self._send([kind] * (waiting - rung))
        except broker.troubles() as error:
            raise self._unavailable(error) from error

    def listen(self, topic: Topic) -> AbstractContextManager[Bell]:
        """A bell for everything but work, which a worker hears of through Celery."""
        return self._others.listen(topic)

    def close(self) -> None:
        """Give back the connections."""
        self._client.close()
        self._app.close()
        self._others.close()

    def _send(self, kinds: Iterable[str]) -> None:
        for kind in kinds:
            self._app.send_task(
                TASK,
                queue=queue_name(kind),
                ignore_result=True,
                # Once more, since a pooled connection may be one to a broker that restarted.
                retry=True,
                retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0},
            )

    def _unavailable(self, error: Exception) -> QueueUnavailable:
        return QueueUnavailable(f"Queue connection error: {broker.reason(error, self._url)}.")
