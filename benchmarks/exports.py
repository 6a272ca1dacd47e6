"""Exports measured against the other ways to make the same cut, side by side in one run.

``python -m benchmarks.exports [--quick] [--cache FOLDER] [--peer-python PYTHON] [--output FILE]`` writes
Markdown. Ratios are to encoding the same cut in one FFmpeg graph (libx264 veryfast), so a busy or slow
machine changes them little; absolute times are this machine's.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import material, rivals, serving
from benchmarks.material import Material
from benchmarks.tables import BASE, OURS, Way, describe, table


@dataclass(frozen=True)
class Sizes:
    """How much material a run uses."""

    seconds: int
    segments: int
    shortest: float
    longest: float
    long_segments: int
    long_shortest: float
    long_longest: float
    copies: int
    """Times that the long recording repeats the short one."""
    many: int
    many_shortest: float
    many_longest: float
    status_seconds: float


FULL = Sizes(300, 20, 6, 25, 5, 60, 90, 24, 155, 2, 12, 10)
QUICK = Sizes(60, 8, 3, 8, 2, 20, 30, 4, 155, 0.3, 1.2, 3)


@dataclass(frozen=True)
class Run:
    """What a section of the report works with."""

    sizes: Sizes
    cameras: Material
    cache: Path
    working: Path
    """A folder that is removed after the section."""
    peer_python: Path | None


def joined(run: Run) -> Iterator[str]:
    """The cut that the promises are about: many segments of two cameras."""
    sizes = run.sizes
    sources = [run.cameras.with_b_frames, run.cameras.without_b_frames]
    cut = material.cut("closed", sources, sizes.segments, sizes.shortest, sizes.longest)
    ways: dict[str, Way] = {BASE: rivals.one_graph, OURS: rivals.engine, "naive copies": rivals.naive}
    yield from table(f"Two cameras with closed groups: {describe(cut)}", cut, ways, run.working)


def long(run: Run) -> Iterator[str]:
    """Segments of a minute and more, where there is little to encode."""
    sizes = run.sizes
    sources = [run.cameras.with_b_frames, run.cameras.without_b_frames]
    cut = material.cut("long", sources, sizes.long_segments, sizes.long_shortest, sizes.long_longest)
    ways: dict[str, Way] = {BASE: rivals.one_graph, OURS: rivals.engine}
    yield from table(f"Long segments: {describe(cut)}", cut, ways, run.working)


def open_groups(run: Run) -> Iterator[str]:
    """A camera whose groups lean on each other: copying them is where naive cutting breaks."""
    sizes = run.sizes
    count = max(4, sizes.segments // 4)
    cut = material.cut("open", [run.cameras.open_groups], count, sizes.shortest, sizes.longest)
    ways: dict[str, Way] = {BASE: rivals.one_graph, OURS: rivals.engine, "naive copies": rivals.naive}
    yield from table(f"Open groups: {describe(cut)}", cut, ways, run.working)


def single(run: Run) -> Iterator[str]:
    """Segments of one camera in order: what the package smartcut can do as well."""
    cut = material.ascending_cut("single", run.cameras.with_b_frames, run.sizes.segments)
    ways: dict[str, Way] = {BASE: rivals.one_graph, OURS: rivals.engine}
    if run.peer_python is not None:
        ways["smartcut (PyPI)"] = partial(rivals.smartcut, run.peer_python)
    yield from table(f"One camera, in order: {describe(cut)}", cut, ways, run.working)


def many(run: Run) -> Iterator[str]:
    """Very many segments of a very long recording: memory must not grow with either."""
    whole = material.looped(run.cameras.with_b_frames, run.sizes.copies, run.cache)
    cut = material.cut("many", [whole], run.sizes.many, run.sizes.many_shortest, run.sizes.many_longest)
    title = f"A recording of {float(whole.seconds) / 3600:.2g} h: {describe(cut)}"
    yield from table(title, cut, {OURS: rivals.engine}, run.working)


def server(run: Run) -> Iterator[str]:
    """Start and status requests."""
    cut = material.cut("served", [run.cameras.with_b_frames], 1, 10, 20)
    found = serving.serve(cut, run.working, run.sizes.status_seconds)
    yield "### The server"
    yield ""
    yield "| what | measured |"
    yield "| --- | ---: |"
    yield f"| ready after `serve`, empty data directory | {found.first_start_seconds:.2f} s |"
    yield f"| ready after `serve`, later | {found.next_start_seconds:.2f} s |"
    yield f"| status requests a second, one core, export running | {found.statuses_a_second:.0f} |"
    yield f"| status requests for each second of server CPU | {found.statuses_a_cpu_second:.0f} |"


SECTIONS = {
    "joined": joined,
    "long": long,
    "open": open_groups,
    "single": single,
    "many": many,
    "server": server,
}


def report(sizes: Sizes, cache: Path, peer_python: Path | None, sections: Sequence[str]) -> Iterator[str]:
    """The lines of the report, as they are measured."""
    cameras = Material.make(cache, sizes.seconds)
    yield f"Recordings: {sizes.seconds} s, 1080p30, 8 Mb/s H.264, AAC 48 kHz."
    yield f"Machine: {os.cpu_count()} cores, {platform.machine()}; Python {platform.python_version()}."
    for name in sections:
        with tempfile.TemporaryDirectory(dir=cache, prefix="run-") as working:
            yield ""
            yield from SECTIONS[name](Run(sizes, cameras, cache, Path(working), peer_python))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the sections asked for and write their tables to standard output and to a file."""
    options = _parser().parse_args(arguments)
    lines: list[str] = []
    sizes = QUICK if options.quick else FULL
    for line in report(sizes, options.cache.absolute(), options.peer_python, options.only):
        lines.append(line)
        print(line, flush=True)
    if options.output:
        options.output.write_text("\n".join(lines) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exports", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="recordings of one minute instead of five")
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path(".benchmarks"),
        help="folder that keeps the recordings (several GB)",
    )
    parser.add_argument("--peer-python", type=Path, help="a Python that has the package smartcut")
    parser.add_argument("--output", type=Path, help="file that gets the Markdown as well")
    parser.add_argument("--only", nargs="+", choices=list(SECTIONS), default=list(SECTIONS), help="sections")
    return parser


if __name__ == "__main__":
    main()
