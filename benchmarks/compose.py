"""A film of six scenes against other ways to make it.

``python -m benchmarks.compose [--quick] [--peer-python PYTHON] [--keep FOLDER]``: three stills that zoom,
three videos, captions over all, one voice; 60 seconds of 1080p (``--quick``: 10). Ways: this engine with
nothing kept; again with one scene's text changed, which is a still's; one hand-written FFmpeg command with
``zoompan``, ``concat`` and the same captions, encoder preset and loudness; moviepy 2 in the Python that
``--peer-python`` names. Every way runs in processes of its own, one after the other. ``--keep`` leaves the
films to be looked at.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.cameras import ffmpeg_binary

from benchmarks import measured
from benchmarks.measured import Cost
from videocraft.media import fonts
from videocraft.media.captions.ass import write_ass
from videocraft.media.captions.layout import SAFE_ENDS, lay_out
from videocraft.media.captions.style import FONT_LINES, CaptionStyle
from videocraft.media.captions.transcript import Segment, Transcript, Word
from videocraft.media.compose.film import (
    AudioClip,
    CaptionTrack,
    Film,
    FilmScene,
    ImageLayer,
    Source,
    VideoLayer,
)
from videocraft.media.compose.motion import Motion, Rect
from videocraft.media.compose.render import make_film
from videocraft.media.edit import Tools
from videocraft.media.probe import MediaInfo, probe
from videocraft.media.process import Limits

SCENES = 6
SIZE = (1920, 1080)
ZOOM = 1.2
TEXT = "every scene of this film has words that are spoken one after the other and are shown as they are said"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10 seconds instead of 60")
    parser.add_argument("--peer-python", type=Path, help="a Python that has moviepy 2")
    parser.add_argument("--keep", type=Path, help="an empty folder for the films")
    parser.add_argument("--way", choices=("engine",), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--changed", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    seconds = 10 if options.quick else 60
    if options.way == "engine":
        engine(options.folder, seconds, changed=options.changed)
        return
    with _folder(options.keep) as folder:
        compare(folder, seconds, quick=options.quick, peer_python=options.peer_python)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="compose-") as name:
        yield Path(name)


def compare(folder: Path, seconds: int, *, quick: bool, peer_python: Path | None) -> None:
    """Run every way and print its wall clock beside the hand-written command's."""
    materials(folder, seconds)
    same = [sys.executable, "-m", "benchmarks.compose", "--folder", str(folder), *(["--quick"] * quick)]
    print(f"film of {seconds} s, {SCENES} scenes, {SIZE[0]}x{SIZE[1]}, 30 fps, libx264 veryfast CRF 23")
    hand = measured.run([hand_written(folder, seconds)], fonts.environment())
    print(_row("hand-written FFmpeg command", hand, hand, ""), flush=True)
    first = measured.run([[*same, "--way", "engine"]])
    print(_row("VideoCraft, first render", first, hand, "of the command (aim <= 1.1)"), flush=True)
    changed = measured.run([[*same, "--way", "engine", "--changed"]])
    print(
        _row("VideoCraft, one text changed", changed, first, "of the first render (aim <= 0.25)"), flush=True
    )
    if peer_python is None:
        print("moviepy 2 not measured: see --peer-python")
        return
    other = measured.run([moviepy(peer_python, folder, seconds)])
    print(_row("moviepy 2", other, other, ""))
    print(_row("VideoCraft, first render", first, other, "of moviepy (aim <= 0.2)"))


def _row(name: str, cost: Cost, base: Cost, note: str) -> str:
    wall, processor = cost.wall_seconds, cost.cpu_seconds
    ratios = f"{wall / base.wall_seconds:.2f} x wall, {processor / base.cpu_seconds:.2f} x CPU {note}"
    return f"{name:<30}{wall:7.1f} s wall {processor:7.1f} s CPU {cost.peak_bytes / 2**20:6.0f} MB   {ratios}"


# --- material -------------------------------------------------------------------------------------------


def materials(folder: Path, seconds: int) -> None:
    """Three photographs of noise and shapes, three videos, and a voice."""
    each = seconds / SCENES
    quiet = [ffmpeg_binary(), "-nostdin", "-hide_banner", "-loglevel", "error", "-y"]
    commands = []
    for number in range(3):
        picture = f"testsrc2=size=2880x1620:rate=1,hue=h={30 * number},noise=alls=20:all_seed=1,gblur=1"
        commands.append(
            [*quiet, "-f", "lavfi", "-i", picture, "-frames:v", "1", str(folder / f"{number}.png")]
        )
        graph = f"testsrc2=size=1920x1080:rate=30:duration={each}"
        graph += ",hue=h=" + str(40 * number)
        encode = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"]
        commands.append([*quiet, "-f", "lavfi", "-i", graph, *encode, str(folder / f"{number}.mp4")])
    voice = f"anoisesrc=color=pink:duration={seconds}:amplitude=0.2:seed=1"
    commands.append(
        [*quiet, "-f", "lavfi", "-i", voice, "-ar", "48000", "-ac", "2", str(folder / "voice.wav")]
    )
    measured.run(commands)


def said(start: float, length: float, first: str = "") -> Segment:
    """Words over the whole of a scene."""
    words = (first + TEXT).split()
    each = length / len(words)
    timed = tuple(Word(word, start + n * each, start + (n + 0.9) * each) for n, word in enumerate(words))
    return Segment(" ".join(words), start, start + length, timed)


# --- ways -----------------------------------------------------------------------------------------------


def hand_written(folder: Path, seconds: int) -> list[str]:
    """One command: the stills by ``zoompan``, all joined by ``concat``, captions by ``ass``."""
    frames = seconds * 30 // SCENES
    each = seconds / SCENES
    transcript = Transcript("en", seconds, tuple(said(n * each, each) for n in range(SCENES)))
    captions = folder / "captions.ass"
    captions.write_text(write_ass(transcript, CaptionStyle(), SIZE), encoding="utf-8")
    inputs: list[str] = []
    chains = []
    for number in range(3):
        inputs += ["-i", str(folder / f"{number}.png"), "-i", str(folder / f"{number}.mp4")]
        zoom = f"1+{ZOOM - 1}*on/{frames - 1}"
        pan = f"zoompan=z='{zoom}':x='(iw-iw/zoom)/2':y='(ih-ih/zoom)/2':d={frames}:s=1920x1080:fps=30"
        chains.append(f"[{2 * number}:v]{pan},format=yuv420p,setsar=1[a{number}]")
        chains.append(f"[{2 * number + 1}:v]fps=30,format=yuv420p,setsar=1[b{number}]")
    order = "".join(f"[a{number}][b{number}]" for number in range(3))
    chains.append(f"{order}concat=n={SCENES}:v=1:a=0,ass={captions}[v]")
    chains.append("[6:a]loudnorm=I=-14:TP=-1,aresample=48000[s]")
    return [
        *(ffmpeg_binary(), "-nostdin", "-hide_banner", "-loglevel", "error", "-y", *inputs),
        *("-i", str(folder / "voice.wav"), "-filter_complex", ";".join(chains), "-map", "[v]", "-map", "[s]"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-c:a", "aac", "-b:a", "192k"),
        *("-movflags", "+faststart", str(folder / "hand.mp4")),
    ]


def engine(folder: Path, seconds: int, *, changed: bool) -> None:
    """The film by this engine; ``changed``: one scene has another text, the others' pieces are there."""
    frames = seconds * 30 // SCENES
    each = seconds / SCENES
    *sources, voice = _sources([folder / name for name in [*_names(), "voice.wav"]])
    scenes = []
    for number in range(SCENES):
        source = sources[number]
        layer = (
            VideoLayer(source=source)
            if number % 2
            else ImageLayer(source=source, motion=Motion(Rect(), Rect.around(0.5, 0.5, ZOOM)))
        )
        text = said(0, each, "now " if changed and number == 2 else "")
        captions = CaptionTrack(Transcript("en", each, (text,)), CaptionStyle())
        scenes.append(FilmScene(frames=frames, layers=(layer,), captions=captions))
    film = Film(width=SIZE[0], height=SIZE[1], scenes=tuple(scenes), audio=(AudioClip(source=voice),))
    work = folder / f"work-{changed}"
    work.mkdir()
    make_film(
        film,
        folder / f"engine-{changed}.mp4",
        workdir=work,
        tools=Tools(ffmpeg_binary(), Limits(), 2),
        stage=_Kept(folder / "stages"),
        should_stop=lambda: False,
        on_progress=_ignore,
        warn=print,
    )
    shutil.rmtree(work)


def moviepy(python: Path, folder: Path, seconds: int) -> list[str]:
    """The same film by moviepy 2: its zoom, and one clip of text for each state of the captions."""
    each = seconds / SCENES
    style = CaptionStyle()
    unit = SIZE[1] / FONT_LINES
    plan = {
        "size": SIZE,
        "zoom": ZOOM,
        "seconds": each,
        "scenes": [str(folder / name) for name in _names()],
        "captions": [_states(Transcript("en", each, (said(0, each),)), style)] * SCENES,
        "font": str(fonts.FILES / "LiberationSans-Regular.ttf"),
        "font_size": style.font_size * unit,
        "stroke_width": round(style.outline_width * unit),
        "bottom": round(SAFE_ENDS * SIZE[1]),
        "voice": str(folder / "voice.wav"),
        "output": str(folder / "moviepy.mp4"),
    }
    path = folder / "moviepy.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    return [str(python), str(Path(__file__).with_name("peer_moviepy.py")), str(path)]


def _states(transcript: Transcript, style: CaptionStyle) -> list[tuple[float, float, str]]:
    """From when to when, and what is on screen then: the words of a caption that were said so far."""
    states = []
    for cue in lay_out(transcript, style, SIZE):
        ends = [word.start for word in cue.words[1:]] + [cue.end]
        for number, (word, end) in enumerate(zip(cue.words, ends, strict=True), start=1):
            left, lines = number, []
            for line in cue.lines:
                lines.append(" ".join(each.text for each in line[: max(0, left)]))
                left -= len(line)
            states.append((word.start, end, "\n".join(lines).rstrip()))
    return states


def _names() -> list[str]:
    """Files of the scenes in their order."""
    return [f"{number // 2}.{'mp4' if number % 2 else 'png'}" for number in range(SCENES)]


def _ignore(*_: object) -> None:
    """Progress is not looked at."""


def _sources(paths: list[Path]) -> list[Source]:
    sources = []
    for path, info in zip(paths, probe(paths, images=True), strict=True):
        if not isinstance(info, MediaInfo):
            raise info
        sources.append(Source(path, info))
    return sources


class _Kept:
    """Finished pieces in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def __call__(self, name: str, key: Mapping[str, Any], make: Callable[[Path], None], /) -> Path:
        digest = hashlib.sha256(json.dumps([name, key], sort_keys=True).encode()).hexdigest()
        path = self._folder / f"{digest}{Path(name).suffix}"
        if not path.exists():
            part = self._folder / f"part-{digest}{Path(name).suffix}"
            make(part)
            part.rename(path)
        return path


if __name__ == "__main__":
    main()
