"""Two servers and three workers, each a machine of its own, of which one after the other is lost."""

from __future__ import annotations

import itertools
import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import ExitStack, closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from tests.support.cameras import Camera, make_camera
from tests.support.exports import ENDED, Exports, assert_right, config, segment
from tests.support.nodes import KEY, Cluster, WorkerNode
from tests.support.postgres import Postgres
from tests.support.redis_server import RedisServer
from tests.support.s3_server import S3Server
from tests.support.server import Server, wait_until
from videocraft.core.database.models import Event, Job
from videocraft.services import Services

LEASE = "4"
WORKERS = 3
SUBMIT_EVERY_SECONDS = 0.7
SETTLE_SECONDS = 180.0


class Balancer:
    """Sends each request to the first server that takes its connection."""

    def __init__(self, servers: list[Server]) -> None:
        self.servers = servers
        self.lost: list[str] = []
        self._http = httpx.Client(timeout=60, trust_env=False, headers={"Authorization": f"Bearer {KEY}"})

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response | None:
        for server in list(self.servers):
            try:
                return self._http.request(method, f"{server.address}{path}", **more)
            except httpx.ConnectError:
                continue  # refused: it is gone, and has not seen the request
            except httpx.TransportError as error:
                self.lost.append(f"{method} {path}: {error!r}")
                return None
        self.lost.append(f"{method} {path}: nobody there")
        return None


class Submitter:
    """Submits exports, steadily."""

    def __init__(self, balancer: Balancer, camera: Camera, chance: random.Random) -> None:
        self.wanted: list[dict[str, Any]] = []
        self._balancer = balancer
        self._camera = camera
        self._chance = chance
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(60)

    def _run(self) -> None:
        while not self._stopped.wait(SUBMIT_EVERY_SECONDS):
            start = self._chance.randrange(20) / 10
            wanted = config([self._camera], [segment(0, start, start + 1.5)], codec="h264")
            answer = self._balancer.ask("POST", "/api/export", json=wanted)
            if answer is not None:
                if answer.is_success:
                    self.wanted.append(wanted)
                else:
                    self._balancer.lost.append(answer.text)


def test_machines_may_be_lost_but_no_request_and_no_job(
    tmp_path: Path,
    seconds: float,
    chance: random.Random,
    postgres: Postgres,
    redis_server: RedisServer,
    s3_server: S3Server,
) -> None:
    settings = {
        "VIDEOCRAFT_JOB_LEASE_SECONDS": LEASE,
        "VIDEOCRAFT_RATE_LIMIT": "0",
        "VIDEOCRAFT_OPEN_APIS": "",
    }
    cluster = Cluster(tmp_path, postgres, redis_server, s3_server, settings)
    faults: Counter[str] = Counter()
    with ExitStack() as stack:
        services = stack.enter_context(cluster.inside("operator"))
        camera = make_camera(tmp_path / "camera.mp4", seconds=Fraction(4))
        services.storage.put_file(camera.path, "camera.mp4")
        servers = [stack.enter_context(cluster.api(f"api-{n}")) for n in range(2)]
        workers = [stack.enter_context(cluster.worker(f"worker-{n}")) for n in range(WORKERS)]
        balancer = stack.enter_context(closing(Balancer(servers)))
        submitter = Submitter(balancer, camera, chance)
        end, started = time.monotonic() + seconds, WORKERS
        order = itertools.cycle(chance.sample(range(3), 3))
        while time.monotonic() < end or len(faults) < 3:
            time.sleep(chance.uniform(2.0, max(4.0, seconds / 7.5)))
            match next(order):
                case 0:
                    _kill_a_worker(chance.choice(workers))
                    faults["workers killed"] += 1
                case 1:
                    victim = workers.pop(chance.randrange(len(workers)))
                    victim.lose()
                    workers.append(stack.enter_context(cluster.worker(f"worker-{started}")))
                    faults["worker machines lost"] += 1
                case _:
                    leaving = servers[faults["servers stopped"] % 2]
                    replacement = stack.enter_context(cluster.api(f"api-{started}"))
                    leaving.process.send_signal(signal.SIGTERM)
                    leaving.process.wait(40)
                    servers[servers.index(leaving)] = replacement
                    faults["servers stopped"] += 1
            started += 1
        submitter.stop()
        _check(servers[0], services, submitter.wanted, camera, tmp_path)
        figures = _figures(services)
    print(f"nodes: {dict(faults)}, exports: {len(submitter.wanted)}, {figures}")
    assert balancer.lost == []


def _kill_a_worker(node: WorkerNode) -> None:
    for pid in node.workers:
        os.kill(pid, signal.SIGKILL)


def _check(
    server: Server, services: Services, wanted: list[dict[str, Any]], camera: Camera, folder: Path
) -> None:
    """Every export that was accepted is completed, once."""
    exports = Exports(server, folder)
    for one in wanted:
        wait_until(
            lambda one=one: exports.status(one["id"])["status"] in ENDED,  # type: ignore[misc]
            SETTLE_SECONDS,
            f"the end of {one['id']}",
        )
        status = exports.status(one["id"])
        assert status["status"] == "completed", status
    for one in wanted[:: max(1, len(wanted) // 3)]:
        assert_right(exports.finish(one["id"], one), [camera])
    with services.database.read() as session:
        ended = session.execute(
            select(Event.stream, func.count()).where(Event.type == "job.completed").group_by(Event.stream)
        ).all()
    assert len(ended) == len(wanted)
    assert {count for _, count in ended} <= {1}


def _figures(services: Services) -> dict[str, int]:
    with services.database.read() as session:
        attempts, lost = session.execute(select(func.sum(Job.epoch), func.sum(Job.lost))).one()
    return {"attempts": attempts, "workers lost": lost}
