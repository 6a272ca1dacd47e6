"""Several machines of one installation: servers and workers that share PostgreSQL, Redis and a bucket.

Each is a process of its own with a data directory of its own; nothing else connects them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.memory import descendants
from tests.support.postgres import Postgres
from tests.support.redis_server import RedisServer
from tests.support.s3_server import ACCESS_KEY, SECRET_KEY, S3Server
from tests.support.server import Server, process_environment, running_server, wait_until
from videocraft.services import Services
from videocraft.settings import Settings

KEY = "key-of-all-nodes"
SECRET = "secret-of-all-nodes-" + "x" * 20
START_SECONDS = 60.0
STOP_SECONDS = 30.0


@dataclass(frozen=True)
class WorkerNode:
    """A machine with one worker process."""

    pool: subprocess.Popen[bytes]
    data_dir: Path

    @property
    def workers(self) -> list[int]:
        """The process that works, while there is one: it is started again when it dies."""
        return descendants(self.pool.pid)[:1]

    def lose(self) -> None:
        """Let the whole machine lose its power."""
        for pid in [self.pool.pid, *descendants(self.pool.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.pool.wait(STOP_SECONDS)


@dataclass
class Cluster:
    """What all machines are told; ``settings`` are further ones."""

    folder: Path
    postgres: Postgres
    redis: RedisServer
    s3: S3Server
    settings: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bucket = self.s3.make_bucket()
        self.environment = {
            "VIDEOCRAFT_DATABASE_URL": self.postgres.make_database(),
            "VIDEOCRAFT_QUEUE_URL": self.redis.url,
            "VIDEOCRAFT_STORAGE_URL": f"s3://{self.bucket}/all",
            "VIDEOCRAFT_S3_ENDPOINT_URL": self.s3.endpoint,
            "VIDEOCRAFT_S3_ACCESS_KEY": ACCESS_KEY,
            "VIDEOCRAFT_S3_SECRET_KEY": SECRET_KEY,
            "VIDEOCRAFT_SECRET": SECRET,
            "VIDEOCRAFT_API_KEY": KEY,
            **self.settings,
        }

    @contextmanager
    def api(self, name: str) -> Iterator[Server]:
        """A machine with a server, until the block ends; its client shows the key."""
        with running_server(self.folder / name, workers=0, environment=self.environment) as server:
            server.http.headers["Authorization"] = f"Bearer {KEY}"
            yield server

    @contextmanager
    def worker(self, name: str) -> Iterator[WorkerNode]:
        """A machine with one worker, until the block ends."""
        data_dir = self.folder / name
        command = [sys.executable, "-m", "videocraft", "worker", "--data-dir", str(data_dir)]
        with (self.folder / f"{name}.log").open("wb") as log:
            pool = subprocess.Popen(
                [*command, "--concurrency", "1"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=process_environment(self.environment),
            )
        node = WorkerNode(pool, data_dir)
        try:
            wait_until(lambda: bool(node.workers), START_SECONDS, f"the start of {name}")
            yield node
        finally:
            if pool.poll() is None:
                pool.send_signal(signal.SIGTERM)
                try:
                    pool.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    node.lose()
                    raise

    @contextmanager
    def inside(self, name: str) -> Iterator[Services]:
        """What a process of one more machine works with, for tests that play its part themselves."""
        names = {key.removeprefix("VIDEOCRAFT_").lower(): value for key, value in self.environment.items()}
        services = Services.open(Settings(data_dir=self.folder / name, **names))  # type: ignore[arg-type] # parsed
        try:
            yield services
        finally:
            services.close()
