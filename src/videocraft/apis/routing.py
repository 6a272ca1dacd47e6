"""Routes as every room declares them: strict JSON, whatever the content type, and the key first."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from fastapi import APIRouter, params
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from videocraft.apis.errors import Renderer
from videocraft.core import json

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
First = Callable[[HTTPConnection], Awaitable[object]]

_PLAIN_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
MODELS: dict[str, type[BaseModel]] = {}
"""By name, the shapes of answers that routes refer to; `openapi.describe` adds them to the document."""
REFERENCE = "#/components/schemas/{model}"
"""Where that document has the shape of this name."""

_JSON_HEADER = (b"content-type", b"application/json")


class JsonRoute(APIRoute):
    """A FastAPI route that reads a JSON body with ``core.json``, after whoever sent it was let in.

    The documented clients post JSON as ``text/plain`` (a browser's ``fetch`` with a string) and without
    any type, so a declared body is always read as JSON. FastAPI reads a body before it asks
    dependencies; those marked ``runs_before_body`` (``RequireKey``) are therefore asked here as well.

    A route that takes nothing but the request and path parameters (strings, whole numbers), and makes its own
    ``Response``, is called directly: FastAPI's machinery would cost most of the time of a polled route.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **kwargs: Any) -> None:
        if not kwargs.get("summary"):
            # Else FastAPI takes the function's name, which tells a reader of /docs less.
            kwargs["summary"] = (inspect.getdoc(endpoint) or "").partition("\n")[0].rstrip(".") or None
        kwargs["responses"] = {
            status: _described(answer) for status, answer in (kwargs.get("responses") or {}).items()
        }
        super().__init__(path, endpoint, **kwargs)
        if self._is_plain():
            numbers = frozenset(
                field.name for field in self.dependant.path_params if field.field_info.annotation is int
            )
            plain = _plain_app(self.endpoint, self._first(), self.dependant.request_param_name, numbers)
            self.app = _unless_odd(plain, self.app, numbers) if numbers else plain

    def get_route_handler(self) -> Handler:
        """See ``APIRoute``."""
        handler = super().get_route_handler()
        if self.body_field is None or isinstance(self.body_field.field_info, params.Form):
            return handler
        return _strict_handler(handler, self._first())

    def _first(self) -> list[First]:
        calls = (dependency.call for dependency in self.dependant.dependencies)
        return [call for call in calls if call is not None and _is_first(call)]

    def _is_plain(self) -> bool:
        dependant = self.dependant
        asked_for = (
            dependant.query_params,
            dependant.header_params,
            dependant.cookie_params,
            dependant.body_params,
            dependant.websocket_param_name,
            dependant.http_connection_param_name,
            dependant.response_param_name,
            dependant.background_tasks_param_name,
            dependant.security_scopes_param_name,
        )
        return (
            inspect.iscoroutinefunction(self.endpoint)
            and self.endpoint.__annotations__.get("return") in {"Response", Response}
            and not any(asked_for)
            and all(_is_bare(field.field_info) for field in dependant.path_params)
            # One that has a name gives the endpoint a value.
            and all(inner.name is None and _is_first(inner.call) for inner in dependant.dependencies)
        )


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


def _described(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer with a reference in place of its model.

    FastAPI would build a validator for each answer of each route, of which most are errors: a tenth of the
    server's start, for something that is only shown.
    """
    model = answer.get("model")
    if model is None:
        return answer
    MODELS[model.__name__] = model
    schema = {"$ref": REFERENCE.format(model=model.__name__)}
    return {"description": answer["description"], "content": {"application/json": {"schema": schema}}}


def _is_first(call: object) -> bool:
    return getattr(call, "runs_before_body", False)


def _is_bare(field_info: Any) -> bool:
    return field_info.annotation in {str, int} and not field_info.metadata


def _unless_odd(plain: ASGIApp, thorough: ASGIApp, numbers: frozenset[str]) -> ASGIApp:
    """``thorough`` where a number of the path is not in plain digits: it knows what to say about that."""

    async def chosen(scope: Scope, receive: Receive, send: Send) -> None:
        values = scope["path_params"]
        app = plain if all(_PLAIN_NUMBER.fullmatch(values[name]) for name in numbers) else thorough
        await app(scope, receive, send)

    return chosen


def _plain_app(
    endpoint: Any, first: Sequence[First], request_name: str | None, numbers: frozenset[str]
) -> ASGIApp:
    async def plain(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        for dependency in first:
            await dependency(request)
        values = {name: int(text) if name in numbers else text for name, text in scope["path_params"].items()}
        if request_name is not None:
            values[request_name] = request
        response: Response = await endpoint(**values)
        await response(scope, receive, send)

    return plain


def _strict_handler(handler: Handler, first: Sequence[First]) -> Handler:
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
