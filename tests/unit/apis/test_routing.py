"""Routes that need no machinery are called directly, and answer no differently."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, Path, Request, Response
from starlette.requests import HTTPConnection

from videocraft.apis.errors import FALLBACK
from videocraft.apis.routing import room_router


class First:
    """A dependency like ``RequireKey``."""

    runs_before_body = True

    async def __call__(self, connection: HTTPConnection) -> str:
        """Let everybody in."""
        return "caller"


def is_direct(router: APIRouter) -> bool:
    """Whether the router's one route goes without FastAPI's machinery."""
    (route,) = router.routes
    return bool(route._is_plain())  # type: ignore[attr-defined] # a JsonRoute


def make(**options: Any) -> APIRouter:
    """A router whose dependency gives no value."""
    return room_router(FALLBACK, tag="t", dependencies=[Depends(First())], **options)


def test_direct() -> None:
    router = make()

    @router.get("/{name}")
    async def endpoint(request: Request, name: str) -> Response:
        return Response(name)

    assert is_direct(router)


async def with_query(request: Request, limit: int) -> Response:
    """Needs a number parsed."""
    return Response()


async def with_default(request: Request, limit: int = 3) -> Response:
    """Needs a number parsed."""
    return Response()


async def with_number(number: int) -> Response:
    """Needs the path's number parsed."""
    return Response()


async def with_length(number: Annotated[str, Path(max_length=3)]) -> Response:
    """Needs the path checked."""
    return Response()


async def with_body(body: dict[str, Any]) -> Response:
    """Needs the body."""
    return Response()


async def with_value(caller: Annotated[str, Depends(First())]) -> Response:
    """Needs a dependency's value."""
    return Response()


async def with_response(response: Response) -> Response:
    """Needs the response that FastAPI would make."""
    return response


async def with_data() -> dict[str, str]:
    """Makes no response of its own."""
    return {}


def in_a_thread() -> Response:
    """Would block the loop."""
    return Response()


@pytest.mark.parametrize(
    "endpoint",
    [
        with_query,
        with_default,
        with_number,
        with_length,
        with_body,
        with_value,
        with_response,
        with_data,
        in_a_thread,
    ],
)
def test_not_direct(endpoint: Any) -> None:
    router = make()
    router.post("/{number}" if endpoint in {with_number, with_length} else "/x")(endpoint)
    assert not is_direct(router)


def test_other_dependencies_are_not_left_out() -> None:
    def check() -> None:
        """Has to run."""

    router = room_router(FALLBACK, tag="t", dependencies=[Depends(check)])

    @router.get("/x")
    async def endpoint() -> Response:
        return Response()

    assert not is_direct(router)
