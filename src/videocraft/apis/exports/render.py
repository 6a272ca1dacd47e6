"""Errors of the exports family: ``{"error": "…"}``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from videocraft.apis.errors import Problem, Renderer, lower_first
from videocraft.apis.shapes import Shown
from videocraft.core.json import InvalidJson
from videocraft.errors import InvalidInput, VideoCraftError


class ExportsError(Shown):
    """The error body."""

    error: str


def error_body(error: VideoCraftError, _request_id: str) -> dict[str, Any]:
    """One sentence. The only body of this family is a config, so broken JSON is an invalid config."""
    if isinstance(error, InvalidJson):
        return {"error": f"Invalid config: {lower_first(error.message)}"}
    return {"error": error.message}


def invalid(problems: Sequence[Problem]) -> VideoCraftError:
    """400 with the first problem: ``Invalid config: missing sources``."""
    first = problems[0]
    subject = "Invalid config" if first.place == "body" else "Invalid request"
    if first.kind == "missing":
        reason = f"missing {first.path or first.place}"
    elif first.path:
        reason = f"{first.path}: {lower_first(first.message)}"
    else:
        reason = lower_first(first.message)
    return InvalidInput(f"{subject}: {reason}")


RENDERER = Renderer(ExportsError, error_body, invalid)
