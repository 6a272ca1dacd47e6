"""What a room does now and then: at once, again, and in spite of errors."""

from __future__ import annotations

import asyncio
import threading

import pytest

from videocraft.apis.chores import every


def test_it_is_done_at_once_and_again_in_spite_of_errors() -> None:
    times = threading.Semaphore(0)

    def chore() -> None:
        times.release()
        raise OSError("can't be reached")

    async def room() -> None:
        async with every(0.001, chore, "test"):
            for _ in range(3):
                await asyncio.to_thread(times.acquire, timeout=10)

    asyncio.run(room())


@pytest.mark.parametrize(("at_end", "expected"), [(False, 1), (True, 2)])
def test_the_end_waits_for_no_turn(at_end: bool, expected: int) -> None:
    done: list[int] = []

    async def room() -> None:
        begun = asyncio.Event()
        loop = asyncio.get_running_loop()

        def chore() -> None:
            done.append(1)
            loop.call_soon_threadsafe(begun.set)

        async with every(3600, chore, "test", at_end=at_end):
            await begun.wait()

    asyncio.run(room())
    assert len(done) == expected
