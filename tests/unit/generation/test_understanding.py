"""What a prompt is understood as."""

from __future__ import annotations

import pytest

from videocraft.generation.base import ImageRequest, Shot
from videocraft.generation.illustrators.builtin import words
from videocraft.generation.illustrators.builtin.idea import (
    Headwear,
    Look,
    Outfit,
    Place,
    Pose,
    SceneIdea,
    Time,
    Weather,
)
from videocraft.generation.illustrators.builtin.places import BUILDERS
from videocraft.generation.illustrators.builtin.poses import SKELETONS
from videocraft.generation.illustrators.builtin.things import THINGS
from videocraft.generation.illustrators.builtin.understanding import understand


def read(prompt: str, style: str = "", **more: object) -> SceneIdea:
    return understand(ImageRequest(prompt, style, 320, 180, **more))  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("prompt", "place"),
    [
        ("A hero discovers a hidden treasure in ancient ruins", Place.RUINS),
        ("Waves crash on the shore of a tropical island", Place.BEACH),
        ("An astronaut walks on Mars, planets in the sky", Place.PLANET),
        ("Two ships on the open ocean", Place.SEA),
        ("Skyscrapers of a metropolis", Place.SKYLINE),
        ("A narrow alley with shopfronts", Place.STREET),
        ("She reads by the fireplace on the sofa", Place.ROOM),
        ("Firs and pines in the woods", Place.FOREST),
        ("Medieval town market square with stalls", Place.MARKET),
        ("A submarine over the coral reef", Place.UNDERWATER),
        ("A galaxy and a nebula", Place.SPACE),
        ("The blacksmith in his forge", Place.WORKSHOP),
        ("Ein Gedicht ohne bekannte Wörter", Place.HILLS),
        ("", Place.HILLS),
    ],
)
def test_places(prompt: str, place: Place) -> None:
    assert read(prompt).place is place


@pytest.mark.parametrize(
    ("prompt", "style", "time"),
    [
        ("A field at dawn", "", Time.DAWN),
        ("A field at midnight", "", Time.NIGHT),
        ("A field at golden hour", "noir", Time.SUNSET),
        ("A field in heavy rain", "", Time.OVERCAST),
        ("Fireworks over a field", "", Time.NIGHT),
        ("A field", "film noir", Time.NIGHT),
        ("A field", "documentary", Time.DAY),
    ],
)
def test_times(prompt: str, style: str, time: Time) -> None:
    assert read(prompt, style).time is time


@pytest.mark.parametrize(
    ("prompt", "shot"),
    [
        ("Close-up of a face", Shot.CLOSE_UP),
        ("closeup portrait of a man", Shot.CLOSE_UP),
        ("Extreme close-up of an eye", Shot.EXTREME_CLOSE_UP),
        ("Aerial view of a city", Shot.EXTREME_WIDE),
        ("Wide shot of a valley", Shot.WIDE),
        ("Medium shot of a king", Shot.MEDIUM),
        ("A woman in a valley", Shot.FULL),
        ("A coffee cup", Shot.MEDIUM),
        ("A sailing ship", Shot.WIDE),
        ("A valley", Shot.WIDE),
    ],
)
def test_shots(prompt: str, shot: Shot) -> None:
    assert read(prompt).shot is shot
    assert read(prompt, shot=Shot.MEDIUM).shot is Shot.MEDIUM, "what the request says comes first"


@pytest.mark.parametrize(
    ("style", "look"),
    [
        ("film noir", Look.NOIR),
        ("Watercolour", Look.WATERCOLOR),
        ("ANIME", Look.ANIME),
        ("sci-fi", Look.CYBERPUNK),
        ("something new", Look.CINEMATIC),
        ("", Look.CINEMATIC),
    ],
)
def test_styles(style: str, look: Look) -> None:
    assert read("A valley", style).look is look


def test_weather_animals_and_things() -> None:
    idea = read("A knight with a lantern and two wolves in a foggy, snowy forest; a castle burns")
    assert {Weather.FOG, Weather.SNOW, Weather.FIRE} <= idea.weather
    assert idea.animals == ("wolf",)
    assert idea.things[0] == "lantern"
    assert idea.people[0].outfit is Outfit.ARMOR
    assert idea.people[0].holds == "sword"


@pytest.mark.parametrize(
    ("prompt", "people"),
    [
        ("A detective in the rain", 1),
        ("A couple on the beach", 2),
        ("A team in the office", 3),
        ("A woman's face", 1),
        ("Children play in the park", 3),
        ("Two climbers", 2),
        ("Two friends in a car", 2),
        ("A mountain", 0),
        ("A street without people", 0),
        ("An empty room, no one there, a man is gone", 0),
    ],
)
def test_how_many_people(prompt: str, people: int) -> None:
    assert len(read(prompt).people) == people


def test_all_of_several_are_what_was_said() -> None:
    assert all(person.height < 0.8 for person in read("Children play in the park").people)
    assert {person.headwear for person in read("Two astronauts on the moon").people} == {Headwear.VISOR}


def test_what_is_negated_is_not_there() -> None:
    assert read("A road without cars").things == ()
    assert read("A road with cars").things == ("car",)
    assert read("A room with no dog").animals == ()


def test_a_rider_needs_a_mount() -> None:
    assert read("A cowboy rides a horse").pose is Pose.RIDE
    assert read("A girl rides the bus").pose is not Pose.RIDE


def test_a_specific_role_replaces_the_hero() -> None:
    (person,) = read("The hero, a wizard, raises the staff").people
    assert (person.outfit, person.headwear) == (Outfit.ROBE, Headwear.POINTED)


def test_who_is_named_is_who_is_shown() -> None:
    (person,) = read("Mara enters the temple", characters=("Tom", "Mara")).people
    assert person.name == "Mara"
    (person,) = read("The detective walks on", characters=("Mara",)).people
    assert person.name == "Mara"


def test_an_animal_with_a_part_is_no_person() -> None:
    idea = read("Close-up: a fox explores a snowy forest", characters=("fox",))
    assert (idea.people, idea.animals) == ((), ("fox",))
    assert [
        person.name for person in read("A fox and Anna meet", characters=("the old fox", "Anna")).people
    ] == ["Anna"]


def test_who_goes_fishing_is_no_fish() -> None:
    idea = read("A keeper rows out to save a fishing boat")
    assert (idea.animals, idea.things) == ((), ("boat",))


def test_the_storyboard_says_where_when_the_scene_does_not() -> None:
    assert read("She looks up", context="A diver at the coral reef").place is Place.UNDERWATER
    assert read("She looks up at the castle", context="A diver at the coral reef").place is Place.CASTLE
    assert read("She looks up", context="A night in the city").time is Time.NIGHT


def test_every_name_has_what_draws_it() -> None:
    assert set(words.PLACES) == set(Place) == set(BUILDERS)
    assert set(words.THINGS) - {"moon"} == set(THINGS)
    assert set(SKELETONS) == set(Pose)
    assert set(words.LOOKS) == set(Look)
