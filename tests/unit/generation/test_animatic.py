"""The animatic's pictures: what they are made of, measured on the pixels."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from videocraft.generation.base import GenerationStopped, ImageRequest, ProviderConfig, ProviderError, Shot
from videocraft.generation.illustrators import load_illustrator
from videocraft.generation.illustrators.builtin import AnimaticIllustrator
from videocraft.generation.illustrators.builtin.drawing import Drawing
from videocraft.generation.illustrators.builtin.idea import Look, Person, Place, Time
from videocraft.generation.illustrators.builtin.lighting import Pixels
from videocraft.generation.illustrators.builtin.painting import compose, paint
from videocraft.generation.illustrators.builtin.people import appearance
from videocraft.generation.illustrators.builtin.understanding import understand

SIZE = (256, 144)


def picture(prompt: str, style: str = "cinematic", **more: object) -> Pixels:
    return paint(ImageRequest(prompt, style, *SIZE, **more))  # type: ignore[arg-type]  # fields by name


def difference(first: Pixels, second: Pixels) -> float:
    """Mean difference of two pictures, in levels of 255."""
    return float(np.abs(first.astype(float) - second.astype(float)).mean())


def test_the_same_request_gives_the_same_file(tmp_path: Path) -> None:
    request = ImageRequest("A dragon over a castle", "fantasy", 160, 90, seed=3)
    for name in ("a.png", "b.png"):
        AnimaticIllustrator().illustrate(request, tmp_path / name, should_stop=lambda: False)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize(
    ("width", "height"), [(320, 180), (180, 320), (240, 240), (320, 240), (16, 16), (333, 17)]
)
def test_a_picture_has_exactly_the_asked_size(width: int, height: int, tmp_path: Path) -> None:
    request = ImageRequest("A girl with a dog in a meadow", "anime", width, height)
    made = load_illustrator(ProviderConfig(price=0.02), lambda url, into, stop: into)
    result = made.illustrate(request, tmp_path / "a.png", should_stop=lambda: False)
    with Image.open(result.path) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", (width, height))
    assert (result.width, result.height, result.cost) == (width, height, 0.02)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize(("width", "height"), [(15, 100), (100, 4097), (0, 0), (-5, 20)])
def test_a_size_out_of_bounds_is_refused(width: int, height: int, tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="16 to 4096 pixels"):
        AnimaticIllustrator().illustrate(
            ImageRequest("x", "", width, height), tmp_path / "a.png", should_stop=lambda: False
        )


def test_it_stops_when_told_to(tmp_path: Path) -> None:
    with pytest.raises(GenerationStopped):
        AnimaticIllustrator().illustrate(
            ImageRequest("x", "", 64, 64), tmp_path / "a.png", should_stop=lambda: True
        )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", list(Place))
def test_no_place_is_flat(place: Place) -> None:
    from videocraft.generation.illustrators.builtin import words

    made = picture(f"A {words.PLACES[place].split()[0]} by day".replace("_", " "))
    assert made.std() > 14, "a card of one colour has none"
    luma = made.mean(axis=2)
    assert np.percentile(luma, 98) - np.percentile(luma, 2) > 45
    columns = np.abs(np.diff(luma[:, ::8], axis=1)).mean()
    assert columns > 1.5, "there is something from left to right, not a gradient alone"


def test_different_prompts_and_seeds_differ() -> None:
    prompts = ("A castle at dusk", "A kitchen", "A desert at noon", "A city at night", "A forest in fog")
    made = [picture(prompt) for prompt in prompts]
    for number, first in enumerate(made):
        for second in made[number + 1 :]:
            assert difference(first, second) > 15
    assert difference(picture("A forest", seed=1), picture("A forest", seed=2)) > 4


def test_styles_and_times_show() -> None:
    noir = picture("A street", "film noir").astype(int)
    assert np.abs(noir[..., 0] - noir[..., 2]).max() <= 2, "film noir has no colours"
    day, night = picture("A meadow at noon"), picture("A meadow at night")
    assert day.mean() > night.mean() + 50
    sunset = picture("A meadow at sunset").astype(float)
    assert sunset[..., 0].mean() > sunset[..., 2].mean() + 20, "sunsets are warm"


def test_the_subject_fills_more_of_nearer_shots() -> None:
    shares = []
    for shot in (Shot.EXTREME_WIDE, Shot.WIDE, Shot.FULL, Shot.MEDIUM, Shot.CLOSE_UP):
        request = ImageRequest("A woman in a meadow", "", *SIZE, shot=shot)
        left, top, right, bottom = compose(understand(request), request).subject.bounds
        across = min(right, 1777) - max(left, 0)
        shares.append(across * (min(bottom, 1000) - max(top, 0)))
    assert shares == sorted(shares)
    assert shares[-1] > 20 * shares[0]


def test_a_person_is_seen() -> None:
    request = ImageRequest("A detective in a meadow", "documentary", *SIZE, seed=5)
    frame = compose(understand(request), request)
    left, top, right, bottom = frame.subject.bounds
    scale = SIZE[1] / 1000
    box = (
        slice(int(top * scale), int(min(bottom, 1000) * scale)),
        slice(int(left * scale), int(right * scale)),
    )
    empty = paint(ImageRequest("A meadow", "documentary", *SIZE, seed=5))[box]
    assert difference(paint(request)[box], empty) > 12


def test_a_name_keeps_its_look() -> None:
    mara = appearance(Person("Mara"))
    assert appearance(Person(" mara ")) == mara
    assert len({appearance(Person(f"person {n}")).top for n in range(12)}) > 4

    def colours(prompt: str) -> set[str]:
        request = ImageRequest(prompt, "documentary", *SIZE, characters=("Mara",), shot=Shot.FULL)
        frame = compose(understand(request), request)
        svg = frame.subject.to_svg(SIZE, (0, 0, frame.width, 1000))
        return set(re.findall(r'fill="(#[0-9a-f]{6})"', svg))

    walking, pointing = colours("Mara walks over a meadow at noon"), colours("Mara points to a hill at noon")
    assert len(walking & pointing) >= 0.7 * min(len(walking), len(pointing))


def test_no_word_of_the_prompt_comes_into_the_svg() -> None:
    prompt = 'A hero</svg><image href="file:///etc/passwd"/> & "quoted" ${x} in a castle'
    request = ImageRequest(prompt, prompt, *SIZE, characters=("<script>", "hero"))
    frame = compose(understand(request), request)
    allowed = re.compile(r"[-0-9A-Za-z#.:/=\"<>() ]*")
    for layer in (frame.back, frame.subject, frame.front):
        svg = layer.to_svg(SIZE, (0, 0, frame.width, 1000))
        assert allowed.fullmatch(svg)
        words = set(re.findall(r"[A-Za-z]{4,}", re.sub(r"#[0-9a-f]{6}", "", svg)))
        assert not words & {"hero", "image", "href", "file", "passwd", "quoted", "script", "castle"}


def test_bounds_hold_what_is_drawn() -> None:
    drawing = Drawing()
    with drawing.placed(100, 50, 2.0, mirror=True, turn=90):
        drawing.rect(0, 0, 10, 20, (1.0, 1.0, 1.0))
    left, top, right, bottom = drawing.bounds
    assert (round(left), round(top), round(right), round(bottom)) == (60, 30, 100, 50)


def test_every_time_has_a_picture_in_every_look() -> None:
    """All grades and palettes are used once, at thumbnail size."""
    for number, look in enumerate(Look):
        time = list(Time)[number % len(Time)]
        made = paint(ImageRequest(f"A village at {time}", str(look), 96, 54))
        assert made.shape == (54, 96, 3)
        assert made.std() > 8


ANYTHING = st.one_of(
    st.text(max_size=200),
    st.text(alphabet=st.characters(blacklist_categories=()), max_size=60),
    # Right-to-left letters and marks, controls, joined emoji, markup.
    st.text(
        alphabet="\u202e\u200f\u0000\x1b\u0301\u05e9\u05dc\u05d5\u05dd\u0645\u0631\u062d🐉🏰👩‍🚀 <>&\"'",
        max_size=80,
    ),
    st.lists(
        st.sampled_from(
            [
                "hero",
                "dragon",
                "castle",
                "night",
                "snow",
                "close-up",
                "sea",
                "rides",
                "horse",
                "sword",
                "two",
                "no",
                "book",
                "forest",
                "space",
            ]
        ),
        max_size=14,
    ).map(" ".join),
    st.just("castle dragon " * 150),
)


@settings(max_examples=24, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(prompt=ANYTHING, style=ANYTHING, name=st.text(max_size=20), seed=st.integers(-(2**70), 2**70))
def test_any_prompt_draws(prompt: str, style: str, name: str, seed: int) -> None:
    made = paint(ImageRequest(prompt, style, 64, 36, seed=seed, characters=(name,), context=prompt))
    assert made.shape == (36, 64, 3)
    assert made.dtype == np.uint8
