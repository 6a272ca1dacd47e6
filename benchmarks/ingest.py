"""Ingestion measured against each derivative made alone by FFmpeg, side by side in one run.

``python -m benchmarks.ingest [--seconds N] [--runs N] [--cache FOLDER]`` writes Markdown, within five minutes
on two cores. The promises: all derivatives cost at most 1.15 times the slowest one alone, and without the
mezzanine two cores are at least four times as fast as 1080p30 plays. Processor seconds are what is compared,
since other work on the machine changes them least; beside the speed by the clock stands the one that they
allow on two cores that are kept busy. What the start of our interpreter takes is left out: a worker has one
that runs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import psutil
from tests.support.cameras import Camera, kept_camera

from benchmarks import measured
from benchmarks.material import BIT_RATE
from benchmarks.measured import Cost
from videocraft.media import derivatives, ffmpeg
from videocraft.media.edit import Tools
from videocraft.media.probe import MediaInfo, probe
from videocraft.media.process import Limits

CORES = 2
SCALE = "fps=30,scale=960:540:flags=bilinear"


def alone(source: Path, folder: Path) -> dict[str, list[str]]:
    """What one would type for each derivative, with the encoders that ingestion uses."""
    start = [ffmpeg.binary(), "-nostdin", "-loglevel", "error", "-y", "-i", str(source)]
    proxy = ["-vf", SCALE, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "24", "-maxrate", "2.8M"]
    proxy += ["-bufsize", "5.6M", "-g", "15", "-c:a", "aac", "-aac_coder", "fast", "-b:a", "192k"]
    proxy += ["-movflags", "+faststart"]
    mezzanine = ["-c:v", "prores_aw", "-profile:v", "2", "-pix_fmt", "yuv422p10le", "-c:a", "pcm_s24le"]
    return {
        "proxy alone": [*start, *proxy, str(folder / "proxy.mp4")],
        "mezzanine alone": [*start, *mezzanine, str(folder / "mezzanine.mov")],
        "wav alone": [*start, "-vn", "-c:a", "pcm_s16le", "-ar", "48000", "-ac", "2", str(folder / "a.wav")],
        "poster alone": [*start, "-vf", "select=eq(n\\,30)", "-frames:v", "1", str(folder / "poster.jpg")],
    }


def ours(source: Path, folder: Path, *, mezzanine: bool) -> list[str]:
    """Ingestion as a command of its own: with its probe, its checks and its waveform."""
    switch = "on" if mezzanine else "off"
    return [sys.executable, "-m", "benchmarks.ingest", "--make", str(source), str(folder), switch]


def make(source: Path, folder: Path, *, mezzanine: bool) -> None:
    """What the command of `ours` runs; prints the processor and wall seconds that its start took."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    started = psutil.Process().create_time()
    print(json.dumps([usage.ru_utime + usage.ru_stime, time.time() - started]), flush=True)
    (info,) = probe([source])
    if not isinstance(info, MediaInfo):
        raise info
    derivatives.make(
        source,
        info,
        derivatives.plan(info, mezzanine=mezzanine),
        folder,
        tools=Tools(ffmpeg.binary(), Limits()),
        should_stop=lambda: False,
        on_progress=lambda _: None,
    )


def report(seconds: int, runs: int, cache: Path) -> Iterator[str]:
    """The lines of the report, as they are measured: the least of several runs of each way in turn."""
    camera = kept_camera(
        replace(Camera(seconds=Fraction(seconds), size=(1920, 1080)), bit_rate=BIT_RATE, preset="superfast"),
        cache,
    )
    yield f"Recording: {seconds} s, 1080p30, {BIT_RATE / 1e6:.0f} Mb/s H.264, AAC; least of {runs} runs."
    yield f"Machine: {os.cpu_count()} cores, {platform.machine()}; Python {platform.python_version()}."
    yield ""
    best: dict[str, Cost] = {}
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    for _ in range(runs):
        with tempfile.TemporaryDirectory(dir=cache, prefix="run-") as working:
            folder = Path(working)
            ways = alone(camera.path, folder) | {
                "VideoCraft, all": ours(camera.path, folder, mezzanine=True),
                "VideoCraft, no mezzanine": ours(camera.path, folder, mezzanine=False),
            }
            for name, command in ways.items():
                cost = measured.run([command], environment)
                if name.startswith("VideoCraft"):
                    cpu, wall = json.loads(cost.messages.splitlines()[0])
                    cost = replace(
                        cost, cpu_seconds=cost.cpu_seconds - cpu, wall_seconds=cost.wall_seconds - wall
                    )
                best[name] = min(best.get(name, cost), cost, key=lambda each: each.cpu_seconds)
    yield "| way | CPU s | wall s | speed by the clock | by CPU, on two cores | peak MB |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for name, cost in best.items():
        speed = seconds / cost.wall_seconds
        yield (
            f"| {name} | {cost.cpu_seconds:.2f} | {cost.wall_seconds:.1f} | {speed:.1f} x "
            f"| {seconds * CORES / cost.cpu_seconds:.1f} x | {cost.peak_bytes / 1e6:.0f} |"
        )
    alone_most = {name: cost for name, cost in best.items() if name.endswith("alone")}
    slowest = max(alone_most, key=lambda name: alone_most[name].cpu_seconds)
    whole, base = best["VideoCraft, all"], best[slowest]
    yield ""
    cpu, wall = whole.cpu_seconds / base.cpu_seconds, whole.wall_seconds / base.wall_seconds
    yield f"All: {cpu:.2f} x the CPU of the slowest ({slowest}; goal 1.15), {wall:.2f} x its wall clock."
    small, proxy = best["VideoCraft, no mezzanine"], best["proxy alone"]
    speed, more = seconds / small.wall_seconds, small.cpu_seconds / proxy.cpu_seconds
    yield f"Without mezzanine: {speed:.1f} x real time (goal 4), {more:.2f} x the CPU of the proxy alone."


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the report to standard output."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingest", description=__doc__)
    parser.add_argument("--seconds", type=int, default=45, help="length of the recording")
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=Path(".benchmarks"), help="keeps the recording")
    parser.add_argument("--make", nargs=3, metavar=("SOURCE", "FOLDER", "MEZZANINE"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.make:
        make(Path(options.make[0]), Path(options.make[1]), mezzanine=options.make[2] == "on")
        return
    for line in report(options.seconds, options.runs, options.cache.absolute()):
        print(line, flush=True)


if __name__ == "__main__":
    main()
