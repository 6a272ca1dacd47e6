"""Files that clients send, to be used in projects as ``upload:ID``."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from videocraft.apis.bodies import raise_body_limit
from videocraft.apis.filenames import safe_filename
from videocraft.apis.videos.multipart import boundary_of, open_file
from videocraft.apis.videos.service import is_id
from videocraft.apis.videos.status import timestamp
from videocraft.core.database import clock
from videocraft.core.database.models import VideoUpload
from videocraft.core.storage.contents import HEAD_BYTES, Kind, content_type
from videocraft.core.storage.targets import Refusal
from videocraft.errors import InvalidInput, NotFound, StorageFull, TooLarge, VideoCraftError
from videocraft.services import Services

KINDS: Final[tuple[Kind, ...]] = ("video", "audio", "image", "captions")

ROOT: Final = "uploads"
"""Folder of all uploads in the storage."""
_INCOMING = "incoming"
_LEFTOVER_SECONDS = 86400.0
_PIECE_BYTES = 2**20
_FORM_BYTES = 2**20
"""What the form around a file may take."""


class UnsupportedMedia(VideoCraftError):
    """The file is of no kind that a film can be made of."""

    status = 415
    default_code = "UNSUPPORTED_MEDIA_TYPE"


async def receive(services: Services, request: Request, owner: str) -> dict[str, Any]:
    """Take a file as the whole body, or as the first file of a form.

    Raises:
        TooLarge: 413, larger than one source may be.
        StorageFull: 507 ``QUOTA_EXCEEDED``, or the disk is full.
        UnsupportedMedia: 415, by its content.
        InvalidInput: 400, no file, or a form that can't be read.
    """
    limit = services.settings.fetch_max_bytes
    raise_body_limit(request, limit + _FORM_BYTES)
    room = await run_in_threadpool(_room, services, owner)
    stream: AsyncIterator[bytes] = request.stream()
    boundary = boundary_of(request.headers.get("content-type", ""))
    if boundary is None:
        filename = request.query_params.get("filename") or "upload"
        chunks = stream
    else:
        form = await open_file(stream, boundary)
        filename, chunks = form.filename, form.chunks
    folder = Path(await run_in_threadpool(_scratch, services))
    try:
        draft = _Draft(folder / "upload", limit=limit, room=room)
        await draft.write(chunks)
        if boundary is not None:
            async for _ in stream:
                """The rest of the form: the connection stays good for the next request."""
        return await run_in_threadpool(_publish, services, draft, filename[:1024], owner)
    finally:
        await run_in_threadpool(shutil.rmtree, folder, ignore_errors=True)


class _Draft:
    """The file while it comes in."""

    def __init__(self, path: Path, *, limit: int, room: int) -> None:
        self.path = path
        self.size = 0
        self.head = b""
        self._sha256 = hashlib.sha256()
        self._limit = limit
        self._room = room

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    async def write(self, chunks: AsyncIterator[bytes]) -> None:
        """Everything that comes, in large pieces."""
        piece = bytearray()
        async for chunk in chunks:
            piece += chunk
            if len(piece) >= _PIECE_BYTES:
                await run_in_threadpool(self._append, bytes(piece))
                piece.clear()
        await run_in_threadpool(self._append, bytes(piece))

    def _append(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size > self._limit:
            raise TooLarge(f"A file may have at most {self._limit} bytes")
        if self.size > self._room:
            raise _quota_exceeded()
        if len(self.head) < HEAD_BYTES:
            self.head += piece[: HEAD_BYTES - len(self.head)]
        self._sha256.update(piece)
        with self.path.open("ab") as file:
            file.write(piece)


def _publish(services: Services, draft: _Draft, filename: str, owner: str) -> dict[str, Any]:
    if not draft.size:
        raise InvalidInput("The file is empty", code="NO_FILE")
    try:
        kind = content_type(draft.head, KINDS)
    except Refusal as refusal:
        raise UnsupportedMedia(f"The file can't be used: {refusal}") from None
    upload_id = f"upl_{uuid4().hex}"
    key = f"{ROOT}/{upload_id}/source"
    services.storage.put_file(draft.path, key)
    try:
        with services.database.write() as session:
            # Others of this owner may have come in at the same time.
            _require_room(services, session, owner, draft.size)
            upload = VideoUpload(
                id=upload_id,
                key=key,
                filename=safe_filename(filename),
                content_type=kind,
                size=draft.size,
                sha256=draft.sha256,
                owner=owner,
                created_at=clock.now(session),
            )
            session.add(upload)
    except BaseException:
        services.storage.delete(key)
        raise
    return body(upload)


def listing(services: Services, owner: str, *, limit: int, offset: int) -> dict[str, Any]:
    """A page of an owner's uploads, newest first, and how much of the quota they take."""
    mine = VideoUpload.owner == owner
    with services.database.read() as session:
        total = session.execute(select(func.count()).select_from(VideoUpload).where(mine)).scalar_one()
        page = select(VideoUpload).where(mine)
        page = page.order_by(VideoUpload.created_at.desc(), VideoUpload.id).limit(limit).offset(offset)
        return {
            "uploads": [body(upload) for upload in session.scalars(page)],
            "pagination": {"limit": limit, "offset": offset, "total": total},
            "quota": {"used": _used(session, owner), "limit": services.settings.upload_quota_bytes},
        }


def show(services: Services, upload_id: str, owner: str) -> dict[str, Any]:
    """One upload.

    Raises:
        NotFound: ``UPLOAD_NOT_FOUND``; there is none, or it is somebody else's.
    """
    with services.database.read() as session:
        return body(_require(session, upload_id, owner))


def delete(services: Services, upload_id: str, owner: str) -> None:
    """Delete an upload; jobs that have not read it yet will fail.

    Raises:
        NotFound: as in ``show``.
    """
    with services.database.write() as session:
        upload = _require(session, upload_id, owner)
        session.delete(upload)
    services.storage.delete(upload.key)


def body(upload: VideoUpload) -> dict[str, Any]:
    """An upload as it is shown; ``src`` is what a project says."""
    return {
        "id": upload.id,
        "src": f"upload:{upload.id}",
        "filename": upload.filename,
        "content_type": upload.content_type,
        "size": upload.size,
        "sha256": upload.sha256,
        "created_at": timestamp(upload.created_at),
    }


def _require(session: Session, upload_id: str, owner: str) -> VideoUpload:
    upload = session.get(VideoUpload, upload_id) if is_id(upload_id) else None
    if upload is None or upload.owner != owner:
        raise NotFound("Upload not found", code="UPLOAD_NOT_FOUND")
    return upload


def _room(services: Services, owner: str) -> int:
    with services.database.read() as session:
        return _require_room(services, session, owner, 1)


def _require_room(services: Services, session: Session, owner: str, size: int) -> int:
    room = services.settings.upload_quota_bytes - _used(session, owner)
    if size > room:
        raise _quota_exceeded()
    return room


def _quota_exceeded() -> StorageFull:
    return StorageFull("The quota of uploads is used up; delete some of them", code="QUOTA_EXCEEDED")


def _used(session: Session, owner: str) -> int:
    query = select(func.coalesce(func.sum(VideoUpload.size), 0)).where(VideoUpload.owner == owner)
    return int(session.execute(query).scalar_one())


def _scratch(services: Services) -> str:
    parent = services.settings.data_dir / _INCOMING
    parent.mkdir(parents=True, exist_ok=True)
    return tempfile.mkdtemp(dir=parent)


def clear_leftovers(services: Services) -> None:
    """Remove what servers that were killed had received in part; another process may still be receiving."""
    oldest = time.time() - _LEFTOVER_SECONDS
    for folder in (services.settings.data_dir / _INCOMING).glob("*"):
        with contextlib.suppress(FileNotFoundError):
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)
