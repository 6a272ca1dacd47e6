"""A storyboard from prompt to film to files, through HTTP against a real server with the built-in providers.

``python -m benchmarks.storyboards [--seconds N] [--runs N]`` writes Markdown. The promises, for 30 s of
16:9 at 1080 lines in 6 scenes: a storyboard within 4 s; a film within half of its length on two cores;
after one refined scene within 0.3 of that, after a reordering within 0.15; the first byte of a cached
export within 20 ms; one encode for ten first requests. Processor seconds of the server with all its
children stand beside the wall clock, since other work on the machine changes them least; "two cores" is
what they allow when both are kept busy."""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from tests.support.server import Server, running_server

PROMPT = "A hero discovers a hidden treasure in ancient ruins"
REFINED = "Dramatic wide shot of ancient temple with golden light"
CORES = 2
KEY = "benchmark"
ASKED = 20
"""How often a cached export is asked for."""


@dataclass(frozen=True)
class Spent:
    """Seconds of the wall clock, and of processors."""

    wall: float
    cpu: float


@dataclass
class Run:
    """One storyboard's way, and what each step took."""

    server: Server
    spent: dict[str, Spent] = field(default_factory=dict)
    first_bytes: list[float] = field(default_factory=list)
    encodes: int = 0
    job: str = ""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what is done inside."""
        cpu, wall = _cpu_of(self.server), time.monotonic()
        yield
        self.spent[name] = Spent(time.monotonic() - wall, _cpu_of(self.server) - cpu)

    def go(self, seconds: int) -> None:
        """All steps."""
        http = self.server.http
        # The worker is there, and has imported what it needs, before anything is measured.
        shortest = {"prompt": "A red ball", "duration": 5, "aspect_ratio": "1:1", "seed": 1}
        self.job = f"/api/v2/jobs/{http.post('/api/v2/generate', json=shortest).json()['job_id']}"
        self._until("storyboard_ready")
        with self.step("prompt to storyboard"):
            body = {"prompt": PROMPT, "duration": seconds, "aspect_ratio": "16:9", "seed": 1}
            self.job = f"/api/v2/jobs/{http.post('/api/v2/generate', json=body).json()['job_id']}"
            scenes = len(self._until("storyboard_ready")["storyboard"])
        self._film("approve to film")
        with self.step("refine one scene"):
            _checked(http.post(f"{self.job}/refine", params={"scene_number": 2, "new_image_prompt": REFINED}))
        self._film("film after one refined scene")
        order = [scenes, *range(2, scenes), 1]
        _checked(http.post(f"{self.job}/reorder", params=[("scene_order", number) for number in order]))
        self._film("film after opening and close change places")
        with self.step("export webm low, ten at once"):
            path = f"{self.job}/export?format=webm&quality=low"
            with ThreadPoolExecutor(10) as pool:
                for answer in pool.map(lambda _: http.get(path), range(10)):
                    _checked(answer)
        folder = self.server.media / "storyboards"
        self.encodes = len(list(folder.glob("*/exports/*.webm")))
        self.first_bytes = [self._first_byte(path) for _ in range(ASKED)]

    def _film(self, name: str) -> None:
        http = self.server.http
        _checked(http.post(f"{self.job}/approve"))
        with self.step(name):
            _checked(http.post(f"{self.job}/render"))
            self._until("completed")

    def _until(self, status: str) -> dict[str, Any]:
        while True:
            found: dict[str, Any] = self.server.http.get(self.job).json()
            if found["status"] == status:
                return found
            if found["status"] == "failed":
                raise RuntimeError(found["error_message"])
            time.sleep(0.1)

    def _first_byte(self, path: str) -> float:
        started = time.monotonic()
        with self.server.http.stream("GET", path) as answer:
            next(answer.iter_raw(1))
            return time.monotonic() - started


def report(seconds: int, runs: int) -> Iterator[str]:
    """The lines of the report."""
    yield f"Film: {seconds} s, 1920x1080, built-in writer and illustrator; least of {runs} runs."
    yield f"Machine: {os.cpu_count()} cores, {platform.machine()}; Python {platform.python_version()}."
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    yield f"Load before: {load}."
    done = [_run(seconds) for _ in range(runs)]
    yield ""
    yield "| step | wall s | CPU s | two cores s | / length | / first film (CPU) |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    best = {
        name: min((run.spent[name] for run in done), key=lambda spent: spent.cpu) for name in done[0].spent
    }
    film = best["approve to film"]
    for name, spent in best.items():
        yield (
            f"| {name} | {spent.wall:.1f} | {spent.cpu:.1f} | {spent.cpu / CORES:.1f} "
            f"| {spent.cpu / CORES / seconds:.2f} | {spent.cpu / film.cpu:.2f} |"
        )
    first = [each * 1000 for run in done for each in run.first_bytes]
    yield ""
    yield (
        f"First byte of a cached export: {statistics.median(first):.1f} ms (median), {max(first):.1f} ms "
        f"(slowest of {len(first)}). Ten first requests: {max(run.encodes for run in done)} file."
    )


def _run(seconds: int) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        environment = {"VIDEOCRAFT_API_KEY": KEY}
        with running_server(Path(folder, "data"), environment=environment) as server:
            server.http.headers["Authorization"] = f"Bearer {KEY}"
            server.http.timeout = httpx.Timeout(1800)
            run = Run(server)
            run.go(seconds)
            return run


def _cpu_of(server: Server) -> float:
    """Processor seconds of the server with its workers, and of everything that they have started."""
    total = 0.0
    root = psutil.Process(server.process.pid)
    for process in [root, *root.children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue  # ended meanwhile: its parent has its times now
        total += times.user + times.system
        total += times.children_user + times.children_system
    return total


def _checked(answer: httpx.Response) -> None:
    if answer.status_code != 200:
        raise RuntimeError(f"{answer.request.url}: {answer.status_code} {answer.text[:300]}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the report to standard output."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storyboards", description=__doc__)
    parser.add_argument("--seconds", type=int, default=30, help="length of the film")
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args(arguments)
    for line in report(options.seconds, options.runs):
        print(line, flush=True)


if __name__ == "__main__":
    main()
