"""What is polled on the event loop says what the thorough way says, and leaves to it what must be settled."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from videocraft.apis.jobs import polling as jobs_polling
from videocraft.apis.jobs import service as jobs_service
from videocraft.apis.sessions import polling as sessions_polling
from videocraft.apis.sessions import service as sessions_service
from videocraft.apis.storyboards import polling as storyboards_polling
from videocraft.apis.storyboards import service as storyboards_service
from videocraft.app import POLLED, create_app
from videocraft.core.database import Database
from videocraft.core.database.models import (
    Asset,
    Job,
    RecordingSession,
    Storyboard,
    StoryboardScene,
    Sync,
)
from videocraft.core.jobs import TERMINAL, JobState
from videocraft.services import Services
from videocraft.settings import Settings

pytestmark = pytest.mark.laptop("only SQLite is read on the event loop")

NOW = 2000.0
STATES = [str(state) for state in JobState]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder: Path = tmp_path_factory.mktemp("polling")
    services = Services.open(Settings(data_dir=folder))
    database = Database(services.settings.effective_database_url, clock=lambda: NOW)
    yield dataclasses.replace(services, database=database)
    database.dispose()
    services.close()


def add(services: Services, *rows: Any) -> None:
    with services.database.write() as session:
        for row in rows:
            session.add(row)
            session.flush()


def job(job_id: str, state: str, family: str = "jobs", **columns: Any) -> Job:
    facts = {
        "kind": f"{family}.generate_clip",
        "payload": {"given": {"path": "Käse.mp4"}, "clip_version_id": None},
        "created_at": 1.5,
        "updated_at": 2.5,
        "started_at": None if state in {"pending", "queued"} else 3.25,
        "completed_at": 4.0 if state in TERMINAL else None,
    }
    return Job(id=job_id, family=family, state=state, **(facts | columns))


@pytest.mark.parametrize("state", STATES)
def test_jobs(opened: Services, state: str) -> None:
    job_id = f"job_{state}"
    told = {"progress": 0.5, "warnings": ["odd"], "log": [{"timestamp": 1.0, "message": "Half"}]}
    result = {"url": "/clips/1", "clips": [{"start": 1.5}]} if state == "completed" else None
    add(opened, job(job_id, state, **told, result=result, error_message="It failed."))
    assert jobs_polling.show(opened, job_id) == jobs_service.show(opened, job_id)


def test_long_results_are_left_to_a_thread(opened: Services) -> None:
    add(opened, job("job_long", "completed", result={"text": "word " * 20_000}))
    assert jobs_polling.show(opened, "job_long") is None
    assert jobs_service.show(opened, "job_long")["status"] == "completed"


@pytest.mark.parametrize("job_id", ["job_none", "x" * 5000, "job\0", "", "export_1"])
def test_jobs_of_nobody_and_of_others(opened: Services, job_id: str) -> None:
    if job_id == "export_1":
        add(opened, job(job_id, "completed", family="exports"))
    assert jobs_polling.show(opened, job_id) is None


def session_rows(
    session_id: str, assets: dict[str, tuple[str, str]], syncs: list[tuple[str, str, str]]
) -> list[Any]:
    """A session, its assets (status and state of the job) and its syncs (and what the operator said)."""
    rows: list[Any] = [
        RecordingSession(
            id=session_id, title="t", date="2026-01-01", project_id="p", created_at=1.0, updated_at=2.0
        )
    ]
    for label, (status, state) in assets.items():
        rows.append(job(f"{session_id}-{label}", state, family="sessions"))
        rows.append(
            Asset(
                id=f"asset-{session_id}-{label}",
                session_id=session_id,
                camera_label=label,
                filename="a",
                content_type="video/mp4",
                size_bytes=1,
                version=1,
                status=status,
                original_key=f"{session_id}/{label}",
                ingest_job_id=f"{session_id}-{label}",
                created_at=1.0,
                updated_at=1.0,
            )
        )
    for number, (status, operator, state) in enumerate(syncs):
        rows.append(job(f"{session_id}-{number}", state, family="sessions"))
        rows.append(
            Sync(
                id=f"sync-{session_id}-{number}",
                session_id=session_id,
                job_id=f"{session_id}-{number}",
                status=status,
                master_camera="A",
                method="xcorr",
                operator_status=operator,
                final_offsets={"A": 0, "B": 5} if operator != "pending" else None,
                created_at=1.0,
            )
        )
    return rows


READY, INGESTING = ("ready", "completed"), ("ingesting", "running")
SESSIONS: dict[str, tuple[dict[str, tuple[str, str]], list[tuple[str, str, str]]]] = {
    "draft": ({}, []),
    "ingesting": ({"A": READY, "B": INGESTING}, []),
    "failed": ({"A": READY, "B": ("failed", "failed")}, []),
    "syncing": ({"A": READY, "B": READY}, [("computing", "pending", "running")]),
    "review": ({"A": READY, "B": READY}, [("complete", "pending", "completed")]),
    "approved": ({"A": READY, "B": READY}, [("complete", "approved", "completed")]),
    "new-camera": (
        {"A": READY, "B": READY, "C": READY},
        [("complete", "approved", "completed"), ("failed", "pending", "failed")],
    ),
}


@pytest.mark.parametrize("name", SESSIONS)
def test_sessions(opened: Services, name: str) -> None:
    session_id = f"session-{name}"
    add(opened, *session_rows(session_id, *SESSIONS[name]))
    assert sessions_polling.status(opened, session_id) == sessions_service.status(opened, session_id)


@pytest.mark.parametrize(
    ("name", "assets", "syncs"),
    [
        ("lost-asset", {"A": ("ingesting", "failed")}, []),
        ("lost-sync", {"A": READY}, [("computing", "pending", "cancelled")]),
    ],
)
def test_sessions_that_must_be_settled(
    opened: Services, name: str, assets: dict[str, tuple[str, str]], syncs: list[tuple[str, str, str]]
) -> None:
    add(opened, *session_rows(f"session-{name}", assets, syncs))
    assert sessions_polling.status(opened, f"session-{name}") is None
    settled = sessions_service.status(opened, f"session-{name}")
    assert sessions_polling.status(opened, f"session-{name}") == settled


def test_sessions_of_nobody(opened: Services) -> None:
    assert sessions_polling.status(opened, "session-none") is None


@pytest.mark.parametrize(
    ("number", "status", "state", "progress"),
    [
        (1, "pending", "queued", 0.0),
        (2, "parsing", "running", 0.01),
        (3, "generating_storyboard", "running", 0.4),
        (4, "storyboard_ready", "completed", 1.0),
        (5, "rendering", "running", 0.3),
        (6, "completed", "completed", 1.0),
        (7, "failed", "failed", 0.2),
        (8, "canceled", "cancelled", 0.2),
        (9, "rendering", "failed", 0.3),
    ],
)
def test_storyboards(opened: Services, number: int, status: str, state: str, progress: float) -> None:
    core = job(f"plan-{number}", state, family="storyboards", progress=progress, message="Scene 2")
    core.started_at = core.started_at and NOW - 10
    board = Storyboard(
        id=number,
        prompt="p",
        style="s",
        duration=12.0,
        aspect_ratio="16:9",
        seed=1,
        status=status,
        job_id=core.id,
        approved=number == 6,
        estimated_cost=0.04,
        actual_cost=0.02,
        error="It failed." if status == "failed" else None,
        created_at=1.0,
        updated_at=2.0,
    )
    scenes = [
        StoryboardScene(
            storyboard_id=number,
            number=place,
            description="d",
            duration=6.0,
            image_prompt="i",
            shot="wide",
            camera_move="zoom_in",
            seed=place,
            image_status="completed" if place == 1 else "generating",
            image_key="storyboards/1/scenes/abc.png" if place == 1 else None,
        )
        for place in (1, 2)
        if number > 1
    ]
    add(opened, core, board, *scenes)
    quick = storyboards_polling.show(opened, number)
    must_be_settled = state == "failed" and status == "rendering"
    assert (quick is None) == must_be_settled
    thorough = storyboards_service.show(opened, number)
    assert storyboards_polling.show(opened, number) == thorough
    assert must_be_settled or quick == thorough


@pytest.mark.parametrize("number", [0, -1, 99, 2**31, 10**17])
def test_storyboards_of_nobody(opened: Services, number: int) -> None:
    assert storyboards_polling.show(opened, number) is None


def test_what_is_polled_is_found_first(tmp_path: Path) -> None:
    paths = [getattr(route, "path", "") for route in create_app(Settings(data_dir=tmp_path)).router.routes]
    count = sum(path in POLLED for path in paths)
    assert set(paths[:count]) == set(POLLED)
