"""A server killed again and again while clients create: what was answered exists, and exists once."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from tests.support.cameras import Camera, make_camera
from tests.support.exports import config, segment
from tests.support.server import Server, running_server
from videocraft.core.database import Database
from videocraft.core.database.models import Export, Job

CREATES = 2000
CLIENTS = 4
KEY = "chaos-key"
SETTINGS = {"VIDEOCRAFT_API_KEY": KEY, "VIDEOCRAFT_CSRF": "off", "VIDEOCRAFT_RATE_LIMIT": "0"}
PATIENCE_SECONDS = 60.0

Create = Callable[[httpx.Client, int], httpx.Response]


class Creator:
    """Clients that create numbered things, each until it is answered; keeps what they were told."""

    def __init__(self, creates: list[Create]) -> None:
        self.creates = creates
        self.address = ""
        self.told: dict[int, set[str]] = defaultdict(set)
        self.outcomes: Counter[str] = Counter()
        self.failures: list[str] = []
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def run(self, count: int) -> list[threading.Thread]:
        """Create ``count`` things in threads that are returned."""
        threads = [threading.Thread(target=self._work, args=(count,), daemon=True) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        return threads

    def again(self, count: int) -> None:
        """Send everything once more."""
        with _client() as client:
            for number in range(count):
                self._create(client, number)

    def _work(self, count: int) -> None:
        with _client() as client:
            while (number := next(self._numbers)) < count:
                self._create(client, number)

    def _create(self, client: httpx.Client, number: int) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            client.base_url = httpx.URL(self.address)
            try:
                answer = self.creates[number % len(self.creates)](client, number)
            except httpx.TransportError as error:
                self.outcomes[type(error).__name__] += 1
                time.sleep(0.05)
                continue
            self.outcomes[str(answer.status_code)] += 1
            if answer.is_success:
                body = answer.json()
                with self._lock:
                    self.told[number].add(body.get("jobId") or body["data"]["job_id"])
            else:
                self.failures.append(answer.text)
            return
        self.failures.append(f"number {number} was never answered")


def _client() -> httpx.Client:
    return httpx.Client(timeout=30, trust_env=False, headers={"Authorization": f"Bearer {KEY}"})


def _create_export(camera: Camera) -> Create:
    configs: dict[int, Any] = {}

    def create(client: httpx.Client, number: int) -> httpx.Response:
        # The very same request each time: its id is what makes it safe to send again.
        wanted = configs.setdefault(number, config([camera], [segment(0, 0, 1)]) | {"id": f"export-{number}"})
        return client.post("/api/export", json=wanted)

    return create


def _create_video(client: httpx.Client, number: int) -> httpx.Response:
    scene = {"duration": 1, "elements": [{"type": "text", "text": f"Number {number}"}]}
    return client.post(
        "/api/v1/generate-video", json={"scenes": [scene]}, headers={"Idempotency-Key": f"create-{number}"}
    )


def test_every_answer_is_true_and_nothing_is_made_twice(tmp_path: Path, chance: random.Random) -> None:
    data_dir = tmp_path / "data"
    (data_dir / "media").mkdir(parents=True)
    camera = make_camera(data_dir / "media" / "camera.mp4", seconds=Fraction(2))
    creator = Creator([_create_export(camera), _create_video])
    kills = 0
    with ExitStack() as stack:
        server = _start(stack, data_dir, creator)
        threads = creator.run(CREATES)
        while any(thread.is_alive() for thread in threads):
            threads[0].join(chance.uniform(0.3, 3.0))
            if any(thread.is_alive() for thread in threads):
                server.process.kill()
                server.process.wait()
                kills += 1
                server = _start(stack, data_dir, creator)
        creator.again(CREATES)
        _check_all_exist(server, creator)
    print(f"creates: {CREATES}, kills: {kills}, answers: {dict(creator.outcomes)}")
    assert creator.failures == []
    assert len(creator.told) == CREATES
    assert {number: ids for number, ids in creator.told.items() if len(ids) != 1} == {}
    assert kills >= 3
    database = Database(f"sqlite:///{data_dir / 'videocraft.db'}")
    with database.read() as session:
        families = dict(session.execute(select(Job.family, func.count()).group_by(Job.family)).all())
        assert families == {"exports": CREATES // 2, "videos": CREATES // 2}
        assert session.scalar(select(func.count()).select_from(Export)) == CREATES // 2
    database.dispose()


def _start(stack: ExitStack, data_dir: Path, creator: Creator) -> Server:
    server = stack.enter_context(running_server(data_dir, workers=0, environment=SETTINGS))
    creator.address = server.address
    return server


def _check_all_exist(server: Server, creator: Creator) -> None:
    server.http.headers["Authorization"] = f"Bearer {KEY}"
    for number, ids in creator.told.items():
        paths = ("/api/export/{}/status", "/api/v1/jobs/{}/status")
        for one in ids:
            answer = server.http.get(paths[number % 2].format(one))
            assert answer.status_code == 200, (number, one, answer.text)
