"""Which function runs which kind of job."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from videocraft.core.database import Database
from videocraft.core.jobs.context import JobContext
from videocraft.settings import Settings

Handler = Callable[[Mapping[str, Any], JobContext], Mapping[str, Any]]
"""Gets a job's payload and its context, and returns its result; both are JSON."""

Cleaner = Callable[["Lost"], None]
"""Puts in order what a room keeps outside the job's own folders."""

_handlers: dict[str, Handler] = {}
_cleaners: dict[str, Cleaner] = {}
_awaited: set[str] = set()


@dataclass(frozen=True, slots=True)
class Lost:
    """A job that ended without its handler: its worker was lost once too often, or while it was to stop."""

    job_id: str
    payload: Mapping[str, Any]
    settings: Settings
    database: Database


def handler(kind: str, *, is_awaited: bool = False) -> Callable[[Handler], Handler]:
    """Register a function as the handler of a kind of job, as in ``@handler("exports.export")``.

    Args:
        kind: of the jobs.
        is_awaited: they are short, and somebody's request waits for them: a worker does one beside the long
            job that it is at.

    Raises:
        ValueError: another function has that kind already.
    """

    def register(function: Handler) -> Handler:
        if _handlers.setdefault(kind, function) is not function:
            raise ValueError(f"Two handlers are registered for jobs of the kind {kind!r}.")
        if is_awaited:
            _awaited.add(kind)
        return function

    return register


def cleaner(kind: str) -> Callable[[Cleaner], Cleaner]:
    """Register what is to be done when a job of a kind ends without its handler."""

    def register(function: Cleaner) -> Cleaner:
        _cleaners[kind] = function
        return function

    return register


def clean_up(kind: str, lost: Lost) -> None:
    """Let the room of a lost job put things in order, if it wants to."""
    if kind in _cleaners:
        _cleaners[kind](lost)


def load_handlers(modules: Iterable[str]) -> None:
    """Import the modules that hold handlers: core knows no rooms, so whoever starts a worker names them."""
    for module in modules:
        importlib.import_module(module)


def kinds() -> frozenset[str]:
    """Every kind of job that has a handler."""
    return frozenset(_handlers)


def awaited_kinds() -> frozenset[str]:
    """The kinds that are done beside a long job."""
    return frozenset(_awaited)


def find(kind: str) -> Handler:
    """The handler of a kind of job.

    Raises:
        LookupError: there is none.
    """
    try:
        return _handlers[kind]
    except KeyError:
        raise LookupError(f"No handler is registered for jobs of the kind {kind!r}.") from None
