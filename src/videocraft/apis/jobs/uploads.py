"""Receives a recording as the body of a request, into a file of its own."""

from __future__ import annotations

import errno
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from videocraft.apis.bodies import raise_body_limit
from videocraft.errors import DISK_FULL, StorageFull, Unprocessable
from videocraft.settings import Settings

PIECE_BYTES = 2**20
"""So much is collected before it is written."""
FORGOTTEN_SECONDS = 24 * 3600.0
"""A file that nobody wrote to for so long is left from a server that was killed."""

_FULL = DISK_FULL | {errno.EFBIG}


def folder_of(settings: Settings) -> Path:
    """Where files are while they come in: beside the media root, so that publishing is a rename."""
    return settings.data_dir / "incoming"


def remove_forgotten(settings: Settings) -> None:
    """Remove what killed servers left."""
    oldest = time.time() - FORGOTTEN_SECONDS
    for path in folder_of(settings).glob("*"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


@asynccontextmanager
async def received(request: Request, settings: Settings) -> AsyncIterator[Path]:
    """The request's body as a file, which is gone when the block ends unless it was moved away.

    Raises:
        HTTPException: 413; more than an upload may have.
        Unprocessable: there is no body.
        StorageFull: the disk is full.
    """
    raise_body_limit(request, settings.max_upload_bytes)
    path = folder_of(settings) / uuid4().hex
    try:
        if not await _receive(request, path):
            raise Unprocessable("The body must be the recording; it is empty")
        yield path
    finally:
        await run_in_threadpool(path.unlink, missing_ok=True)


async def _receive(request: Request, path: Path) -> int:
    """Write the body as it comes; at most one piece is in memory."""
    file = await run_in_threadpool(_create, path)
    size = 0
    try:
        piece = bytearray()
        async for chunk in request.stream():
            piece += chunk
            size += len(chunk)
            if len(piece) >= PIECE_BYTES:
                await run_in_threadpool(_write, file, piece)
                piece = bytearray()
        await run_in_threadpool(_write, file, piece)
    finally:
        await run_in_threadpool(file.close)
    return size


def _create(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("xb", buffering=0)


def _write(file: BinaryIO, piece: bytearray) -> None:
    view = memoryview(piece)
    try:
        while view:
            view = view[file.write(view) :]
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise StorageFull("There is no room for this upload") from error
