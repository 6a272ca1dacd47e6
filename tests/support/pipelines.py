"""A client of the jobs family for tests, and a recording in which somebody speaks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.media import AAC, H264, run_ffmpeg
from tests.support.speech_samples import say

JOB_SECONDS = 120.0


@dataclass(frozen=True)
class Jobs:
    """The jobs of one server."""

    http: httpx.Client

    def submit(self, job_type: str, payload: Mapping[str, Any], **query: Any) -> dict[str, Any]:
        """A job that must be queued; the job object."""
        answer = self.http.post("/jobs/", params={"job_type": job_type, **query}, json=dict(payload))
        assert answer.status_code == 202, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def ended(self, job_id: str) -> dict[str, Any]:
        """The job when it has come to its end."""
        deadline = time.monotonic() + JOB_SECONDS
        while time.monotonic() < deadline:
            job: dict[str, Any] = self.http.get(f"/jobs/{job_id}").json()
            if job["completed_at"] is not None:
                return job
            time.sleep(0.05)
        raise TimeoutError(f"the job is {job['status']} after {JOB_SECONDS:g} s: {job['result_payload']}")

    def run(self, job_type: str, payload: Mapping[str, Any], **query: Any) -> dict[str, Any]:
        """A job that must succeed; its result."""
        job = self.ended(self.submit(job_type, payload, **query)["id"])
        assert job["status"] == "completed", job["error_message"]
        result: dict[str, Any] = job["result_payload"]
        return result

    def fetch(self, url: str, path: Path) -> Path:
        """Download a file."""
        answer = self.http.get(url)
        assert answer.status_code == 200, answer.text
        path.write_bytes(answer.content)
        return path


def make_talk(path: Path, lines: list[str]) -> Path:
    """A film of coloured shots, one for each line that is spoken, over a moving square."""
    spoken = say(lines[0]).padded(before=0.6, after=0.9)
    ends = [spoken.duration]
    for line in lines[1:]:
        spoken = spoken.then(say(line).padded(before=0.0, after=0.9))
        ends.append(spoken.duration)
    sound = spoken.write(path.with_suffix(".wav"))
    colours = ("0x204060", "0x608030", "0x803050", "0x505050", "0xa06020")
    shots, names, begin = [], [], 0.0
    for number, end in enumerate(ends):
        length = end - begin
        shots += ["-f", "lavfi", "-t", f"{length:.3f}", "-i"]
        shots += [f"color=c={colours[number % len(colours)]}:size=320x180:rate=25"]
        names.append(f"[{number}:v]")
        begin = end
    square = (
        f"[s];color=white:size=30x30:rate=25[w];[s][w]overlay=x='10+(W-50)*t/{ends[-1]:.3f}':y=70:shortest=1"
    )
    graph = f"{''.join(names)}concat=n={len(names)}:v=1:a=0{square},format=yuv420p[v]"
    run_ffmpeg(
        *shots,
        *("-i", str(sound), "-filter_complex", graph, "-map", "[v]", "-map", f"{len(names)}:a"),
        *(*H264, *AAC, "-shortest", str(path)),
    )
    return path
