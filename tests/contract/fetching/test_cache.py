"""Bytes travel again only when they have changed, and what is kept is bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from tests.contract.fetching.conftest import LIMITS, PNG
from tests.support.web import Exchange, Web, web
from videocraft.core.fetching import fetch_source
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.outcomes import JobStopped
from videocraft.core.storage.fetch import DownloadFailed, Fetcher

OTHER = PNG + b"other"


class Shop:
    """A server's file, which the test can change; it answers conditional requests as it is told to."""

    def __init__(self) -> None:
        self.body = PNG
        self.etag: str | None = '"1"'
        self.modified: str | None = None
        self.status = "200 OK"

    def __call__(self, exchange: Exchange) -> None:
        facts = {"ETag": self.etag, "Last_Modified": self.modified}
        headers = {name: value for name, value in facts.items() if value}
        asked = (exchange.header("If-None-Match"), exchange.header("If-Modified-Since"))
        if self.status == "200 OK" and (
            (self.etag and asked[0] == self.etag) or (self.modified and asked[1] == self.modified)
        ):
            exchange.respond(status="304 Not Modified", **headers)
        else:
            exchange.respond(self.body, status=self.status, **headers)


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def server(shop: Shop) -> Iterator[Web]:
    with web(shop) as server:
        yield server


class World:
    """A data directory and jobs in it."""

    def __init__(self, root: Path, server: Web) -> None:
        self.root = root
        self.url = f"http://127.0.0.1:{server.port}/a.png"
        self.cache_bytes = 10_000
        self.fetcher = Fetcher(LIMITS, frozenset({("127.0.0.1", server.port)}))
        self._jobs = 0

    def job(self, *, should_stop: Callable[[], bool] = lambda: False) -> JobContext:
        """The part of a job's context that fetching uses."""
        self._jobs += 1
        workdir = self.root / f"job-{self._jobs}"
        workdir.mkdir()

        def check() -> None:
            if should_stop():
                raise JobStopped

        settings = SimpleNamespace(data_dir=self.root, fetch_cache_bytes=self.cache_bytes)
        context = SimpleNamespace(workdir=workdir, settings=settings, should_stop=should_stop, check=check)
        return cast("JobContext", context)

    def fetch(self, path: str = "") -> bytes:
        """The file as a new job gets it."""
        return fetch_source(self.job(), self.url + path, fetcher=self.fetcher).read_bytes()

    def kept(self) -> list[Path]:
        return sorted((self.root / "sources" / "files").iterdir())


@pytest.fixture
def world(tmp_path: Path, server: Web) -> World:
    return World(tmp_path, server)


@pytest.mark.parametrize("validator", ["etag", "modified"])
def test_a_file_is_sent_once_and_asked_about_each_time(
    world: World, shop: Shop, server: Web, validator: str
) -> None:
    if validator == "modified":
        shop.etag, shop.modified = None, "Mon, 01 Jan 2024 00:00:00 GMT"
    assert [world.fetch(), world.fetch(), world.fetch()] == [PNG] * 3
    sent = ("If-None-Match", '"1"') if validator == "etag" else ("If-Modified-Since", shop.modified)
    assert [request.header(sent[0]) for request in server.requests] == [None, sent[1], sent[1]]
    assert len(world.kept()) == 1


def test_another_file_under_the_same_url_is_fetched(world: World, shop: Shop) -> None:
    assert world.fetch() == PNG
    shop.body, shop.etag = OTHER, '"2"'
    assert [world.fetch(), world.fetch()] == [OTHER, OTHER]
    assert len(world.kept()) == 2


def test_without_validators_it_is_fetched_again(world: World, shop: Shop) -> None:
    shop.etag = None
    assert world.fetch() == PNG
    shop.body = OTHER
    assert world.fetch() == OTHER


def test_a_server_that_takes_the_file_away_takes_it_from_us(world: World, shop: Shop) -> None:
    world.fetch()
    shop.status = "403 Forbidden"
    with pytest.raises(DownloadFailed, match="the server does not allow it"):
        world.fetch()


def test_one_job_sees_one_file_under_one_url(world: World, shop: Shop) -> None:
    job = world.job()
    first = fetch_source(job, world.url, fetcher=world.fetcher)
    shop.body, shop.etag = OTHER, '"2"'
    second = fetch_source(job, world.url, fetcher=world.fetcher)
    assert (first, second.read_bytes()) == (second, PNG)


def test_what_is_kept_must_also_be_of_the_wanted_kind(world: World) -> None:
    job = world.job()
    fetch_source(job, world.url, fetcher=world.fetcher)
    for context in (job, world.job()):
        with pytest.raises(DownloadFailed, match="it is a picture, not sound"):
            fetch_source(context, world.url, ("audio",), fetcher=world.fetcher)


def test_the_longest_unused_go_when_there_is_no_room(world: World, shop: Shop, server: Web) -> None:
    world.cache_bytes = 2 * len(OTHER) + 10
    bodies = {}
    for path in ("?1", "?2", "?1", "?3"):
        shop.body = bodies.setdefault(path, PNG + path.encode())
        assert world.fetch(path) == bodies[path]
    assert sorted(path.read_bytes() for path in world.kept()) == [bodies["?1"], bodies["?3"]]
    assert len(list((world.root / "sources" / "urls").iterdir())) == 2
    before = len(server.requests)
    shop.body = bodies["?2"]
    assert world.fetch("?2") == bodies["?2"]
    assert server.requests[before].header("If-None-Match") is None


def test_what_is_larger_than_the_cache_is_not_kept(world: World) -> None:
    world.cache_bytes = 10
    assert world.fetch() == PNG
    assert world.kept() == []


def test_a_job_keeps_its_file_when_the_cache_drops_it(world: World) -> None:
    path = fetch_source(world.job(), world.url, fetcher=world.fetcher)
    for kept in world.kept():
        kept.unlink()
    assert path.read_bytes() == PNG
    assert world.fetch() == PNG


def test_a_job_that_is_to_end_ends(world: World) -> None:
    with pytest.raises(JobStopped):
        fetch_source(world.job(should_stop=lambda: True), world.url, fetcher=world.fetcher)
