"""From replies to data or errors; nothing here sends anything."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from videocraft.client.errors import (
    AuthenticationError,
    BadRequest,
    Conflict,
    CSRFError,
    NotFound,
    PermissionDenied,
    RateLimited,
    ServerError,
    UnexpectedAnswer,
    VideoCraftAPIError,
)
from videocraft.client.wire import Reply

_BY_STATUS: dict[int, type[VideoCraftAPIError]] = {
    401: AuthenticationError,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    429: RateLimited,
}


def data_of(reply: Reply) -> Any:
    """The ``data`` of a successful answer.

    Raises:
        UnexpectedAnswer: it has none.
    """
    body = _object(reply)
    if "data" not in body:
        raise UnexpectedAnswer(
            "This is not an answer of VideoCraft's videos API; check base_url",
            code="UNEXPECTED_ANSWER",
            status=reply.status,
            request_id=reply.headers.get("x-request-id"),
        )
    return body["data"]


def error_of(reply: Reply) -> VideoCraftAPIError:
    """The error that an answer of 3xx, 4xx or 5xx stands for, whoever gave it."""
    body = _object(reply)
    code = body.get("code")
    known = isinstance(code, str)
    code = code if isinstance(code, str) else f"HTTP_{reply.status}"
    message = body.get("error")
    if not known or not isinstance(message, str):
        message = f"The server answered {reply.status} {_phrase(reply.status)}".rstrip()
    details = body.get("details")
    request_id = body.get("request_id") or reply.headers.get("x-request-id")
    kind = _kind(reply.status, code)
    error = kind(
        message,
        code=code,
        status=reply.status,
        details=details if isinstance(details, dict) else None,
        request_id=request_id if isinstance(request_id, str) else None,
    )
    if isinstance(error, RateLimited | ServerError):
        error.retry_after = _retry_after(reply, body)
    if isinstance(error, RateLimited):
        error.limit, error.remaining = _whole(body.get("limit")), _whole(body.get("remaining"))
        reset_at = body.get("reset_at")
        error.reset_at = reset_at if isinstance(reset_at, str) else None
    return error


def seconds_until(moment: str, headers: Mapping[str, str]) -> float | None:
    """From an answer's own ``Date`` (so that a wrong clock here does no harm) to an ISO 8601 time in it."""
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return (at - _date(headers)).total_seconds()


def _date(headers: Mapping[str, str]) -> datetime:
    try:
        return parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return datetime.now(UTC)


def _kind(status: int, code: str) -> type[VideoCraftAPIError]:
    if status == 403 and code.startswith("CSRF_"):
        return CSRFError
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status < 400:
        return UnexpectedAnswer
    return BadRequest if status < 500 else ServerError


def _object(reply: Reply) -> dict[str, Any]:
    try:
        body = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _retry_after(reply: Reply, body: Mapping[str, Any]) -> float | None:
    given = reply.headers.get("retry-after") or body.get("retry_after")
    if given is None:
        return None
    try:
        seconds = float(given)
    except (TypeError, ValueError):
        try:
            seconds = (parsedate_to_datetime(str(given)) - _date(reply.headers)).total_seconds()
        except (ValueError, TypeError):  # no date, or one without a time zone
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
