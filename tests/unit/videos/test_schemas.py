"""Projects: whatever comes in is a project, or is refused with a path and a sentence."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.apis.videos.elements import reference_of
from videocraft.apis.videos.project import MOST_ELEMENTS
from videocraft.apis.videos.schemas import parse, unwrap
from videocraft.errors import InvalidInput

URL = "https://example.com/a.mp3"


def accept(url: str) -> None:
    """Every URL passes."""


def refused(document: Any) -> dict[str, Any]:
    """The details of what is wrong."""
    with pytest.raises(InvalidInput) as raised:
        parse(document, accept)
    assert raised.value.code == "VALIDATION_ERROR"
    return raised.value.details


def scene(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"scenes": [{"elements": list(elements), **more}]}


def audio(**more: Any) -> dict[str, Any]:
    return {"type": "audio", "src": URL, **more}


def test_defaults() -> None:
    project = parse(scene(audio()), accept)
    assert (project.width, project.height, project.quality) == (1920, 1080, "medium")
    assert (project.background, project.loudness) == ("#000000", None)
    (element,) = project.scenes[0].elements
    assert (element.volume, element.loop, element.start) == (None, None, 0.0)
    assert project.scenes[0].transition.kind == "cut"
    assert project.subtitles is None


@pytest.mark.parametrize(
    ("given", "canvas"),
    [
        ({"resolution": "1280x720"}, (1280, 720)),
        ({"resolution": "full-hd"}, (1920, 1080)),
        ({"resolution": "squared"}, (1080, 1080)),
        ({"resolution": "instagram-story"}, (1080, 1920)),
        ({"width": 320, "height": 180}, (320, 180)),
        ({"width": 320.0, "height": 180}, (320, 180)),
        ({"width": 320, "height": 180, "resolution": "hd"}, (320, 180)),
        ({"width": None, "height": None, "resolution": None}, (1920, 1080)),
    ],
)
def test_canvas(given: dict[str, Any], canvas: tuple[int, int]) -> None:
    project = parse({**scene(audio()), **given}, accept)
    assert (project.width, project.height) == canvas


def test_null_is_not_given_and_both_spellings_mean_the_same() -> None:
    given = scene(audio(volume=None, **{"fade-in": None, "fade_in": 2}), background_color="#112233")
    project = parse(given, accept)
    assert project.scenes[0].elements[0].fade_in == 2.0
    assert project.scenes[0].background == "#112233"
    assert project.warnings == ()


def test_a_key_in_both_spellings_is_told() -> None:
    project = parse(scene(audio(**{"fade-in": 1, "fade_in": 2})), accept)
    assert project.scenes[0].elements[0].fade_in == 2.0
    assert "two spellings" in project.warnings[0]


def test_unknown_keys_are_named_once_and_safely() -> None:
    project = parse({**scene(audio(**{"\u202eevil\n": 1, "x" * 500: 2})), "zoom": 1}, accept)
    assert len(project.warnings) == 3
    assert all(warning.isprintable() and len(warning) < 200 for warning in project.warnings)
    assert "Unknown key 'zoom' is ignored" in project.warnings


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e308, -1, 10**400, "1", [], {}, True])
@pytest.mark.parametrize("key", ["volume", "start", "duration", "fade-out", "offset"])
def test_numbers(key: str, value: object) -> None:
    assert refused(scene(audio(**{key: value}))).keys() == {f"scenes[0].elements[0].{key}"}


@pytest.mark.parametrize("key", ["x", "y", "width", "height", "z-index"])
@pytest.mark.parametrize("value", [1e300, 0.5, 10**300, "1", math.inf])
def test_pixels(key: str, value: object) -> None:
    image = {"type": "image", "src": URL, key: value}
    assert refused(scene(image)).keys() == {f"scenes[0].elements[0].{key}"}


def test_many_mistakes_are_told_at_once_but_not_without_end() -> None:
    details = refused(scene(audio(volume=2, start=-1), {"type": "image"}))
    assert details.keys() == {
        "scenes[0].elements[0].volume",
        "scenes[0].elements[0].start",
        "scenes[0].elements[1].src",
    }
    many = {"scenes": [{"elements": [{"type": "?"}] * MOST_ELEMENTS}] * 100}
    assert len(refused(many)) == 100


def test_what_contradicts_itself() -> None:
    words = [{"text": "a", "start": 1}, {"text": "b", "start": 0.5, "end": 0.2}]
    details = refused(scene({"type": "subtitles", "words": words, "text": "c"}))
    assert details == {
        "scenes[0].elements[0].words[1].start": "words must be in order of their start",
        "scenes[0].elements[0].words[1].end": "end must not be before start",
        "scenes[0].elements[0].text": "words and text can't be given together",
    }
    two = [{"type": "subtitles"}, {"type": "subtitles"}]
    assert refused({**scene(audio()), "elements": two}).keys() == {"elements[1].type"}


def test_two_styles_of_subtitles_are_told() -> None:
    own = {"type": "subtitles", "settings": {"style": "classic"}}
    project = parse({**scene(audio(), own), "elements": [{"type": "subtitles"}]}, accept)
    assert project.subtitles is not None
    assert project.subtitles.path == "elements[0]"
    assert "are ignored" in project.warnings[0]


def test_both_names_of_a_colour_are_known() -> None:
    text = {"type": "text", "text": "x", "settings": {"color": "#112233"}}
    assert parse(scene(text), accept).scenes[0].elements[0].look.colour == "#112233"
    text["settings"] = {"font-color": "#445566", "color": "#112233"}
    project = parse(scene(text), accept)
    assert (project.scenes[0].elements[0].look.colour, project.warnings) == ("#445566", ())


@pytest.mark.parametrize(("given", "language"), [("auto", None), ("pt-BR", "pt-BR"), ("en_us", "en_us")])
def test_languages(given: str, language: str | None) -> None:
    assert parse(scene(audio(language=given)), accept).scenes[0].elements[0].language == language


def test_loudness_can_be_left_alone() -> None:
    assert parse({**scene(audio()), "loudness": "off"}, accept).loudness == "off"
    assert parse({**scene(audio()), "loudness": -20}, accept).loudness == -20.0
    assert refused({**scene(audio()), "loudness": 0}).keys() == {"loudness"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("upload:upl_1", ("upload", "upl_1")),
        ("asset:asset-1", ("asset", "asset-1")),
        ("upload:a/b", None),
        (URL, None),
    ],
)
def test_references(source: str, expected: tuple[str, str] | None) -> None:
    assert reference_of(source) == expected


_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
_keys = st.sampled_from(
    [
        "scenes",
        "elements",
        "type",
        "src",
        "settings",
        "text",
        "words",
        "start",
        "volume",
        "x",
        "width",
        "resolution",
    ]
) | st.text(max_size=8)
_values = st.recursive(
    _scalars | st.sampled_from(["audio", "image", "subtitles", "text", "video", URL, "{{a}}", "#12G"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=5),
    max_leaves=20,
)
_elements = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["audio", "image", "video", "subtitles", "text"])},
        optional={"src": _values, "text": _values, "settings": _values, "words": _values, "volume": _values},
    ),
    max_size=3,
)
_projects = st.fixed_dictionaries(
    {"scenes": st.lists(st.fixed_dictionaries({"elements": _elements | _values}), max_size=3) | _values},
    optional={"elements": _elements | _values, "variables": _values, "width": _values, "transition": _values},
)


@given(_projects | _values)
def test_anything_is_a_project_or_is_refused_in_words(document: Any) -> None:
    problems: dict[str, Any] = {}
    project = None
    try:
        project = parse(unwrap(document), accept)
    except InvalidInput as error:
        problems = error.details
    if project is not None:
        assert project.scenes
        return
    assert problems
    for path, message in problems.items():
        assert path
        assert isinstance(message, str)
        assert message
    json.dumps(problems)
