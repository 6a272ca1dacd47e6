"""``PUT /v2/storage/uploads/{upload}/{part}``: where the signed URLs of local storage take parts."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import mmap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, ParamSpec, TypeVar

from fastapi import Request, Response

from videocraft.apis.bodies import raise_body_limit
from videocraft.apis.long_body import LongBody
from videocraft.apis.routing import room_router
from videocraft.apis.sessions.render import RENDERER
from videocraft.core.storage import PartWriter, UploadFailed
from videocraft.core.storage.links import PART_PATH
from videocraft.errors import Forbidden
from videocraft.services import Services

PIECE_BYTES = 2**20
"""So much is collected before it is written: one hop to a thread for each MiB, at most two held at once."""

_ANY_LENGTH = 2**63
# Of their own, so that disks which take their time never block the threads of other requests.
_THREADS = ThreadPoolExecutor(8, thread_name_prefix="upload")

router = room_router(RENDERER, tag="sessions")
P = ParamSpec("P")
T = TypeVar("T")

_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "Received; `ETag` is a hash of the part"},
    400: {"model": RENDERER.model, "description": "Not the bytes that this part has"},
    403: {"model": RENDERER.model, "description": "The URL was altered, or has expired"},
    404: {"model": RENDERER.model, "description": "The upload has ended"},
    507: {"model": RENDERER.model, "description": "The disk is full"},
}


@router.put(
    PART_PATH + "{upload_id}/{part_number}",
    summary="Send a part of an upload",
    response_class=Response,
    responses={**_RESPONSES, "default": {"model": RENDERER.model, "description": "Any other error"}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def put_part(request: Request, upload_id: str, part_number: str) -> Response:
    """The bytes of one part, to the URL that `init-upload` gave; again replaces what came before."""
    services: Services = request.app.state.services
    number = _number(part_number)
    query = request.query_params
    services.storage.verify_part(upload_id, number, query.get("expires", ""), query.get("signature", ""))
    digest = _content_md5(request.headers.get("content-md5"))
    declared = request.headers.get("content-length")
    length = int(declared) if declared is not None else None
    raise_body_limit(request, _ANY_LENGTH)  # the part's own length is the limit
    writer = await _in_thread(services.storage.open_part, upload_id, number, length=length, md5=digest)
    try:
        await _receive(LongBody(request, length, _THREADS), writer)
        info = await _in_thread(writer.finish)
    finally:
        await _in_thread(writer.close)
    return Response(headers={"ETag": f'"{info.etag}"'})


async def _receive(body: LongBody, writer: PartWriter) -> None:
    """Write the body as it comes; a piece is written while the next one is received."""
    writing: asyncio.Future[None] | None = None
    # Two that take turns: a new one for each piece would be a million pages to clear for a long recording.
    # Whole pages, so that a folder can write them to the disk without a copy.
    filling, other = memoryview(mmap.mmap(-1, PIECE_BYTES)), memoryview(mmap.mmap(-1, PIECE_BYTES))
    try:
        while filled := await body.fill(filling):
            if writing is not None:
                await writing
            writing = asyncio.ensure_future(_in_thread(writer.write, filling[:filled]))
            filling, other = other, filling
        if writing is not None:
            await writing
    finally:
        body.close()
        if writing is not None:
            # Whatever ended the loop, the thread must be done with the piece; its own error counts less.
            await asyncio.gather(writing, return_exceptions=True)


async def _in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, lambda: function(*args, **kwargs))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5) or text.startswith("0"):
        raise Forbidden("The signature of this link is not valid", code="INVALID_SIGNATURE")
    return int(text)


def _content_md5(header: str | None) -> str | None:
    if header is None:
        return None
    try:
        digest = base64.b64decode(header.strip(), validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != hashlib.md5(usedforsecurity=False).digest_size:
        raise UploadFailed("Content-MD5 must be the base64 of an MD5 digest")
    return digest.hex()
