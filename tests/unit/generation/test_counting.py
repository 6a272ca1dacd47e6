"""How many of each a prompt asks for, and how many are drawn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.generation.base import ImageRequest
from videocraft.generation.illustrators.builtin import herds
from videocraft.generation.illustrators.builtin.idea import Place, Pose, SceneIdea, Time
from videocraft.generation.illustrators.builtin.understanding import understand


def idea_of(prompt: str) -> SceneIdea:
    return understand(ImageRequest(prompt, "cinematic", 320, 180))


@pytest.mark.parametrize(
    ("prompt", "name", "count"),
    [
        ("A horse on a hill", "horse", 1),
        ("Horses on a hill", "horse", 3),
        ("Three wild brown horses gallop across a prairie", "horse", 3),
        ("Two cats and a dog", "cat", 2),
        ("Two cats and a dog", "dog", 1),
        ("A flock of birds over the sea", "bird", 9),
        ("A school of fish around a reef", "fish", 9),
        ("A sheep in the rain", "sheep", 1),
        ("Five sheep graze", "sheep", 5),
        ("The sheep graze", "sheep", 3),
        ("Geese on a pond", "swan", 3),
        ("A row of candles", "candle", 5),
        ("Several boats in a harbor", "boat", 4),
        ("12 bicycles along a canal", "bicycle", 9),
        ("Many old books on a table", "book", 6),
        ("A man with two suitcases and a guitar", "guitar", 1),
        ("An astronaut plants a flag on mars", "plant", 1),
    ],
)
def test_numbers_plurals_and_flocks_are_counted(prompt: str, name: str, count: int) -> None:
    assert idea_of(prompt).count_of(name) == count


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        ("Four soldiers stand guard before a castle", 4),
        ("Children playing in a park", 3),
        ("A scientist and two robots in a laboratory", 3),
        ("Two old men play chess in a cafe", 2),
        ("Six dancers on a theater stage", 5),
        ("A knight before a castle", 1),
    ],
)
def test_people_are_counted(prompt: str, count: int) -> None:
    idea = idea_of(prompt)
    assert len(idea.people) == count
    assert not idea.crowd


def test_words_that_only_look_like_something_else() -> None:
    assert idea_of("Two old men play chess in a cafe").pose is Pose.SIT
    camp = idea_of("Friends around a campfire under the stars")
    assert (camp.place, camp.time) == (Place.HILLS, Time.NIGHT)
    assert idea_of("A detective under a street lamp").things == ("street_lamp",)
    assert "clock" not in idea_of("Knights watch a dragon").things
    assert "plant" not in idea_of("An astronaut plants a flag on mars").things


@given(count=st.integers(1, 60), kind=st.sampled_from(herds.Kind), near=st.booleans())
def test_the_first_of_a_herd_is_the_nearest_and_drawn_last(
    count: int, kind: herds.Kind, *, near: bool
) -> None:
    found = herds.spots(count, kind, near=near)
    assert 1 <= len(found) <= min(count, 3 if near else 9)
    assert found[-1] == (0.0, 0.0, 1.0)
    assert all(0.3 < spot.scale <= 1 for spot in found)
    assert len({(spot.across, spot.up) for spot in found}) == len(found), "no two in one place"
