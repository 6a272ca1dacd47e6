"""Routes as every room declares them: strict JSON, whatever the content type, and the key first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from fastapi import APIRouter, params
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from videocraft.apis.errors import Renderer
from videocraft.core import json

_JSON_HEADER = (b"content-type", b"application/json")


class JsonRoute(APIRoute):
    """A FastAPI route that reads a JSON body with ``core.json``, after whoever sent it was let in.

    The documented clients post JSON as ``text/plain`` (a browser's ``fetch`` with a string) and without
    any type, so a declared body is always read as JSON. FastAPI reads a body before it asks
    dependencies; those marked ``runs_before_body`` (``RequireKey``) are therefore asked here as well.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See ``APIRoute``."""
        handler = super().get_route_handler()
        if self.body_field is None or isinstance(self.body_field.field_info, params.Form):
            return handler
        first: list[Callable[[HTTPConnection], Awaitable[object]]] = [
            dependency.call
            for dependency in self.dependant.dependencies
            if dependency.call is not None and getattr(dependency.call, "runs_before_body", False)
        ]

        async def strict(request: Request) -> Response:
            for dependency in first:
                await dependency(request)
            others = [header for header in request.scope["headers"] if header[0] != b"content-type"]
            typed = _JsonRequest({**request.scope, "headers": [*others, _JSON_HEADER]}, request.receive)
            # Parsed out here: inside, FastAPI would answer in its own words. It finds the result kept.
            if await typed.body():
                await typed.json()
            return await handler(typed)

        return strict


class _JsonRequest(Request):
    """A request whose body is parsed once, strictly."""

    _parsed: Any

    async def json(self) -> Any:
        if not hasattr(self, "_parsed"):
            self._parsed = json.loads(await self.body())
        return self._parsed


def room_router(
    renderer: Renderer, *, tag: str, prefix: str = "", dependencies: Sequence[params.Depends] = ()
) -> APIRouter:
    """The router of a room: ``JsonRoute`` for every route, the family's errors in its OpenAPI."""
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        dependencies=dependencies,
        route_class=JsonRoute,
        redirect_slashes=False,
        responses=renderer.responses(500),
    )
