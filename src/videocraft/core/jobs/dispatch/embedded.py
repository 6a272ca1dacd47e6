"""Dispatch between the processes of one machine, by named pipes and without a broker.

Each listener has a pipe of its own in one folder; a ring writes a byte into every pipe of the topic. (A Unix
socket would do as well, but its path may not be longer than about 100 bytes.)
"""

from __future__ import annotations

import errno
import os
import select
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from videocraft.core.jobs.dispatch.base import Topic


class FifoBell:
    """The reading end of a pipe, and a writing end of it.

    Without the latter the pipe would report "hung up" as soon as the first writer has left, and every wait
    would end at once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        # Whoever rings takes a pipe that nobody reads for one that a dead process left, and removes it: so
        # the pipe gets its real name only once it is open.
        hidden = path.with_name(f".{path.name}")
        os.mkfifo(hidden, 0o600)
        self._reader = os.open(hidden, os.O_RDONLY | os.O_NONBLOCK)
        self._writer = os.open(hidden, os.O_WRONLY | os.O_NONBLOCK)
        hidden.rename(path)
        self._poll = select.poll()
        self._poll.register(self._reader, select.POLLIN)

    def wait(self, timeout_seconds: float) -> bool:
        """Wait until somebody rings, at most so many seconds."""
        if not self._poll.poll(max(0.0, timeout_seconds) * 1000):
            return False
        with suppress(BlockingIOError):
            while os.read(self._reader, 65536):
                pass
        return True

    def wake(self) -> None:
        """Ring this bell alone."""
        # A full pipe has rung already.
        with suppress(BlockingIOError):
            os.write(self._writer, b"\0")

    def close(self) -> None:
        """Remove the pipe."""
        self._path.unlink(missing_ok=True)
        os.close(self._writer)
        os.close(self._reader)


class EmbeddedDispatcher:
    """Rings every listener that has a pipe in ``folder``. It never fails: a lost ring costs a few seconds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def close(self) -> None:
        """Pipes belong to those who listen."""

    def check(self) -> None:
        """There is no broker that could be away."""

    def remind(self, kinds: Sequence[str]) -> None:
        """Wake every worker."""
        self.ring(Topic.WORK, kinds)

    def ring(self, topic: Topic, kinds: Sequence[str] = ()) -> None:  # noqa: ARG002 - all are woken
        """Wake everybody who listens to ``topic``, workers for whatever kind of job."""
        try:
            names = os.listdir(self._folder)  # noqa: PTH208 - names alone, on the path of every submission
        except FileNotFoundError:
            return
        for name in names:
            if name.startswith(f"{topic}-"):
                _ring(self._folder / name)

    @contextmanager
    def listen(self, topic: Topic) -> Iterator[FifoBell]:
        """A bell for ``topic``, with a pipe that is there until the block is left."""
        self._folder.mkdir(parents=True, exist_ok=True)
        bell = FifoBell(self._folder / f"{topic}-{os.getpid()}-{uuid4().hex}")
        try:
            yield bell
        finally:
            bell.close()


def _ring(pipe: Path) -> None:
    try:
        writer = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        # ENXIO: nobody reads it, so its process is dead. Any other trouble (it is gone already, it belongs to
        # another user) costs that listener a few seconds, until it looks by itself.
        if error.errno == errno.ENXIO:
            pipe.unlink(missing_ok=True)
        return
    try:
        os.write(writer, b"\0")
    except (BlockingIOError, BrokenPipeError):
        pass  # it is full, so it has rung already; or its reader has just left
    finally:
        os.close(writer)
