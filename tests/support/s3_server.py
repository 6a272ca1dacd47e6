"""A real S3 server (SeaweedFS) from its wheel."""

from __future__ import annotations

import itertools
import json
import signal
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.support.daemons import Daemon, free_ports
from videocraft.core.storage.links import Links
from videocraft.core.storage.s3 import S3Storage
from videocraft.core.storage.s3_client import S3Place
from videocraft.core.storage.scratch import ScratchCache

ACCESS_KEY = "videocraft"
SECRET_KEY = "videocraft-secret"
GRPC_OFFSET = 10_000
"""SeaweedFS takes a second port for each of its parts, so much above the first."""


class S3Server:
    """The server, with one account that may do everything."""

    def __init__(self, folder: Path) -> None:
        self._numbers = itertools.count(1)
        self._shared = ""
        master, volume, filer, self.port = free_ports(4, twin=GRPC_OFFSET)
        self.endpoint = f"http://127.0.0.1:{self.port}"
        config = folder / "s3.json"
        credentials = [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]
        account = {
            "name": "tests",
            "credentials": credentials,
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        config.write_text(json.dumps({"identities": [account]}))
        (folder / "data").mkdir()
        parts: dict[str, Any] = {
            "dir": folder / "data",
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "master.port": master,
            "master.volumeSizeLimitMB": 64,
            "master.telemetry": "false",
            "volume.port": volume,
            "volume.max": 64,
            "volume.preStopSeconds": 0,
            "filer.port": filer,
            "filer.localSocket": folder / "filer.sock",
            "s3.port": self.port,
            "s3.localSocket": folder / "s3.sock",
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
            "s3.config": config,
        }
        command = [
            str(Path(sysconfig.get_path("scripts")) / "weed"),
            "-logtostderr=true",
            "-v=0",
            "server",
            "-s3",
            "-filer",
        ]
        command += [f"-{name}={value}" for name, value in parts.items()]
        self.daemon = Daemon(command, folder / "log", self._answers, stop_signal=signal.SIGKILL)
        self.daemon.start()

    def client(self) -> Any:
        """A boto3 client of the server."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            region_name="us-east-1",
            config=Config(s3={"addressing_style": "path"}, connect_timeout=5, read_timeout=20),
        )

    def make_bucket(self) -> str:
        """Make a bucket and return its name."""
        name = f"test-{next(self._numbers)}"
        client = self.client()
        client.create_bucket(Bucket=name)
        client.close()
        return name

    def shared_bucket(self) -> str:
        """A bucket for all who keep to a prefix of their own: a new one costs the server room and time."""
        self._shared = self._shared or self.make_bucket()
        return self._shared

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.endpoint}/healthz", timeout=2).is_success
        except httpx.TransportError:
            return False


def open_bucket(
    server: S3Server,
    folder: Path,
    *,
    prefix: str = "",
    bucket: str = "",
    endpoint: str = "",
    secret_key: str = SECRET_KEY,
    redirect: bool = False,
    cache_bytes: int = 2**30,
) -> S3Storage:
    """Our storage on the server; ``folder`` is this machine's part of it."""
    place = S3Place(
        bucket=bucket or server.shared_bucket(),
        prefix=prefix,
        endpoint_url=endpoint or server.endpoint,
        access_key=ACCESS_KEY,
        secret_key=secret_key,
    )
    links = Links(b"k" * 32, "http://localhost:8000")
    scratch = ScratchCache(folder / "objects", cache_bytes)
    return S3Storage(place, links, scratch, folder / "parts", redirect=redirect)


@contextmanager
def running_s3() -> Iterator[S3Server]:
    """A server until the block ends."""
    with tempfile.TemporaryDirectory(prefix="videocraft-s3-", ignore_cleanup_errors=True) as folder:
        server = S3Server(Path(folder))
        try:
            yield server
        finally:
            server.daemon.stop()
