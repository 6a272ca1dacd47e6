"""Threads that do one work together: the first that fails stops the others."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from videocraft.media.process import Stopped

P = ParamSpec("P")
R = TypeVar("R")


class Crew:
    """A pool for pieces of one work, as a context manager that ends when all of them have.

    Leaving it raises what went wrong first; pieces that had not begun then never do, and those under way
    learn it from ``stopped`` or ``check``.
    """

    def __init__(self, threads: int, name: str, should_stop: Callable[[], bool]) -> None:
        """``name`` is what its threads are called; ``should_stop`` is asked from several of them."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._should_stop = should_stop
        self._failed = threading.Event()
        self._futures: list[Future[Any]] = []

    def submit(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Have a piece of work done, in the order of the calls."""

        def piece() -> R:
            self.check()
            try:
                return work(*args, **kwargs)
            except BaseException:
                self._failed.set()
                raise

        # In the context of whoever called: its trace, and the ids in its logs.
        future = self._pool.submit(contextvars.copy_context().run, piece)
        self._futures.append(future)
        return future

    def stopped(self) -> bool:
        """Whether a piece has failed, or the whole is to stop."""
        return self._failed.is_set() or self._should_stop()

    def check(self) -> None:
        """Go on only if nothing speaks against it.

        Raises:
            process.Stopped: see ``stopped``.
        """
        if self.stopped():
            raise Stopped

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self._failed.set()
        self._pool.shutdown()
        if error is not None:
            return
        errors = [failure for future in self._futures if (failure := future.exception()) is not None]
        if errors:
            # The others were stopped because of the first; their Stopped is not the story.
            raise min(errors, key=lambda failure: isinstance(failure, Stopped))
