"""Settings of captions, with the contract's words for what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.errors import InvalidInput
from videocraft.media.captions.style import CaptionStyle


def test_the_defaults_are_the_contracts() -> None:
    style, unknown = CaptionStyle.from_settings({})
    assert unknown == ()
    assert style.to_settings() == {
        "style": "progressive",
        "font-family": "Arial",
        "font-size": 24.0,
        "word-color": "#FFFFFF",
        "line-color": "#FFFFFF",
        "shadow-color": "#808080",
        "shadow-offset": 1.0,
        "box-color": None,
        "position": "center-bottom",
        "outline-color": "#000000",
        "outline-width": 2.0,
        "language": None,
    }


def test_what_a_style_writes_it_reads() -> None:
    settings = {
        "style": "boxed",
        "position": "left-top",
        "word-color": "#FF0000",
        "font-size": 6,
        "language": "de",
    }
    style, _ = CaptionStyle.from_settings(settings)
    assert CaptionStyle.from_settings(style.to_settings()) == (
        CaptionStyle(**{**vars_of(style), "line_color": "#FF0000"}),
        (),
    )


def vars_of(style: CaptionStyle) -> dict[str, Any]:
    return {name: getattr(style, name) for name in CaptionStyle.__dataclass_fields__}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("font-size", 5, "font-size must be between 6 and 300"),
        ("font-size", 301, "font-size must be between 6 and 300"),
        ("font-size", "24", "font-size must be between 6 and 300"),
        ("font-size", True, "font-size must be between 6 and 300"),
        ("font-size", float("nan"), "font-size must be between 6 and 300"),
        ("font-size", 10**400, "font-size must be between 6 and 300"),
        ("word-color", "red", "invalid color format, use #RRGGBB"),
        ("box-color", "#12345", "invalid color format, use #RRGGBB"),
        ("line-color", 7, "invalid color format, use #RRGGBB"),
        ("outline-color", "#GGGGGG", "invalid color format, use #RRGGBB"),
        ("shadow-color", "#000000\n", "invalid color format, use #RRGGBB"),
        ("position", "middle", "invalid position value"),
        ("position", "center", "invalid position value"),
        ("position", "center-bottom-left", "invalid position value"),
        ("position", ["center-bottom"], "invalid position value"),
        ("style", "karaoke", "style must be 'progressive' or 'classic'"),
        ("style", {}, "style must be 'progressive' or 'classic'"),
        ("outline-width", -1, "outline-width must be between 0 and 20"),
        ("shadow-offset", 21, "shadow-offset must be between 0 and 20"),
        ("font-family", "", "font-family must be a text of 1 to 100 characters"),
        ("language", 7, "language must be a code like en or pt-BR, or auto"),
    ],
)
def test_what_is_wrong_is_said_in_the_contracts_words(name: str, value: object, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        CaptionStyle.from_settings({name: value})
    assert refused.value.details == {name: message}


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        CaptionStyle.from_settings({"font-size": 1, "position": "x", "word_color": "#000000"})
    assert set(refused.value.details) == {"font-size", "position"}


def test_unknown_settings_are_named() -> None:
    assert CaptionStyle.from_settings({"font-weight": 1, "style": "classic"})[1] == ("font-weight",)


NAMES = st.sampled_from(["font-size", "position", "style", "word-color", "font-family"]) | st.text()
VALUES = st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.lists(st.text())


@given(st.dictionaries(NAMES, VALUES))
def test_any_settings_are_read_or_refused(settings: dict[str, Any]) -> None:
    wrong: set[str] = set()
    try:
        CaptionStyle.from_settings(settings)
    except InvalidInput as refused:
        wrong = set(refused.details)
    assert wrong <= set(settings)
