"""Running the ways to make a cut and writing what came out as a Markdown table."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import judging, measured
from benchmarks.judging import Verdict
from benchmarks.material import Cut
from benchmarks.measured import Cost
from benchmarks.rivals import Commands

Way = Callable[[Cut, Path, Path], Commands]
"""The commands that make a cut's output file, given a folder to work in."""
BASE = "one graph, libx264 veryfast"
OURS = "VideoCraft"
_HEAD = (
    *("way", "wall s", "/ encode", "CPU s", "/ encode", "peak MB", "size MB", "copied", "wrong frames"),
    *("uneven times", "sound ms", "lost sound", "decoder lines", "tag"),
)


@dataclass(frozen=True)
class Result:
    """One way to make one cut."""

    way: str
    cost: Cost
    verdict: Verdict
    copied: int | None = None
    """Frames that were not encoded, where the way tells."""
    warnings: tuple[str, ...] = ()


def describe(cut: Cut) -> str:
    """How many segments of which lengths."""
    lengths = [float(end) - float(start) for _, start, end in cut.segments]
    return f"{len(lengths)} segments of {min(lengths):.0f}-{max(lengths):.0f} s, {sum(lengths):.0f} s in all"


def table(title: str, cut: Cut, ways: dict[str, Way], working: Path) -> Iterator[str]:
    """A heading and a row for each way, as they come; ratios to the first one if that is the encode."""
    yield f"### {title}"
    yield ""
    yield "| " + " | ".join(_HEAD) + " |"
    yield "| --- |" + " ---: |" * (len(_HEAD) - 2) + " --- |"
    base: Cost | None = None
    notes = []
    for name, way in ways.items():
        try:
            result = _measure(name, way, cut, working)
        except RuntimeError as error:
            yield f"| {name} | failed |" + " |" * (len(_HEAD) - 2)
            notes.append(f"{name}: {str(error).strip().splitlines()[-1]}")
            continue
        base = result.cost if name == BASE else base
        yield _row(result, base)
        notes += [f"{name}: {warning}" for warning in result.warnings]
    for note in notes:
        yield ""
        yield note


def _measure(name: str, way: Way, cut: Cut, working: Path) -> Result:
    folder = working / f"way-{len(list(working.iterdir()))}"
    folder.mkdir()
    output = folder / "output.mp4"
    commands = way(cut, output, folder)
    # Every way finds the sources in the page cache, or none does.
    for camera in cut.cameras:
        _read(camera.path)
    cost = measured.run(commands, {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))})
    report = json.loads(cost.messages.splitlines()[-1]) if name == OURS else {}
    verdict = judging.judge(cut, output)
    output.unlink()
    return Result(name, cost, verdict, report.get("copied"), tuple(report.get("warnings", ())))


def _read(path: Path) -> None:
    with path.open("rb") as file:
        while file.read(2**24):
            pass


def _row(result: Result, base: Cost | None) -> str:
    cost, verdict = result.cost, result.verdict
    cells = [
        result.way,
        f"{cost.wall_seconds:.1f}",
        f"{cost.wall_seconds / base.wall_seconds:.3f}" if base else "-",
        f"{cost.cpu_seconds:.1f}",
        f"{cost.cpu_seconds / base.cpu_seconds:.3f}" if base else "-",
        f"{cost.peak_bytes / 1e6:.0f}",
        f"{verdict.size / 1e6:.1f}",
        "-" if result.copied is None else str(result.copied),
        f"{verdict.wrong_frames} of {verdict.frames}",
        str(verdict.uneven_times),
        f"{verdict.worst_sound_ms:.2f}",
        str(verdict.lost_sound),
        str(verdict.messages),
        verdict.tag,
    ]
    return "| " + " | ".join(cells) + " |"
