"""Sessions themselves: made, listed, shown, deleted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.contract.sessions.world import World, error
from videocraft.core.database.models import Base

NEW = {
    "title": "Sunday Service - Main Sanctuary",
    "date": "2026-02-03",
    "location": "Main Campus",
    "notes": "3-camera setup, sermon + worship",
    "projectId": "proj-abc123",
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
SESSION_ROUTES = [
    ("GET", ""),
    ("DELETE", ""),
    ("GET", "/status"),
    ("GET", "/assets"),
    ("GET", "/sync"),
    ("GET", "/sync/peaks"),
    ("POST", "/assets/init-upload"),
    ("POST", "/assets/asset-1/complete"),
    ("GET", "/assets/asset-1"),
    ("GET", "/assets/asset-1/upload"),
    ("DELETE", "/assets/asset-1/upload"),
    ("POST", "/sync/compute"),
    ("POST", "/sync/approve"),
    ("POST", "/sync/correct"),
    ("POST", "/events/ticket"),
]


@pytest.mark.main_path
def test_a_session_is_made_as_documented(world: World) -> None:
    answer = world.client.post("/v2/sessions", json=NEW)
    assert answer.status_code == 201
    body = answer.json()
    assert body.keys() == {"id", "title", "date", "status", "createdAt", "projectId"}
    assert body["id"].startswith("session-")
    assert TIME.fullmatch(body["createdAt"])
    assert (body["title"], body["date"], body["status"]) == (NEW["title"], "2026-02-03", "draft")
    shown = world.client.get(f"/v2/sessions/{body['id']}").json()
    assert shown.items() >= {**NEW, **body}.items()


@pytest.mark.parametrize("missing", ["title", "date", "projectId"])
@pytest.mark.parametrize("how", ["absent", "null"])
def test_required_fields(world: World, missing: str, how: str) -> None:
    body: dict[str, Any] = dict(NEW)
    if how == "null":
        body[missing] = None
    else:
        del body[missing]
    answer = world.client.post("/v2/sessions", json=body)
    assert missing in error(answer, 400, "VALIDATION_ERROR")
    assert answer.json()["error"]["message"] == f"Missing required fields: {missing}"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("date", "2026-02-30"),
        ("date", "2026-2-3"),
        ("date", "20260203"),
        ("date", "2026-02-03T10:00:00Z"),
        ("date", "٢٠٢٦-٠٢-٠٣"),
        ("date", 20260203),
        ("date", ""),
        ("title", ""),
        ("title", "  "),
        ("title", 5),
        ("title", "x" * 1025),
        ("projectId", "../etc"),
        ("projectId", ".hidden"),
        ("projectId", "a/b"),
        ("projectId", "x" * 129),
        ("projectId", "proj\n"),
        ("projectId", "projé"),
        ("location", ["x"]),
        ("notes", {"a": 1}),
    ],
)
def test_wrong_fields(world: World, key: str, value: Any) -> None:
    answer = world.client.post("/v2/sessions", json=NEW | {key: value})
    assert error(answer, 400, "VALIDATION_ERROR").keys() == {key}


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"5", b"{", b'"x"', b'{"title": NaN}', b"\xff"])
def test_bodies_that_are_no_object(world: World, body: bytes) -> None:
    answer = world.client.post("/v2/sessions", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in {"VALIDATION_ERROR", "INVALID_JSON"}


@pytest.mark.parametrize(("method", "path"), SESSION_ROUTES)
@pytest.mark.main_path
def test_unknown_sessions(world: World, method: str, path: str) -> None:
    for unknown in ("session-none", "x" * 300, "%00", "a%20b"):
        answer = world.client.request(method, f"/v2/sessions/{unknown}{path}", json={})
        error(answer, 404, "SESSION_NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("POST", ""), *[(m, f"/s{p}") for m, p in SESSION_ROUTES]]
)
def test_a_key_is_required(world: World, method: str, path: str) -> None:
    without = {"Authorization": ""}
    answer = world.client.request(method, f"/v2/sessions{path}", headers=without)
    error(answer, 401, "INVALID_AUTH_FORMAT")
    wrong = world.client.request(method, f"/v2/sessions{path}", headers={"Authorization": "Bearer no"})
    error(wrong, 401, "INVALID_API_KEY")


@pytest.mark.main_path
def test_lists_are_newest_first_and_paged(world: World) -> None:
    made = [world.session(title=str(number), projectId=f"p{number % 2}") for number in range(5)]
    body = world.client.get("/v2/sessions").json()
    assert [found["id"] for found in body["sessions"]] == made[::-1]
    page = world.client.get("/v2/sessions?limit=2&offset=1").json()
    assert [found["id"] for found in page["sessions"]] == [made[3], made[2]]
    assert (page["total"], page["limit"], page["offset"]) == (5, 2, 1)
    odd = world.client.get("/v2/sessions?projectId=p1").json()
    assert [found["id"] for found in odd["sessions"]] == [made[3], made[1]]
    assert odd["total"] == 2


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "offset=-1", "offset=1e3", "limit="])
def test_wrong_pages(world: World, query: str) -> None:
    error(world.client.get(f"/v2/sessions?{query}"), 400, "VALIDATION_ERROR")


@pytest.mark.main_path
def test_nothing_is_left_of_a_deleted_session(world: World) -> None:
    other = world.session()
    kept = world.ready(other, "A")
    gone = world.session(date="2026-02-04")
    world.cameras(gone, "AB")
    world.begun(gone, "C")
    assert world.compute(gone).status_code == 202
    world.end_sync(gone)
    assert world.client.delete(f"/v2/sessions/{gone}").status_code == 204
    error(world.client.get(f"/v2/sessions/{gone}"), 404, "SESSION_NOT_FOUND")
    assert [asset["id"] for asset in world.client.get(f"/v2/sessions/{other}/assets").json()["assets"]] == [
        kept
    ]
    assert all("20260203" in key for key in world.files())
    assert world.services.storage.uploads() == []
    with world.services.database.read() as session:
        counts = {
            name: session.execute(select(func.count()).select_from(Base.metadata.tables[name])).scalar_one()
            for name in ("sessions", "assets", "uploads", "syncs", "jobs", "event_streams")
        }
    # One session, its asset, its ingest job (whose row counts its own events), and the session's stream.
    assert counts == {"sessions": 1, "assets": 1, "uploads": 0, "syncs": 0, "jobs": 1, "event_streams": 1}


def test_sessions_of_one_day_share_no_files(world: World) -> None:
    first, second = world.session(), world.session()
    world.uploaded(first, "A", b"first")
    world.uploaded(second, "A", b"second")
    folder = "projects/proj-abc123/20260203/originals"
    assert world.files() == [f"{folder}/angle-001_v001.mp4", f"{folder}/angle-001_v002.mp4"]
    world.client.delete(f"/v2/sessions/{first}")
    assert world.files() == [f"{folder}/angle-001_v002.mp4"]


def test_status_of_a_draft(world: World) -> None:
    session_id = world.session()
    body = world.status(session_id)
    assert TIME.fullmatch(body.pop("updatedAt"))
    assert body == {
        "sessionId": session_id,
        "status": "draft",
        "assets": {"total": 0, "ingested": 0, "ready": 0, "failed": 0},
        "sync": {"computed": False, "operatorStatus": "pending"},
        "readyForNextPhase": False,
    }
