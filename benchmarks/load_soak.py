"""A mixed load for as long as is wanted, while file handles, memory and processes are counted.

``python -m benchmarks.load_soak [--minutes N] [--every SECONDS]``: one server with two workers on SQLite.
In turn, so many seconds apart: an export that is downloaded and deleted, a recording that is ingested, a
storyboard that is cancelled, a film of text, a WebSocket that listens and leaves, requests that are refused.
Prints what is held now and then, and in the end whether it has grown: the medians of the second and of the
last quarter are compared, the first one is for warming up. The promise: one hour, flat.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
from tests.support.cameras import Camera, make_camera
from tests.support.exports import ENDED, config, segment
from tests.support.memory import bytes_of, descendants
from tests.support.server import Server, running_server, wait_until
from websockets.sync.client import connect

KEY = "soak-key"
WORKERS = 2
HANDLES_MORE, MEGABYTES_MORE = 8, 1.10
"""What still counts as flat: so many handles, and so many times the memory."""


@dataclass(frozen=True)
class Held:
    """What the server and its workers hold at one moment; media processes are not counted."""

    handles: int
    server_megabytes: float
    worker_megabytes: float
    """Of all workers together."""
    processes: int
    threads: int

    @classmethod
    def now(cls, server: Server) -> Held:
        """Count."""
        pids = [server.process.pid, *server.workers()]
        handles = threads = 0
        for pid in pids:
            with suppress(FileNotFoundError, ProcessLookupError):
                handles += len(list(Path(f"/proc/{pid}/fd").iterdir()))
                threads += len(list(Path(f"/proc/{pid}/task").iterdir()))
        own = memory_of(server.process.pid)
        return cls(
            handles,
            own / 1e6,
            sum(memory_of(pid) for pid in server.workers()) / 1e6,
            1 + len(descendants(server.process.pid)) - len(server.media_processes()),
            threads,
        )


class Life:
    """What clients do, one thing after the other."""

    def __init__(self, server: Server, camera: Camera) -> None:
        self.server = server
        self.camera = camera
        self.done: Counter[str] = Counter()
        self._http = server.http
        self._http.headers["Authorization"] = f"Bearer {KEY}"

    def turns(self) -> Iterator[Callable[[], None]]:
        """The things to do, for ever."""
        while True:
            yield from (self.export, self.ingest, self.storyboard, self.film, self.listen, self.refused)

    def export(self) -> None:
        """An export, downloaded and deleted."""
        wanted = config([self.camera], [segment(0, 0, 1), segment(0, 2, 3)])
        job_id = self._good(self._http.post("/api/export", json=wanted))["jobId"]
        self._until(f"/api/export/{job_id}/status", lambda body: body["status"] in ENDED)
        assert self._http.get(f"/api/export/{job_id}/download").is_success
        assert self._http.delete(f"/api/export/{job_id}").is_success

    def ingest(self) -> None:
        """A recording of a session, ingested and deleted."""
        session = self._good(self._http.post("/v2/sessions", json=_SESSION))["id"]
        data = self.camera.path.read_bytes()
        path = f"/v2/sessions/{session}/assets"
        wanted = {"cameraLabel": "A", "filename": "a.mp4", "contentType": "video/mp4", "sizeBytes": len(data)}
        begun = self._good(self._http.post(f"{path}/init-upload", json=wanted))
        size, listed = begun["partSizeBytes"], []
        for part in begun["parts"]:
            start = (part["partNumber"] - 1) * size
            answer = self._http.put(part["uploadUrl"], content=data[start : start + size])
            listed.append({"partNumber": part["partNumber"], "etag": answer.headers["etag"]})
        done = {"uploadId": begun["uploadId"], "parts": listed}
        self._good(self._http.post(f"{path}/{begun['assetId']}/complete", json=done))
        self._until(f"/v2/sessions/{session}/status", lambda body: body["assets"]["ingested"] == 1)
        assert self._http.delete(f"/v2/sessions/{session}").status_code == 204

    def storyboard(self) -> None:
        """A storyboard that is cancelled while it is made."""
        wanted = {"prompt": "a bridge in the morning", "duration": 10}
        job_id = self._good(self._http.post("/api/v2/generate", json=wanted))["job_id"]
        self._http.get(f"/api/v2/jobs/{job_id}")
        self._http.post(f"/api/v2/jobs/{job_id}/cancel")
        assert self._http.delete(f"/api/v2/jobs/{job_id}").status_code == 204

    def film(self) -> None:
        """A film of a second, deleted."""
        scene = {"duration": 1, "elements": [{"type": "text", "text": "Soak"}]}
        wanted = {"scenes": [scene], "width": 320, "height": 180}
        job_id = self._good(self._http.post("/api/v1/generate-video", json=wanted))["data"]["job_id"]
        path = f"/api/v1/jobs/{job_id}/status"
        body = self._until(path, lambda body: body["data"]["status"] in ENDED)
        assert self._http.delete(f"/api/v1/videos/{body['data']['result']['video_id']}").is_success

    def listen(self) -> None:
        """A listener that is told the state, and leaves."""
        session = self._good(self._http.post("/v2/sessions", json=_SESSION))["id"]
        url = f"{self.server.address.replace('http', 'ws')}/v2/sessions/{session}/events"
        headers = {"Authorization": f"Bearer {KEY}"}
        with connect(url, additional_headers=headers, proxy=None) as events:
            assert json.loads(events.recv())["event"] == "session.state"
        assert self._http.delete(f"/v2/sessions/{session}").status_code == 204

    def refused(self) -> None:
        """Requests that come to nothing."""
        statuses = [
            self._http.get("/jobs/none").status_code,
            self._http.post("/api/export", content=b"{").status_code,
            self._http.get("/v2/sessions", headers={"Authorization": "Bearer wrong"}).status_code,
        ]
        assert statuses == [404, 400, 401], statuses

    def _until(self, path: str, is_over: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        wait_until(lambda: is_over(self._good(self._http.get(path))), 120, f"the end of {path}")
        return self._good(self._http.get(path))

    @staticmethod
    def _good(answer: httpx.Response) -> dict[str, Any]:
        assert answer.is_success, answer.text
        body: dict[str, Any] = answer.json()
        return body


_SESSION = {"title": "Soak", "date": "2026-02-03", "projectId": "soak"}


def verdict(held: Sequence[Held]) -> Iterator[str]:
    """Whether the last quarter holds more than the second one."""
    quarter = max(1, len(held) // 4)
    early, late = held[quarter : 2 * quarter], held[-quarter:]
    for name, slack in (("handles", HANDLES_MORE), ("threads", HANDLES_MORE), ("processes", 0)):
        before, after = (statistics.median(getattr(one, name) for one in part) for part in (early, late))
        yield f"{name}: {before:g} -> {after:g} ({'flat' if after <= before + slack else 'GROWS'})"
    for name in ("server_megabytes", "worker_megabytes"):
        before, after = (statistics.median(getattr(one, name) for one in part) for part in (early, late))
        found = "flat" if after <= before * MEGABYTES_MORE else "GROWS"
        yield f"{name}: {before:.0f} -> {after:.0f} ({found})"


def memory_of(pid: int) -> int:
    """Bytes of one process alone; 0 when it has gone."""
    try:
        return bytes_of(Path(f"/proc/{pid}/smaps_rollup").read_text(), "Pss:")
    except (FileNotFoundError, ProcessLookupError):
        return 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the report to standard output."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load_soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--every", type=float, default=2.0, help="seconds between two things to do")
    options = parser.parse_args(arguments)
    held: list[Held] = []
    with tempfile.TemporaryDirectory() as name:
        settings = {"VIDEOCRAFT_API_KEY": KEY, "VIDEOCRAFT_CSRF": "off", "VIDEOCRAFT_RATE_LIMIT": "0"}
        settings["VIDEOCRAFT_MEZZANINE"] = "off"
        data_dir = Path(name) / "data"
        with running_server(data_dir, workers=WORKERS, environment=settings) as server:
            camera = make_camera(server.media / "camera.mp4", seconds=Fraction(4))
            life = Life(server, camera)
            begun = time.monotonic()
            for turn in life.turns():
                if time.monotonic() > begun + 60 * options.minutes:
                    break
                turn()
                life.done[turn.__name__] += 1
                held.append(Held.now(server))
                if len(held) % max(1, round(60 / max(1, options.every))) == 0:
                    print(f"{(time.monotonic() - begun) / 60:.1f} min: {held[-1]}", flush=True)
                time.sleep(options.every)
    print(f"done: {dict(life.done)}")
    for line in verdict(held):
        print(line)


if __name__ == "__main__":
    main()
