"""``POST /videos/{id}/subtitles``: which words and looks are taken, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.contract.videos.world import EXAMPLE, World, error
from videocraft.core.database.models import Job, Video, Webhook


@pytest.fixture
def video_id(world: World) -> str:
    """A finished film with captions."""
    return world.finish(world.job())


def job_of(world: World, answer: Any) -> Job:
    """The job that an answer names."""
    assert answer.status_code == 202, answer.text
    body = answer.json()
    assert list(body) == ["success", "data", "message", "request_id"]
    with world.services.database.read() as session:
        return session.scalars(select(Job).where(Job.id == body["data"]["job_id"])).one()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {"words": [{"text": "a", "start": 1, "end": 2}, {"word": "b", "start": 2}]},
            [["a", 1, 2], ["b", 2, None]],
        ),
        (
            {
                "language": "en",
                "duration": 9,
                "segments": [
                    {"text": "a b", "start": 0, "end": 2, "words": []},
                    {
                        "text": "c",
                        "start": 3,
                        "end": 4,
                        "words": [{"text": "c", "start": 3, "end": 4, "confidence": 0.5}],
                    },
                ],
            },
            [["a", 0.0, 0.5], ["b", 1.0, 1.5], ["c", 3.0, 4.0]],
        ),
        ({"settings": {"style": "classic"}}, None),
    ],
)
def test_what_is_taken(world: World, video_id: str, body: dict[str, Any], words: Any) -> None:
    answer = world.post(body, f"/videos/{video_id}/subtitles")
    job = job_of(world, answer)
    assert "warnings" not in answer.json()["data"]
    assert job.kind == "videos.recaption"
    assert job.payload["video_id"] == video_id
    assert job.payload["config"] == EXAMPLE
    assert job.payload["words"] == words


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "words"),
        ([], "body"),
        ({"words": []}, "words"),
        ({"words": [{"text": "a"}]}, "words[0].start"),
        ({"words": [{"start": 1}]}, "words[0].text"),
        ({"words": [{"text": "a", "start": -1}]}, "words[0].start"),
        ({"words": [{"text": "a", "start": 1}], "segments": []}, "words"),
        ({"segments": [{"text": "", "start": 0, "end": 1}]}, "segments"),
        ({"segments": [{"text": "a", "start": 0}]}, "segments[0].end"),
        ({"settings": {"font-size": 1}}, "settings.font-size"),
        ({"settings": 1}, "settings"),
        ({"settings": {}, "webhook_url": "http://10.0.0.1/"}, "webhook_url"),
    ],
)
def test_what_is_refused(world: World, video_id: str, body: Any, path: str) -> None:
    found = error(world.post(body, f"/videos/{video_id}/subtitles"), 400, "VALIDATION_ERROR")
    assert path in found["details"], found


def test_unknown_keys_and_webhooks(world: World, video_id: str) -> None:
    body = {"settings": {"colour": 1}, "speed": 2, "webhook_url": "https://example.com/hook"}
    answer = world.post(body, f"/videos/{video_id}/subtitles")
    assert answer.json()["data"]["warnings"] == [
        "Unknown key 'settings.colour' is ignored",
        "Unknown key 'speed' is ignored",
    ]
    with world.services.database.read() as session:
        job_id = answer.json()["data"]["job_id"]
        assert session.scalars(select(Webhook).where(Webhook.job_id == job_id)).one().state == "waiting"


def test_a_film_without_captions_needs_words(world: World, video_id: str) -> None:
    with world.services.database.write() as session:
        session.scalars(select(Video).where(Video.id == video_id)).one().subtitle_tracks = []
    body = error(world.post({"settings": {}}, f"/videos/{video_id}/subtitles"), 400, "VALIDATION_ERROR")
    assert "words" in body["details"]


def test_no_such_film(world: World) -> None:
    error(world.post({}, "/videos/video_none/subtitles"), 404, "VIDEO_NOT_FOUND")


def test_deleting_a_film_stops_its_captioning(world: World, video_id: str) -> None:
    answer = world.post({"settings": {}}, f"/videos/{video_id}/subtitles")
    assert world.send("DELETE", f"/videos/{video_id}").status_code == 200
    assert job_of(world, answer).state == "cancelled"
