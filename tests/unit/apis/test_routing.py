"""Routes that need no machinery are called directly, and answer no differently."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Path, Request, Response
from starlette.requests import HTTPConnection
from starlette.testclient import TestClient

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


@pytest.mark.parametrize(
    ("text", "status", "answer"),
    [
        ("7", 200, "8"),
        ("007", 200, "8"),
        ("999999999999999999", 200, "1000000000000000000"),
        ("-7", 200, "-6"),
        ("x", 422, None),
        ("1.5", 422, None),
        ("1" * 5000, 422, None),
        ("\u0667", 422, None),
    ],
)
def test_numbers_of_the_path_are_read_as_fastapi_reads_them(
    text: str, status: int, answer: str | None
) -> None:
    router = make()

    @router.get("/{number}")
    async def endpoint(number: int) -> Response:
        return Response(str(number + 1))

    assert is_direct(router)
    app = FastAPI()
    app.router.routes.extend(router.routes)
    plain = FastAPI()
    plain.get("/{number}")(endpoint)
    ours, theirs = (TestClient(one).get(f"/{text}") for one in (app, plain))
    assert (ours.status_code, theirs.status_code) == (status, status)
    assert answer is None or ours.text == theirs.text == answer


async def with_query(request: Request, limit: int) -> Response:
    """Needs a number parsed."""
    return Response()


async def with_default(request: Request, limit: int = 3) -> Response:
    """Needs a number parsed."""
    return Response()


async def with_bound(number: Annotated[int, Path(ge=1)]) -> Response:
    """Needs the path's number checked."""
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
        with_bound,
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
    router.post("/{number}" if endpoint in {with_bound, with_length} else "/x")(endpoint)
    assert not is_direct(router)


def test_other_dependencies_are_not_left_out() -> None:
    def check() -> None:
        """Has to run."""

    router = room_router(FALLBACK, tag="t", dependencies=[Depends(check)])

    @router.get("/x")
    async def endpoint() -> Response:
        return Response()

    assert not is_direct(router)
