"""``/ws/jobs/{id}``: the job object at every change."""

from __future__ import annotations

import pytest
from starlette.testclient import WebSocketDenialResponse, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from tests.contract.jobs.world import JOB_KEYS, World
from videocraft.core.jobs.outcomes import Completed

pytestmark = pytest.mark.main_path

WS = "ws://127.0.0.1:8000/ws/jobs/"


def _next(socket: WebSocketTestSession, status: str, progress: float | None = None) -> dict[str, object]:
    """Read until the job is so; states in between may be told or skipped."""
    for _ in range(20):
        job: dict[str, object] = socket.receive_json()
        result = job["result_payload"]
        seen = result["progress"] if isinstance(result, dict) else None
        if job["status"] == status and (progress is None or seen == progress):
            return job
    raise AssertionError(f"the job was never {status}")


def test_every_change_is_told_and_the_end_closes(world: World) -> None:
    world.clear()
    job_id = world.submit()["id"]
    with world.client.websocket_connect(WS + job_id) as socket:
        assert socket.receive_json() == world.job(job_id)
        claimed = world.claim()
        assert _next(socket, "in_progress").keys() == JOB_KEYS
        world.report(claimed, 0.5, "Half")
        told = _next(socket, "in_progress", 0.5)
        assert told == world.job(job_id)
        world.finish(claimed, Completed({"text": "done"}))
        assert _next(socket, "completed") == world.job(job_id)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
        assert closed.value.code == 1000


def test_a_job_that_has_ended_is_told_once(world: World) -> None:
    job_id = world.submit()["id"]
    world.client.post(f"/jobs/{job_id}/cancel")
    with world.client.websocket_connect(WS + job_id) as socket:
        assert socket.receive_json()["status"] == "cancelled"
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()


def test_an_unknown_job_is_refused(world: World) -> None:
    with (
        pytest.raises(WebSocketDenialResponse) as refused,
        world.client.websocket_connect(WS + "job_789"),
    ):
        pass
    assert refused.value.status_code == 404
    assert refused.value.json() == {"detail": "Job job_789 not found"}
