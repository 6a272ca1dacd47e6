"""Dispatch: how a process that changed a row wakes those who wait for it.

A bell is a hint and the row is the truth: a ring may come late, twice, for nothing, or never. Whoever listens
looks at the database when it rings, and every few seconds anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol

from videocraft.errors import Unavailable


class Topic(StrEnum):
    """What a ring is about; each listener waits for one topic."""

    WORK = "work"
    """A job waits to be claimed."""
    CANCEL = "cancel"
    """A running job is to stop."""
    EVENTS = "events"
    """Something was appended to an event stream."""


class QueueUnavailable(Unavailable):
    """Workers can't be told of a job now, so it was not taken on."""

    default_code = "QUEUE_UNAVAILABLE"

    def __init__(self, reason: str) -> None:
        super().__init__(f"Failed to enqueue job: {reason}", headers={"Retry-After": "5"})


class Bell(Protocol):
    """One listener's end."""

    def wait(self, timeout_seconds: float) -> bool:
        """Wait until it rings, or rang since the last wait; False when the time was up first."""

    def wake(self) -> None:
        """Ring this bell alone, from any thread or from a signal handler."""


class Dispatcher(Protocol):
    """Carries rings between processes."""

    def check(self) -> None:
        """Asked before a transaction that submits jobs is committed: could a worker be told of them?

        Raises:
            Unavailable: no; the transaction is rolled back.
        """

    def ring(self, topic: Topic, kinds: Sequence[str] = ()) -> None:
        """Wake everybody who listens to ``topic``, after the transaction that gave the reason is committed.

        Args:
            topic: what it is about.
            kinds: with ``WORK``, the kind of each job that has begun to wait.

        Raises:
            Unavailable: the ring could not be sent. A job that was just submitted is then closed, and its
                submitter told so (``JobsService.transaction``).
        """

    def remind(self, kinds: Sequence[str]) -> None:
        """Ring for jobs that still wait, as far as the rings for them may have been lost.

        Args:
            kinds: the kind of each of them, or of the first hundred.

        Raises:
            Unavailable: as ``ring``.
        """

    def listen(self, topic: Topic) -> AbstractContextManager[Bell]:
        """A bell for ``topic`` that rings from the moment the block is entered until it is left."""

    def close(self) -> None:
        """Give back what it holds, if it holds anything."""
