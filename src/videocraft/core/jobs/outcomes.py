"""How a handler's run ended."""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from videocraft.errors import DISK_FULL, StorageFull, VideoCraftError

TRACEBACK_CHARACTERS = 8000


class JobStopped(Exception):
    """The job is to stop: it was cancelled, its worker shuts down, or the worker's lease is gone.

    A handler lets it pass; the worker then does what the reason asks for.
    """


@dataclass(frozen=True, slots=True)
class Completed:
    """It returned a result."""

    result: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Failed:
    """It raised: a code, a sentence for the user, facts for the operator."""

    code: str
    message: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stopped:
    """It was told to stop, and did: the job is cancelled or goes back to the queue."""


Outcome = Completed | Failed | Stopped


def completed(result: Mapping[str, Any]) -> Completed:
    """The outcome of a handler that returned.

    Raises:
        TypeError, ValueError: the result is no mapping, or not JSON.
    """
    if not isinstance(result, Mapping):
        raise TypeError(f"A job's handler must return a mapping, not {type(result).__name__}.")
    return Completed(json.loads(_utf8(json.dumps(dict(result), ensure_ascii=False, allow_nan=False))))


def failed(error: Exception) -> Failed:
    """The outcome of a handler that raised: a user's error keeps its sentence, others show none."""
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        full = StorageFull("There is no room left on the server's disk.")
        return Failed(full.code, full.message, {"traceback": _traceback(error)})
    if isinstance(error, VideoCraftError):
        # Operators' facts come from anywhere; what JSON has no words for is told as text.
        details = json.dumps(error.details, ensure_ascii=False, default=str, skipkeys=True)
        return Failed(error.code, clean_text(error.message), json.loads(_utf8(details), parse_constant=str))
    facts = {"exception": type(error).__name__, "traceback": _traceback(error)}
    return Failed("INTERNAL_ERROR", "An internal error stopped this job.", facts)


def clean_text(text: str) -> str:
    """Text that every database can keep: no NUL, no lone surrogates (bytes that could not be decoded)."""
    return _utf8(text.replace("\0", ""))


def _traceback(error: Exception) -> str:
    return clean_text("".join(traceback.format_exception(error))[-TRACEBACK_CHARACTERS:])


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
