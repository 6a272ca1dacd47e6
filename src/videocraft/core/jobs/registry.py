"""Which function runs which kind of job."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from videocraft.core.jobs.context import JobContext

Handler = Callable[[Mapping[str, Any], JobContext], Mapping[str, Any]]
"""Gets a job's payload and its context, and returns its result; both are JSON."""

_handlers: dict[str, Handler] = {}


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register a function as the handler of a kind of job, as in ``@handler("exports.export")``.

    Raises:
        ValueError: another function has that kind already.
    """

    def register(function: Handler) -> Handler:
        if _handlers.setdefault(kind, function) is not function:
            raise ValueError(f"Two handlers are registered for jobs of the kind {kind!r}.")
        return function

    return register


def load_handlers(modules: Iterable[str]) -> None:
    """Import the modules that hold handlers: core knows no rooms, so whoever starts a worker names them."""
    for module in modules:
        importlib.import_module(module)


def find(kind: str) -> Handler:
    """The handler of a kind of job.

    Raises:
        LookupError: there is none.
    """
    try:
        return _handlers[kind]
    except KeyError:
        raise LookupError(f"No handler is registered for jobs of the kind {kind!r}.") from None
