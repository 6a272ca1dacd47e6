"""Waiting for a job's end by asking for its status, ever more rarely."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from videocraft.client.answers import data_of
from videocraft.client.errors import (
    JobCancelled,
    JobFailed,
    RateLimited,
    UnexpectedAnswer,
    VideoCraftAPIError,
    WaitTimeout,
)
from videocraft.client.exchange import Call, Exchange
from videocraft.client.retries import is_temporary
from videocraft.client.types import JobResult, JobStatus
from videocraft.client.wire import Reply, Steps, Wait

_GROWTH = 1.25
_LONGEST_INTERVAL_SECONDS = 10.0
_PATIENCE_SECONDS = 120.0
"""How long the server may be away (restarted, say) while a job is waited for."""


def wait_for_completion(
    exchange: Exchange,
    call: Call,
    *,
    timeout: float | None,
    interval: float,
    report: Callable[[JobStatus], None],
) -> Steps[JobResult]:
    """Ask until the job has ended; ``Jobs.wait_for_completion`` says the rest."""
    if interval <= 0:
        raise ValueError("poll_interval must be more than 0 seconds")
    started = seen = exchange.clock()
    deadline = None if timeout is None else started + timeout
    longest = max(interval, _LONGEST_INTERVAL_SECONDS)
    last: JobStatus | None = None
    while True:
        pause, trouble = interval, None
        try:
            last = _status((yield from exchange.perform(call, deadline=deadline)))
        except VideoCraftAPIError as error:
            if not is_temporary(error) or exchange.clock() - seen > _PATIENCE_SECONDS:
                raise
            trouble = error
            if isinstance(error, RateLimited) and error.retry_after is not None:
                pause = max(pause, error.retry_after)
        else:
            seen = exchange.clock()
            report(last)
            if last["status"] in {"completed", "failed", "cancelled"}:
                return _result(last)
        left = pause if deadline is None else deadline - exchange.clock()
        if left <= 0:
            raise WaitTimeout(f"The job did not end within {timeout:g} seconds", last) from trouble
        yield Wait(min(pause, left))
        interval = min(interval * _GROWTH, longest)


def _status(reply: Reply) -> JobStatus:
    data = data_of(reply)
    if not isinstance(data, dict) or not isinstance(data.get("status"), str):
        raise UnexpectedAnswer("The server's answer holds no job status", code="UNEXPECTED_ANSWER")
    return cast("JobStatus", data)


def _result(job: JobStatus) -> JobResult:
    if job["status"] == "cancelled":
        raise JobCancelled("The job was cancelled", job, code="JOB_CANCELLED")
    if job["status"] == "failed":
        message, code = job.get("error"), job.get("code")
        raise JobFailed(
            message if isinstance(message, str) else "The job failed",
            job,
            code=code if isinstance(code, str) else "JOB_FAILED",
        )
    result = job.get("result")
    if not isinstance(result, dict):
        raise UnexpectedAnswer("The job is completed but has no result", code="UNEXPECTED_ANSWER")
    return result
