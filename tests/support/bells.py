"""A dispatcher that a test can listen to, and break."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from videocraft.core.jobs.dispatch.base import Topic
from videocraft.errors import Unavailable


class EventBell:
    """A bell inside one process."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def wait(self, timeout_seconds: float) -> bool:
        rang = self._event.wait(timeout_seconds)
        self._event.clear()
        return rang

    def wake(self) -> None:
        self._event.set()


class RecordingDispatcher:
    """Keeps what rang; listeners of the same process hear it. Topics in ``broken`` can't be rung."""

    def __init__(self) -> None:
        self.rings: list[Topic] = []
        self.broken: set[Topic] = set()
        self._bells: list[tuple[Topic, EventBell]] = []

    def close(self) -> None:
        """It holds nothing."""

    def check(self) -> None:
        """Rings fail, if they do, after the commit."""

    def remind(self, kinds: Sequence[str]) -> None:
        self.ring(Topic.WORK, kinds)

    def ring(self, topic: Topic, kinds: Sequence[str] = ()) -> None:
        if topic in self.broken:
            raise Unavailable("The queue can't be reached.")
        self.rings.append(topic)
        for heard, bell in list(self._bells):
            if heard == topic:
                bell.wake()

    @contextmanager
    def listen(self, topic: Topic) -> Iterator[EventBell]:
        bell = EventBell()
        self._bells.append((topic, bell))
        yield bell
        self._bells.remove((topic, bell))
