"""Every error below a family's prefix has the shape of that family's document."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.app import FAMILIES, PREFIX_OF, RunningServer

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
EVERY_PREFIX = [
    ("exports", "/api/export"),
    ("videos", "/api/v1"),
    ("videos", "/health/detailed"),
    ("videos", "/live"),
    ("videos", "/metrics"),
    ("sessions", "/v2/sessions"),
    ("jobs", "/jobs"),
    ("jobs", "/v1/jobs"),
    ("jobs", "/health"),
    ("storyboards", "/api/v2"),
]


def message_of(family: str, body: dict[str, Any]) -> Any:
    """Check that a body has the family's shape, and return its message."""
    if family == "exports":
        assert body.keys() == {"error"}
        assert isinstance(body["error"], str)
        return body["error"]
    if family == "videos":
        assert {"error", "code", "timestamp", "request_id"} <= body.keys()
        assert TIMESTAMP.fullmatch(body["timestamp"])
        assert body["request_id"]
        assert body["code"].isupper()
        return body["error"]
    if family == "sessions":
        assert body.keys() == {"error"}
        assert body["error"].keys() == {"code", "message", "details"}
        assert isinstance(body["error"]["details"], dict)
        return body["error"]["message"]
    assert body.keys() == {"detail"}
    return body["detail"]


@pytest.mark.parametrize(("family", "prefix"), EVERY_PREFIX)
def test_unknown_route(server: RunningServer, family: str, prefix: str) -> None:
    answer = server.client.get(f"{prefix}/no/such/route/at/all")
    assert answer.status_code == 404
    assert message_of(family, answer.json()) == "Not Found"
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("path", ["/nowhere", "/api/exportx", "/api/v10/x", "/healthy", "/", "/api"])
def test_paths_of_no_family_answer_with_detail(server: RunningServer, path: str) -> None:
    answer = server.client.get(path)
    assert answer.status_code == 404
    assert answer.json() == {"detail": "Not Found"}


@pytest.mark.parametrize("family", FAMILIES)
def test_wrong_method_names_every_allowed_one(server: RunningServer, family: str) -> None:
    answer = server.client.delete(f"{PREFIX_OF[family]}/_probe/who")
    assert answer.status_code == 405
    assert message_of(family, answer.json()) == "Method Not Allowed"
    assert answer.headers["allow"] == "GET, HEAD, PUT"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_bug_tells_nothing(server: RunningServer, auth: dict[str, str], family: str) -> None:
    answer = server.client.get(
        f"{PREFIX_OF[family]}/_probe/raise/bug", headers={**auth, "X-Request-ID": "mine-1"}
    )
    assert answer.status_code == 500
    expected = "An internal error occurred. Please try again later or contact support."
    assert message_of(family, answer.json()) == expected
    assert "swordfish" not in answer.text
    assert answer.headers["x-request-id"] == "mine-1"
    assert answer.headers["x-content-type-options"] == "nosniff"
    if family == "videos":
        assert answer.json()["code"] == "INTERNAL_ERROR"
        assert answer.json()["help_url"] == "https://docs.videocraft.io/errors/general"
        assert answer.json()["request_id"] == "mine-1"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    ("what", "status", "message"),
    [
        ("missing", 404, "Video not found"),
        ("conflict", 409, "Already running"),
        ("forbidden", 403, "Access denied"),
        ("media", 422, "FFmpeg failed"),
        ("full", 507, "There is no room left on the server's disk"),
        ("plain", 500, "An internal error"),
    ],
)
def test_raised_errors(
    server: RunningServer, auth: dict[str, str], family: str, what: str, status: int, message: str
) -> None:
    answer = server.client.get(f"{PREFIX_OF[family]}/_probe/raise/{what}", headers=auth)
    assert answer.status_code == status
    assert message_of(family, answer.json()) == message


@pytest.mark.parametrize("family", FAMILIES)
def test_routes_that_are_called_directly(server: RunningServer, auth: dict[str, str], family: str) -> None:
    path = f"{PREFIX_OF[family]}/_probe/direct"
    assert server.client.get(f"{path}/fine", headers=auth).text == f"fine {path}/fine"
    answer = server.client.get(f"{path}/missing", headers=auth)
    assert (answer.status_code, message_of(family, answer.json())) == (404, "Video not found")
    answer = server.client.get(f"{path}/bug", headers=auth)
    assert answer.status_code == 500
    assert message_of(family, answer.json()).startswith("An internal error occurred.")
    assert server.client.get(f"{path}/fine").status_code == (200 if family in {"exports", "jobs"} else 401)
    assert server.client.post(f"{path}/fine").headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("family", ["videos", "sessions"])
def test_details_leave_out_what_is_for_the_operator(
    server: RunningServer, auth: dict[str, str], family: str
) -> None:
    body = server.client.get(f"{PREFIX_OF[family]}/_probe/raise/media", headers=auth).json()
    details = body["details"] if family == "videos" else body["error"]["details"]
    assert details == {"camera": "C"}


@pytest.mark.parametrize("family", FAMILIES)
def test_rate_limit(server: RunningServer, auth: dict[str, str], family: str) -> None:
    answer = server.client.get(f"{PREFIX_OF[family]}/_probe/raise/limit", headers=auth)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "60"
    assert message_of(family, answer.json()) == "Rate limit exceeded"
    if family == "videos":
        flat = {"retry_after": 60, "limit": 100, "remaining": 0, "reset_at": "2024-01-01T12:01:00Z"}
        assert flat.items() <= answer.json().items()
        assert answer.json()["code"] == "RATE_LIMIT_EXCEEDED"


@pytest.mark.parametrize("family", FAMILIES)
def test_broken_json(server: RunningServer, auth: dict[str, str], family: str) -> None:
    answer = server.client.post(
        f"{PREFIX_OF[family]}/_probe/items", headers=auth, content=b'{"scenes": [NaN]}'
    )
    if family in {"jobs", "storyboards"}:  # FastAPI's: one more body of the wrong shape
        assert answer.status_code == 422
        (problem,) = answer.json()["detail"]
        assert (problem["type"], problem["loc"]) == ("json_invalid", ["body"])
        return
    assert answer.status_code == 400
    message = message_of(family, answer.json())
    assert message.lower().endswith("the body is not valid json: nan is not a json number")
    assert message.startswith("Invalid config: ") == (family == "exports")
    if family == "videos":
        assert answer.json()["code"] == "INVALID_JSON"


BAD_ITEM = {"scenes": [{"start": "soon"}]}


def test_validation_in_exports(server: RunningServer) -> None:
    def message(body: object) -> str:
        answer = server.client.post("/api/export/_probe/items", json=body)
        assert answer.status_code == 400
        return str(answer.json()["error"])

    assert message({}) == "Invalid config: missing scenes"
    assert message(BAD_ITEM).startswith("Invalid config: scenes[0].start: input should be a valid number")
    assert message([]).startswith("Invalid config: input should be")
    answer = server.client.post("/api/export/_probe/items")
    assert answer.json() == {"error": "Invalid config: missing body"}
    answer = server.client.get("/api/export/_probe/number", params={"limit": "x"})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("Invalid request: limit: input should be a valid integer")


def test_validation_in_videos(server: RunningServer, auth: dict[str, str]) -> None:
    answer = server.client.post("/api/v1/_probe/items", headers=auth, json=BAD_ITEM)
    assert answer.status_code == 400
    body = answer.json()
    assert body["error"] == "Validation failed"
    assert body["code"] == "VALIDATION_ERROR"
    assert body["help_url"] == "https://docs.videocraft.io/errors/validation"
    assert body["details"]["scenes[0].src"] == "Field required"
    assert body["details"].keys() == {"scenes[0].src", "scenes[0].start"}


def test_validation_in_sessions(server: RunningServer, auth: dict[str, str]) -> None:
    answer = server.client.post("/v2/sessions/_probe/items", headers=auth, json={})
    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "code": "VALIDATION_ERROR",
        "message": "Missing required fields: scenes",
        "details": {"scenes": "Field required"},
    }
    answer = server.client.post("/v2/sessions/_probe/items", headers=auth, json=BAD_ITEM)
    assert answer.json()["error"]["message"] == "Validation failed"


@pytest.mark.parametrize("family", ["jobs", "storyboards"])
def test_validation_as_fastapi_has_it(server: RunningServer, auth: dict[str, str], family: str) -> None:
    answer = server.client.post(f"{PREFIX_OF[family]}/_probe/items", headers=auth, json=BAD_ITEM)
    assert answer.status_code == 422
    problems = {tuple(problem["loc"]): problem for problem in answer.json()["detail"]}
    missing = problems["body", "scenes", 0, "src"]
    assert (missing["type"], missing["msg"]) == ("missing", "Field required")
    assert problems["body", "scenes", 0, "start"]["input"] == "soon"


@pytest.mark.parametrize("family", ["videos", "sessions", "storyboards"])
def test_no_key(server: RunningServer, family: str) -> None:
    answer = server.client.get(f"{PREFIX_OF[family]}/_probe/who")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="videocraft"'
    assert message_of(family, answer.json()) == "Authorization header required"
    if family == "videos":
        assert answer.json()["code"] == "MISSING_AUTH_HEADER"
        assert answer.json()["help_url"] == "https://docs.videocraft.io/errors/authentication"


def test_wrong_keys_in_videos(server: RunningServer) -> None:
    def code(headers: dict[str, str]) -> str:
        answer = server.client.get("/api/v1/_probe/who", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        return str(answer.json()["code"])

    assert code({"Authorization": "Basic dTpw"}) == "INVALID_AUTH_FORMAT"
    assert code({"Authorization": "Bearer"}) == "INVALID_AUTH_FORMAT"
    assert code({"Authorization": "Bearer a b"}) == "INVALID_AUTH_FORMAT"
    assert code({"Authorization": "Bearer vc_wrong"}) == "INVALID_API_KEY"
    assert code({"X-API-Key": "vc_wrong"}) == "INVALID_API_KEY"
    body = server.client.get("/api/v1/_probe/who", headers={"X-API-Key": "x"}).json()
    assert body["error"] == "Invalid API key"
    assert "help_url" not in body


def test_good_keys(server: RunningServer, key: str) -> None:
    for headers in (
        {"Authorization": f"Bearer {key}"},
        {"Authorization": f"bearer  {key}"},
        {"X-API-Key": key},
        {"Authorization": "Basic dTpw", "X-API-Key": key},
    ):
        answer = server.client.get("/api/v1/_probe/who", headers=headers)
        assert answer.json()["name"] == "tests"


@pytest.mark.parametrize("family", ["exports", "jobs"])
def test_open_families_need_no_key(server: RunningServer, family: str) -> None:
    answer = server.client.get(f"{PREFIX_OF[family]}/_probe/who")
    assert answer.json() == {"key_id": None, "name": "anonymous"}


def test_whoever_has_no_key_gets_no_body_read(server: RunningServer) -> None:
    # Even a broken body: the key comes first.
    answer = server.client.post("/api/v1/_probe/items", content=b"{")
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "content_type", ["text/plain;charset=UTF-8", "application/x-www-form-urlencoded", None]
)
def test_json_is_json_whatever_it_is_called(server: RunningServer, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = server.client.post("/api/export/_probe/anything", content=b'{"a": 1}', headers=headers)
    assert answer.json() == {"a": 1}


def test_head_answers_like_get_without_the_body(server: RunningServer) -> None:
    answer = server.client.head("/health")
    assert answer.status_code == 200
    assert answer.content == b""
    assert int(answer.headers["content-length"]) > 0
    assert server.client.head("/api/export/_probe/items").status_code == 405
