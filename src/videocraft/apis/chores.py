"""What a room does now and then beside its requests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import structlog
from starlette.concurrency import run_in_threadpool

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@contextlib.asynccontextmanager
async def every(
    seconds: float, chore: Callable[[], object], name: str, *, at_end: bool = False
) -> AsyncIterator[None]:
    """While the block runs, do ``chore`` in a thread: at once, and again every ``seconds``.

    What it raises is logged under ``name``; it is tried again the next time.

    Args:
        at_end: do it once more after the block, for what has gathered since.
    """
    closing = asyncio.Event()
    task = asyncio.create_task(_until(closing, seconds, chore, name))
    try:
        yield
    finally:
        closing.set()
        await task  # what is going on still needs what the server closes next
        if at_end:
            await _do(chore, name)


async def _until(closing: asyncio.Event, seconds: float, chore: Callable[[], object], name: str) -> None:
    while not closing.is_set():
        await _do(chore, name)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(closing.wait(), seconds)


async def _do(chore: Callable[[], object], name: str) -> None:
    try:
        await run_in_threadpool(chore)
    except Exception:  # noqa: BLE001 - the chore's border: what can't be reached now may be later
        _log.exception("a chore failed", chore=name)
