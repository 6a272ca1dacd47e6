"""Listeners to one stream share what they read, and none misses what happened in between."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any
from unittest.mock import Mock, patch

import pytest
from sqlalchemy.exc import OperationalError, ProgrammingError

from videocraft.apis import hub as hub_module
from videocraft.apis.hub import Hub

STREAM = "session:1"


class Source:
    """Something to read that a test holds up."""

    def __init__(self) -> None:
        self.times = 0
        self.go_on = threading.Event()
        self.go_on.set()
        self.begun = threading.Event()

    def read(self) -> int:
        """How often this was called."""
        self.times += 1
        times = self.times
        self.begun.set()
        assert self.go_on.wait(20)
        return times


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scenario, 30))


def make_hub() -> Hub:
    """A hub whose thread is never started: tests ring by hand."""
    made = Hub(Mock(name="services"))
    made._thread = threading.current_thread()
    return made


def test_reads_of_the_same_are_one_read() -> None:
    async def scenario() -> None:
        source, made = Source(), make_hub()
        with made.listening(STREAM) as one, made.listening(STREAM) as two:
            source.go_on.clear()
            reads = [asyncio.create_task(each.read(7, source.read)) for each in (one, two, one)]
            other = asyncio.create_task(two.read(8, source.read))
            await asyncio.to_thread(source.begun.wait)
            source.go_on.set()
            assert len({await read for read in reads}) == 1
            await other
            assert source.times == 2

    run(scenario())


def test_who_was_told_of_news_does_not_join_an_older_read() -> None:
    async def scenario() -> None:
        source, made = Source(), make_hub()
        with made.listening(STREAM) as one, made.listening(STREAM) as two:
            source.go_on.clear()
            older = asyncio.create_task(one.read(7, source.read))
            await asyncio.to_thread(source.begun.wait)
            made._tell([STREAM, "session:of-nobody"])
            assert two.news.is_set()
            newer = asyncio.create_task(two.read(7, source.read))
            await asyncio.sleep(0)
            source.go_on.set()
            assert (await older, await newer) == (1, 2)

    run(scenario())


def test_one_who_leaves_takes_nobodys_read_along() -> None:
    async def scenario() -> None:
        source, made = Source(), make_hub()
        with made.listening(STREAM) as one, made.listening(STREAM) as two:
            source.go_on.clear()
            leaving = asyncio.create_task(one.read(7, source.read))
            staying = asyncio.create_task(two.read(7, source.read))
            await asyncio.to_thread(source.begun.wait)
            leaving.cancel()
            source.go_on.set()
            assert await staying == 1
            with pytest.raises(asyncio.CancelledError):
                await leaving

    run(scenario())


def test_a_database_that_is_away_is_waited_for_and_a_bug_is_not() -> None:
    async def scenario() -> None:
        away = OperationalError("SELECT 1", None, Exception("the server closed the connection"))
        bug = ProgrammingError("SELECT x", None, Exception("no such column"))
        made, read = make_hub(), Mock(side_effect=[away, away, "news", bug])
        with made.listening(STREAM) as one, patch.object(hub_module, "LOOK_SECONDS", 0.0):
            assert await one.read(7, read) == "news"
            with pytest.raises(ProgrammingError):
                await one.read(7, read)

    run(scenario())


def test_nothing_is_kept_of_those_who_left() -> None:
    async def scenario() -> None:
        made = make_hub()
        with made.listening(STREAM) as one:
            made._tell([STREAM])
            await one.read(7, lambda: None)
        await asyncio.sleep(0)
        assert (made._listeners, dict(made._rounds), made._reads) == ({}, {}, {})

    run(scenario())
