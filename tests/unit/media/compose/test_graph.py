"""The graphs that FFmpeg gets: nothing in them but numbers, enums and names of our own."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from tests.support import streams
from videocraft.media.compose.encoding import arguments
from videocraft.media.compose.film import (
    Box,
    Film,
    FilmScene,
    ImageLayer,
    Source,
    TextLayer,
    Transition,
    TransitionKind,
    VideoLayer,
)
from videocraft.media.compose.graph import Drawing, PieceGraph
from videocraft.media.compose.motion import Motion, Rect
from videocraft.media.compose.stills import Moving
from videocraft.media.compose.texts import text_script, wrap
from videocraft.media.compose.timeline import pieces_of
from videocraft.media.fonts import SANS, Font, width
from videocraft.media.probe import MediaInfo

HOSTILE = "{\\an8}';movie=/etc/passwd[x]%{n}:\n\\N"
STREAM = replace(
    streams.STREAM, width=640, height=360, rate=Fraction(25), time_base=Fraction(1, 12800), end_pts=38400,
    frames=75, duration=Fraction(3), longest_gap=Fraction(1, 25), color_space="unknown",
    color_primaries="unknown", color_transfer="unknown",
)  # fmt: skip


def source(name: str = "a.mp4", **changes: object) -> Source:
    video = replace(STREAM, **changes)  # type: ignore[arg-type]  # fields of a stream
    info = MediaInfo(name, 1, "mov", Fraction(3), Fraction(0), video, (), 1)
    return Source(Path("/media") / name, info, name)


def graph_of(film: Film, number: int = 0) -> PieceGraph:
    texts = {
        (0, at): "script" for at, layer in enumerate(film.scenes[0].layers) if isinstance(layer, TextLayer)
    }
    still = Moving(Path("still.yuv"), 800, 450, (640, 360), False, Motion(Rect(), Rect()), 0, 1)
    stills = {
        (0, at): still for at, layer in enumerate(film.scenes[0].layers) if isinstance(layer, ImageLayer)
    }
    return Drawing(film, texts, stills).piece(pieces_of(film)[0][number], None)


def film_of(*layers: VideoLayer | ImageLayer | TextLayer, frames: int = 60) -> Film:
    return Film(width=640, height=360, scenes=(FilmScene(frames=frames, layers=layers),))


def test_graphs_hold_nothing_that_somebody_wrote() -> None:
    film = film_of(
        ImageLayer(source=source(f"{HOSTILE}.png"), motion=Motion(Rect(), Rect.around(0.5, 0.5, 1.2))),
        VideoLayer(
            source=source(f"{HOSTILE}.mp4"), box=Box(-11, 7, 99, 101), fade_in=Fraction(1, 7), loop=True
        ),
        TextLayer(text=HOSTILE, font=HOSTILE, z_index=1),
    )
    graph = graph_of(film)
    for chain in graph.chains:
        assert re.fullmatch(r"[\w\[\]:=/.,+*()-]*", chain), chain
        assert "passwd" not in chain
    assert list(graph.texts) == ["text-0.ass"]


def test_what_is_hidden_is_not_drawn() -> None:
    hidden, shown = source("hidden.mp4"), source("shown.mp4")
    graph = graph_of(film_of(VideoLayer(source=hidden), VideoLayer(source=shown)))
    assert "file:/media/shown.mp4" in graph.inputs
    assert "file:/media/hidden.mp4" not in graph.inputs
    assert not any("overlay" in chain or "color=c=" in chain for chain in graph.chains)


@pytest.mark.parametrize(
    "change",
    [
        {"fade_in": Fraction(1)},
        {"start": Fraction(1, 2)},
        {"duration": Fraction(1)},
        {"box": Box(2, 0, 640, 360)},
    ],
)
def test_what_leaves_something_free_hides_nothing(change: dict[str, object]) -> None:
    above = VideoLayer(source=source("above.mp4"), **change)  # type: ignore[arg-type]  # fields of a layer
    graph = graph_of(film_of(VideoLayer(source=source("below.mp4")), above))
    assert "file:/media/below.mp4" in graph.inputs


def test_a_piece_in_the_middle_of_a_scene_seeks() -> None:
    scene = FilmScene(frames=60, layers=(VideoLayer(source=source()),))
    film = Film(
        width=640, height=360, scenes=(replace(scene, transition=Transition("wipe", Fraction(1))), scene)
    )
    graph = Drawing(film, {}, {}).piece(pieces_of(film)[0][1], None)
    # 45 frames into the scene, half a second early.
    assert graph.inputs[graph.inputs.index("-ss") + 1] == "1.000000"
    assert any(chain.count("setpts=PTS-19200") for chain in graph.chains)
    assert any("xfade=transition=wipeleft:duration=1.000000:offset=0" in chain for chain in graph.chains)


def test_bodies_with_a_video_are_one_piece() -> None:
    video = VideoLayer(source=source())
    below = replace(film_of(frames=300), backdrop=video)
    for film in (film_of(video, frames=300), below):
        assert [piece.frames for piece in pieces_of(film)[0]] == [300]
    assert len(pieces_of(film_of(frames=300))[0]) == 3


PUSHED = ImageLayer(source=source("still.png"), motion=Motion(Rect(), Rect.around(0.5, 0.5, 1.2)))


def transition_of(kind: TransitionKind, *above: TextLayer) -> PieceGraph:
    """The graph of the transition between two scenes of a still that moves, with texts over the second."""
    scenes = (
        FilmScene(frames=60, layers=(PUSHED,), transition=Transition(kind, Fraction(1, 2))),
        FilmScene(frames=60, layers=(PUSHED, *above)),
    )
    film = Film(width=640, height=360, scenes=scenes)
    still = Moving(Path("still.yuv"), 800, 450, (640, 360), False, Motion(Rect(), Rect()), 0, 1)
    texts = {(1, 1): "script"} if above else {}
    return Drawing(film, texts, {(0, 0): still, (1, 0): still}).piece(pieces_of(film)[0][1], None)


def test_two_stills_dissolve_before_ffmpeg_gets_them() -> None:
    graph = transition_of("dissolve")
    assert graph.is_mixed
    assert len(graph.moving) == 2
    assert "640x360" in graph.inputs
    assert not any("xfade" in chain or "crop" in chain for chain in graph.chains)


@pytest.mark.parametrize(
    ("kind", "above"), [("wipe", ()), ("dissolve", (TextLayer(text="over one of them"),))]
)
def test_other_transitions_are_left_to_ffmpeg(kind: TransitionKind, above: tuple[TextLayer, ...]) -> None:
    graph = transition_of(kind, *above)
    assert not graph.is_mixed
    assert "640x720" in graph.inputs
    assert any("xfade" in chain for chain in graph.chains)


def test_the_encoder_looks_for_cuts_only_where_there_may_be_one() -> None:
    def settings(*layers: VideoLayer | ImageLayer | TextLayer) -> str:
        film = film_of(*layers)
        how = arguments(film, pieces_of(film)[0][0], graph_of(film))
        return how[how.index("-x264-params") + 1]

    assert "scenecut=0" in settings(PUSHED)
    boxed = VideoLayer(source=source(), box=Box(0, 0, 64, 36))
    assert "scenecut" not in settings(PUSHED, boxed)
    assert "mbtree=0" in settings(PUSHED, boxed)
    assert "mbtree" not in settings(TextLayer(text="nothing moves"))


def test_texts_wrap_at_their_box_and_keep_their_lines() -> None:
    font = Font(SANS)
    lines = wrap("first line\nthe second one is long enough to be broken", font, 40, 300)
    assert lines[0] == "first line"
    assert len(lines) > 2
    assert all(width(line, font, 40) <= 300 for line in lines)
    assert wrap("x" * 100, font, 40, 300)[0] == "x" * len(wrap("x" * 100, font, 40, 300)[0])
    assert wrap("", font, 40, 300) == [""]


def test_a_text_is_escaped_in_its_script() -> None:
    layer = TextLayer(
        text=HOSTILE, box=Box(0, 0, 640, 360), align="left", anchor="top", fade_in=Fraction(1, 4)
    )
    script = text_script(film_of(layer), layer, 0, 60)
    (event,) = [line for line in script.splitlines() if line.startswith("Dialogue")]
    assert r"{\an7\pos(0.0,0.0)\fad(250,0)}" in event
    assert "\\{\\\u2060an8\\}" in event
