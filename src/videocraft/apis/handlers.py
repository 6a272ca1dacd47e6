"""From whatever was raised while a request was served to the family's answer."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

import structlog
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from videocraft.apis.border import error_response, facts_of
from videocraft.apis.errors import Problem
from videocraft.core.database.troubles import as_users_error
from videocraft.core.json import InvalidJson
from videocraft.errors import (
    DISK_FULL,
    Forbidden,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
    StorageFull,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    Unprocessable,
    VideoCraftError,
)

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_BY_STATUS = {
    kind.status: kind
    for kind in (
        InvalidInput,
        Unauthorized,
        Forbidden,
        NotFound,
        MethodNotAllowed,
        TooLarge,
        Unprocessable,
        TooManyRequests,
        Unavailable,
    )
}


async def on_videocraft_error(connection: HTTPConnection, error: VideoCraftError) -> Response:
    """An error that a user can cause."""
    return error_response(connection.scope, error)


async def on_broken_json(connection: HTTPConnection, error: InvalidJson) -> Response:
    """A body that is no JSON."""
    return error_response(connection.scope, facts_of(connection.scope).renderer.broken_json(error))


async def on_database_error(connection: HTTPConnection, error: SQLAlchemyError) -> Response:
    """The database is away, too busy or full; anything else is a bug and stays one."""
    told = as_users_error(error)
    if told is None:
        raise error
    _log.warning("database trouble", error=str(error.__cause__ or error).partition("\n")[0])
    return error_response(connection.scope, told)


async def on_system_error(connection: HTTPConnection, error: OSError) -> Response:
    """A disk without room, wherever something was to be written; anything else is a bug and stays one."""
    if error.errno not in DISK_FULL:
        raise error
    _log.warning("the disk is full", error=str(error))
    return error_response(connection.scope, StorageFull("There is no room left on the server's disk"))


async def on_http_exception(connection: HTTPConnection, error: HTTPException) -> Response:
    """FastAPI's and Starlette's own errors: no such route, wrong method, body too large …"""
    status = error.status_code
    headers = dict(error.headers or {})
    if status == 405:
        headers["Allow"] = ", ".join(allowed_methods(connection.app.routes, connection.scope["path"]))
    code = None if status in _BY_STATUS else HTTPStatus(status).name
    kind = _BY_STATUS.get(status, VideoCraftError)
    return error_response(connection.scope, kind(str(error.detail), code=code, headers=headers), status)


async def on_invalid_request(request: Request, error: RequestValidationError) -> Response:
    """Parameters or a body of the wrong shape."""
    problems = [Problem.from_pydantic(found) for found in error.errors()]
    return error_response(request.scope, facts_of(request.scope).renderer.invalid(problems))


def allowed_methods(routes: Iterable[BaseRoute], path: str) -> list[str]:
    """What ``Allow`` says about a path: the methods of every route that matches it, in order."""
    methods: set[str] = set()
    for route in routes:
        pattern = getattr(route, "path_regex", None)
        if pattern is not None and pattern.match(path):
            methods |= getattr(route, "methods", None) or set()
    if "GET" in methods:
        methods.add("HEAD")
    return sorted(methods)
