"""The shipped fonts: who draws what, and how wide it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.media import fonts
from videocraft.media.fonts import Font

SANS = Font(fonts.SANS)


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("Hello Ελλάδα мир", "Liberation Sans"),
        ("مرحبا", "Noto Sans Arabic"),
        ("नमस्ते", "Noto Sans Devanagari"),
        ("สวัสดี", "Noto Sans Thai"),
        ("你好日本語", "Droid Sans Fallback"),
        ("한국어", "NanumSquare"),
        ("🎉", "Noto Emoji"),
        ("❤️", "Noto Emoji"),
        ("👩‍🚀", "Noto Emoji"),
        ("ქართული", "Noto Sans Georgian"),
        ("🮀", "Noto Sans Symbols2"),
    ],
)
def test_every_script_has_a_font(text: str, family: str) -> None:
    (run,) = fonts.runs(text, SANS)
    assert run.face.family == family
    assert run.text == text


def test_the_metrics_are_arials() -> None:
    # Arial's advance of "A" is 1366 of 2048 units, of "i" 455; its ascent and descent add up to 2288.
    assert fonts.width("A", SANS, 2288) == pytest.approx(1366, abs=1)
    assert fonts.width("i", SANS, 2288) == pytest.approx(455, abs=1)


def test_shaping_counts() -> None:
    lam, alef = "\u0644", "\u0627"
    apart = fonts.width(lam, SANS, 100) + fonts.width(alef, SANS, 100)
    assert fonts.width(lam + alef, SANS, 100) < apart * 0.9


def test_names_that_mean_the_same() -> None:
    assert fonts.family_of("ARIAL ") == ("Liberation Sans", True)
    assert fonts.family_of("Times New Roman") == ("Liberation Serif", True)
    assert fonts.family_of("Comic Sans") == ("Liberation Sans", False)


def test_every_file_has_its_licence_and_is_known() -> None:
    listed = (fonts.FOLDER / "README.md").read_text()
    for path in fonts.FILES.glob("*"):
        assert path.suffix == ".ttf"
        family = next(
            name for name in ("Liberation", "NotoSans", "NotoEmoji", "Nanum", "Droid") if name in path.name
        )
        assert f"`{family}" in listed
    assert sum(path.stat().st_size for path in fonts.FILES.glob("*")) < 13 * 2**20


@given(st.text())
def test_no_letter_is_lost_or_moved(text: str) -> None:
    assert "".join(fonts.clusters(text)) == text
    assert "".join(run.text for run in fonts.runs(text, SANS)) == text
    assert fonts.width(text, SANS, 40) >= 0
