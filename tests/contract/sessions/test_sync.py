"""Sync: asked for, shown, approved, corrected; and what a session's status makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.contract.sessions.world import REPORT, World, error
from videocraft.core.database.models import Job, Sync


def post(world: World, session_id: str, what: str, **body: Any) -> Any:
    return world.client.post(f"/v2/sessions/{session_id}/sync/{what}", json=body)


def get(world: World, session_id: str) -> Any:
    return world.client.get(f"/v2/sessions/{session_id}/sync")


@pytest.mark.main_path
def test_the_documented_way(world: World) -> None:
    session_id = world.session()
    world.cameras(session_id)
    error(get(world, session_id), 404, "SYNC_NOT_FOUND")
    answer = world.compute(session_id, masterCamera="A", method="xcorr")
    assert answer.status_code == 202
    body = answer.json()
    assert body.keys() == {"sessionId", "syncJobId", "status", "estimatedCompletionMs"}
    assert (body["sessionId"], body["status"]) == (session_id, "syncing")
    # 90 minutes of recordings: seconds, neither nothing nor half an hour.
    assert 2000 < body["estimatedCompletionMs"] < 120_000
    assert world.status(session_id)["status"] == "syncing"
    with world.services.database.read() as session:
        sync = session.scalars(select(Sync)).one()
        job = session.scalars(select(Job).where(Job.id == body["syncJobId"])).one()
    assert job.kind == "sessions.sync"
    assert job.payload == {"sessionId": session_id, "syncId": sync.id, "masterCamera": "A"}
    error(get(world, session_id), 404, "SYNC_NOT_FOUND")

    world.end_sync(session_id)
    shown = get(world, session_id).json()
    assert shown.pop("computedAt").endswith("Z")
    artifacts = shown.pop("debugArtifacts")
    assert artifacts["correlationPlot"] == artifacts["correlationPlots"]["B"]
    assert "/sync/correlation-B.png?" in artifacts["correlationPlot"]
    assert artifacts["correlationPlots"].keys() == {"B", "C"}
    assert shown == {
        "sessionId": session_id,
        "status": "needs-review",
        "masterCamera": "A",
        "method": "xcorr",
        "offsets": {"A": 0, "B": 1234, "C": -532},
        "offsetsExact": {"A": 0.0, "B": 1234.4, "C": -532.5},
        "confidence": {"B": 12.4, "C": 8.1},
        "classification": {"B": "looks-good", "C": "review-suggested"},
        "driftPpm": {"B": 1.5, "C": 1.5},
        "overlapMs": {"B": 60000.0, "C": 60000.0},
        "reasons": {"B": [], "C": []},
        "operatorStatus": "pending",
    }
    peaks = world.client.get(f"/v2/sessions/{session_id}/sync/peaks").json()
    assert peaks["cameras"]["B"]["heights"] == [0.1, 1.0, 0.2]
    assert peaks["cameras"]["C"]["windows"][0] == {"timeSeconds": 0.5, "offsetMs": -532.5, "weight": 1.0}

    body = post(world, session_id, "approve", approvedBy="operator-user-id", notes="Good").json()
    assert body.pop("approvedAt").endswith("Z")
    assert body == {
        "sessionId": session_id,
        "status": "ready",
        "operatorStatus": "approved",
        "finalOffsets": {"A": 0, "B": 1234, "C": -532},
    }
    status = world.status(session_id)
    assert status["status"] == "ready"
    assert status["assets"] == {"total": 3, "ingested": 3, "ready": 3, "failed": 0}
    assert status["sync"] == {"computed": True, "operatorStatus": "approved"}
    assert status["readyForNextPhase"] is True


def test_correcting_and_correcting_again(world: World) -> None:
    session_id = world.synced()
    for offsets, final in (
        ({"A": 0, "B": 1250, "C": -520}, {"A": 0, "B": 1250, "C": -520}),
        ({"A": 0, "B": 1240.5}, {"A": 0, "B": 1241, "C": -532}),
    ):
        body = post(world, session_id, "correct", correctedBy="me", offsets=offsets, notes="x").json()
        assert body.pop("correctedAt").endswith("Z")
        assert body == {
            "sessionId": session_id,
            "status": "ready",
            "operatorStatus": "corrected",
            "finalOffsets": final,
            "originalOffsets": {"A": 0, "B": 1234, "C": -532},
        }
    assert get(world, session_id).json()["offsets"] == {"A": 0, "B": 1234, "C": -532}
    with world.services.database.read() as session:
        sync = session.scalars(select(Sync)).one()
    # To the fraction: whoever cuts by it needs more than whole milliseconds.
    assert sync.final_offsets == {"A": 0, "B": 1240.5, "C": -532.5}
    assert (sync.decided_by, sync.notes) == ("me", "x")


@pytest.mark.parametrize(
    ("offsets", "code"),
    [
        ({"B": 5}, "VALIDATION_ERROR"),
        ({"A": 1, "B": 5}, "VALIDATION_ERROR"),
        ({}, "VALIDATION_ERROR"),
        ({"A": 0, "D": 5}, "INVALID_CAMERA_LABEL"),
        ({"A": 0, "b": 5}, "INVALID_CAMERA_LABEL"),
        ({"A": 0, "": 5}, "INVALID_CAMERA_LABEL"),
        ({"A": 0, "B": "5"}, "VALIDATION_ERROR"),
        ({"A": 0, "B": True}, "VALIDATION_ERROR"),
        ({"A": False, "B": 5}, "VALIDATION_ERROR"),
        ({"A": 0, "B": None}, "VALIDATION_ERROR"),
        ({"A": 0, "B": 1e300}, "VALIDATION_ERROR"),
        ([0, 5], "VALIDATION_ERROR"),
        (None, "VALIDATION_ERROR"),
    ],
)
def test_wrong_corrections(world: World, offsets: Any, code: str) -> None:
    session_id = world.synced("AB")
    error(post(world, session_id, "correct", correctedBy="me", offsets=offsets), 400, code)
    assert world.status(session_id)["status"] == "needs-review"


@pytest.mark.parametrize("by", [None, "", " ", 5])
def test_somebody_has_to_decide(world: World, by: Any) -> None:
    session_id = world.synced("AB")
    error(post(world, session_id, "approve", approvedBy=by), 400, "VALIDATION_ERROR")
    error(post(world, session_id, "correct", correctedBy=by, offsets={"A": 0}), 400, "VALIDATION_ERROR")


def test_nothing_to_decide_on(world: World) -> None:
    session_id = world.session()
    world.cameras(session_id, "AB")
    correction = {"correctedBy": "me", "offsets": {"A": 0}}
    error(post(world, session_id, "approve", approvedBy="me"), 409, "SYNC_NOT_COMPUTED")
    error(post(world, session_id, "correct", **correction), 409, "SYNC_NOT_COMPUTED")
    world.compute(session_id)
    error(post(world, session_id, "approve", approvedBy="me"), 409, "SYNC_IN_PROGRESS")
    error(post(world, session_id, "correct", **correction), 409, "SYNC_IN_PROGRESS")


def test_a_camera_without_sound(world: World) -> None:
    session_id = world.session()
    world.ready(session_id, "A")
    world.ready(session_id, "C", audioTracks=0)
    details = error(world.compute(session_id), 400, "MISSING_AUDIO_TRACK")
    assert details == {"camera": "C", "reason": "No audio track found"}


@pytest.mark.main_path
def test_one_sync_at_a_time(world: World) -> None:
    session_id = world.session()
    world.cameras(session_id, "AB")
    assert world.compute(session_id).status_code == 202
    error(world.compute(session_id), 409, "SYNC_IN_PROGRESS")
    error(world.compute(session_id, method="other"), 409, "SYNC_IN_PROGRESS")
    world.end_sync(session_id, {"master": "A", "pairs": {"B": REPORT["pairs"]["B"]}})  # type: ignore[index] # a dict
    assert world.compute(session_id).status_code == 202


@pytest.mark.parametrize("labels", ["", "A"])
def test_too_few_cameras(world: World, labels: str) -> None:
    session_id = world.session()
    world.cameras(session_id, labels)
    world.begun(session_id, "Z")
    assert error(world.compute(session_id), 400, "VALIDATION_ERROR") == {"readyAssets": len(labels)}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"method": "magic"}, "VALIDATION_ERROR"),
        ({"method": ""}, "VALIDATION_ERROR"),
        ({"method": 5}, "VALIDATION_ERROR"),
        ({"masterCamera": "D"}, "INVALID_CAMERA_LABEL"),
        ({"masterCamera": "a"}, "INVALID_CAMERA_LABEL"),
        ({"masterCamera": ""}, "INVALID_CAMERA_LABEL"),
        ({"masterCamera": ["A"]}, "VALIDATION_ERROR"),
    ],
)
def test_wrong_requests(world: World, body: dict[str, Any], code: str) -> None:
    session_id = world.session()
    world.cameras(session_id, "AB")
    error(world.compute(session_id, **body), 400, code)


@pytest.mark.parametrize(
    ("labels", "wanted", "master"), [("ABC", None, "A"), ("CB", None, "B"), ("AB", "B", "B")]
)
def test_the_master(world: World, labels: str, wanted: str | None, master: str) -> None:
    session_id = world.session()
    world.cameras(session_id, labels)
    world.compute(session_id, **({"masterCamera": wanted} if wanted else {}))
    with world.services.database.read() as session:
        assert session.scalars(select(Sync)).one().master_camera == master


def test_an_empty_body_asks_for_the_usual(world: World) -> None:
    session_id = world.session()
    world.cameras(session_id, "AB")
    assert world.client.post(f"/v2/sessions/{session_id}/sync/compute").status_code == 202


@pytest.mark.parametrize("before", ["nothing", "needs-review", "ready"])
def test_a_failed_sync_brings_the_session_back(world: World, before: str) -> None:
    session_id = world.session()
    world.cameras(session_id)
    if before != "nothing":
        world.compute(session_id)
        world.end_sync(session_id)
    if before == "ready":
        post(world, session_id, "approve", approvedBy="me")
    status = world.status(session_id)["status"]
    job_id = world.compute(session_id).json()["syncJobId"]
    world.fail_job(job_id, "WORKER_LOST", "The job was stopped.", traceback="secret")
    body = get(world, session_id).json()
    assert body["status"] == status == world.status(session_id)["status"]
    told = {"code": "SYNC_FAILED", "message": "The job was stopped.", "details": {"reason": "WORKER_LOST"}}
    assert body["error"] == told
    assert body["offsets"] == ({} if before == "nothing" else {"A": 0, "B": 1234, "C": -532})
    with world.client.websocket_connect(f"/v2/sessions/{session_id}/events?since=0") as events:
        assert any(
            message["event"] == "sync.failed" and message["error"] == told
            for message in (events.receive_json() for _ in range(events_of(world, session_id) + 1))
        )
    assert world.compute(session_id).status_code == 202


def events_of(world: World, session_id: str) -> int:
    """How many events a session has had."""
    with world.client.websocket_connect(f"/v2/sessions/{session_id}/events") as events:
        return int(events.receive_json()["seq"])


def test_a_later_success_forgets_the_failure(world: World) -> None:
    session_id = world.session()
    world.cameras(session_id)
    world.fail_job(world.compute(session_id).json()["syncJobId"], "SYNC_FAILED", "No.", camera="C")
    assert get(world, session_id).json()["error"]["details"] == {"camera": "C"}
    world.compute(session_id)
    world.end_sync(session_id)
    assert "error" not in get(world, session_id).json()


def test_a_camera_that_comes_after_the_approval(world: World) -> None:
    session_id = world.synced()
    post(world, session_id, "approve", approvedBy="me")
    world.uploaded(session_id, "D")
    assert world.status(session_id)["status"] == "ingesting"
    other = world.synced("ABC")
    post(world, other, "approve", approvedBy="me")
    world.ready(other, "D")
    status = world.status(other)
    assert (status["status"], status["readyForNextPhase"]) == ("ready", False)
