"""What the endpoints of the jobs family share: who asks, what comes in, what goes out."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from videocraft.apis.downloads import StoredObject, file_response
from videocraft.apis.jobs.bodies import absolute
from videocraft.apis.jobs.render import RENDERER
from videocraft.core import json
from videocraft.core.auth import Caller, require_key
from videocraft.core.storage import ObjectInfo
from videocraft.services import Services, public_base

JSON: Final = "application/json"
key = require_key("jobs")
Who = Annotated[Caller, Depends(key)]
Limit = Annotated[int, Query(ge=1, le=100)]
Offset = Annotated[int, Query(ge=0, le=2**53)]
FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The file", "content": {"application/octet-stream": {}}},
    206: {"description": "A part of it"},
    **RENDERER.responses(404, 416),
}


def services(request: Request) -> Services:
    """What the server works with."""
    services: Services = request.app.state.services
    return services


async def call(request: Request, use_case: Callable[..., Any], *arguments: Any) -> Any:
    """A use case in a thread: it waits for the database or the disk."""
    return await run_in_threadpool(use_case, services(request), *arguments)


def answer(body: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(json.dumps(body), status, media_type=JSON)


def linked(request: Request, body: Any, status: int = 200) -> Response:
    """A JSON answer with whole URLs where the body has paths."""
    return answer(absolute(body, public_base(services(request).settings)), status)


def file(request: Request, info: ObjectInfo, filename: str, *, inline: bool = False) -> Response:
    """A stored file, with ranges."""
    content_type = mimetypes.guess_type(info.key)[0] or "application/octet-stream"
    return file_response(
        request, StoredObject(services(request).storage, info), filename, content_type, inline=inline
    )


async def document(request: Request) -> Any:
    """The body as strict JSON."""
    return json.loads(await request.body())
