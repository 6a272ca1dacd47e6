"""The deployment page, followed with servers from wheels: settings, commands, the bucket, backup and restore.

What only root may do is replaced: the service's user, ``/etc`` and ``/opt``, and the ports. The packages are
those that the tests run on, and no proxy stands in front. PostgreSQL trusts everybody; Redis and S3 do not.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.daemons import free_ports
from tests.support.deployment_page import block, services
from tests.support.postgres import Postgres
from tests.support.redis_server import running_redis
from tests.support.s3_server import ACCESS_KEY, SECRET_KEY, S3Server
from tests.support.server import STOP_SECONDS, process_environment, wait_until
from videocraft import VideoCraftAPI
from videocraft.client.types import Project

# Three servers of others and two commands of ours have to start, and again after the restore.
pytestmark = pytest.mark.slow

BUCKET = "videocraft-media"
PASSWORD, ENCODED = "p@ss:w/rd%41", "p%40ss%3Aw%2Frd%2541"
FILM: Project = {
    "scenes": [{"elements": [{"type": "text", "text": "Kept", "duration": 1}]}],
    "resolution": "320x180",
}


@dataclass(frozen=True)
class Machine:
    """A machine that is set up as the page says."""

    command: Path
    database_url: str
    port: int
    folder: Path

    def run(self, *arguments: str) -> str:
        """What the page's ``videocraft`` prints."""
        done = subprocess.run(
            [self.command, *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=process_environment({}),
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def started(self) -> Iterator[str]:
        """Both services run, as their units start them; gives the server's address."""
        processes = []
        for number, arguments in enumerate(services()[:2]):
            given = [
                str(self.port) if one == "8000" else "127.0.0.1" if one == "0.0.0.0" else one
                for one in arguments
            ]
            with (self.folder / f"{number}.log").open("ab") as log:
                processes.append(
                    subprocess.Popen(
                        [self.command, *given], stdout=log, stderr=log, env=process_environment({})
                    )
                )
        try:
            address = f"http://127.0.0.1:{self.port}"
            wait_until(lambda: _is_ready(address), 60, "the start")
            yield address
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                assert process.wait(STOP_SECONDS) == 0


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/ready", trust_env=False).is_success
    except httpx.TransportError:
        return False


@pytest.fixture
def machine(tmp_path: Path, postgres: Postgres, s3_server: S3Server) -> Iterator[Machine]:
    postgres.execute(f"CREATE ROLE videocraft LOGIN PASSWORD '{PASSWORD}'")
    postgres.execute("CREATE DATABASE videocraft OWNER videocraft")
    with running_redis() as redis:
        with redis.client() as client:
            client.config_set("requirepass", PASSWORD)
        (port,) = free_ports(1)
        values = {
            "/var/lib/videocraft": str(tmp_path / "data"),
            "videocraft:PASSWORD@db.internal": f"videocraft:{ENCODED}@127.0.0.1:{postgres.port}",
            ":PASSWORD@redis.internal:6379": f":{ENCODED}@127.0.0.1:{redis.port}",
            "https://s3.internal": s3_server.endpoint,
            "ACCESS_KEY=…": f"ACCESS_KEY={ACCESS_KEY}",
            "S3_SECRET_KEY=…": f"S3_SECRET_KEY={SECRET_KEY}",
            "VIDEOCRAFT_SECRET=…": f"VIDEOCRAFT_SECRET={'5' * 64}",
            "https://video.example.com": f"http://127.0.0.1:{port}",
        }
        text = _replaced(block("", "VIDEOCRAFT_DATA_DIR="), values)
        assert "…" not in text
        (tmp_path / "videocraft.env").write_text(text)
        (tmp_path / "data").mkdir()
        command = tmp_path / "videocraft"
        own = {
            "/etc/videocraft.env": str(tmp_path / "videocraft.env"),
            "/var/lib/videocraft": str(tmp_path / "data"),
            "setpriv --reuid videocraft --regid videocraft --init-groups ": "",
            "/opt/videocraft/.venv/bin/videocraft": f"{sys.executable} -m videocraft",
        }
        command.write_text(_replaced(block("sh", "#!/bin/sh"), own))
        command.chmod(0o755)
        (url,) = re.findall("^VIDEOCRAFT_DATABASE_URL=(.*)$", text, re.MULTILINE)
        try:
            yield Machine(command, url, port, tmp_path)
        finally:
            postgres.drop_database("/videocraft")
            postgres.execute("DROP ROLE videocraft")


def _replaced(text: str, values: dict[str, str]) -> str:
    for old, new in values.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def _make_bucket(client: Any) -> None:
    """With the documents that the page hands to `aws`."""
    typed = block("", "aws --endpoint-url https://s3.internal s3 mb s3://videocraft-media")
    cors, lifecycle = (json.loads(one) for one in re.findall("'(.*?)'", typed, re.DOTALL))
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_cors(Bucket=BUCKET, CORSConfiguration=cors)
    client.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration=lifecycle)


def _film(address: str, key: str, path: Path) -> tuple[str, str]:
    """Make a film and fetch it; gives its id and its digest."""
    with VideoCraftAPI(f"{address}/api/v1", key) as api:
        job = api.videos.create(FILM)
        video = api.jobs.wait_for_completion(job["job_id"])["video_id"]
        return video, _digest(api.videos.download(video, path))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _names(client: Any) -> list[str]:
    return [entry["Key"] for entry in client.list_objects_v2(Bucket=BUCKET).get("Contents", ())]


def test_the_page_leads_to_a_film_that_a_restore_brings_back(
    machine: Machine, postgres: Postgres, s3_server: S3Server
) -> None:
    client = s3_server.client()
    _make_bucket(client)
    preflight = {"Origin": "https://video.example.com", "Access-Control-Request-Method": "PUT"}
    allowed = httpx.options(f"{s3_server.endpoint}/{BUCKET}/prod/part", headers=preflight)
    assert allowed.headers["Access-Control-Allow-Origin"] == preflight["Origin"]
    found = machine.run("doctor")
    assert "All is well." in found
    assert f"s3://{BUCKET}/prod can be reached" in found
    assert "postgresql+psycopg://videocraft:***@" in found
    assert "OK   queue          Redis" in found
    key = machine.run("keys", "create", "office").strip()
    dump = machine.folder / "videocraft.dump"
    with machine.started() as address:
        video, before = _film(address, key, machine.folder / "before.mp4")
        # The database first, then the files.
        _run(postgres.program("pg_dump"), "-Fc", "-f", dump, machine.database_url)
        kept = {name: client.get_object(Bucket=BUCKET, Key=name)["Body"].read() for name in _names(client)}
    for name in kept:
        client.delete_object(Bucket=BUCKET, Key=name)
    assert not _names(client)
    postgres.drop_database("/videocraft")
    shutil.rmtree(machine.folder / "data")
    (machine.folder / "data").mkdir()
    for name, content in kept.items():
        client.put_object(Bucket=BUCKET, Key=name, Body=content)
    postgres.execute("CREATE DATABASE videocraft OWNER videocraft")
    _run(postgres.program("pg_restore"), "--no-owner", "-d", machine.database_url, dump)
    assert "All is well." in machine.run("doctor")
    with machine.started() as address, VideoCraftAPI(f"{address}/api/v1", key) as api:
        assert _digest(api.videos.download(video, machine.folder / "after.mp4")) == before
        assert _film(address, key, machine.folder / "another.mp4")[0] != video


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
