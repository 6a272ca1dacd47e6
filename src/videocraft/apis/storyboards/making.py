"""What a storyboard's parts are made with: several at once, each tried again when that may help."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.outcomes import JobStopped
from videocraft.generation.base import GenerationStopped, ProviderError, ShouldStop

Order = TypeVar("Order")
Made = TypeVar("Made")

RETRIES = 3
"""How often what failed is asked for again."""

AT_ONCE = 4
"""Orders under way at the same time."""

PAUSE_SECONDS = 1.0
"""Before the first retry; twice as long before each further one."""


def each(
    context: JobContext, orders: Sequence[Order], make: Callable[[Order, ShouldStop], Made]
) -> Iterator[tuple[Order | None, Made | None]]:
    """Make what is ordered, in threads.

    Yields:
        ``(order, None)`` when one is begun, ``(None, made)`` when one is done.

    Raises:
        JobStopped: the job is to end; what is under way is given up.
    """
    given_up = threading.Event()

    def should_stop() -> bool:
        return given_up.is_set() or context.should_stop()

    def one(order: Order) -> Made:
        try:
            return make(order, should_stop)
        except GenerationStopped as stopped:
            raise JobStopped("The job is to stop: what it makes is not wanted any more.") from stopped

    waiting = list(orders)
    running: set[Future[Made]] = set()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="making") as pool:
        try:
            while waiting or running:
                while waiting and len(running) < AT_ONCE:
                    order = waiting.pop(0)
                    yield order, None
                    running.add(pool.submit(one, order))
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield None, future.result()
        finally:
            # Also when whoever asks for the results goes away: the pool waits for its threads.
            given_up.set()


def with_retries(make: Callable[[], Made], should_stop: ShouldStop) -> Made:
    """What ``make`` returns, in one of ``RETRIES`` + 1 tries.

    Raises:
        ProviderError: the last one's, or one that no further try would help.
        GenerationStopped: ``should_stop`` said so.
    """
    pause = threading.Event()
    attempt = 0
    while True:
        try:
            return make()
        except ProviderError as error:
            if not error.retryable or attempt == RETRIES:
                raise
        pause.wait(PAUSE_SECONDS * 2**attempt)
        attempt += 1
        if should_stop():
            raise GenerationStopped
