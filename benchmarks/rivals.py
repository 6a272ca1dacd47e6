"""The other ways to make a cut, each as the commands that somebody would run."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.cameras import ffmpeg_binary

from benchmarks.engine import Job
from benchmarks.material import BIT_RATE, Cut

Commands = list[list[str]]
_FFMPEG = ["-nostdin", "-hide_banner", "-loglevel", "error", "-y"]


def engine(cut: Cut, output: Path, working: Path) -> Commands:
    """VideoCraft, `codec: copy`."""
    job = working / "job.json"
    sources = [str(camera.path) for camera in cut.cameras]
    job.write_text(Job(sources, list(cut.segments), str(output), str(working)).to_json())
    return [[sys.executable, "-m", "benchmarks.engine", str(job)]]


def naive(cut: Cut, output: Path, working: Path) -> Commands:
    """A file for each segment with ``-c copy``, joined by the concat demuxer: inexact, and quick."""
    commands = []
    listing = working / "list.txt"
    lines = []
    for number, (source, start, end) in enumerate(cut.segments):
        piece = working / f"piece-{number}.mp4"
        length = f"{float(end) - float(start):.3f}"
        path = str(cut.cameras[source].path)
        commands.append(
            [ffmpeg_binary(), *_FFMPEG, "-ss", start, "-i", path, "-t", length, "-c", "copy", str(piece)]
        )
        lines.append(f"file '{piece}'\n")
    listing.write_text("".join(lines))
    join = ["-f", "concat", "-safe", "0", "-i", str(listing), "-c", "copy", "-movflags", "+faststart"]
    return [*commands, [ffmpeg_binary(), *_FFMPEG, *join, str(output)]]


def one_graph(cut: Cut, output: Path, working: Path) -> Commands:
    """Everything encoded in one FFmpeg with one filter graph, libx264 veryfast at the sources' bit rate.

    Each segment is an input that is sought to, so nothing is decoded that the cut doesn't use.
    """
    inputs: list[str] = []
    graph = []
    for number, piece in enumerate(cut.pieces()):
        # Sought to a little before the first frame, so that rounding can't lose it.
        early = 1 / (4 * piece.camera.rate)
        begin = max(piece.sound_at - early, piece.sound_at * 0)
        length = piece.count / piece.camera.rate
        inputs += [
            "-ss",
            f"{float(begin):.6f}",
            "-t",
            f"{float(length) + 1:.6f}",
            "-i",
            str(piece.camera.path),
        ]
        lead = float(piece.sound_at - begin)
        graph.append(f"[{number}:v]trim=end_frame={piece.count},setpts=PTS-STARTPTS[v{number}]")
        graph.append(
            f"[{number}:a]atrim=start={lead:.6f}:duration={float(length):.6f},asetpts=PTS-STARTPTS[a{number}]"
        )
    count = len(cut.segments)
    joined = "".join(f"[v{number}][a{number}]" for number in range(count))
    script = working / "graph.txt"
    script.write_text(";\n".join([*graph, f"{joined}concat=n={count}:v=1:a=1[v][a]"]))
    command = [ffmpeg_binary(), *_FFMPEG, *inputs, "-/filter_complex", str(script)]
    command += ["-map", "[v]", "-map", "[a]", "-c:v", "libx264", "-preset", "veryfast", "-b:v", str(BIT_RATE)]
    return [[*command, "-c:a", "aac", "-b:a", "192k", "-movflags", "+faststart", str(output)]]


def smartcut(peer_python: Path, cut: Cut, output: Path, working: Path) -> Commands:
    """The PyPI package ``smartcut``, which cuts segments of one file in their order; needs no ``working``."""
    del working
    spans = ",".join(f"{start},{end}" for _, start, end in cut.segments)
    return [[str(peer_python), "-m", "smartcut", str(cut.cameras[0].path), str(output), "--keep", spans]]
