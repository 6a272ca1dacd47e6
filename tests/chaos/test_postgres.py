"""A PostgreSQL that restarts again and again while jobs run and clients ask a server."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import httpx

from tests.chaos.load import Load
from tests.chaos.test_jobs import LEASE, disturbed
from tests.support.cameras import make_camera
from tests.support.exports import config, segment
from tests.support.farm import Farm
from tests.support.postgres import running_postgres
from tests.support.server import Server, running_server

Report = Callable[[str, Load], None]
PAUSE_SECONDS = 0.25


class Client:
    """Creates exports, each until it is accepted, and asks for their status, all the time."""

    def __init__(self, server: Server, seconds_of_camera: int = 2) -> None:
        self.outcomes: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.accepted: list[str] = []
        self._server = server
        self._camera = make_camera(server.media / "camera.mp4", seconds=Fraction(seconds_of_camera))
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask no more, and remove what was created: no worker here knows how to export."""
        self._stopped.set()
        self._thread.join(60)
        for export_id in self.accepted:
            assert self._server.http.delete(f"/api/export/{export_id}").status_code == 200, export_id

    def _run(self) -> None:
        while not self._stopped.is_set():
            wanted = config([self._camera], [segment(0, 0, 1)])
            while not self._stopped.wait(PAUSE_SECONDS):
                answer = self._server.http.post("/api/export", json=wanted)
                self._note(answer, "create")
                if answer.is_success:
                    self.accepted.append(answer.json()["jobId"])
                    break
            for export_id in self.accepted[-1:]:
                self._note(self._server.http.get(f"/api/export/{export_id}/status"), "status")

    def _note(self, answer: httpx.Response, what: str) -> None:
        self.outcomes[f"{what} {answer.status_code}"] += 1
        is_right = answer.status_code == 200 or (
            answer.status_code == 503 and "retry-after" in answer.headers
        )
        if not is_right:
            self.wrong.append(f"{what} {answer.status_code} {answer.text}")


def test_postgres_is_restarted_again_and_again(
    tmp_path: Path, seconds: float, chance: random.Random, report: Report
) -> None:
    with running_postgres(durable=True) as postgres:
        url = postgres.make_database()
        farm = Farm(tmp_path / "farm", database_url=url)
        try:
            for _ in range(2):
                farm.start(lease_seconds=LEASE, kinds="test.busy")
            load = Load(farm, chance)
            settings = {"VIDEOCRAFT_DATABASE_URL": url}
            with running_server(tmp_path / "api", workers=0, environment=settings) as server:
                client = Client(server)

                def restart() -> None:
                    chance.choice([postgres.daemon.kill, postgres.daemon.stop])()
                    postgres.daemon.start()

                # A lease that ends while the database is away costs an attempt, and the third one the job.
                disturbed(load, seconds, restart, (1.5, max(4.0, seconds / 7.5)), before_settling=client.stop)
            report("postgres_restarted", load)
            print(f"clients: {dict(client.outcomes)}")
            assert client.wrong == []
            assert client.accepted
        finally:
            farm.close()
