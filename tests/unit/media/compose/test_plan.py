"""Films as plans: what they refuse, and the pieces that they are cut into."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.errors import InvalidInput
from videocraft.media.compose.film import Box, Film, FilmScene, Loudness, TextLayer, Transition
from videocraft.media.compose.motion import Motion, Rect
from videocraft.media.compose.shapes import fit
from videocraft.media.compose.stills import shown, working_size
from videocraft.media.compose.timeline import pieces_of

KINDS = st.sampled_from(["cut", "fade", "dissolve", "wipe", "slide"])


def film_of(*lengths: int, kind: str = "cut", seconds: Fraction = Fraction(1, 2)) -> Film:
    transition = Transition(kind, seconds)  # type: ignore[arg-type]  # one of the kinds
    return Film(
        width=320, height=180, scenes=tuple(FilmScene(frames=n, transition=transition) for n in lengths)
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda: Film(width=321, height=180, scenes=(FilmScene(frames=1),)),
        lambda: Film(width=14, height=180, scenes=(FilmScene(frames=1),)),
        lambda: Film(width=4098, height=180, scenes=(FilmScene(frames=1),)),
        lambda: Film(width=320, height=180, scenes=()),
        lambda: Film(width=320, height=180, scenes=(FilmScene(frames=1),), quality="very_high"),
        lambda: Film(width=320, height=180, scenes=(FilmScene(frames=1),), background="red"),
        lambda: Film(width=320, height=180, scenes=(FilmScene(frames=30 * 6 * 3601),)),
        lambda: Film(width=320, height=180, scenes=(FilmScene(frames=1),) * 2001),
        lambda: FilmScene(frames=0),
        lambda: FilmScene(frames=1, background="#00000g"),
        lambda: FilmScene(frames=1, layers=(TextLayer(text=""),) * 51),
        lambda: Transition("fade", Fraction(0)),
        lambda: Transition("fade", Fraction(11)),
        lambda: TextLayer(text="x", colour="{\\an8}"),
        lambda: TextLayer(text="x", size=0.5),
        lambda: TextLayer(text="x", size=float("nan")),
        lambda: TextLayer(text="x", start=Fraction(-1)),
        lambda: Box(0, 0, 0, 10),
        lambda: Box(10**6, 0, 10, 10),
        lambda: Loudness(target=0),
    ],
)
def test_impossible_plans_are_refused(make: object) -> None:
    with pytest.raises(InvalidInput):
        make()  # type: ignore[operator]  # a function


def test_a_transition_lies_with_its_middle_on_the_cut() -> None:
    pieces, warnings = pieces_of(film_of(60, 60, kind="dissolve"))
    assert [(piece.start, piece.frames, piece.kind) for piece in pieces] == [
        (0, 53, "cut"),
        (53, 15, "dissolve"),
        (68, 52, "cut"),
    ]
    leaving, coming = pieces[1].parts
    assert (leaving.first, coming.first) == (53, -7)
    assert warnings == []


def test_a_transition_takes_at_most_half_of_a_scene() -> None:
    pieces, warnings = pieces_of(film_of(10, 60, 60, kind="fade", seconds=Fraction(1)))
    assert pieces[1].frames == 10
    assert pieces[3].frames == 30
    assert len(warnings) == 1
    assert "0.33 s" in warnings[0]


@pytest.mark.parametrize(
    ("frames", "lengths"),
    [
        (120, [120]),
        (121, [60, 61]),
        (150, [60, 90]),
        (240, [120, 120]),
        (300, [120, 60, 120]),
        (361, [120, 60, 120, 61]),
    ],
)
def test_long_bodies_are_cut_where_a_keyframe_would_be(frames: int, lengths: list[int]) -> None:
    pieces, _ = pieces_of(film_of(frames))
    assert [piece.frames for piece in pieces] == lengths
    assert [piece.parts[0].first for piece in pieces] == [sum(lengths[:n]) for n in range(len(lengths))]


@given(st.lists(st.tuples(st.integers(1, 400), KINDS, st.integers(1, 100)), min_size=1, max_size=12))
def test_pieces_fill_the_film_without_gap(scenes: list[tuple[int, str, int]]) -> None:
    film = Film(
        width=320,
        height=180,
        scenes=tuple(
            FilmScene(frames=frames, transition=Transition(kind, Fraction(tenths, 10)))  # type: ignore[arg-type]  # one of the kinds
            for frames, kind, tenths in scenes
        ),
    )
    pieces, _ = pieces_of(film)
    at = 0
    for piece in pieces:
        assert piece.start == at
        assert piece.frames > 0
        for part in piece.parts:
            assert film.starts[part.scene] + part.first == at
            assert part.frames == piece.frames
        at += piece.frames
    assert at == film.frames


@pytest.mark.parametrize(
    ("resize", "scaled", "kept", "where"),
    [
        ("cover", (284, 160), (200, 160), (10, 20)),
        ("contain", (200, 112), (200, 112), (10, 44)),
        ("fit", (200, 112), (200, 112), (10, 44)),
        ("stretch", (200, 160), (200, 160), (10, 20)),
        ("center", (320, 180), (200, 160), (10, 20)),
    ],
)
def test_pictures_get_into_their_boxes(
    resize: str, scaled: tuple[int, int], kept: tuple[int, int], where: tuple[int, int]
) -> None:
    place = fit((320, 180), Box(10, 20, 200, 160), resize)  # type: ignore[arg-type]  # one of them
    assert (place.scaled, place.kept, (place.x, place.y)) == (scaled, kept, where)


@given(
    st.integers(1, 5000),
    st.integers(1, 5000),
    st.integers(1, 4096),
    st.integers(1, 4096),
    st.integers(-99, 99),
)
def test_places_are_even_and_inside(wide: int, high: int, box_wide: int, box_high: int, x: int) -> None:
    box = Box(x, 0, box_wide, box_high)
    for resize in ("cover", "contain", "fit", "stretch", "center"):
        place = fit((wide, high), box, resize)  # type: ignore[arg-type]  # one of them
        assert all(side % 2 == 0 and side >= 2 for side in (*place.scaled, *place.kept))
        assert all(kept <= whole for kept, whole in zip(place.kept, place.scaled, strict=True))
        assert place.x % 2 == place.y % 2 == 0


def test_views_have_the_shape_of_the_box() -> None:
    assert shown(Rect(), (400, 400), (200, 100)) == (0, 100, 400, 200)
    assert shown(Rect(0.5, 0.5, 0.5, 0.5), (400, 400), (200, 100)) == (200, 250, 200, 100)


def test_the_working_size_fits_the_tightest_view() -> None:
    zoom = Motion(Rect(), Rect.around(0.5, 0.5, 2))
    assert working_size((4000, 2000), (400, 200), zoom) == (800, 400)
    assert working_size((300, 200), (400, 200), zoom) == (300, 200)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(1, 40), st.floats(-1, 2))
def test_motions_stay_inside_of_the_picture(x: float, y: float, zoom: float, progress: float) -> None:
    for easing in ("linear", "smooth"):
        rect = Motion(Rect(), Rect.around(x, y, zoom), easing).at(progress)  # type: ignore[arg-type]  # one of them
        assert min(rect.x, rect.y) >= 0
        assert rect.x + rect.width <= 1 + 1e-9
        assert rect.y + rect.height <= 1 + 1e-9


def test_rectangles_outside_are_refused() -> None:
    for values in ((0.5, 0, 0.6, 0.6), (0, 0, 0.01, 1), (-0.1, 0, 0.5, 0.5), (0, 0, float("nan"), 1)):
        with pytest.raises(ValueError, match="inside of the picture"):
            Rect(*values)


def test_sources_are_known_by_what_is_in_them(tmp_path: Path) -> None:
    from videocraft.media.compose.film import Source

    (tmp_path / "a").write_bytes(b"same")
    (tmp_path / "b").write_bytes(b"same")
    a, b = (Source(tmp_path / name, info=None) for name in "ab")  # type: ignore[arg-type]  # not looked at
    assert a.identity == b.identity
    assert Source(tmp_path / "a", None, "known").identity == "known"  # type: ignore[arg-type]  # not looked at
