"""The event stream: who may listen, what is told, and that nothing is missed."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from tests.contract.sessions.world import World, error
from videocraft.apis.sessions import stream
from videocraft.apis.sessions.service import jobs_of
from videocraft.core.database.models import EventTicket


def tell(world: World, session_id: str, kind: str, **data: Any) -> None:
    """What a job's handler does."""
    with jobs_of(world.services).transaction() as session:
        stream.announce(session, session_id, kind, data)


def ticket(world: World, session_id: str) -> str:
    answer = world.client.post(f"/v2/sessions/{session_id}/events/ticket")
    assert answer.status_code == 201
    assert answer.json().keys() == {"ticket", "expiresAt"}
    return str(answer.json()["ticket"])


def refused(world: World, path: str, status: int, code: str, **headers: str) -> None:
    with (
        pytest.raises(WebSocketDenialResponse) as caught,
        world.client.websocket_connect(path, headers=headers),
    ):
        pass
    error(caught.value, status, code)


@pytest.mark.main_path
def test_state_first_then_events_as_documented(world: World) -> None:
    session_id = world.session()
    asset_id = world.ready(session_id, "A")
    with world.client.websocket_connect(f"/v2/sessions/{session_id}/events") as events:
        state = events.receive_json()
        assert (state["event"], state["sessionId"], state["status"]) == (
            "session.state",
            session_id,
            "ingesting",
        )
        assert state["cameras"] == [{"assetId": asset_id, "cameraLabel": "A", "status": "ready"}]
        tell(world, session_id, "asset.ingesting", assetId="asset-1", cameraLabel="A", progress=0.45)
        assert events.receive_json() == {
            "event": "asset.ingesting",
            "assetId": "asset-1",
            "cameraLabel": "A",
            "progress": 0.45,
            "seq": state["seq"] + 1,
        }
        tell(world, session_id, "sync.computing", progress=0.67)
        assert events.receive_json() == {"event": "sync.computing", "progress": 0.67, "seq": state["seq"] + 2}


@pytest.mark.main_path
def test_what_was_missed_is_replayed(world: World) -> None:
    session_id = world.session()
    for number in range(250):
        tell(world, session_id, "sync.computing", progress=number / 250)
    with world.client.websocket_connect(f"/v2/sessions/{session_id}/events?since=3") as events:
        assert events.receive_json()["seq"] == 250
        assert [events.receive_json()["seq"] for _ in range(247)] == list(range(4, 251))
        tell(world, session_id, "sync.computing", progress=1.0)
        assert events.receive_json()["seq"] == 251


def test_a_number_that_is_still_to_come_replays_nothing(world: World) -> None:
    session_id = world.session()
    tell(world, session_id, "sync.computing", progress=0.5)
    with world.client.websocket_connect(f"/v2/sessions/{session_id}/events?since=99") as events:
        assert events.receive_json()["seq"] == 1
        tell(world, session_id, "sync.computing", progress=0.6)
        assert events.receive_json()["seq"] == 2


@pytest.mark.parametrize("since", ["-1", "x", "1.5", "", "1" * 30, "%00", "\u0661"])
def test_wrong_numbers(world: World, since: str) -> None:
    refused(world, f"/v2/sessions/{world.session()}/events?since={since}", 400, "VALIDATION_ERROR")


def test_a_ticket_opens_once(world: World) -> None:
    session_id = world.session()
    path = f"/v2/sessions/{session_id}/events?ticket={ticket(world, session_id)}"
    with world.client.websocket_connect(path, headers={"Authorization": ""}) as events:
        assert events.receive_json()["event"] == "session.state"
    refused(world, path, 401, "INVALID_TICKET", Authorization="")


def test_a_ticket_is_of_one_session_and_one_minute(world: World) -> None:
    session_id, other = world.session(), world.session()
    refused(world, f"/v2/sessions/{other}/events?ticket={ticket(world, session_id)}", 401, "INVALID_TICKET")
    late = ticket(world, session_id)
    with world.services.database.write() as session:
        session.execute(update(EventTicket).values(expires_at=EventTicket.expires_at - 60))
    refused(world, f"/v2/sessions/{session_id}/events?ticket={late}", 401, "INVALID_TICKET")


@pytest.mark.parametrize("given", ["", "x", "%00", "é", "x" * 5000])
def test_tickets_that_nobody_issued(world: World, given: str) -> None:
    refused(world, f"/v2/sessions/{world.session()}/events?ticket={given}", 401, "INVALID_TICKET")


def test_of_two_at_once_one_gets_in(world: World) -> None:
    session_id = world.session()
    path = f"/v2/sessions/{session_id}/events?ticket={ticket(world, session_id)}"
    together, entered = threading.Barrier(4), []

    def enter() -> None:
        together.wait(20)
        try:
            with world.client.websocket_connect(path) as events:
                entered.append(events.receive_json()["event"])
        except WebSocketDenialResponse:
            entered.append("refused")

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(entered) == ["refused"] * 3 + ["session.state"]


def test_who_may_not_listen(world: World) -> None:
    session_id = world.session()
    path = f"/v2/sessions/{session_id}/events"
    refused(world, path, 401, "INVALID_AUTH_FORMAT", Authorization="")
    refused(world, path, 401, "INVALID_API_KEY", Authorization="Bearer wrong")
    refused(world, "/v2/sessions/session-none/events", 404, "SESSION_NOT_FOUND")


def test_a_deleted_session_says_goodbye(world: World) -> None:
    session_id = world.session()
    with world.client.websocket_connect(f"/v2/sessions/{session_id}/events") as events:
        events.receive_json()
        world.client.delete(f"/v2/sessions/{session_id}")
        assert events.receive_json()["event"] == "session.deleted"
        with pytest.raises(WebSocketDisconnect) as caught:
            events.receive_json()
        assert caught.value.code == 1000


def test_many_listeners_each_hear_everything(world: World) -> None:
    session_id = world.session()
    path = f"/v2/sessions/{session_id}/events"
    with (
        world.client.websocket_connect(path) as first,
        world.client.websocket_connect(path) as idle,
        world.client.websocket_connect(path) as second,
    ):
        # Whoever joins later is told the state of then, and only what comes after it.
        assert [events.receive_json()["seq"] for events in (first, idle, second)] == [0, 0, 0]
        for number in range(20):
            tell(world, session_id, "sync.computing", progress=number / 20)
        for events in (first, second):
            assert [events.receive_json()["seq"] for _ in range(20)] == [*range(1, 21)]


def test_a_job_that_ends_without_a_word_is_told_to_who_listens(world: World) -> None:
    session_id = world.session()
    body = world.uploaded(session_id)
    with world.client.websocket_connect(f"/v2/sessions/{session_id}/events") as events:
        events.receive_json()
        world.fail_job(body["ingestionJobId"], "INGESTION_FAILED", "It is an image.", reason="image")
        failed = events.receive_json()
        assert (failed["event"], failed["assetId"]) == ("asset.failed", body["assetId"])
        assert failed["error"]["code"] == "INGESTION_FAILED"
        assert events.receive_json()["event"] == "session.status"
