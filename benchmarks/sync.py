"""The sync measured on whole recordings: error, drift, time and memory, side by side with decoding alone.

``python -m benchmarks.sync [--minutes 30] [--cameras 3] [--bed event|noise] [--cache FOLDER] [--peer-python
PYTHON [--peers NAMES]] [--output FILE]`` writes Markdown. Cameras are AAC in MP4, made once into the cache:
an event of speech and music, each camera with noise, start and clock of its own, so the truth is known. The
bed ``noise`` is bursts of noise, at 16 kHz and mono: a day of it is made in minutes. ``decode`` is FFmpeg
decoding the same sound once to 8 kHz mono, as many files at a time as there are processors: the work no sync
can leave out. Peers (``sync_peers.py``), installed for another Python, sync one camera after the other with
the first; their errors are against the truth at the start or in the middle, whichever is nearer.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import measured
from benchmarks import sync_material as material
from benchmarks.measured import Cost
from benchmarks.sync_material import RATE
from benchmarks.sync_peers import PEERS, environment
from videocraft.media import ffmpeg
from videocraft.media.process import Limits

_BLOCK_SECONDS = 60


@dataclass(frozen=True)
class Camera:
    """A recording and the truth about it, against the first one."""

    path: Path
    offset_s: float
    drift_ppm: float
    seconds: float

    def truths(self) -> tuple[float, float]:
        """The offset at the start, and in the middle of the recording."""
        return self.offset_s, self.offset_s + self.drift_ppm * 1e-6 * self.seconds / 2


PLANS = ((0.0, 0.0, 20.0), (12.3456, 37.0, 10.0), (-8.7654321, -61.5, 3.0), (301.0, 12.0, 10.0))
"""Start after the first camera (s), drift (ppm) and signal to noise (dB) of each camera."""


def make(folder: Path, minutes: float, cameras: int, bed: str) -> list[Camera]:
    """The recordings, from the cache if they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    result = []
    for number, (start, drift, _) in enumerate(PLANS[:cameras]):
        kind = "" if bed == "event" else f"-{bed}"
        path = folder / f"camera-{number}-{minutes:g}min{kind}.mp4"
        if not path.exists():
            _make_one(path, minutes * 60, PLANS[number], number, bed)
        result.append(Camera(path, start, drift, minutes * 60))
    return result


def _make_one(path: Path, seconds: float, plan: tuple[float, float, float], number: int, bed: str) -> None:
    """One recording, made minute by minute: an event of hours doesn't fit in memory."""
    start, drift, snr = plan
    rng = np.random.default_rng([7, number])
    level = 10 ** (-snr / 20)
    raw = path.with_suffix(".s16")
    with raw.open("wb") as file:
        done = 0.0
        while done < seconds:
            length = min(_BLOCK_SECONDS, seconds - done)
            begin = 20 + start + done * (1 + drift * 1e-6)
            first = max(int(begin) - 1, 0)
            fine = material.fine_event(_stretch(_BEDS[bed], first, int(length) + 4))
            heard = material.record(fine, begin - first, length, drift * 1e-6)
            heard = heard + level * material.noise(rng, len(heard))
            file.write((np.clip(heard * 0.1, -1, 1) * 32767).astype("<i2").tobytes())
            done += length
    arguments = ["-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", str(raw), "-c:a", "aac"]
    part = path.with_suffix(".part.mp4")
    ffmpeg.ffmpeg([*arguments, *_ENCODING[bed], "-y", str(part)], binary=ffmpeg.binary(), limits=_LIMITS)
    raw.unlink()
    part.rename(path)


def _stretch(
    block_of: Callable[[material.Rng], material.Samples], first: int, seconds: int
) -> material.Samples:
    """Seconds of an endless event: each ten of them have random numbers of their own."""
    numbers = range(first // 10, (first + seconds) // 10 + 1)
    samples = np.concatenate([block_of(np.random.default_rng([99, number])) for number in numbers])
    skipped = (first - first // 10 * 10) * RATE
    return samples[skipped : skipped + seconds * RATE]


def _event(rng: material.Rng) -> material.Samples:
    return material.speech(rng, 10) + 0.5 * material.music(rng, 10)


def _noise(rng: material.Rng) -> material.Samples:
    """Noise whose loudness changes eight times a second."""
    loudness = np.exp(1.2 * rng.standard_normal(80))
    bursts = np.repeat(loudness, RATE // 8) * rng.standard_normal(10 * RATE)
    return bursts / np.sqrt(np.mean(bursts**2))


_BEDS = {"event": _event, "noise": _noise}
_ENCODING = {
    "event": ["-ar", "48000", "-ac", "2", "-b:a", "128k"],
    "noise": ["-ar", "16000", "-ac", "1", "-b:a", "48k", "-aac_coder", "fast"],
}
_LIMITS = Limits(wall_seconds=3600, cpu_seconds=3600)


def decode_commands(cameras: list[Camera]) -> list[str]:
    """A shell command that decodes all sound, as many files at a time as there are processors."""
    one = (
        f"{shlex.quote(ffmpeg.binary())} -v error -nostdin -i {{}} -vn -ac 1 -ar {RATE} -f s16le -y /dev/null"
    )
    names = " ".join(shlex.quote(str(camera.path)) for camera in cameras)
    return ["sh", "-c", f"printf '%s\\n' {names} | xargs -P {os.cpu_count()} -I{{}} {one}"]


def ours(cameras: list[Camera], workdir: Path, report: Path) -> list[str]:
    """This module as a command that syncs."""
    names = [str(camera.path) for camera in cameras]
    return [
        sys.executable,
        "-m",
        "benchmarks.sync",
        "--measure",
        str(workdir),
        "--output",
        str(report),
        *names,
    ]


def measure_files(workdir: Path, report: Path, paths: list[str]) -> None:
    """What runs in the measured process."""
    from videocraft.media.probe import probe
    from videocraft.media.sync import Track, measure

    tracks = {}
    for number, (name, info) in enumerate(zip(paths, probe([Path(name) for name in paths]), strict=True)):
        if isinstance(info, Exception):
            raise info
        tracks[chr(ord("A") + number)] = Track(Path(name), info)
    found = measure(tracks, "A", workdir=workdir, should_stop=lambda: False, on_progress=lambda _: None)
    report.write_text(json.dumps(found.to_json()))


def ask(name: str, python: Path, cameras: list[Camera], folder: Path) -> tuple[Cost, str]:
    """What a peer takes for all cameras, and its errors in words."""
    peer, (first, *others) = PEERS[name], cameras
    tools = folder / name
    tools.mkdir()
    found = environment(tools)
    total, errors = Cost(0.0, 0.0, 0), []
    for camera in others:
        command = peer.command(python, str(first.path), str(camera.path))
        try:
            one = measured.run([command], found)
        except RuntimeError as error:
            errors.append(str(error).strip().splitlines()[-1][:80])
            continue
        total = Cost(
            total.wall_seconds + one.wall_seconds,
            total.cpu_seconds + one.cpu_seconds,
            max(total.peak_bytes, one.peak_bytes),
        )
        answer = peer.offset(one.messages, str(camera.path))
        near = min(camera.truths(), key=lambda truth: abs(truth - answer))
        errors.append(f"{(answer - near) * 1000:+.2f} ms")
    return total, ", ".join(errors)


def tables(cameras: list[Camera], python: Path | None, peers: list[str]) -> Iterator[str]:
    """Markdown of one run."""
    costs: dict[str, Cost] = {}
    answers: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        costs["decode"] = measured.run([decode_commands(cameras)])
        costs["sync"] = measured.run([ours(cameras, Path(folder), report)])
        for name in peers if python else []:
            costs[name], answers[name] = ask(name, python, cameras, Path(folder))
        found = json.loads(report.read_text())["pairs"]
    yield "| what | wall | of decoding | CPU | memory | errors of peers |"
    yield "| --- | ---: | ---: | ---: | ---: | --- |"
    base = costs["decode"].wall_seconds
    for name, cost in costs.items():
        yield (
            f"| {name} | {cost.wall_seconds:.1f} s | {cost.wall_seconds / base:.2f} "
            f"| {cost.cpu_seconds:.1f} s "
            f"| {cost.peak_bytes / 1e6:.0f} MB | {answers.get(name, '')} |"
        )
    yield ""
    yield "| camera | true offset | error at the start | at the middle | drift | error | confidence |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | --- |"
    for number, camera in enumerate(cameras[1:], 1):
        label = chr(ord("A") + number)
        pair = found[label]
        # The middle of the overlap on the camera's clock, as the sync has it.
        before = max(0.0, -camera.offset_s)
        middle = before + pair["overlap_ms"] / 2000
        true_middle = camera.offset_s + camera.drift_ppm * 1e-6 * middle
        yield (
            f"| {label} | {camera.offset_s:.4f} s | {pair['offset_ms'] - camera.offset_s * 1000:+.4f} ms "
            f"| {pair['offset_mid_ms'] - true_middle * 1000:+.4f} ms | {camera.drift_ppm:+.1f} ppm "
            f"| {pair['drift_ppm'] - camera.drift_ppm:+.3f} ppm "
            f"| {pair['confidence']} {pair['classification']} |"
        )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--cameras", type=int, default=3, choices=range(2, len(PLANS) + 1))
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir(), "videocraft-sync-benchmark")
    )
    parser.add_argument("--bed", choices=sorted(_BEDS), default="event", help="what the cameras hear")
    parser.add_argument("--peer-python", type=Path, help="the Python that peers are installed for")
    parser.add_argument("--peers", default=",".join(PEERS), help="which of them, with commas between")
    parser.add_argument("--make-only", action="store_true", help="make the recordings, measure nothing")
    parser.add_argument("--output", type=Path)
    parser.add_argument(
        "--measure", type=Path, metavar="WORKDIR", help="measure PATHS, write JSON to --output"
    )
    parser.add_argument("paths", nargs="*")
    arguments = parser.parse_args()
    if arguments.measure:
        measure_files(arguments.measure, arguments.output, arguments.paths)
        return
    cameras = make(arguments.cache, arguments.minutes, arguments.cameras, arguments.bed)
    if arguments.make_only:
        return
    peers = [name for name in arguments.peers.split(",") if name]
    text = "\n".join(tables(cameras, arguments.peer_python, peers)) + "\n"
    if arguments.output:
        arguments.output.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
