"""The body of the status route."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from videocraft.apis.exports.status import STATUS_OF_STATE, read_status, status_body
from videocraft.core.database import Database
from videocraft.core.database.models import Base, Export, Job
from videocraft.core.jobs import JobState


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'test.db'}")
    Base.metadata.create_all(made.engine)
    yield made
    made.dispose()


def insert(database: Database, state: JobState, **columns: Any) -> None:
    row = {
        "id": "job-1",
        "family": "exports",
        "kind": "exports.export",
        "epoch": 1,
        "lost": 0,
        "priority": 0,
        "payload": {},
        "progress": 0.5,
        "message": "Processing segment 1 of 2",
        "warnings": [],
        "log": [],
        "created_at": 1.0,
        "updated_at": 1.0,
    } | columns
    with database.write() as session:
        session.add(Job(state=state, **row))
        session.flush()
        session.add(
            Export(id="one", job_id="job-1", config_sha256="", project_name="", format="mp4", created_at=1.0)
        )


@pytest.mark.parametrize("state", JobState)
@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"warnings": ["Käse"], "result": {"framesCopied": 1, "framesEncoded": 2, "duration": 0.1}},
        {"error_message": "It failed.", "progress": 1.0},
    ],
)
def test_the_body_of_every_state(database: Database, state: JobState, columns: dict[str, Any]) -> None:
    insert(database, state, **columns)
    body = read_status(database, "one")
    assert body is not None
    assert body["status"] == STATUS_OF_STATE[state]
    assert body["warnings"] == columns.get("warnings", [])
    assert ("downloadUrl" in body) == (state == JobState.COMPLETED)
    assert ("error" in body) == (state == JobState.FAILED)


def test_no_row(database: Database) -> None:
    insert(database, JobState.QUEUED)
    assert read_status(database, "two") is None


def test_every_state_has_a_status() -> None:
    assert set(STATUS_OF_STATE) == set(JobState)


def test_a_failure_without_words_still_says_something() -> None:
    assert status_body("one", "failed")["error"] == "The export failed."
