"""VideoCraft's export engine as a command of its own, so that a benchmark can measure all that it uses.

``python -m benchmarks.engine JOB.json``; the job is what `Job.to_json` writes. Prints the report as JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from videocraft.errors import MediaError
from videocraft.media.edit import Edit, EditSegment, EditSource, OutputFormat, Tools
from videocraft.media.export import make_export
from videocraft.media.ffmpeg import binary
from videocraft.media.probe import probe
from videocraft.media.process import Limits


@dataclass(frozen=True)
class Job:
    """An export as a benchmark asks for it; segments are (source, start, end), seconds as decimal text."""

    sources: list[str]
    segments: list[tuple[int, str, str]]
    output: str
    workdir: str
    codec: str = "copy"

    def to_json(self) -> str:
        """The text of a job file."""
        return json.dumps(asdict(self))


def run(job: Job) -> dict[str, Any]:
    """Make the export; returns what the engine reports."""
    workdir = Path(job.workdir)
    sources = []
    for path, info in zip(job.sources, probe([Path(path) for path in job.sources]), strict=True):
        if isinstance(info, MediaError):
            raise info
        sources.append(EditSource(Path(path), info))
    segments = tuple(
        EditSegment(source, Fraction(start), Fraction(end), source) for source, start, end in job.segments
    )
    output = OutputFormat(codec="h264" if job.codec == "h264" else "copy")
    report = make_export(
        Edit(tuple(sources), segments, output),
        Path(job.output),
        workdir=workdir,
        tools=Tools(ffmpeg=binary(), limits=Limits(), parallel=len(os.sched_getaffinity(0))),
        stage=Stages(workdir / "stages"),
        should_stop=lambda: False,
        on_progress=_ignore,
        warn=_ignore,
    )
    return {
        "frames": report.frames,
        "copied": report.frames_copied,
        "encoded": report.frames_encoded,
        "warnings": list(report.warnings),
    }


def _ignore(*_: object) -> None:
    """For what a job would hand on to its client."""


@dataclass(frozen=True)
class Stages:
    """Pieces of work kept in a folder, as a job's context keeps them."""

    folder: Path

    def __call__(self, name: str, key: Mapping[str, Any], make: Callable[[Path], None], /) -> Path:
        """The piece under its key, made if it isn't there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        mark = hashlib.sha256(json.dumps([name, key], sort_keys=True, default=str).encode()).hexdigest()
        path = self.folder / mark
        if not path.exists():
            unfinished = self.folder / f"{mark}.part"
            make(unfinished)
            unfinished.replace(path)
        return path


if __name__ == "__main__":
    read = json.loads(Path(sys.argv[1]).read_text())
    print(json.dumps(run(Job(**{**read, "segments": [tuple(one) for one in read["segments"]]}))))
