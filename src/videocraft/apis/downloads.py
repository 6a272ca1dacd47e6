"""Sending files, the same way in every room: streamed, with ranges, validators and a safe name."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

import anyio
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from videocraft.apis.filenames import content_disposition
from videocraft.apis.ranges import ByteRange, parse_range
from videocraft.core.storage import ObjectInfo, Storage
from videocraft.core.storage.traffic import Traffic
from videocraft.services import Services

CHUNK_BYTES = 256 * 1024


OnSent = Callable[[ByteRange, int], None]
"""Gets the bytes that an answer held, and how many the whole file has."""


@dataclass(frozen=True)
class StoredObject:
    """An object of the storage to be sent; ``info`` comes from ``storage.stat``."""

    storage: Storage
    info: ObjectInfo


@dataclass(frozen=True)
class _Source:
    size: int
    etag: str
    modified: float
    read: Callable[[int, int], AsyncIterator[bytes]]
    close: Callable[[], None]


def file_response(
    request: Request,
    source: Path | StoredObject,
    filename: str,
    content_type: str,
    *,
    inline: bool = False,
    on_sent: OnSent | None = None,
) -> Response:
    """Answer with a file: 200, 206 for one byte range, 304 when the client has it; HEAD without the bytes.

    A stored object may be answered 307 instead, with an address at the bucket (``VIDEOCRAFT_DOWNLOADS``).

    The file is opened here and now, so what is sent is one version of it even if it is replaced or
    deleted meanwhile.

    Args:
        filename: with its extension; anything that a user typed is fine. inline: shown in the browser rather
        than saved. on_sent: told of the bytes that were sent, in a thread, before the last of them leaves:
        whoever has all
            of them finds done what it does. Not told of what a client broke off.

    Raises:
        FileNotFoundError: no such file, or not a regular one.
        RangeNotSatisfiable: the range asked for lies outside (416).
    """
    if isinstance(source, StoredObject) and not _is_head(request):
        elsewhere = source.storage.direct_url(source.info, filename, content_type, inline=inline)
        if elsewhere is not None:
            # For this request alone: the address it leads to ends sooner or later.
            return RedirectResponse(elsewhere, 307, headers={"Cache-Control": "no-store"})
    if isinstance(source, Path):
        services: Services = request.app.state.services
        opened = _open_path(source, services.storage.traffic)
    else:
        opened = _open_stored(source)
    try:
        disposition = content_disposition(filename, inline=inline)
        return _respond(request, opened, disposition, content_type, on_sent)
    except BaseException:
        opened.close()
        raise


def _respond(
    request: Request, source: _Source, disposition: str, content_type: str, on_sent: OnSent | None
) -> Response:
    etag = f'"{source.etag}"'
    last_modified = formatdate(source.modified, usegmt=True)
    headers = {
        "ETag": etag,
        "Last-Modified": last_modified,
        "Accept-Ranges": "bytes",
        # May be kept by the client, must be asked about each time: an export can be made anew.
        "Cache-Control": "private, no-cache",
    }
    if _has_it_already(request.headers.get("if-none-match"), etag):
        source.close()
        return Response(status_code=304, headers=headers)
    is_head = _is_head(request)
    part = None
    condition = request.headers.get("if-range")
    if not is_head and (condition is None or condition.strip() in {etag, last_modified}):
        part = parse_range(request.headers.get("range"), source.size)
    whole = ByteRange(0, source.size)
    sent = part or whole
    headers |= {"Content-Disposition": disposition, "Content-Length": str(sent.length)}
    if part:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{source.size}"
    status = 206 if part else 200
    if is_head:
        source.close()
        return Response(status_code=status, headers=headers, media_type=content_type)
    return _FileResponse(source, sent, status, headers, content_type, on_sent=on_sent)


class _FileResponse(StreamingResponse):
    """Streams a part of a source and closes it, however the request ends."""

    def __init__(
        self,
        source: _Source,
        sent: ByteRange,
        status: int,
        headers: dict[str, str],
        content_type: str,
        *,
        on_sent: OnSent | None,
    ) -> None:
        chunks = source.read(sent.start, sent.length)
        if on_sent is not None:
            chunks = _telling(chunks, on_sent, sent, source.size)
        super().__init__(chunks, status, headers=headers, media_type=content_type)
        self._close = source.close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._close()


async def _telling(
    chunks: AsyncIterator[bytes], on_sent: OnSent, sent: ByteRange, size: int
) -> AsyncIterator[bytes]:
    """The same chunks; ``on_sent`` is called before the last one goes."""
    held: bytes | None = None
    async for chunk in chunks:
        if held is not None:
            yield held
        held = chunk
    await run_in_threadpool(on_sent, sent, size)
    if held is not None:
        yield held


def _is_head(request: Request) -> bool:
    facts = request.scope.get("videocraft")
    return request.method == "HEAD" or (facts is not None and facts.is_head)


def _has_it_already(if_none_match: str | None, etag: str) -> bool:
    if if_none_match is None:
        return False
    given = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in given or etag in given


def _open_path(path: Path, traffic: Traffic) -> _Source:
    # Without waiting for the writer of a FIFO.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise FileNotFoundError(errno.ENOENT, "not a regular file", str(path))
    file = os.fdopen(descriptor, "rb", buffering=0)

    async def read(start: int, length: int) -> AsyncIterator[bytes]:
        file.seek(start)
        left = length
        while left:
            chunk = await anyio.to_thread.run_sync(file.read, min(CHUNK_BYTES, left))
            if not chunk:
                raise OSError(errno.EIO, "the file became shorter while it was sent", str(path))
            left -= len(chunk)
            traffic.add(read=len(chunk))
            yield chunk

    etag = f"{found.st_ino:x}-{found.st_size:x}-{found.st_mtime_ns:x}"
    return _Source(found.st_size, etag, found.st_mtime, read, file.close)


def _open_stored(source: StoredObject) -> _Source:
    storage, info = source.storage, source.info

    async def read(start: int, length: int) -> AsyncIterator[bytes]:
        chunks: Iterator[bytes] = storage.open(info.key, start, length)
        async for chunk in iterate_in_threadpool(chunks):
            yield chunk

    def nothing() -> None:
        """The storage's iterator closes what it opened."""

    return _Source(info.size, info.etag, info.modified, read, nothing)
