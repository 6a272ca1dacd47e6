"""The demo's edit makes sense, and its check finds what is wrong with a film."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from videocraft.demo.cameras import CAMERAS, RATE, SECONDS
from videocraft.demo.exporting import Look
from videocraft.demo.exporting import check as check_film
from videocraft.demo.multicam import CUTS, FRAMES, edit
from videocraft.demo.stage import DemoFailed


def check(film: dict[str, Any], seen: Look) -> int:
    """As the act does."""
    return check_film(film, seen, FRAMES, RATE)


def test_cuts_lie_on_frames_within_the_cameras_and_follow_one_another() -> None:
    assert FRAMES == 552
    assert {source for source, _, _ in CUTS} == set(range(len(CAMERAS)))
    for (_, start, end), (_, following, _) in zip(CUTS, [*CUTS[1:], (0, CUTS[-1][2], "")], strict=True):
        assert (Fraction(start) * RATE).denominator == (Fraction(end) * RATE).denominator == 1
        assert Fraction(start) < Fraction(end) <= SECONDS
        assert end == following, "the counter runs on through every cut"


def test_the_edit_names_every_camera_and_one_microphone() -> None:
    body = edit("demo-1")
    assert [source["filePath"] for source in body["sources"]] == [
        f"demo/{camera.file_name}" for camera in CAMERAS
    ]
    assert {segment["audioSourceIndex"] for segment in body["segments"]} == {0}
    assert body["output"]["codec"] == "copy"


SEEN = Look(size=1000, frames=FRAMES, has_sound=True)


@pytest.fixture
def film() -> dict[str, Any]:
    return {"framesCopied": 500, "framesEncoded": 52, "duration": 18.4, "warnings": []}


def test_a_good_film_passes(film: dict[str, Any]) -> None:
    assert check(film, SEEN) == FRAMES


@pytest.mark.parametrize("frames", [FRAMES - 1, FRAMES + 1, None])
def test_a_wrong_number_of_frames_is_found(film: dict[str, Any], frames: int | None) -> None:
    with pytest.raises(DemoFailed, match=f"has {frames} frames, the edit {FRAMES}"):
        check(film, replace(SEEN, frames=frames))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"framesEncoded": 51}, "the job reports 551"), ({"duration": 18.5}, r"the job reports 18\.5 s")],
)
def test_a_report_that_does_not_fit_is_found(
    film: dict[str, Any], wrong: dict[str, Any], message: str
) -> None:
    with pytest.raises(DemoFailed, match=message):
        check({**film, **wrong}, SEEN)


def test_a_silent_film_is_found(film: dict[str, Any]) -> None:
    with pytest.raises(DemoFailed, match="no sound"):
        check(film, replace(SEEN, has_sound=False))
