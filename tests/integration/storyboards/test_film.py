"""Real films of small pictures: their length, what moves, and which scenes are rendered again after a
change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from videocraft.apis.storyboards import keys
from videocraft.apis.storyboards.render_task import film_of
from videocraft.core.database.models import StoryboardScene
from videocraft.core.tools import media_tools
from videocraft.generation.base import CameraMove
from videocraft.media.compose.film import FilmReport, Source
from videocraft.media.compose.render import make_film
from videocraft.media.ffmpeg import capture
from videocraft.media.probe import MediaInfo, probe
from videocraft.media.process import Limits
from videocraft.media.transcode import size_of, transcode
from videocraft.settings import Settings

WIDTH, HEIGHT = 320, 180
TOOLS = media_tools(Settings())


def picture(path: Path, seed: int) -> Source:
    """A picture with something everywhere, so that every motion is seen."""
    coarse = np.random.default_rng(seed).integers(30, 220, (12, 20, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC).save(path)
    (info,) = probe([path], images=True)
    assert isinstance(info, MediaInfo)
    return Source(path, info, keys.sha256_of(path))


def scene(duration: float, move: CameraMove = CameraMove.PUSH_IN) -> StoryboardScene:
    return cast("StoryboardScene", SimpleNamespace(duration=duration, camera_move=str(move)))


@dataclass
class Studio:
    """Makes films and remembers which stages were made."""

    folder: Path
    made: int = 0
    seconds_made: list[float] = field(default_factory=list)

    def stage(self, name: str, key: Mapping[str, Any], make: Callable[[Path], None]) -> Path:
        digest = hashlib.sha256(json.dumps([name, key], sort_keys=True).encode()).hexdigest()
        path = self.folder / f"{digest}{Path(name).suffix}"
        if not path.exists():
            make(path)
            self.made += 1
        return path

    def make(self, scenes: Sequence[tuple[StoryboardScene, Source]], name: str) -> tuple[Path, FilmReport]:
        output, workdir = self.folder / name, self.folder / f"work-{name}"
        workdir.mkdir()
        report = make_film(
            film_of(scenes, (WIDTH, HEIGHT)),
            output,
            workdir=workdir,
            tools=TOOLS,
            stage=self.stage,
            should_stop=lambda: False,
            on_progress=lambda _fraction, _message: None,
            warn=pytest.fail,
        )
        return output, report


def frames(path: Path) -> Any:
    """Every picture of a film, grey, as an array."""
    raw = capture(
        ["-loglevel", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"],
        binary=TOOLS.ffmpeg,
        limits=Limits(wall_seconds=60),
        stdout_limit=2**28,
    ).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, WIDTH)


def test_a_film_is_as_long_as_asked_and_its_scenes_come_back_from_the_cache(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    lengths = [1.5, 1.0, 1.3]
    moves = [CameraMove.PUSH_IN, CameraMove.PAN_LEFT, CameraMove.PULL_OUT]
    scenes = [
        (scene(length, move), picture(tmp_path / f"{index}.png", index))
        for index, (length, move) in enumerate(zip(lengths, moves, strict=True))
    ]
    film, first = studio.make(scenes, "first.mp4")
    shown = frames(film)
    assert (first.frames, len(shown), first.reused) == (114, 114, 0)
    # Something moves between any two pictures, and nothing jumps.
    steps = np.abs(np.diff(shown.astype(int), axis=0)).mean(axis=(1, 2))
    assert steps.max() < 12
    assert (steps[5:-5] > 0).mean() > 0.9

    again, same = studio.make(scenes, "again.mp4")
    assert same.rendered == 0
    assert np.array_equal(frames(again), shown)

    # Opening and close change places: only the transitions are new, and what is short beside a scene.
    _film, reordered = studio.make([scenes[2], scenes[1], scenes[0]], "reordered.mp4")
    assert reordered.frames == 114
    assert reordered.reused == 3, "the bodies of all scenes"

    # One scene is refined: its body and the transitions at its ends.
    refined = [scenes[0], (scene(1.0, moves[1]), picture(tmp_path / "new.png", 99)), *scenes[2:]]
    _film, report = studio.make(refined, "refined.mp4")
    assert report.rendered == 3


def test_films_become_other_files(tmp_path: Path) -> None:
    film, _report = Studio(tmp_path).make([(scene(1.0), picture(tmp_path / "a.png", 1))], "film.mp4")
    for container, codec, sound in (("mov", "h264", "aac"), ("webm", "vp9", "opus")):
        output = tmp_path / f"export.{container}"
        transcode(
            film,
            output,
            container=cast("Any", container),
            quality="low",
            tools=TOOLS,
            should_stop=lambda: False,
            on_progress=lambda _fraction, _message: None,
        )
        (info,) = probe([output])
        assert isinstance(info, MediaInfo)
        assert info.video is not None
        assert (info.video.codec, info.audio[0].codec) == (codec, sound)
        assert (info.video.width, info.video.height) == (WIDTH, HEIGHT), "never larger than it is"
        assert abs(info.duration - 1) < Fraction(1, 10)


@pytest.mark.parametrize(
    ("shape", "low", "medium"),
    [
        ((1920, 1080), (854, 480), (1280, 720)),
        ((1080, 1920), (480, 854), (720, 1280)),
        ((1080, 1080), (480, 480), (720, 720)),
        ((1440, 1080), (640, 480), (960, 720)),
    ],
)
def test_qualities_are_lines_on_the_short_side(
    shape: tuple[int, int], low: tuple[int, int], medium: tuple[int, int]
) -> None:
    video = cast(
        "Any", SimpleNamespace(width=shape[0], height=shape[1], sample_aspect=Fraction(1), rotation=0)
    )
    assert size_of(video, "low") == low
    assert size_of(video, "medium") == medium
    assert size_of(video, "high") == shape
