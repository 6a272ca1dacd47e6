"""A client for exports, and the checks that every finished one has to stand."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.support import measure
from tests.support.cameras import Camera
from tests.support.server import Server, wait_until

EXPORT_SECONDS = 120.0
"""Bound for one export of test media; most take a second or two."""
ENDED = {"completed", "failed", "cancelled"}
JOIN_MS = 1.0
"""How far the sound may be from the picture at a join."""

Segment = dict[str, Any]
Config = dict[str, Any]


def segment(source: int, start: float, end: float, **more: Any) -> Segment:
    """A segment of the wire format."""
    return {"sourceIndex": source, "startTime": start, "endTime": end, **more}


def config(
    cameras: Sequence[Camera],
    segments: Sequence[Segment],
    *,
    sync_offsets: Sequence[float] = (),
    **output: Any,
) -> Config:
    """A config for recordings that lie in the media root; ``output`` are its keys beyond the defaults."""
    sources: list[dict[str, Any]] = [
        {"id": f"source-{index}", "name": camera.path.stem, "filePath": camera.path.name}
        for index, camera in enumerate(cameras)
    ]
    for source, offset in zip(sources, sync_offsets, strict=False):
        source["syncOffset"] = offset
    return {
        "version": 1,
        "id": f"export-{uuid.uuid4().hex}",
        "projectId": "acceptance",
        "projectName": "Acceptance",
        "createdAt": "2026-02-27T11:16:00.000Z",
        "sources": sources,
        "segments": list(segments),
        "output": {"format": "mp4", "codec": "copy", "includeAudio": True, **output},
        "status": "pending",
    }


@dataclass(frozen=True)
class Finished:
    """A completed export."""

    config: Config
    status: dict[str, Any]
    path: Path
    """The downloaded file."""

    @property
    def warnings(self) -> str:
        """The warnings, one a line."""
        return "\n".join(self.status["warnings"])


@dataclass
class Exports:
    """Talks to a server's exports API and keeps what it downloads in a folder."""

    server: Server
    folder: Path
    statuses: list[dict[str, Any]] = field(default_factory=list)
    """Every status that the last `wait` has seen."""

    def submit(self, wanted: Config) -> str:
        """Post a config; returns the job's id."""
        answer = self.server.http.post("/api/export", json=wanted)
        assert answer.status_code == 200, answer.text
        job_id: str = answer.json()["jobId"]
        return job_id

    def status(self, job_id: str) -> dict[str, Any]:
        """The status of an export that exists."""
        answer = self.server.http.get(f"/api/export/{job_id}/status")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def wait(self, job_id: str, *states: str) -> dict[str, Any]:
        """Poll until the export is in one of ``states`` (or, with none given, has ended)."""
        self.statuses.clear()

        def reached() -> bool:
            self.statuses.append(self.status(job_id))
            now = self.statuses[-1]["status"]
            assert now in states or not states or now not in ENDED, self.statuses[-1]
            return now in (states or ENDED)

        wait_until(reached, EXPORT_SECONDS, f"{' or '.join(states or sorted(ENDED))} of export {job_id}")
        return self.statuses[-1]

    def download(self, job_id: str, suffix: str) -> Path:
        """Fetch the finished file."""
        path = self.folder / f"{job_id}{suffix}"
        with self.server.http.stream("GET", f"/api/export/{job_id}/download") as answer:
            assert answer.status_code == 200
            with path.open("wb") as file:
                for chunk in answer.iter_bytes():
                    file.write(chunk)
            assert path.stat().st_size == int(answer.headers["content-length"])
        return path

    def export(self, wanted: Config) -> Finished:
        """Post, wait, download; the export has to complete."""
        return self.finish(self.submit(wanted), wanted)

    def finish(self, job_id: str, wanted: Config) -> Finished:
        """Wait for an export that was submitted, and download it."""
        status = self.wait(job_id)
        assert status["status"] == "completed", f"{status}\n{self.server.log[-4000:]}"
        return Finished(wanted, status, self.download(job_id, f".{wanted['output']['format']}"))


def assert_right(
    finished: Finished,
    cameras: Sequence[Camera],
    *,
    rate: Fraction | None = None,
    frame_tolerance: int = 0,
    size: tuple[int, int] | None = None,
) -> None:
    """Every frame is the one asked for at its time, the sound is right at every join, no decoder complains.

    ``rate`` and ``size`` are the output's, the first source's if not given; pictures of another shape are
    expected fitted and centred in it.
    """
    output, segments = finished.config["output"], finished.config["segments"]
    first = cameras[segments[0]["sourceIndex"]]
    rate, size = rate or first.rate, size or cameras[0].size
    offsets = [Fraction(str(source.get("syncOffset", 0))) for source in finished.config["sources"]]
    pieces = measure.pieces(cameras, segments, rate, offsets=offsets, include_audio=output["includeAudio"])
    areas = [measure.fitted(piece.camera.size, size) for piece in pieces for _ in range(piece.count)]
    shown = measure.frames(finished.path, areas)
    wrong = measure.wrong_frames([frame.code for frame in shown], pieces, rate, tolerance=frame_tolerance)
    assert wrong == [], _explain(wrong, shown, pieces)
    # Matroska's times are whole milliseconds.
    tolerance = Fraction(1, 1000) if output["format"] == "webm" else Fraction(1, 50_000)
    assert measure.uneven_times([frame.time for frame in shown], rate, tolerance) == []
    assert measure.stream_tags(finished.path).size == size
    assert_sound(finished, pieces, rate, shown[0].time)
    assert measure.decode_messages(finished.path) == ""
    if output["format"] in {"mp4", "mov"}:
        boxes = measure.top_boxes(finished.path)
        assert boxes.index("moov") < boxes.index("mdat"), boxes


def assert_sound(
    finished: Finished, pieces: Sequence[measure.Piece], rate: Fraction, start: Fraction
) -> None:
    """The sound belongs to the picture at every join, and ends with it."""
    types = measure.stream_types(finished.path)
    if not finished.config["output"]["includeAudio"]:
        assert types == ["video"]
        return
    assert types == ["video", "audio"]
    heard = measure.locate_sound(finished.path, pieces, rate, start)
    off = [one for one in heard if not one.right or abs(one.error_ms) > JOIN_MS]
    assert off == []
    samples, sample_rate = measure.decoded_sound(finished.path)
    length = start + sum(piece.count for piece in pieces) / rate
    # The last AAC or Opus packet is whole: up to 1024 samples more than the picture.
    assert -1 / rate < Fraction(len(samples), sample_rate) - length < Fraction(1, 20)


def _explain(wrong: list[int], shown: Sequence[measure.Shown], pieces: Sequence[measure.Piece]) -> str:
    around = range(max(0, wrong[0] - 2), min(len(shown), wrong[0] + 4))
    codes = ", ".join(f"{index}: {shown[index].code}" for index in around)
    count = sum(piece.count for piece in pieces)
    return f"{len(wrong)} wrong frames from {wrong[0]} on; {len(shown)} of {count} shown; {codes}"
