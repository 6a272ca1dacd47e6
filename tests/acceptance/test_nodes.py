"""Two servers of one installation: what one of them knows the other knows too, and either may go."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.support.nodes import KEY, Cluster
from tests.support.postgres import Postgres
from tests.support.redis_server import RedisServer
from tests.support.s3_server import S3Server
from tests.support.server import Server, wait_until
from videocraft.apis.sessions import stream
from videocraft.apis.sessions.service import jobs_of
from videocraft.services import Services

# Three servers of others and two of ours have to start for it.
pytestmark = pytest.mark.slow

LIMIT = 12
EVENTS = 40
SESSION = {"title": "Two nodes", "date": "2026-02-03", "projectId": "nodes"}


@pytest.fixture(scope="module")
def cluster(
    tmp_path_factory: pytest.TempPathFactory,
    postgres: Postgres,
    redis_server: RedisServer,
    s3_server: S3Server,
) -> Cluster:
    settings = {"VIDEOCRAFT_RATE_LIMIT": str(LIMIT)}
    return Cluster(tmp_path_factory.mktemp("cluster"), postgres, redis_server, s3_server, settings)


@pytest.fixture(scope="module")
def servers(cluster: Cluster) -> Iterator[list[Server]]:
    with ExitStack() as stack:
        yield [stack.enter_context(cluster.api(name)) for name in ("first", "second")]


@pytest.fixture
def worker(cluster: Cluster) -> Iterator[Services]:
    """What a worker on a third machine has."""
    with cluster.inside("worker") as services:
        yield services


def test_a_token_of_one_server_is_good_on_the_other(servers: list[Server]) -> None:
    first, second = (server.http for server in servers)
    token = first.get("/api/v1/csrf-token").json()["data"]["csrf_token"]
    assert second.delete("/api/v1/videos/none").status_code == 403
    assert second.delete("/api/v1/videos/none", headers={"X-CSRF-Token": token}).status_code == 404


def test_the_servers_count_requests_together(servers: list[Server]) -> None:
    answers = [servers[number % 2].http.get("/api/v1/videos") for number in range(LIMIT + 4)]
    allowed = [answer for answer in answers if answer.status_code == 200]
    # One request of the test above was counted too, if it ran.
    assert LIMIT - 2 <= len(allowed) <= LIMIT
    remaining = [int(answer.headers["x-ratelimit-remaining"]) for answer in allowed]
    assert remaining == list(range(len(allowed) - 1, -1, -1))
    assert {answer.status_code for answer in answers[-4:]} == {429}


def test_listeners_on_both_hear_everything_in_order_and_one_server_may_go(
    servers: list[Server], worker: Services
) -> None:
    made = servers[0].http.post("/v2/sessions", json=SESSION)
    session_id = made.json()["id"]
    listeners = [Listener(servers, number, session_id) for number in (0, 1, 1)]
    sent = 0

    def tell(count: int) -> None:
        nonlocal sent
        for _ in range(count):
            sent += 1
            with jobs_of(worker).transaction() as session:
                stream.announce(session, session_id, "sync.computing", {"progress": sent})

    tell(EVENTS // 2)
    for listener in listeners:
        wait_until(lambda one=listener: len(one.seqs) >= EVENTS // 2, 30, "the first half")  # type: ignore[misc]
    creations = Creations(servers)
    wait_until(lambda: len(creations.ids) >= 10, 30, "the first sessions")
    servers[0].process.send_signal(signal.SIGTERM)
    tell(EVENTS // 2)
    servers[0].process.wait(30)
    after = len(creations.ids)
    wait_until(lambda: len(creations.ids) >= after + 5, 30, "sessions that the other server makes")
    creations.stop()
    for listener in listeners:
        wait_until(lambda one=listener: len(one.seqs) >= EVENTS, 30, "the second half")  # type: ignore[misc]
        listener.stop()
        assert listener.seqs == list(range(1, EVENTS + 1))
        assert listener.values == list(range(1, EVENTS + 1))
    assert [listener.at for listener in listeners] == [1, 1, 1]
    assert creations.lost == []
    listed = servers[1].http.get("/v2/sessions?limit=1").json()
    assert listed["total"] == 1 + len(creations.ids)
    assert len(set(creations.ids)) == len(creations.ids)


class Listener:
    """Follows a session on one server, and on the other one when that is gone."""

    def __init__(self, servers: list[Server], at: int, session_id: str) -> None:
        self.at = at
        self.seqs: list[int] = []
        self.values: list[int] = []
        self._addresses = [server.address.replace("http", "ws") for server in servers]
        self._path = f"/v2/sessions/{session_id}/events"
        self._stopped = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped = True
        self._thread.join(30)

    def _run(self) -> None:
        while not self._stopped:
            since = self.seqs[-1] if self.seqs else 0
            url = f"{self._addresses[self.at]}{self._path}?since={since}"
            headers = {"Authorization": f"Bearer {KEY}"}
            with (
                contextlib.suppress(ConnectionClosed),
                connect(url, additional_headers=headers, proxy=None) as events,
            ):
                while not self._stopped:
                    with contextlib.suppress(TimeoutError):
                        self._note(json.loads(events.recv(timeout=0.2)))
                return
            self.at = 1

    def _note(self, event: dict[str, Any]) -> None:
        if event["event"] == "sync.computing":
            self.seqs.append(event["seq"])
            self.values.append(event["progress"])


class Creations:
    """Makes sessions, one after the other, on whichever server takes the connection."""

    def __init__(self, servers: list[Server]) -> None:
        self.ids: list[str] = []
        self.lost: list[str] = []
        self._servers = servers
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(3)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join(30)

    def _run(self) -> None:
        headers = {"Authorization": f"Bearer {KEY}"}
        with httpx.Client(timeout=30, trust_env=False, headers=headers) as client:
            while not self._stopped.wait(0.01):
                for server in self._servers:
                    try:
                        answer = client.post(f"{server.address}/v2/sessions", json=SESSION)
                    except httpx.ConnectError:
                        continue  # refused: it has not reached a server, and the next one is asked
                    except httpx.TransportError as error:
                        self.lost.append(repr(error))
                    else:
                        if answer.status_code != 201:
                            self.lost.append(answer.text)
                        self.ids.append(answer.json()["id"])
                    break
