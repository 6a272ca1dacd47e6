"""A server of one test: its media root, a client, and a worker whose engine the test holds in its hands."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from tests.support.cameras import Camera, make_camera
from tests.support.stacks import settings_of
from videocraft.apis import task_modules
from videocraft.apis.exports import tasks
from videocraft.app import create_app
from videocraft.core.database.models import Base
from videocraft.core.jobs.registry import load_handlers
from videocraft.core.jobs.runner import Worker
from videocraft.errors import MediaError
from videocraft.media.edit import Edit, ExportReport
from videocraft.media.process import Stopped
from videocraft.services import Services
from videocraft.settings import Settings

FILM = b"a film " * 4096
PATIENCE_SECONDS = 30.0
"""Only how long a broken test hangs; no test's outcome depends on it."""


@dataclass
class FakeEngine:
    """Writes `FILM` where `make_export` would write a film, and does on the way what a test tells it."""

    warnings: tuple[str, ...] = ()
    error: Exception | None = None
    steps: int = 4
    on_start: Callable[[], None] = lambda: None
    before_end: Callable[[], None] = lambda: None
    started: threading.Event = field(default_factory=threading.Event)
    hold: threading.Event | None = None
    """Where given, the engine waits for it, and for a stop."""
    deaf: bool = False
    """Do not listen to ``should_stop``."""
    edits: list[Edit] = field(default_factory=list)
    pieces_made: int = 0

    def __call__(
        self,
        edit: Edit,
        output: Path,
        *,
        workdir: Path,
        tools: object,
        stage: Callable[..., Path],
        should_stop: Callable[[], bool],
        on_progress: Callable[[float, str], None],
        warn: Callable[[str], None],
    ) -> ExportReport:
        self.edits.append(edit)
        (workdir / "temporary").write_bytes(b"x")
        stage("piece.bin", {"first": 1}, self._make_piece)
        on_progress(0.25, f"Processing segment 1 of {self.steps}")
        self.on_start()
        self.started.set()
        if self.hold is not None:
            self._wait(should_stop)
        for step in range(2, self.steps + 1):
            on_progress(step / self.steps, f"Processing segment {step} of {self.steps}")
        if self.error is not None:
            raise self.error
        for warning in self.warnings:
            warn(warning)
        output.write_bytes(FILM)
        self.before_end()
        return ExportReport(
            frames=105,
            frames_copied=90,
            frames_encoded=15,
            duration=Fraction(7, 2),
            warnings=self.warnings,
            wall_seconds=0.1,
        )

    def _make_piece(self, path: Path) -> None:
        self.pieces_made += 1
        path.write_bytes(b"piece")

    def _wait(self, should_stop: Callable[[], bool]) -> None:
        assert self.hold is not None
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.hold.wait(0.005):
            assert time.monotonic() < deadline, "nobody let the engine go on"
            if should_stop() and not self.deaf:
                raise Stopped


@dataclass(frozen=True)
class World:
    """One server and what lies behind it."""

    settings: Settings
    services: Services
    client: TestClient
    monkeypatch: pytest.MonkeyPatch

    @property
    def media(self) -> Path:
        """The media root of the laptop's stack."""
        return self.settings.media_root

    @property
    def exports(self) -> Path:
        """The folder of the laptop's working directories."""
        return self.media / "exports"

    def camera(self, name: str, seconds: float = 4, **parameters: Any) -> Camera:
        """Put a recording of 30 frames a second into the storage."""
        camera = make_camera(self.settings.data_dir / "made" / name, seconds=seconds, **parameters)
        self.put(name, camera.path.read_bytes())
        return camera

    def put(self, key: str, content: bytes) -> None:
        """Store a file."""
        file = self.settings.data_dir / "to-be-stored"
        file.write_bytes(content)
        self.services.storage.put_file(file, key)

    def stored(self, key: str) -> bytes:
        """A stored file."""
        return b"".join(self.services.storage.open(key))

    def kept(self, export_id: str) -> list[str]:
        """Names of what there is of an export, in its directory or in the bucket below its prefix."""
        if self.settings.is_s3:
            return sorted(self._keys(export_id))
        return sorted(path.name for path in (self.exports / export_id).iterdir())

    def content(self, export_id: str, name: str) -> bytes:
        """A file of an export."""
        return self.stored(self._keys(export_id)[name])

    def exports_with_files(self) -> list[str]:
        """Ids of the exports of which there are files."""
        if self.settings.is_s3:
            return sorted({info.key.split("/")[1] for info in self.services.storage.list("exports")})
        return sorted(path.name for path in self.exports.iterdir()) if self.exports.is_dir() else []

    def _keys(self, export_id: str) -> dict[str, str]:
        listed = [info.key for info in self.services.storage.list(f"exports/{export_id}")]
        named = {key.rpartition("/")[2]: key for key in listed}
        assert len(named) == len(listed), listed
        return named

    def camera_of(self, name: str) -> Camera:
        """One of the two recordings that are there from the start."""
        return self.camera(name, camera={"a.mp4": 1, "b.mp4": 2}[name])

    def post(self, config: Any) -> Any:
        """Submit a config; the client's response."""
        return self.client.post("/api/export", content=json.dumps(config))

    def accepted(self, config: Any) -> str:
        """Submit a config that must be taken; its id."""
        response = self.post(config)
        assert response.status_code == 200, response.text
        return str(response.json()["jobId"])

    def status(self, export_id: str) -> dict[str, Any]:
        """The body of the status route."""
        response = self.client.get(f"/api/export/{export_id}/status")
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        return body

    def ended(self, export_id: str) -> dict[str, Any]:
        """The status once it is a last one."""
        lasting = {"completed", "failed", "cancelled"}
        return dict(self.until(lambda: (body := self.status(export_id))["status"] in lasting and body))

    def until(self, look: Callable[[], Any]) -> Any:
        """Look until there is something."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            found = look()
            if found:
                return found
            assert time.monotonic() < deadline, "waited too long"
            time.sleep(0.005)

    def rows(self) -> dict[str, int]:
        """How many rows each table of exports and their jobs has."""
        counted = ("exports", "jobs", "events", "event_streams")
        with self.services.database.read() as session:
            return {
                name: session.execute(
                    select(func.count()).select_from(Base.metadata.tables[name])
                ).scalar_one()
                for name in counted
            }

    def nothing_is_left(self) -> bool:
        """Whether there is no row and no file of any export, here or in the bucket."""
        folders = [self.exports, self.settings.data_dir / "work"]
        if not self.settings.is_s3:
            # With a bucket, stages are the worker's, found by their content for a week.
            folders.append(self.settings.data_dir / "stages")
        files = [path for folder in folders if folder.is_dir() for path in folder.rglob("*")]
        return not files and not any(self.rows().values()) and not self.exports_with_files()

    @contextmanager
    def worker(self, engine: FakeEngine | None = None) -> Iterator[FakeEngine | None]:
        """A worker in a thread of its own; with `engine` instead of the real one."""
        load_handlers(task_modules())
        if engine is not None:
            self.monkeypatch.setattr(tasks, "make_export", engine)
        services = Services.open(self.settings)
        worker = Worker(
            self.settings,
            services.database,
            services.storage,
            services.dispatcher,
            f"test-{time.monotonic_ns()}",
        )
        thread = threading.Thread(target=worker.run, name="test-worker")
        thread.start()
        try:
            yield engine
        finally:
            worker.stop()
            thread.join(PATIENCE_SECONDS)
            services.close()
            assert not thread.is_alive()


@contextmanager
def open_world(data_dir: Path, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> Iterator[World]:
    """A server on an empty data directory with the recordings ``a.mp4`` and ``b.mp4``, 4 seconds each."""
    chosen = settings_of(data_dir, **settings)
    chosen.media_root.mkdir(parents=True)
    with TestClient(create_app(chosen), base_url="http://127.0.0.1:8000") as client:
        world = World(chosen, client.app.state.services, client, monkeypatch)  # type: ignore[attr-defined] # FastAPI's
        world.camera_of("a.mp4")
        world.camera_of("b.mp4")
        yield world
    shutil.rmtree(data_dir)


def segment(index: Any, start: Any, end: Any, **changes: Any) -> dict[str, Any]:
    """A segment of a source."""
    return {"sourceIndex": index, "startTime": start, "endTime": end} | changes


def source(path: str, **changes: Any) -> dict[str, Any]:
    """A source in a file."""
    return {"id": f"id of {path}", "name": path, "filePath": path, "hasAudio": True} | changes


def config(**changes: Any) -> dict[str, Any]:
    """The documented config over ``a.mp4`` and ``b.mp4``; ``changes`` replace keys at the top."""
    return {
        "version": 1,
        "id": "export-abc123",
        "projectId": "7c98c8d8-0000",
        "projectName": "My Podcast Episode 12",
        "createdAt": "2026-02-27T11:16:00.000Z",
        "sources": [source("a.mp4"), source("b.mp4")],
        "segments": [segment(0, 0, 2), segment(1, 2, 3.5)],
        "output": {"format": "mp4", "quality": "high", "includeAudio": True},
        "status": "pending",
    } | changes


def failing(sentence: str, **details: Any) -> MediaError:
    """An error of the engine."""
    return MediaError(sentence, details=details)
