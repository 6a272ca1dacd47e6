"""Illustrators that ask a server, against servers that speak the real protocols and fail in every way."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.support.fakes.openai_server import FakeOpenAI
from tests.support.fakes.replicate_server import FakeReplicate
from tests.support.fakes.server import KEY, Failure, FakeServer, png
from videocraft.errors import InvalidInput
from videocraft.generation.base import (
    GenerationStopped,
    Illustrator,
    ImageRequest,
    ProviderConfig,
    ProviderError,
    Shot,
    ShouldStop,
)
from videocraft.generation.illustrators import load_illustrator
from videocraft.generation.illustrators.openai import OpenAIIllustrator
from videocraft.generation.illustrators.replicate import ReplicateIllustrator

REQUEST = ImageRequest(
    "A fox in the snow", "watercolor", 320, 180, seed=7, shot=Shot.WIDE, characters=("Mara", "Tom")
)
BOTH = ("openai", "replicate")


def fetch(url: str, into: Path, should_stop: ShouldStop) -> Path:
    """Downloads without the address check, which the caller of an illustrator brings."""
    into.write_bytes(httpx.get(url, trust_env=False, timeout=10).content)
    return into


def never() -> bool:
    return False


@pytest.fixture(scope="module")
def openai_server() -> Iterator[FakeOpenAI]:
    with FakeOpenAI() as fake:
        yield fake


@pytest.fixture(scope="module")
def replicate_server() -> Iterator[FakeReplicate]:
    with FakeReplicate() as fake:
        yield fake


@pytest.fixture
def openai(openai_server: FakeOpenAI) -> FakeOpenAI:
    openai_server.reset()
    openai_server.picture, openai_server.picture_text, openai_server.as_url = png(), None, ""
    return openai_server


@pytest.fixture
def replicate(replicate_server: FakeReplicate) -> FakeReplicate:
    replicate_server.reset()
    replicate_server.picture, replicate_server.output, replicate_server.ending = png(), None, "succeeded"
    replicate_server.looks, replicate_server.held = 2, False
    replicate_server.canceled.clear()
    return replicate_server


@pytest.fixture
def fakes(openai: FakeOpenAI, replicate: FakeReplicate) -> dict[str, FakeServer]:
    return {"openai": openai, "replicate": replicate}


def config(provider: str, fake: FakeServer, **changes: object) -> ProviderConfig:
    model = {"openai": "gpt-image-1", "replicate": "black-forest-labs/flux-schnell"}[provider]
    values: dict[str, object] = {
        "provider": provider, "base_url": fake.base_url, "api_key": KEY, "model": model, "price": 0.02,
        "backoff_seconds": 0.01, "timeout_seconds": 20.0,
    }  # fmt: skip
    return ProviderConfig(**(values | changes))  # type: ignore[arg-type]  # values of several types by name


def illustrator(provider: str, fake: FakeServer, **changes: object) -> Illustrator:
    made = load_illustrator(config(provider, fake, **changes), fetch)
    if isinstance(made, ReplicateIllustrator):
        return ReplicateIllustrator(config(provider, fake, **changes), fetch, poll_seconds=(0.01,))
    return made


@pytest.mark.parametrize("provider", BOTH)
def test_a_picture_has_the_asked_size_and_price(
    provider: str, fakes: dict[str, FakeServer], tmp_path: Path
) -> None:
    picture = illustrator(provider, fakes[provider]).illustrate(
        REQUEST, tmp_path / "scene.png", should_stop=never
    )
    assert (picture.width, picture.height, picture.cost) == (320, 180, 0.02)
    with Image.open(picture.path) as image:
        assert (image.format, image.size, image.mode) == ("PNG", (320, 180), "RGB")
        left, right = image.getpixel((20, 90)), image.getpixel((300, 90))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert left[0] > right[0] + 20, "the left half of the sent picture is the lighter one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scene.png"]


@pytest.mark.parametrize("provider", BOTH)
@pytest.mark.parametrize(
    "failure", [Failure.BUSY, Failure.BROKEN, Failure.HALF, Failure.HANG_UP, Failure.MALFORMED]
)
def test_a_passing_failure_is_tried_again(
    provider: str, failure: Failure, fakes: dict[str, FakeServer], tmp_path: Path
) -> None:
    fakes[provider].fail(failure, failure)
    illustrator(provider, fakes[provider]).illustrate(REQUEST, tmp_path / "scene.png", should_stop=never)
    posts = [request for request in fakes[provider].requests if request.method == "POST"]
    assert len(posts) == 3
    assert len({request.headers["idempotency-key"] for request in posts}) == 1, "it is one request, repeated"


@pytest.mark.parametrize("provider", BOTH)
@pytest.mark.parametrize(
    ("failure", "says", "retryable", "requests"),
    [
        (Failure.BUSY, "overloaded or failing (HTTP 429): Rate limit reached", True, 3),
        (Failure.BROKEN, "overloaded or failing (HTTP 500)", True, 3),
        (Failure.HANG_UP, "could not be reached, or broke off", True, 3),
        (Failure.HALF, "could not be reached, or broke off", True, 3),
        (Failure.MALFORMED, "JSON that can't be read", True, 3),
        (Failure.QUOTA, "did not accept the request (HTTP 429): You exceeded", False, 1),
        (Failure.REFUSED, "did not accept the request (HTTP 400): Your request was rejected.", False, 1),
        (Failure.WRONG_TYPE, "answered with text/html instead of JSON", False, 1),
        (Failure.REDIRECT, "redirect (HTTP 307), which is not followed", False, 1),
        (Failure.FLOOD, "more than the 100000 bytes allowed", False, 1),
    ],
)
def test_a_lasting_failure_says_what_it_is(
    provider: str, failure: Failure, says: str, retryable: bool, requests: int,
    fakes: dict[str, FakeServer], tmp_path: Path,
) -> None:  # fmt: skip
    fakes[provider].fail(*[failure] * 5)
    with pytest.raises(ProviderError) as caught:
        illustrator(provider, fakes[provider], max_bytes=100_000).illustrate(
            REQUEST, tmp_path / "scene.png", should_stop=never
        )
    assert says in caught.value.message
    assert caught.value.retryable is retryable
    assert len(fakes[provider].requests) == requests
    assert KEY not in caught.value.message
    assert "\x1b" not in caught.value.message
    assert not list(tmp_path.iterdir())


def _png_of(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (width, height)).save(file, "PNG")
    return file.getvalue()


PICTURES: list[tuple[bytes, str]] = [
    (b"", "empty picture"),
    (b"<html>not a picture</html>", "not a PNG, JPEG or WebP"),
    (b"GIF89a" + bytes(200), "not a PNG, JPEG or WebP"),
    (png()[:90], "damaged or incomplete"),
    (png()[:-30], "damaged or incomplete"),
    (_png_of(20_000, 8), "20000x8 pixels, which is too large"),
    (_png_of(8000, 8000), "8000x8000 pixels, which is too large"),
]


@pytest.mark.parametrize(("data", "says"), PICTURES)
@pytest.mark.parametrize("provider", BOTH)
def test_what_is_no_good_picture_is_refused(
    provider: str, data: bytes, says: str, openai: FakeOpenAI, replicate: FakeReplicate, tmp_path: Path
) -> None:
    openai.picture = replicate.picture = data
    openai.as_url = f"{replicate.address}/files/1.png"
    fake = {"openai": openai, "replicate": replicate}[provider]
    with pytest.raises(ProviderError, match=says):
        illustrator(provider, fake).illustrate(REQUEST, tmp_path / "scene.png", should_stop=never)
    assert not list(tmp_path.iterdir())


def test_a_decompression_bomb_is_refused_unread(openai: FakeOpenAI, tmp_path: Path) -> None:
    openai.picture = _png_of(11_000, 11_000)
    with pytest.raises(ProviderError, match="too large"):
        illustrator("openai", openai).illustrate(REQUEST, tmp_path / "scene.png", should_stop=never)


@pytest.mark.parametrize("text", ["@@@", "abc", "", "ünïcode"])
def test_base64_that_is_none(text: str, openai: FakeOpenAI, tmp_path: Path) -> None:
    openai.picture_text = text
    with pytest.raises(ProviderError, match=r"base64 can't be read|without a picture"):
        illustrator("openai", openai).illustrate(REQUEST, tmp_path / "scene.png", should_stop=never)


def test_transparency_becomes_black_and_exif_turns(openai: FakeOpenAI, tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("RGBA", (64, 36), (255, 255, 255, 0)).save(file, "PNG")
    openai.picture = file.getvalue()
    picture = illustrator("openai", openai).illustrate(REQUEST, tmp_path / "scene.png", should_stop=never)
    with Image.open(picture.path) as image:
        assert image.getpixel((10, 10)) == (0, 0, 0)


@pytest.mark.parametrize("provider", BOTH)
@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://example.org/a.png", "//example.org", 7])
def test_a_picture_is_fetched_from_web_addresses_only(
    provider: str, address: object, openai: FakeOpenAI, replicate: FakeReplicate, tmp_path: Path
) -> None:
    openai.as_url = address  # type: ignore[assignment]  # a hostile server sends what it likes
    replicate.output = [address]
    fake = {"openai": openai, "replicate": replicate}[provider]
    with pytest.raises(ProviderError, match=r"not a web address|without a picture"):
        illustrator(provider, fake).illustrate(REQUEST, tmp_path / "scene.png", should_stop=never)


def test_an_address_that_may_not_be_fetched_is_the_providers_error(
    replicate: FakeReplicate, tmp_path: Path
) -> None:
    replicate.output = ["http://127.0.0.1:1/secret"]

    def refuse(url: str, into: Path, should_stop: ShouldStop) -> Path:
        raise InvalidInput("The address is not public.")

    made = ReplicateIllustrator(config("replicate", replicate), refuse, poll_seconds=(0.01,))
    with pytest.raises(ProviderError, match=r"could not be fetched: The address is not public\.") as caught:
        made.illustrate(REQUEST, tmp_path / "scene.png", should_stop=never)
    assert not caught.value.retryable


@pytest.mark.parametrize("provider", BOTH)
def test_a_slow_provider_is_left_when_told_to_stop(
    provider: str, fakes: dict[str, FakeServer], tmp_path: Path
) -> None:
    fakes[provider].fail(Failure.SLOW)
    with pytest.raises(GenerationStopped):
        illustrator(provider, fakes[provider]).illustrate(
            REQUEST, tmp_path / "scene.png", should_stop=lambda: len(fakes[provider].requests) > 0
        )


@pytest.mark.parametrize("failure", [Failure.SLOW, Failure.BUSY_AN_HOUR])
def test_a_picture_has_a_time_limit(failure: Failure, openai: FakeOpenAI, tmp_path: Path) -> None:
    openai.fail(failure)
    with pytest.raises(ProviderError, match=r"did not finish within 0\.3 seconds") as caught:
        illustrator("openai", openai, timeout_seconds=0.3).illustrate(
            REQUEST, tmp_path / "scene.png", should_stop=never
        )
    assert caught.value.retryable


def test_a_server_that_is_not_there(tmp_path: Path, openai: FakeOpenAI) -> None:
    made = illustrator("openai", openai, base_url="http://127.0.0.1:9/v1")
    with pytest.raises(ProviderError, match="could not be reached"):
        made.illustrate(REQUEST, tmp_path / "scene.png", should_stop=never)


def test_a_wrong_key_is_not_tried_twice(openai: FakeOpenAI, tmp_path: Path) -> None:
    made = illustrator("openai", openai, api_key="sk-wrong")
    with pytest.raises(ProviderError, match=r"refused the configured key \(HTTP 401\)") as caught:
        made.illustrate(REQUEST, tmp_path / "scene.png", should_stop=never)
    assert "sk-wrong" not in caught.value.message
    assert len(openai.requests) == 1


# -- OpenAI -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "width", "height", "size"),
    [
        ("gpt-image-1", 1920, 1080, "1536x1024"),
        ("gpt-image-1", 1080, 1920, "1024x1536"),
        ("gpt-image-1", 1080, 1080, "1024x1024"),
        ("dall-e-3", 1920, 1080, "1792x1024"),
        ("dall-e-3", 1440, 1080, "1792x1024"),
        ("dall-e-2", 1920, 1080, "1024x1024"),
    ],
)
def test_openai_is_asked_for_the_nearest_size(
    model: str, width: int, height: int, size: str, openai: FakeOpenAI, tmp_path: Path
) -> None:
    request = ImageRequest("A fox", "noir", width, height)
    picture = illustrator("openai", openai, model=model).illustrate(
        request, tmp_path / "a.png", should_stop=never
    )
    assert openai.requests[0].body["size"] == size
    with Image.open(picture.path) as image:
        assert image.size == (width, height)


def test_the_prompt_carries_style_shot_and_characters(openai: FakeOpenAI, tmp_path: Path) -> None:
    illustrator("openai", openai).illustrate(REQUEST, tmp_path / "a.png", should_stop=never)
    prompt = openai.requests[0].body["prompt"]
    assert all(part in prompt for part in ("A fox in the snow", "watercolor", "wide shot", "Mara, Tom"))
    long = ImageRequest("fox " * 3000, "noir", 320, 180)
    illustrator("openai", openai).illustrate(long, tmp_path / "a.png", should_stop=never)
    prompt = openai.requests[1].body["prompt"]
    assert len(prompt) <= 4000
    assert "noir" in prompt


def test_only_so_many_requests_are_under_way_at_once(openai: FakeOpenAI, tmp_path: Path) -> None:
    made = illustrator("openai", openai, concurrency=1)
    assert isinstance(made, OpenAIIllustrator)
    asked = iter([False, True])
    with made._http.turn(never), pytest.raises(GenerationStopped):
        made.illustrate(REQUEST, tmp_path / "a.png", should_stop=lambda: next(asked))
    assert not openai.requests


# -- Replicate ----------------------------------------------------------------------------------------


def test_replicate_gets_seed_and_aspect_and_its_own_paths_only(
    replicate: FakeReplicate, tmp_path: Path
) -> None:
    illustrator("replicate", replicate).illustrate(REQUEST, tmp_path / "a.png", should_stop=never)
    paths = [request.path for request in replicate.requests]
    assert paths[0] == "/v1/models/black-forest-labs/flux-schnell/predictions"
    assert len(paths) == 4, "created, looked at twice, one file"
    assert replicate.requests[0].body["input"]["seed"] == 7
    assert replicate.requests[0].body["input"]["aspect_ratio"] == "16:9"
    assert "authorization" not in replicate.requests[-1].headers, "the token goes to the API alone"


def test_a_version_of_a_model(replicate: FakeReplicate, tmp_path: Path) -> None:
    made = illustrator("replicate", replicate, model="stability-ai/sdxl:39ed52f2a78e")
    made.illustrate(REQUEST, tmp_path / "a.png", should_stop=never)
    assert replicate.requests[0].path == "/v1/predictions"
    assert replicate.requests[0].body["version"] == "39ed52f2a78e"


@pytest.mark.parametrize("model", ["", "flux", "a/b/c", "a/b:xyz"])
def test_a_model_that_is_none(model: str, replicate: FakeReplicate) -> None:
    with pytest.raises(ProviderError, match="is not a model of Replicate"):
        illustrator("replicate", replicate, model=model)


@pytest.mark.parametrize("ending", ["failed", "canceled"])
def test_a_prediction_that_fails(ending: str, replicate: FakeReplicate, tmp_path: Path) -> None:
    replicate.ending = ending
    with pytest.raises(ProviderError, match=f"made no picture \\({ending}\\)") as caught:
        illustrator("replicate", replicate).illustrate(REQUEST, tmp_path / "a.png", should_stop=never)
    assert ("NSFW content detected" in caught.value.message) is (ending == "failed")


def test_stopping_cancels_the_prediction(replicate: FakeReplicate, tmp_path: Path) -> None:
    replicate.held = True
    with pytest.raises(GenerationStopped):
        illustrator("replicate", replicate).illustrate(
            REQUEST, tmp_path / "a.png", should_stop=lambda: len(replicate.requests) > 3
        )
    assert len(replicate.canceled) == 1


def test_a_prediction_that_takes_too_long_is_cancelled(replicate: FakeReplicate, tmp_path: Path) -> None:
    replicate.held = True
    with pytest.raises(ProviderError, match="did not finish within"):
        illustrator("replicate", replicate, timeout_seconds=0.4).illustrate(
            REQUEST, tmp_path / "a.png", should_stop=never
        )
    assert len(replicate.canceled) == 1


def test_a_data_address_is_taken_as_it_is(replicate: FakeReplicate, tmp_path: Path) -> None:
    replicate.output = "data:image/png;base64," + base64.b64encode(png()).decode()
    picture = illustrator("replicate", replicate).illustrate(REQUEST, tmp_path / "a.png", should_stop=never)
    assert picture.path.exists()


@pytest.mark.parametrize("output", [[], {}, 5, [None]])
def test_a_prediction_without_a_picture(output: object, replicate: FakeReplicate, tmp_path: Path) -> None:
    replicate.output = output
    with pytest.raises(ProviderError, match="without a picture"):
        illustrator("replicate", replicate).illustrate(REQUEST, tmp_path / "a.png", should_stop=never)


def test_an_unknown_illustrator() -> None:
    with pytest.raises(ProviderError, match="no illustrator named 'midjourney'"):
        load_illustrator(ProviderConfig("midjourney"), fetch)
