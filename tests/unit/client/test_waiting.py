"""Waiting for a job, in made-up time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.client.script import Stage, answer, broken, refusal
from videocraft.client.errors import (
    ConnectionFailed,
    JobCancelled,
    JobFailed,
    NotFound,
    UnexpectedAnswer,
    WaitTimeout,
)
from videocraft.client.exchange import Call
from videocraft.client.waiting import wait_for_completion
from videocraft.client.wire import Reply

RESULT = {"video_id": "video_1", "download_url": "/api/v1/videos/video_1/download"}


def _told(status: str, **more: Any) -> Reply:
    return answer({"job_id": "1", "status": status, "progress": 0, **more})


def _wait(stage: Stage, timeout: float | None = None, interval: float = 1.0) -> tuple[Any, list[str]]:
    seen: list[str] = []
    steps = wait_for_completion(
        stage.exchange,
        Call("GET", "/jobs/1/status"),
        timeout=timeout,
        interval=interval,
        report=lambda status: seen.append(status["status"]),
    )
    return stage.run(steps), seen


def test_it_asks_ever_more_rarely_and_returns_the_result() -> None:
    stage = Stage(*[_told("processing")] * 20, _told("completed", result=RESULT))
    result, seen = _wait(stage)
    assert result == RESULT
    assert seen == ["processing"] * 20 + ["completed"]
    assert stage.waits == sorted(stage.waits)
    assert stage.waits[0] == 1.0
    assert stage.waits[-1] == 10.0


def test_a_longer_interval_is_kept() -> None:
    stage = Stage(_told("pending"), _told("pending"), _told("completed", result=RESULT))
    _wait(stage, interval=30.0)
    assert stage.waits == [30.0, 30.0]


@pytest.mark.parametrize("interval", [0.0, -1.0])
def test_asking_without_pause_is_refused(interval: float) -> None:
    with pytest.raises(ValueError, match="poll_interval"):
        _wait(Stage(), interval=interval)


@pytest.mark.parametrize(
    ("told", "code", "message"),
    [
        ({"error": "FFmpeg failed", "code": "FFMPEG_FAILED"}, "FFMPEG_FAILED", "FFmpeg failed"),
        ({"error": None, "code": 7}, "JOB_FAILED", "The job failed"),
        ({}, "JOB_FAILED", "The job failed"),
    ],
)
def test_a_failed_job_raises_its_own_error(told: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(JobFailed) as caught:
        _wait(Stage(_told("failed", **told)))
    assert (caught.value.code, caught.value.message) == (code, message)
    assert caught.value.job["status"] == "failed"


def test_a_cancelled_job_raises_too() -> None:
    with pytest.raises(JobCancelled):
        _wait(Stage(_told("pending"), _told("cancelled")))


def test_time_runs_out_after_a_last_look() -> None:
    stage = Stage(*[_told("processing")] * 4)
    with pytest.raises(WaitTimeout) as caught:
        _wait(stage, timeout=3.0)
    assert sum(stage.waits) == 3.0
    assert caught.value.last is not None
    assert caught.value.last["status"] == "processing"
    assert isinstance(caught.value, TimeoutError)


def test_a_timeout_of_nothing_looks_once() -> None:
    stage = Stage(_told("completed", result=RESULT))
    assert _wait(stage, timeout=0.0)[0] == RESULT


def test_a_server_that_restarts_is_waited_for() -> None:
    stage = Stage(
        _told("processing"), *[broken(sent=False)] * 7, refusal(503), _told("completed", result=RESULT)
    )
    assert _wait(stage)[0] == RESULT


def test_patience_begins_anew_with_each_answer() -> None:
    away = [broken(sent=False)] * 7
    stage = Stage(
        *[_told("processing")] * 20, *away, _told("processing"), *away, _told("completed", result=RESULT)
    )
    assert _wait(stage)[0] == RESULT


def test_a_server_that_stays_away_is_an_error() -> None:
    stage = Stage(*[broken(sent=False)] * 500)
    with pytest.raises(ConnectionFailed):
        _wait(stage)
    assert 120 <= sum(stage.waits) <= 200


def test_a_rate_limit_is_kept_even_when_the_time_is_short() -> None:
    stage = Stage(
        _told("processing"), refusal(429, headers={"retry-after": "60"}), _told("completed", result=RESULT)
    )
    assert _wait(stage, timeout=20.0)[0] == RESULT
    assert stage.waits == [1.0, 19.0]


def test_an_unknown_job_is_an_error_at_once() -> None:
    with pytest.raises(NotFound):
        _wait(Stage(refusal(404, "JOB_NOT_FOUND")))


@pytest.mark.parametrize("reply", [answer([]), answer({}), answer({"status": 1}), _told("completed")])
def test_what_is_no_status_is_an_error(reply: Reply) -> None:
    with pytest.raises(UnexpectedAnswer):
        _wait(Stage(reply))
