"""What ``POST /generate-video`` takes and what it refuses; idempotency keys, templates and dry runs."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import pytest

from tests.contract.videos.world import AUDIO_URL, EXAMPLE, World, error


def scene(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A project of one scene."""
    return {"scenes": [{"elements": list(elements), **more}]}


def audio(**more: Any) -> dict[str, Any]:
    """An audio element."""
    return {"type": "audio", "src": AUDIO_URL, **more}


def test_the_documented_messages(world: World) -> None:
    body = error(world.post({"scenes": [], "elements": [{"type": "audio"}]}), 400, "VALIDATION_ERROR")
    assert list(body) == ["error", "code", "details", "timestamp", "request_id", "help_url"]
    assert body["error"] == "Validation failed"
    assert body["details"] == {
        "scenes": "At least one scene is required",
        "elements[0].src": "URL is required for audio elements",
    }
    assert body["help_url"] == "https://docs.videocraft.io/errors/validation"


@pytest.mark.parametrize(
    ("project", "path", "message"),
    [
        ({}, "scenes", "At least one scene is required"),
        ({"scenes": None}, "scenes", "At least one scene is required"),
        ({"scenes": {}}, "scenes", "scenes must be a list"),
        ({"scenes": [1]}, "scenes[0]", "scenes[0] must be an object"),
        ({"scenes": [{}]}, "scenes[0].elements", "At least one element is required"),
        ({"scenes": [{"elements": []}]}, "scenes[0].elements", "At least one element is required"),
        (scene({}), "scenes[0].elements[0].type", "type is required"),
        (
            scene({"type": "hologram"}),
            "scenes[0].elements[0].type",
            "type must be one of audio, image, video, subtitles, text",
        ),
        (scene({"type": "image"}), "scenes[0].elements[0].src", "URL is required for image elements"),
        (
            scene({"type": "video", "src": ""}),
            "scenes[0].elements[0].src",
            "URL is required for video elements",
        ),
        (scene({"type": "text"}), "scenes[0].elements[0].text", "text is required for text elements"),
        (scene(audio(), audio(volume=1.5)), "scenes[0].elements[1].volume", "volume must be between 0 and 1"),
        (scene(audio(volume=-0.1)), "scenes[0].elements[0].volume", "volume must be between 0 and 1"),
        (scene(audio(volume="1")), "scenes[0].elements[0].volume", "volume must be a number"),
        (scene(audio(volume=True)), "scenes[0].elements[0].volume", "volume must be a number"),
        (scene(audio(duration=1e308)), "scenes[0].elements[0].duration", "duration must be greater than 0"),
        (scene(audio(duration=0)), "scenes[0].elements[0].duration", "duration must be greater than 0"),
        (scene(audio(fade_in=-1)), "scenes[0].elements[0].fade_in", "fade_in must be between 0 and 60"),
        (
            scene(audio(**{"fade-in": -1})),
            "scenes[0].elements[0].fade-in",
            "fade-in must be between 0 and 60",
        ),
        (
            scene({"type": "image", "src": AUDIO_URL, "x": 10**300}),
            "scenes[0].elements[0].x",
            "x must be between -16384 and 16384",
        ),
        (
            scene({"type": "text", "text": "x", "height": 8193}),
            "scenes[0].elements[0].height",
            "height must be between 1 and 8192",
        ),
        (
            {"scenes": [{"elements": [], "duration": 21600}] * 2},
            "scenes",
            "A film may last at most 6 hours, these scenes last 12",
        ),
        (
            scene({"type": "image", "src": AUDIO_URL, "x": 1.5}),
            "scenes[0].elements[0].x",
            "x must be a whole number",
        ),
        (
            scene({"type": "image", "src": AUDIO_URL, "resize": "squash"}),
            "scenes[0].elements[0].resize",
            "resize must be one of",
        ),
        (scene(audio(), **{"background-color": "red"}), "scenes[0].background-color", "invalid color format"),
        (scene(audio(), transition="spin"), "scenes[0].transition", "transition must be one of"),
        (scene(audio(), transition=5), "scenes[0].transition", "transition must be one of"),
        ({**EXAMPLE, "dry_run": 1}, "dry_run", "dry_run must be true or false"),
        (
            scene(audio(language="{\\an8}")),
            "scenes[0].elements[0].language",
            "language must be a code like en or pt-BR, or auto",
        ),
        ({**EXAMPLE, "quality": "best"}, "quality", "quality must be one of low, medium, high"),
        ({**EXAMPLE, "resolution": "10x10"}, "resolution", "resolution must be WIDTHxHEIGHT"),
        ({**EXAMPLE, "resolution": "1921x1080"}, "resolution", "resolution must be WIDTHxHEIGHT"),
        ({**EXAMPLE, "width": 640}, "height", "height is required when width is given"),
        ({**EXAMPLE, "width": 641, "height": 360}, "width", "width must be even"),
        ({**EXAMPLE, "width": 8, "height": 8}, "width", "width must be between 16 and 4096"),
        ({**EXAMPLE, "webhook_url": "http://127.0.0.1/x"}, "webhook_url", "This URL can't be used"),
        (scene(*[audio()] * 51), "scenes[0].elements", "At most 50 elements are allowed, these are 51"),
        (scene(*[audio()] * 10_000), "scenes[0].elements", "At most 50 elements are allowed"),
        ({"scenes": [{"elements": [audio()]}] * 501}, "scenes", "At most 500 scenes are allowed"),
        (
            {"scenes": [{"elements": [{"type": "text", "text": "x"}] * 50}] * 51},
            "scenes",
            "At most 2500 elements are allowed in all scenes together, these are 2550",
        ),
        (
            {**EXAMPLE, "elements": [{"type": "image", "src": AUDIO_URL}]},
            "elements[0].type",
            "image elements",
        ),
    ],
)
def test_refused_with_a_path_and_a_sentence(
    world: World, project: dict[str, Any], path: str, message: str
) -> None:
    body = error(world.post(project), 400, "VALIDATION_ERROR")
    assert message in body["details"][path], body["details"]


@pytest.mark.parametrize(
    ("settings", "key", "message"),
    [
        ({"font-size": 5}, "font-size", "font-size must be between 6 and 300"),
        ({"font_size": 301}, "font_size", "font-size must be between 6 and 300"),
        ({"word-color": "white"}, "word-color", "invalid color format, use #RRGGBB"),
        ({"position": "middle"}, "position", "invalid position value"),
        ({"style": "karaoke"}, "style", "style must be 'progressive' or 'classic'"),
        ({"language": "%{n}"}, "language", "language must be a code like en or pt-BR, or auto"),
    ],
)
def test_subtitle_settings(world: World, settings: dict[str, Any], key: str, message: str) -> None:
    project = {**EXAMPLE, "elements": [{"type": "subtitles", "settings": settings}]}
    body = error(world.post(project), 400, "VALIDATION_ERROR")
    assert body["details"] == {f"elements[0].settings.{key}": message}


@pytest.mark.parametrize(
    "source",
    [
        "/etc/passwd",
        "file:///etc/passwd",
        "../secret.mp3",
        "C:\\music.mp3",
        "audio.mp3",
        "ftp://example.com/a.mp3",
        "gopher://example.com/",
        "data:audio/mp3;base64,AAAA",
        "concat:a|b",
        "http://127.0.0.1/a.mp3",
        "http://[::1]/a.mp3",
        "http://localhost/a.mp3",
        "http://LOCALHOST./a.mp3",
        "http://x.localhost/a.mp3",
        "http://169.254.169.254/latest/meta-data",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::ffff:10.0.0.1]/",
        "http://example.com:22/a.mp3",
        "http://user:swordfish@example.com/a.mp3",
        "http://exa mple.com/a.mp3",
        "https://",
        "upload:",
        "upload:../x",
        "upload:upl_none",
        "asset:none",
    ],
)
def test_sources_that_are_never_fetched(world: World, source: str) -> None:
    body = error(world.post(scene({"type": "audio", "src": source})), 400, "VALIDATION_ERROR")
    assert body["details"].keys() == {"scenes[0].elements[0].src"}
    assert "swordfish" not in json.dumps(body)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("", 400, "INVALID_JSON"),
        ("{", 400, "INVALID_JSON"),
        ('{"scenes": NaN}', 400, "INVALID_JSON"),
        ('{"scenes": 1e999}', 400, "INVALID_JSON"),
        ('"\\ud800"', 400, "INVALID_JSON"),
        ("[" * 100 + "]" * 100, 400, "INVALID_JSON"),
        ("null", 400, "VALIDATION_ERROR"),
        ('"text"', 400, "VALIDATION_ERROR"),
        (" " * (2**20 + 1), 413, "REQUEST_TOO_LARGE"),
    ],
)
def test_bodies_that_are_no_project(world: World, body: str, status: int, code: str) -> None:
    error(world.send("POST", "/generate-video", content=body), status, code)


@pytest.mark.parametrize("name", ["fade-in", "fade_in"])
def test_both_spellings_are_read(world: World, name: str) -> None:
    data = world.post(scene(audio(**{name: 1}))).json()["data"]
    assert "warnings" not in data


@pytest.mark.main_path
def test_the_same_key_and_body_is_the_same_job(world: World) -> None:
    headers = {"Idempotency-Key": "order-1"}
    first = world.post(EXAMPLE, headers=headers)
    # The order of keys does not count.
    second = world.post(dict(reversed(EXAMPLE.items())), headers=headers)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()
    other = scene(audio(volume=0.5))
    body = error(world.post(other, headers=headers), 422, "IDEMPOTENCY_KEY_REUSED")
    assert body["error"] == "This Idempotency-Key was used for another request"
    assert world.post(other, headers={"Idempotency-Key": "order-2"}).status_code == 202


def test_a_refused_request_leaves_its_key_free(world: World) -> None:
    headers = {"Idempotency-Key": "order-3"}
    assert world.post({}, headers=headers).status_code == 400
    assert world.post(EXAMPLE, headers=headers).status_code == 202


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there", "é"])
def test_keys_that_are_none(world: World, key: str) -> None:
    answer = world.send(
        "POST",
        "/generate-video",
        content=json.dumps(EXAMPLE),
        headers={"Idempotency-Key": key.encode("latin-1")},  # type: ignore[dict-item] # httpx takes bytes
    )
    error(answer, 400, "INVALID_IDEMPOTENCY_KEY")


@pytest.mark.main_path
def test_requests_at_the_same_time_make_one_job(world: World) -> None:
    headers = {"Idempotency-Key": "order-4"}
    before = world.get("/jobs").json()["data"]["pagination"]["total"]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: world.post(EXAMPLE, headers=headers), range(8)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["data"]["job_id"] for answer in answers}) == 1
    assert world.get("/jobs").json()["data"]["pagination"]["total"] == before + 1


@pytest.mark.main_path
def test_templates(world: World) -> None:
    project = {
        "variables": {"name": "Ada", "loud": 0.25, "host": "example.com"},
        "scenes": [
            {
                "variables": {"name": "Grace"},
                "elements": [
                    {"type": "text", "text": "Hello {{name}}"},
                    {"type": "audio", "src": "https://{{ host }}/a.mp3", "volume": "{{loud}}"},
                ],
            }
        ],
    }
    answer = world.post(project)
    assert answer.status_code == 202, answer.text
    shown = world.get(f"/jobs/{answer.json()['data']['job_id']}").json()["data"]["video_config"]
    assert shown["scenes"] == project["scenes"]  # the original configuration
    broken = deepcopy(project)
    del broken["variables"]
    body = error(world.post(broken), 400, "VALIDATION_ERROR")
    assert body["details"]["scenes[0].elements[1].volume"] == "The variable 'loud' is not defined"


def test_templates_can_not_grow_without_end(world: World) -> None:
    project = scene({"type": "text", "text": "{{a}}" * 1000})
    body = error(world.post({**project, "variables": {"a": "x" * 10_000}}), 400, "VALIDATION_ERROR")
    assert body["details"]["variables"] == "The filled-in texts have more than 2 MiB together"


def test_dry_run(world: World) -> None:
    before = world.get("/jobs").json()["data"]["pagination"]["total"]
    project = {
        "resolution": "hd",
        "scenes": [
            {"elements": [{"type": "text", "text": "x"}]},
            {"elements": [audio()], "duration": 2.5},
            {"elements": [audio(duration=3, start=1)]},
        ],
    }
    answer = world.post({**project, "dry_run": True})
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert data["valid"] is True
    assert data["duration"] == 11.5
    assert data["plan"]["resolution"] == "1280x720"
    assert [one["duration"] for one in data["plan"]["scenes"]] == [5.0, 2.5, 4.0]
    assert data["estimated_cost"]["amount"] == 0.0
    assert data["estimated_cost"]["processing_seconds"] > 0
    unknown = world.post(EXAMPLE, "/generate-video?dry_run=true").json()["data"]
    assert (unknown["duration"], unknown["estimated_cost"]["is_complete"]) == (None, False)
    assert world.get("/jobs").json()["data"]["pagination"]["total"] == before
    error(world.post({"scenes": [], "dry_run": True}), 400, "VALIDATION_ERROR")
