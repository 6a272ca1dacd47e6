"""What operators watch, after jobs that waited, ran, used stages and lost their worker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from tests.support.bells import RecordingDispatcher
from tests.support.databases import BACKENDS, FakeClock, copy_of, make_shared, make_template
from videocraft.core.database import Database
from videocraft.core.jobs import JobsService, claims, registry, submit
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.janitor import Janitor
from videocraft.core.jobs.runner import Worker
from videocraft.core.readings import Readings, read_all
from videocraft.core.storage.traffic import Traffic
from videocraft.settings import Settings


@pytest.fixture(params=BACKENDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        template: Path | str = make_template(tmp_path)
    else:
        template = make_shared(request.getfixturevalue("postgres").make_database())
    opened = copy_of(template, tmp_path, FakeClock())
    yield opened
    opened.dispose()


def test_readings(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_handlers", {})

    @registry.handler("test.staged")
    def staged(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
        for _ in range(3):
            context.stage("one.txt", {"n": 1}, write)
        context.storage.traffic.add(read=7, written=3)
        return {}

    def write(path: Path) -> None:
        path.write_text("12345")

    settings = Settings(data_dir=tmp_path)
    dispatcher = RecordingDispatcher()
    jobs = JobsService(database, dispatcher)
    clock: Any = database._session_info["clock"]

    def look() -> Readings:
        with database.read() as session:
            return read_all(session)

    empty = look()
    assert (empty.waiting, empty.oldest_wait, empty.wait_p95, empty.stages_made) == ({}, 0.0, 0.0, 0)

    with jobs.transaction() as session:
        for job_id in ("first", "second"):
            submit(session, family="test", kind="test.staged", payload={}, job_id=job_id)
    clock.advance(4)
    with jobs.transaction() as session:
        claims.claim(session, worker_id="dead", lease_seconds=1, at=clock())
    clock.advance(2)
    seen = look()
    assert (seen.waiting, seen.running) == ({"test.staged": 1}, {"test.staged": 1})
    assert (seen.oldest_wait, seen.wait_p50) == (6.0, 4.0)
    Janitor(jobs, tmp_path, 15).sweep()
    worker = Worker(settings, database, Mock(name="storage", traffic=Traffic()), dispatcher, "w")
    with worker.opened():
        assert worker.answer()
    seen = look()
    assert (seen.waiting, seen.running, seen.leases_lost) == ({}, {}, 1)
    assert (seen.stages_made, seen.stages_found) == (1, 5)
    assert (seen.bytes_read, seen.bytes_written) == (14, 6)
    assert (seen.wait_p50, seen.wait_p95, seen.wait_max) == (4.0, 6.0, 6.0)
