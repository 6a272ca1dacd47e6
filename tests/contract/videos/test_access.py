"""Who gets in: keys, CSRF tokens, rate limits, and the order in which they are asked for."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from itsdangerous import TimestampSigner

from tests.contract.videos.world import EXAMPLE, KEY, World, error, open_world
from tests.support.stacks import settings_of
from videocraft.core.auth.rate_limit import MemoryLimiter

ANYONE = {"Authorization": ""}
CHANGES = [
    ("POST", "/generate-video"),
    ("POST", "/videos/video_1/subtitles"),
    ("DELETE", "/videos/video_1"),
    ("POST", "/jobs/1/cancel"),
    ("POST", "/uploads"),
    ("DELETE", "/uploads/upl_1"),
]
READS = [
    "/videos",
    "/videos/video_1",
    "/videos/video_1/download",
    "/videos/video_1/preview",
    "/videos/video_1/thumbnail",
    "/videos/video_1/subtitles.srt",
    "/jobs",
    "/jobs/1",
    "/jobs/1/status",
    "/jobs/1/webhooks",
    "/webhooks/secret",
    "/uploads",
    "/health/detailed",
]


@pytest.mark.parametrize(("method", "path"), [*CHANGES, *(("GET", path) for path in READS)])
def test_a_key_is_asked_for_first(world: World, method: str, path: str) -> None:
    del world.client.headers["Authorization"]
    try:
        answer = world.client.request(method, f"/api/v1{path}")
    finally:
        world.client.headers["Authorization"] = f"Bearer {KEY}"
    body = error(answer, 401, "MISSING_AUTH_HEADER")
    assert body["error"] == "Authorization header required"
    assert body["help_url"] == "https://docs.videocraft.io/errors/authentication"
    wrong = world.client.request(method, f"/api/v1{path}", headers={"Authorization": "Bearer no"})
    body = error(wrong, 401, "INVALID_API_KEY")
    assert body["error"] == "Invalid API key"
    assert "help_url" not in body


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_changes_need_a_csrf_token(world: World, method: str, path: str) -> None:
    body = error(
        world.client.request(method, f"/api/v1{path}", content="not json"), 403, "CSRF_TOKEN_REQUIRED"
    )
    assert body["error"] == "CSRF token required for this request"
    assert body["help_url"] == "https://docs.videocraft.io/errors/csrf"


@pytest.mark.parametrize(
    "token", ["nonsense", "a.b.c", ".", "x" * 5000, "aaaa.aaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaa"]
)
def test_forged_tokens(world: World, token: str) -> None:
    error(world.post(headers={"X-CSRF-Token": token}), 403, "CSRF_TOKEN_INVALID")
    good = world.token()
    error(world.post(headers={"X-CSRF-Token": good + "x"}), 403, "CSRF_TOKEN_INVALID")
    error(world.post(headers={"X-CSRF-Token": "x" + good}), 403, "CSRF_TOKEN_INVALID")
    assert world.post(headers={"X-CSRF-Token": good}).status_code == 202


def test_tokens_expire_after_an_hour(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = int(time.time())
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _self: now - 3601)
    old = world.token()
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _self: now)
    error(world.post(headers={"X-CSRF-Token": old}), 403, "CSRF_TOKEN_EXPIRED")
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _self: now - 3599)
    fresh = world.token()
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _self: now)
    assert world.post(headers={"X-CSRF-Token": fresh}).status_code == 202


@pytest.fixture
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server that allows three requests a minute, on a clock that stands still."""
    with open_world(tmp_path_factory.mktemp("limited") / "data", rate_limit=3) as opened:
        opened.client.app.state.limiter = MemoryLimiter(lambda: 1000.0)  # type: ignore[attr-defined] # Starlette's
        yield opened


def test_the_limit_and_its_headers(limited: World) -> None:
    for remaining in (2, 1, 0):
        answer = limited.get("/jobs")
        assert answer.status_code == 200
        assert answer.headers["x-ratelimit-limit"] == "3"
        assert answer.headers["x-ratelimit-remaining"] == str(remaining)
        assert 55 < int(answer.headers["x-ratelimit-reset"]) - time.time() <= 61
    answer = limited.get("/jobs")
    body = error(answer, 429, "RATE_LIMIT_EXCEEDED")
    assert list(body) == [
        "error",
        "code",
        "retry_after",
        "limit",
        "remaining",
        "reset_at",
        "timestamp",
        "request_id",
    ]
    assert (body["error"], body["retry_after"]) == ("Rate limit exceeded", 60)
    assert (body["limit"], body["remaining"]) == (3, 0)
    reset = datetime.strptime(body["reset_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    assert reset == int(answer.headers["x-ratelimit-reset"])
    assert answer.headers["retry-after"] == "60"
    assert answer.headers["x-ratelimit-remaining"] == "0"


def test_polling_has_a_bucket_of_its_own(limited: World) -> None:
    for _ in range(30):
        answer = limited.get("/jobs/none/status")
        assert answer.status_code == 404
        assert answer.headers["x-ratelimit-limit"] == "30"
    assert limited.get("/jobs/none/status").status_code == 429
    assert limited.get("/jobs").status_code == 200


def test_each_key_has_its_own_limit(limited: World) -> None:
    _, other = limited.services.keys.create("other")
    for _ in range(4):
        last = limited.get("/jobs")
    assert last.status_code == 429
    assert limited.get("/jobs", headers={"Authorization": f"Bearer {other}"}).status_code == 200


def test_what_is_refused_before_does_not_count(limited: World) -> None:
    for _ in range(5):
        assert limited.get("/jobs", headers={"Authorization": "Bearer no"}).status_code == 401
        assert limited.client.post("/api/v1/generate-video").status_code == 403
        assert limited.get("/csrf-token").status_code == 200
    for path in ("/health", "/live", "/ready", "/metrics", "/health/detailed", "/api/v1/health/detailed"):
        assert limited.client.get(path).status_code == 200
    assert limited.get("/jobs").headers["x-ratelimit-remaining"] == "2"


def test_every_answer_has_the_headers(limited: World) -> None:
    answers = [
        limited.get("/csrf-token"),
        limited.get("/jobs", headers={"Authorization": "Bearer no"}),
        limited.client.post("/api/v1/generate-video"),
        limited.post({}),
        limited.get("/jobs/none"),
        limited.post(EXAMPLE),
        limited.get("/jobs"),
        limited.get("/nothing"),
        limited.get(""),
        limited.client.put("/api/v1/videos"),
        limited.client.head("/api/v1/nothing"),
        limited.get("/jobs/none/status", headers={"Authorization": "Bearer no"}),
        *(
            limited.client.get(path)
            for path in ("/health", "/metrics", "/live", "/ready", "/health/detailed")
        ),
        limited.get("/health/detailed", headers={"Authorization": "Bearer no"}),
    ]
    statuses = [200, 401, 403, 400, 404, 202, 429, 404, 404, 405, 404, 401, *[200] * 5, 401]
    assert [answer.status_code for answer in answers] == statuses
    for answer in answers:
        for name in ("limit", "remaining", "reset"):
            assert re.fullmatch(r"\d+", answer.headers[f"x-ratelimit-{name}"])


def test_csrf_can_be_turned_off(tmp_path_factory: pytest.TempPathFactory) -> None:
    with open_world(tmp_path_factory.mktemp("off") / "data", csrf="off") as opened:
        answer = opened.client.post("/api/v1/generate-video", content=json.dumps(EXAMPLE))
        assert answer.status_code == 202
        for done in (answer, opened.get("/nothing"), opened.client.get("/jobs/")):
            assert "x-ratelimit-limit" not in done.headers


def test_other_families_have_no_limit(limited: World) -> None:
    for path in ("/api/v2/jobs/1", "/v2/sessions/1", "/api/export/1", "/jobs/1", "/nothing"):
        assert "x-ratelimit-limit" not in limited.client.get(path).headers


def test_servers_with_one_secret_are_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("nodes")
    common = {
        "secret": "the same secret on every server of one place",
        "database_url": settings_of(folder / "shared").effective_database_url,
    }
    with (
        open_world(folder / "one", **common) as one,
        open_world(folder / "two", **common) as two,
    ):
        answer = two.post(headers={"X-CSRF-Token": one.token()})
        assert answer.status_code == 202, answer.text
        secrets = [node.get("/webhooks/secret").json()["data"]["secret"] for node in (one, two)]
        assert secrets[0] == secrets[1]
        assert "the same secret on every server of one place" not in secrets[0]
