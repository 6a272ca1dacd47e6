"""From projects to films: lengths, positions, sounds and motions."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from videocraft.apis.videos.plan import build_film, scene_lengths, scene_starts
from videocraft.apis.videos.project import MOST_OFFSET, MOST_SIDE
from videocraft.apis.videos.schemas import parse
from videocraft.errors import InvalidInput
from videocraft.media.compose.film import Film, ImageLayer, Source, TextLayer, VideoLayer
from videocraft.media.probe import AudioStream, MediaInfo, VideoStream


def source(
    seconds: str, *, size: tuple[int, int] | None = None, has_sound: bool = True, **more: Any
) -> Source:
    """A file of some length, with a picture of a size, and with sound."""
    duration = Fraction(seconds)
    facts: dict[str, Any] = {
        "index": 0, "codec": "h264", "profile": None, "level": None, "pix_fmt": "yuv420p",
        "sample_aspect": Fraction(1), "rate": Fraction(30), "is_constant_rate": True,
        "time_base": Fraction(1, 30), "start_pts": 0, "end_pts": 1, "frames": 1, "duration": duration,
        "longest_gap": Fraction(1, 30), "color_space": "bt709", "color_primaries": "bt709",
        "color_transfer": "bt709", "color_range": "tv", "field_order": "progressive", "rotation": 0,
        "is_mirrored": False, "has_odd_edit_list": False, "bit_rate": None, "b_frames": 0,
    }  # fmt: skip
    video = None
    if size is not None:
        video = VideoStream(width=size[0], height=size[1], **{**facts, **more})
    sound = AudioStream(1, "aac", 48000, 2, "stereo", Fraction(0), duration)
    info = MediaInfo("x", 1, "mov", duration, Fraction(0), video, (sound,) if has_sound else (), 2)
    return Source(Path("x"), info, digest=seconds)


SOURCES = {
    "https://a/speech": source("7.25"),
    "https://a/clip": source("3.5", size=(640, 360)),
    "https://a/silent": source("3", size=(640, 360), has_sound=False),
    "https://a/photo": source("0.04", size=(400, 200), has_sound=False),
    "https://a/turned": source("1", size=(400, 200), rotation=90, sample_aspect=Fraction(2)),
}


def film(*scenes: dict[str, Any], **more: Any) -> Film:
    project = parse({"scenes": list(scenes), **more}, lambda _url: None)
    lengths = scene_lengths(project, SOURCES)
    return build_film(project, SOURCES, lengths, [None] * len(lengths))


def lengths(*scenes: dict[str, Any]) -> list[float]:
    project = parse({"scenes": list(scenes)}, lambda _url: None)
    return [float(length) for length in scene_lengths(project, SOURCES)]


def element(kind: str, name: str = "", **more: Any) -> dict[str, Any]:
    return {"type": kind, **({"src": f"https://a/{name}"} if name else {}), **more}


@pytest.mark.parametrize(
    ("scene", "seconds"),
    [
        ({"elements": [element("audio", "speech")]}, 7.25),
        ({"elements": [element("audio", "speech"), element("video", "clip")]}, 7.25),
        ({"elements": [element("audio", "speech", duration=2), element("video", "clip")]}, 3.5),
        ({"elements": [element("audio", "speech", start=1)]}, 8.25),
        ({"elements": [element("audio", "speech", offset=7)]}, 0.25),
        ({"elements": [element("audio", "speech", duration=60)]}, 7.25),
        ({"elements": [element("audio", "speech", duration=60, loop=True)]}, 60),
        ({"elements": [element("video", "clip", duration=60)]}, 60),
        ({"elements": [element("audio", "speech")], "duration": 2}, 2),
        ({"elements": [element("image", "photo")]}, 5),
        ({"elements": [element("text", text="x")]}, 5),
        ({"elements": [element("image", "photo", duration=8)]}, 8),
        ({"elements": [element("image", "photo", duration=2)]}, 2),
        ({"elements": [element("image", "photo", duration=2), element("text", text="x")]}, 5),
        ({"elements": [], "background-color": "#112233"}, 5),
    ],
)
def test_how_long_a_scene_lasts(scene: dict[str, Any], seconds: float) -> None:
    assert lengths(scene) == [seconds]


def test_scenes_begin_on_frames_without_drifting() -> None:
    starts = scene_starts([Fraction("0.35")] * 20)
    assert starts[-1] == 7
    assert all((start * 30).denominator == 1 for start in starts)
    assert scene_starts([Fraction(1, 100)] * 3) == [0, Fraction(1, 30), Fraction(2, 30), Fraction(3, 30)]


def test_pictures_are_placed() -> None:
    made = film(
        {
            "elements": [
                element("image", "photo"),
                element("image", "photo", x=10, y=20),
                element("image", "photo", width=100),
                element("image", "photo", height=50, x=0, y=0),
                element("image", "photo", width=30, height=30, resize="contain", **{"z-index": 5}),
                element("video", "turned", x=0, y=0),
            ]
        },
        width=1000,
        height=500,
    )
    boxes = [layer.box for layer in made.scenes[0].layers]
    assert boxes[0] is None
    found = [(box.x, box.y, box.width, box.height) for box in boxes if box is not None]
    assert found == [
        (10, 20, 400, 200),
        (450, 225, 100, 50),
        (0, 0, 100, 50),
        (485, 235, 30, 30),
        (0, 0, 200, 800),  # upright and with square pixels
    ]
    (contained,) = [layer for layer in made.scenes[0].layers if layer.z_index == 5]
    assert isinstance(contained, ImageLayer)
    assert contained.resize == "contain"


def test_sound_of_videos() -> None:
    made = film(
        {
            "elements": [
                element("video", "clip"),
                element("video", "silent"),
                element("video", "clip", volume=0),
            ]
        }
    )
    volumes = [layer.volume for layer in made.scenes[0].layers if isinstance(layer, VideoLayer)]
    assert volumes == [1.0, 0.0, 0.0]


def test_the_film_s_own_video_and_audio() -> None:
    made = film(
        {"elements": [element("audio", "speech")]},
        elements=[element("video", "clip"), element("audio", "speech", volume=0.2)],
    )
    assert made.backdrop is not None
    assert (made.backdrop.loop, made.backdrop.volume) == (True, 0.0)
    (music,) = made.audio
    assert (music.loop, music.is_ducked, music.volume) == (True, True, 0.2)
    loud = film(
        {"elements": [element("image", "photo")]},
        elements=[element("video", "clip", volume=0.5), element("audio", "speech", loop=False)],
    )
    assert loud.backdrop is not None
    assert loud.backdrop.volume == 0.5
    assert (loud.audio[0].loop, loud.audio[0].is_ducked) == (False, False)


@pytest.mark.parametrize(
    ("scene", "sentence"),
    [
        (
            {"elements": [element("audio", "silent")]},
            "scenes[0].elements[0]: the file of this audio element has no sound.",
        ),
        (
            {"elements": [element("image", "speech")]},
            "scenes[0].elements[0]: the file of this image element has no picture.",
        ),
    ],
)
def test_files_that_do_not_fit(scene: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        film(scene)
    assert raised.value.message == sentence


EXTREMES = (-MOST_OFFSET, -1, 0, 1, MOST_OFFSET)
SIDES = (None, 1, MOST_SIDE)


@pytest.mark.parametrize("kind", ["text", "image", "video"])
@pytest.mark.parametrize(("width", "height"), [(w, h) for w in SIDES for h in SIDES])
def test_whatever_may_be_asked_can_be_made(kind: str, width: int | None, height: int | None) -> None:
    named = {"text": {"text": "x", "settings": {"font-size": 300, "outline-width": 20}}}
    for x in EXTREMES:
        for y in EXTREMES:
            place = {"x": x, "y": y, "width": width, "height": height}
            shown = element(kind, "" if kind == "text" else "clip", **place, **named.get(kind, {}))
            for canvas in (16, 4096):
                # A side that follows from a file's shape can be too long; then it is said of which element.
                said = refusal({"elements": [shown]}, width=canvas, height=canvas)
                if said:
                    assert kind != "text"
                    assert None in {width, height}
                    assert said.startswith("scenes[0].elements[0]: ")


def refusal(scene: dict[str, Any], **more: Any) -> str:
    """What is said against a film; nothing if it can be made."""
    try:
        film(scene, **more)
    except InvalidInput as error:
        return error.message
    return ""


def test_text_is_as_large_at_every_size() -> None:
    settings = {"font-size": 24, "outline-width": 2}
    sizes = {}
    for height in (288, 1080):
        made = film({"elements": [element("text", text="x", settings=settings)]}, width=640, height=height)
        (layer,) = made.scenes[0].layers
        assert isinstance(layer, TextLayer)
        sizes[height] = (layer.size / height, layer.outline_width / height)
    assert sizes[288] == pytest.approx(sizes[1080])
    assert sizes[288][0] == pytest.approx(24 / 288)


@pytest.mark.parametrize(
    ("asked", "begins", "ends"),
    [
        ({"zoom": 10}, (0, 0, 1), (0.25, 0.25, 0.5)),
        ({"zoom": -10}, (0.25, 0.25, 0.5), (0, 0, 1)),
        ({"pan": "left"}, (1 - 1 / 1.2, 0.5 - 0.5 / 1.2, 1 / 1.2), (0, 0.5 - 0.5 / 1.2, 1 / 1.2)),
        ({"pan": "top-right", "zoom": 10}, (0, 0, 1), (0.5, 0, 0.5)),
    ],
)
def test_pan_and_zoom(asked: dict[str, Any], begins: tuple[float, ...], ends: tuple[float, ...]) -> None:
    made = film({"elements": [element("image", "photo", **asked)]})
    (layer,) = made.scenes[0].layers
    assert isinstance(layer, ImageLayer)
    assert layer.motion is not None
    for rect, expected in ((layer.motion.start, begins), (layer.motion.end, ends)):
        assert (rect.x, rect.y, rect.width) == pytest.approx(expected)


def test_transitions_loudness_and_quality() -> None:
    made = film(
        {"elements": [element("image", "photo")], "transition": {"type": "wipe", "duration": 1}},
        {"elements": [element("image", "photo")], "transition": "fade"},
        quality="high",
        loudness="off",
        **{"background-color": "#123456"},
    )
    assert [(one.transition.kind, one.transition.seconds) for one in made.scenes] == [
        ("wipe", 1),
        ("fade", Fraction(1, 2)),
    ]
    assert (made.quality, made.loudness, made.background) == ("high", None, "#123456")


@pytest.mark.parametrize(
    ("elements", "more", "lufs"),
    [
        ([element("audio", "speech")], {}, -14),
        ([element("audio", "speech", volume=0.5)], {}, -20.02),
        ([element("audio", "speech", volume=0.5), element("video", "clip")], {}, -14),
        ([element("audio", "speech", volume=0.1), element("video", "clip", volume=0)], {}, -34),
        ([element("audio", "speech", volume=0.1), element("video", "silent")], {}, -34),
        ([element("image", "photo")], {"elements": [element("audio", "speech", volume=0.5)]}, -20.02),
        ([element("image", "photo")], {"elements": [element("video", "clip", volume=0.5)]}, -20.02),
        ([element("audio", "speech", volume=0.0001)], {}, -69),
        ([element("audio", "speech", volume=0)], {}, -14),
        ([element("audio", "speech", volume=0.5)], {"loudness": -16}, -16),
    ],
)
def test_a_low_volume_is_heard_also_where_nothing_else_sounds(
    elements: list[dict[str, Any]], more: dict[str, Any], lufs: float
) -> None:
    loudness = film({"elements": elements}, **more).loudness
    assert loudness is not None
    assert loudness.target == pytest.approx(lufs, abs=0.01)
