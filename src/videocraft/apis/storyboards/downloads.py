"""Counting downloads: each whole one once, however many ranges it was fetched in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from fastapi import Request
from sqlalchemy import ColumnElement, select, update
from sqlalchemy import delete as sql_delete
from starlette.responses import Response

from videocraft.apis.downloads import StoredObject, file_response
from videocraft.apis.ranges import ByteRange
from videocraft.core.database import Database, clock
from videocraft.core.database.models import Storyboard, StoryboardDownload
from videocraft.core.storage import ObjectInfo
from videocraft.errors import NotFound
from videocraft.services import Services

KEPT_SECONDS = 86400.0
"""What a client has not completed in so long is another download."""

MAX_CLIENTS = 200
"""Half-fetched downloads that are remembered of one storyboard; anybody may ask for ranges of a film."""

MAX_PIECES = 200
"""Separate pieces that are remembered of one download; those beyond count as not fetched."""


def send(
    request: Request,
    storyboard_id: int,
    info: ObjectInfo,
    *,
    filename: str,
    content_type: str,
    owner: str | None = None,
) -> Response:
    """Answer with a film or an export, and count it when a client has all of it.

    Raises:
        NotFound: it was deleted a moment ago.
        RangeNotSatisfiable: the range asked for lies outside (416).
    """
    services: Services = request.app.state.services
    file = _digest(info.key, info.etag)
    client = _client(request, owner)

    def note(sent: ByteRange, size: int) -> None:
        record(services.database, storyboard_id, file=file, client=client, sent=sent, size=size)

    source = StoredObject(services.storage, info)
    try:
        return file_response(request, source, filename, content_type, on_sent=note)
    except FileNotFoundError:
        raise NotFound("Video file not found") from None


def record(
    database: Database, storyboard_id: int, *, file: str, client: str, sent: ByteRange, size: int
) -> None:
    """Note what a client has fetched of a file of ``size`` bytes; count when that makes the whole file."""
    with database.write() as session:
        if session.get(Storyboard, storyboard_id, with_for_update=True) is None:
            return  # deleted while it was sent
        query = select(StoryboardDownload).where(
            StoryboardDownload.file == file, StoryboardDownload.client == client
        )
        row = session.scalars(query).one_or_none()
        fetched = merged([*(row.fetched if row else []), [sent.start, sent.stop]])
        if fetched == [[0, size]]:
            counted = update(Storyboard).where(Storyboard.id == storyboard_id)
            session.execute(counted.values(download_count=Storyboard.download_count + 1))
            if row is not None:
                session.delete(row)
            return
        at = clock.now(session)
        if row is None:
            row = StoryboardDownload(storyboard_id=storyboard_id, file=file, client=client)
            session.add(row)
        row.fetched = sorted(sorted(fetched, key=_length)[-MAX_PIECES:])
        row.updated_at = at
        session.flush()
        mine = select(StoryboardDownload.id).where(StoryboardDownload.storyboard_id == storyboard_id)
        latest = mine.order_by(StoryboardDownload.updated_at.desc(), StoryboardDownload.id.desc())
        beyond = list(session.scalars(latest.offset(MAX_CLIENTS).limit(MAX_CLIENTS)))
        session.execute(sql_delete(StoryboardDownload).where(StoryboardDownload.id.in_(beyond)))


def merged(pieces: Sequence[Sequence[int]]) -> list[list[int]]:
    """The same bytes as ascending pieces that neither overlap nor touch."""
    result: list[list[int]] = []
    for start, stop in sorted(map(tuple, pieces)):
        if result and start <= result[-1][1]:
            result[-1][1] = max(result[-1][1], stop)
        else:
            result.append([start, stop])
    return result


def forget_old(database: Database) -> None:
    """Drop half-fetched downloads that nobody has gone on with."""
    with database.write() as session:
        session.execute(sql_delete(StoryboardDownload).where(is_old(clock.now(session))))


def is_old(now: float) -> ColumnElement[bool]:
    """Downloads whose rest will be another one."""
    return StoryboardDownload.updated_at < now - KEPT_SECONDS


def _length(piece: Sequence[int]) -> int:
    return piece[1] - piece[0]


def _client(request: Request, owner: str | None) -> str:
    if owner is not None:
        return _digest("key", owner)
    address = request.client.host if request.client else ""
    return _digest("address", address, request.headers.get("user-agent", ""))


def _digest(*parts: Any) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()
