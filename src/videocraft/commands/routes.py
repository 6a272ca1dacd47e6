"""``videocraft routes``: every route as METHOD, PATH and where its code is."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from videocraft.settings import Settings


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One route and the line of its function."""

    path: str
    method: str
    where: str


def run(settings: Settings) -> None:
    """Print the routes, by path. The app is built, but not started: nothing is opened or written."""
    from videocraft.app import create_app

    places = sorted(places_of(create_app(settings).routes))
    width = max((len(place.path) for place in places), default=0)
    for place in places:
        sys.stdout.write(f"{place.method:<7} {place.path:<{width}}  {place.where}\n")


def places_of(routes: Sequence[BaseRoute]) -> Iterator[Place]:
    """Every route in ``routes``, those of included routers too."""
    from fastapi.routing import iter_route_contexts

    for context in iter_route_contexts(routes):
        if context.path is None or context.endpoint is None:
            continue
        # A WebSocket route has no methods.
        for method in sorted(context.methods or {"WS"}):
            yield Place(context.path, method, _where(context.endpoint))


def _where(endpoint: Any) -> str:
    function = inspect.unwrap(endpoint)
    code = getattr(function, "__code__", None)
    if code is None:
        return f"{type(function).__module__}.{type(function).__qualname__}"
    file = Path(code.co_filename)
    here = Path.cwd()
    shown = file.relative_to(here) if file.is_relative_to(here) else file
    return f"{shown}:{code.co_firstlineno}"
