"""What the rooms' ``render.py`` share: from an error to a body, and what OpenAPI says about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from videocraft.apis.shapes import Shown
from videocraft.core.json import InvalidJson
from videocraft.errors import InvalidInput, Unprocessable, VideoCraftError

INTERNAL_MESSAGE = "An internal error occurred. Please try again later or contact support."
INTERNAL_CODE = "INTERNAL_ERROR"

_OPERATORS_KEYS = frozenset({"command", "exit_code", "stderr"})
_SHOWN_INPUT = 200


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a request's parameters or body."""

    location: tuple[str | int, ...]
    """Where, as pydantic says it: ``("body", "segments", 3, "endTime")``."""
    kind: str
    """Pydantic's name for it: ``missing``, ``float_parsing`` …"""
    message: str
    given: Any = None
    """What was there instead; only short plain values are kept."""

    @property
    def place(self) -> str:
        """``body``, ``query``, ``path``, ``header`` or ``cookie``."""
        return str(self.location[0]) if self.location else "body"

    @property
    def path(self) -> str:
        """Where within that place, as in the documents: ``segments[3].endTime``."""
        text = ""
        for part in self.location[1:]:
            text += f"[{part}]" if isinstance(part, int) else f".{part}"
        return text.removeprefix(".")

    @classmethod
    def from_pydantic(cls, error: Mapping[str, Any]) -> Problem:
        """From one entry of a ``ValidationError.errors()``."""
        given = error.get("input")
        if not isinstance(given, bool | int | float | str) or len(str(given)) > _SHOWN_INPUT:
            given = None
        kind = str(error["type"])
        message = str(error["msg"]).removeprefix("Value error, ")
        return cls(tuple(error["loc"]), kind, message, given)


def _as_it_is(error: InvalidJson) -> VideoCraftError:
    return error


@dataclass(frozen=True)
class Renderer:
    """How one family says that something went wrong. Every ``render.py`` has one as ``RENDERER``."""

    model: type[BaseModel]
    """The body, for OpenAPI."""
    body: Callable[[VideoCraftError, str], dict[str, Any]]
    """From an error and the request's id to the body."""
    invalid: Callable[[Sequence[Problem]], VideoCraftError]
    """The error for parameters or a body of the wrong shape."""
    broken_json: Callable[[InvalidJson], VideoCraftError] = _as_it_is
    """The error for a body that is no JSON."""

    def responses(self, *statuses: int) -> dict[int | str, dict[str, Any]]:
        """``responses=`` for a route: these statuses, and ``default`` for every other error.

        ``default`` also keeps FastAPI from documenting a 422 that this family does not send.
        """
        described: dict[int | str, dict[str, Any]] = {
            status: {"model": self.model, "description": HTTPStatus(status).phrase}
            for status in sorted(statuses)
        }
        described["default"] = {"model": self.model, "description": "Any other error"}
        return described


class DetailError(Shown):
    """An error of the families that answer like FastAPI: a sentence, or a list of problems."""

    detail: str | list[dict[str, Any]]


def detail_body(error: VideoCraftError, _request_id: str) -> dict[str, Any]:
    """``{"detail": …}``."""
    return {"detail": error.details.get("problems") or error.message}


def detail_invalid(problems: Sequence[Problem]) -> VideoCraftError:
    """422 with FastAPI's list of problems."""
    listed = [
        {"type": problem.kind, "loc": list(problem.location), "msg": problem.message, "input": problem.given}
        for problem in problems
    ]
    return Unprocessable("The request is not valid", details={"problems": listed})


def detail_broken_json(error: InvalidJson) -> VideoCraftError:
    """422 as FastAPI's, for which a body that is no JSON is one more of the wrong shape."""
    return detail_invalid([Problem(("body",), "json_invalid", error.message)])


FALLBACK = Renderer(DetailError, detail_body, detail_invalid)
"""For paths that belong to no family."""


def keyed_by_path(problems: Sequence[Problem]) -> dict[str, str]:
    """``{"elements[0].src": "Field required"}``; the first message of each path counts."""
    messages: dict[str, str] = {}
    for problem in problems:
        messages.setdefault(problem.path or problem.place, problem.message)
    return messages


def public_details(error: VideoCraftError) -> dict[str, Any]:
    """The details without what only the operator may see."""
    return {key: value for key, value in error.details.items() if key not in _OPERATORS_KEYS}


def utc_timestamp() -> str:
    """Now, as in ``2024-01-01T12:00:00Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def lower_first(sentence: str) -> str:
    """The sentence as the second half of another one."""
    return sentence[:1].lower() + sentence[1:]


def missing_fields(problems: Sequence[Problem]) -> InvalidInput | None:
    """``Missing required fields: a, b`` when that is all there is to say."""
    if any(problem.kind != "missing" or not problem.path for problem in problems):
        return None
    names = ", ".join(problem.path for problem in problems)
    return InvalidInput(f"Missing required fields: {names}", details=keyed_by_path(problems))
