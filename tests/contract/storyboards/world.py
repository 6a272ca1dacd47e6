"""A server of storyboards with a worker whose illustrator, film engine and encoder the tests hold in their
hands."""

from __future__ import annotations

import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from tests.support.stacks import settings_of
from videocraft.apis import task_modules
from videocraft.apis.storyboards import (
    export_task,
    exports,
    making,
    plan_task,
    refine_task,
    render_task,
    speaking,
)
from videocraft.app import create_app
from videocraft.commands.worker import beside
from videocraft.core.database import Database
from videocraft.core.jobs.registry import load_handlers
from videocraft.core.jobs.runner import Worker
from videocraft.errors import MediaError
from videocraft.generation.base import (
    GenerationStopped,
    ImageRequest,
    Picture,
    ProviderError,
    Speech,
    SpokenWord,
)
from videocraft.generation.narrators import sound
from videocraft.media.compose.film import Film, FilmReport
from videocraft.media.probe import MediaInfo, probe
from videocraft.media.process import Stopped
from videocraft.services import Services


def export_module() -> Any:
    """Where `export` looks for FFmpeg."""
    return exports


KEY = "test-key"
PROMPT = "A hero discovers a hidden treasure in ancient ruins"
IMAGE_PROMPT = "Dramatic wide shot of ancient temple with golden light"
DESCRIPTION = "The hero discovers a hidden treasure"
FILM = bytes(range(256)) * 3000
"""Longer than what is sent in one piece."""
PRICE = 0.02
PATIENCE_SECONDS = 30.0
"""Only how long a broken test hangs; no test's outcome depends on it."""


def png(width: int, height: int, grey: int) -> bytes:
    """A grey picture."""
    rows = (b"\0" + bytes([grey]) * width) * height

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@dataclass
class Gate:
    """Holds whoever comes to it while it is closed."""

    opened: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.opened.set()

    def close(self) -> None:
        self.opened.clear()
        self.reached.clear()

    def open(self) -> None:
        self.opened.set()

    def wait(self, should_stop: Callable[[], bool], stopped: Exception) -> None:
        self.reached.set()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.opened.wait(0.005):
            assert time.monotonic() < deadline, "nobody opened the gate"
            if should_stop():
                raise stopped


@dataclass
class FakeIllustrator:
    """Draws grey pictures; fails as often as it is told for prompts that hold a word."""

    name: str = "fake"
    price: float = PRICE
    gate: Gate = field(default_factory=Gate)
    failing: dict[str, tuple[int, ProviderError]] = field(default_factory=dict)
    asked: list[ImageRequest] = field(default_factory=list)
    hang_after: int | None = None
    """The gate is closed for everything behind so many pictures; then ``hung`` is set."""
    hung: threading.Event = field(default_factory=threading.Event)

    def illustrate(self, request: ImageRequest, into: Path, *, should_stop: Callable[[], bool]) -> Picture:
        self.asked.append(request)
        # Several threads draw at once, so it may hang a little later, but not earlier.
        if self.hang_after is not None and len(self.asked) > self.hang_after:
            self.gate.opened.clear()
            self.hung.set()
        self.gate.wait(should_stop, GenerationStopped())
        for word, (times, error) in self.failing.items():
            if word in request.prompt and times:
                self.failing[word] = (times - 1, error)
                raise error
        into.write_bytes(png(32, 18, (request.seed + len(self.asked)) % 256))
        return Picture(into, 32, 18, self.price)

    def fail(
        self, word: str, message: str = "API timeout.", times: int = 999, retryable: bool = True
    ) -> None:
        """Fail for prompts with this word."""
        self.failing[word] = (times, ProviderError(message, retryable=retryable))


@dataclass
class FakeNarrator:
    """Hums; a tenth of a second for each letter. Fails as often as it is told for texts that hold a word."""

    name: str = "fake"
    voice: str = "hum"
    price: float = 1.0
    failing: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def speak(self, text: str, into: Path, *, should_stop: Callable[[], bool]) -> Speech:
        self.asked.append(text)
        for word, times in self.failing.items():
            if word in text and times:
                self.failing[word] = times - 1
                raise ProviderError("The voice is hoarse.", retryable=True)
        letters = sum(char.isalpha() for char in text)
        cost = self.price * len(text) / 1000
        if not letters:
            return Speech(into, 0.0, (), cost)
        sound.write_wav(np.full(letters * 800, 1000, np.int16), 8000, into)
        seconds = letters / 10
        return Speech(into, seconds, (SpokenWord(text, 0.0, seconds),), cost)


@dataclass
class FakeFilms:
    """Stands for the film engine and the encoder."""

    gate: Gate = field(default_factory=Gate)
    error: Exception | None = None
    picture: MediaInfo | MediaError | None = None
    films: list[Film] = field(default_factory=list)
    encoded: list[tuple[str, str]] = field(default_factory=list)

    def probe_files(
        self, _database: Database, paths: Sequence[Path], **_: Any
    ) -> list[MediaInfo | MediaError]:
        """Every fake picture is like the first one, so one look is enough."""
        if self.picture is None:
            (self.picture,) = probe(paths[:1], images=True)
        return [self.picture for _path in paths]

    def make_film(
        self, film: Film, output: Path, *, should_stop: Any, on_progress: Any, **_: Any
    ) -> FilmReport:
        self.films.append(film)
        on_progress(0.5, "Rendering")
        self.gate.wait(should_stop, Stopped())
        if self.error is not None:
            raise self.error
        output.write_bytes(FILM + bytes([len(self.films) % 256]))
        return FilmReport(
            frames=film.frames, duration=film.duration, width=film.width, height=film.height,
            rendered=len(film.scenes), reused=0, loudness=None, warnings=(), wall_seconds=0.0,
        )  # fmt: skip

    def transcode(
        self, source: Path, output: Path, *, container: str, quality: str, should_stop: Any, **_: Any
    ) -> None:
        self.encoded.append((container, quality))
        self.gate.wait(should_stop, Stopped())
        if self.error is not None:
            raise self.error
        output.write_bytes(f"{container} {quality} ".encode() + source.read_bytes())


class Staff:
    """The one worker, which can be replaced by another."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._count = 0
        self.hire()

    def hire(self) -> None:
        """Let a new worker begin."""
        self._count += 1
        services = self._services
        self._worker = Worker(
            services.settings,
            services.database,
            services.storage,
            services.dispatcher,
            f"worker-{self._count}",
        )
        self._stack = ExitStack()
        self._stack.enter_context(beside(services, f"worker-{self._count}", None))
        self._thread = threading.Thread(target=self._worker.run)
        self._thread.start()

    def dismiss(self) -> None:
        """Let the worker hand back what it does, and end."""
        self._worker.stop()
        self._thread.join(PATIENCE_SECONDS)
        self._stack.close()


@dataclass(frozen=True)
class World:
    """One server and what lies behind it."""

    client: TestClient
    services: Services
    illustrator: FakeIllustrator
    films: FakeFilms
    narrator: FakeNarrator
    other: dict[str, str]
    """Headers of somebody else's key."""
    staff: Staff

    def post(self, path: str, **arguments: Any) -> Any:
        return self.client.post(f"/api/v2{path}", **arguments)

    def get(self, path: str, **arguments: Any) -> Any:
        return self.client.get(f"/api/v2{path}", **arguments)

    def generate(self, **changes: Any) -> int:
        """A new job; its number."""
        answer = self.post("/generate", json={"prompt": PROMPT, "duration": 30} | changes)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["job_id"])

    def job(self, job_id: int) -> dict[str, Any]:
        answer = self.get(f"/jobs/{job_id}", headers={"Authorization": ""})
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def metadata(self, job_id: int) -> dict[str, Any]:
        answer = self.get(f"/jobs/{job_id}/metadata", headers={"Authorization": ""})
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def until(self, job_id: int, *statuses: str) -> dict[str, Any]:
        """The job once it has one of these statuses."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (body := self.job(job_id))["status"] not in statuses:
            assert time.monotonic() < deadline, f"the job stays {body['status']}: {body['error_message']}"
            time.sleep(0.02)
        return body

    def ready(self, **changes: Any) -> int:
        """A storyboard to be reviewed."""
        job_id = self.generate(**changes)
        self.until(job_id, "storyboard_ready")
        return job_id

    def approved(self, **changes: Any) -> int:
        job_id = self.ready(**changes)
        assert self.post(f"/jobs/{job_id}/approve").status_code == 200
        return job_id

    def completed(self, **changes: Any) -> int:
        """A storyboard with its film."""
        job_id = self.approved(**changes)
        assert self.post(f"/jobs/{job_id}/render").status_code == 200
        self.until(job_id, "completed")
        return job_id

    def refine(self, job_id: int, **parameters: Any) -> Any:
        headers = parameters.pop("headers", None)
        return self.post(f"/jobs/{job_id}/refine", params=parameters, headers=headers)

    def reorder(self, job_id: int, *order: int) -> Any:
        return self.post(f"/jobs/{job_id}/reorder", params=[("scene_order", number) for number in order])

    def files(self, job_id: int) -> list[str]:
        """Keys of what is stored of a job."""
        return [info.key for info in self.services.storage.list(f"storyboards/{job_id}")]


@contextmanager
def open_world(data_dir: Path, **settings: Any) -> Iterator[World]:
    """A server with one worker."""
    load_handlers(task_modules())
    illustrator, films, narrator = FakeIllustrator(), FakeFilms(), FakeNarrator()
    with pytest.MonkeyPatch.context() as patch:
        for module in (plan_task, refine_task):
            patch.setattr(module, "illustrator_of", lambda _settings: illustrator)
        patch.setattr(speaking, "narrator_of", lambda _settings: narrator)
        patch.setattr(render_task, "make_film", films.make_film)
        patch.setattr(render_task, "probe_files", films.probe_files)
        patch.setattr(export_task, "transcode", films.transcode)
        patch.setattr(making, "PAUSE_SECONDS", 0.001)
        app = create_app(settings_of(data_dir, api_key=KEY, **settings))
        headers = {"Authorization": f"Bearer {KEY}"}
        with TestClient(app, base_url="http://127.0.0.1:8000", headers=headers) as client:
            services: Services = app.state.services
            other = {"Authorization": f"Bearer {services.keys.create('other')[1]}"}
            staff = Staff(services)
            try:
                yield World(client, services, illustrator, films, narrator, other, staff)
            finally:
                illustrator.gate.open()
                films.gate.open()
                staff.dismiss()


def refused(answer: Any, status: int, detail: str) -> None:
    """Check an error to the letter."""
    assert (answer.status_code, answer.json()) == (status, {"detail": detail})
