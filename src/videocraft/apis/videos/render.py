"""Errors of the videos family: a flat body with a code, a time and the request's id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from videocraft.apis.errors import (
    INTERNAL_CODE,
    Problem,
    Renderer,
    keyed_by_path,
    public_details,
    utc_timestamp,
)
from videocraft.apis.shapes import Shown
from videocraft.errors import InvalidInput, TooManyRequests, VideoCraftError

_HELP = "https://docs.videocraft.io/errors/"
# The document gives an address for these and for no other.
_HELP_PAGES = {
    "MISSING_AUTH_HEADER": "authentication",
    "CSRF_TOKEN_REQUIRED": "csrf",
    "VALIDATION_ERROR": "validation",
    INTERNAL_CODE: "general",
}
# Everything that a query can say, so that each is told what it must be in one sentence.
_PARAMETERS = {
    "limit": "limit must be a whole number between 1 and 100",
    "offset": "offset must be a whole number of 0 or more",
    "status": "status must be one of all, pending, processing, completed, failed, cancelled",
    "created_after": "created_after must be a time like 2024-01-01T12:00:00Z",
    "created_before": "created_before must be a time like 2024-01-01T12:00:00Z",
    "dry_run": "dry_run must be true or false",
}


class VideosError(Shown):
    """The error body; ``retry_after``, ``limit``, ``remaining`` and ``reset_at`` come with 429 only."""

    error: str
    code: str
    details: dict[str, Any] | None = None
    timestamp: str
    request_id: str
    help_url: str | None = None
    retry_after: int | None = None
    limit: int | None = None
    remaining: int | None = None
    reset_at: str | None = None


def error_body(error: VideoCraftError, request_id: str) -> dict[str, Any]:
    """Flat; what a rate limit has to say stands beside the message, as documented."""
    body: dict[str, Any] = {"error": error.message, "code": error.code}
    details = public_details(error)
    if isinstance(error, TooManyRequests):
        body |= details
    elif details:
        body["details"] = details
    body |= {"timestamp": utc_timestamp(), "request_id": request_id}
    if error.code in _HELP_PAGES:
        body["help_url"] = _HELP + _HELP_PAGES[error.code]
    return body


def invalid(problems: Sequence[Problem]) -> VideoCraftError:
    """400 ``VALIDATION_ERROR`` with the problems keyed by path."""
    told = [
        replace(problem, message=_PARAMETERS.get(problem.path, problem.message))
        if problem.place == "query"
        else problem
        for problem in problems
    ]
    return InvalidInput("Validation failed", details=keyed_by_path(told))


RENDERER = Renderer(VideosError, error_body, invalid)
