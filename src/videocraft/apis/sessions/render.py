"""Errors of the sessions family: ``{"error": {"code", "message", "details"}}``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from videocraft.apis.errors import Problem, Renderer, keyed_by_path, missing_fields, public_details
from videocraft.apis.shapes import Shown
from videocraft.errors import InvalidInput, VideoCraftError


class SessionsErrorFacts(Shown):
    """What went wrong."""

    code: str
    message: str
    details: dict[str, Any]


class SessionsError(Shown):
    """The error body."""

    error: SessionsErrorFacts


def error_body(error: VideoCraftError, _request_id: str) -> dict[str, Any]:
    """Nested; ``details`` is there even when it is empty."""
    return {"error": {"code": error.code, "message": error.message, "details": public_details(error)}}


def invalid(problems: Sequence[Problem]) -> VideoCraftError:
    """400; a request that only lacks fields says which."""
    return missing_fields(problems) or InvalidInput("Validation failed", details=keyed_by_path(problems))


RENDERER = Renderer(SessionsError, error_body, invalid)
