"""The list of routes names the function's own file and line."""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI

from videocraft.commands.routes import places_of


def _decorated(function: Any) -> Any:
    @wraps(function)
    def wrapper(*args: Any, **named: Any) -> Any:
        return function(*args, **named)

    return wrapper


def test_included_routes_and_sockets_are_listed_with_their_line() -> None:
    inner = APIRouter(prefix="/inner")

    @inner.delete("/{name}")
    def remove(name: str) -> None: ...

    @inner.websocket("/events")
    async def events() -> None: ...

    outer = APIRouter(prefix="/outer")
    outer.include_router(inner)
    app = FastAPI(openapi_url=None)
    app.include_router(outer)

    @app.get("/plain")
    @_decorated
    def plain() -> None: ...

    found = {(place.method, place.path): place.where for place in places_of(app.routes)}
    assert set(found) == {
        ("DELETE", "/outer/inner/{name}"),
        ("WS", "/outer/inner/events"),
        ("GET", "/plain"),
    }
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    for where in found.values():
        name, _, number = where.rpartition(":")
        assert name.endswith("test_routes.py")
        # A decorated function's first line is that of its first decorator.
        assert lines[int(number) - 1].strip().startswith("@")
