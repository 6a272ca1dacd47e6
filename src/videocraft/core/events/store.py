"""Appending to streams and reading from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select
from sqlalchemy import delete as sql_delete
from sqlalchemy.orm import Session

from videocraft.core.database import clock
from videocraft.core.database.models import Event, EventStream
from videocraft.core.database.upserts import Upsert

_APPENDED = "videocraft.events.appended"


def _counting(upsert: Any) -> Any:
    """The statement that takes the next number of a stream; ``upsert`` is a database's own ``insert``."""
    return (
        upsert(EventStream.__table__)
        .values(name=bindparam("name"), last_seq=1)
        .on_conflict_do_update(index_elements=["name"], set_={"last_seq": EventStream.last_seq + 1})
        .returning(EventStream.last_seq)
    )


_COUNT = Upsert(_counting)
_INSERT = insert(cast("Table", Event.__table__))


def append(session: Session, stream: str, type: str, data: Mapping[str, Any]) -> int:  # noqa: A002 - the event's type
    """Append an event inside the caller's write transaction and return its number, from 1 without gaps.

    The row of the stream is locked until the caller commits, so numbers become visible in order: a reader
    that saw event 7 will never meet a late event 6.
    """
    connection = session.connection()
    seq: int = connection.execute(_COUNT.on(connection), {"name": stream}).scalar_one()
    event = {"stream": stream, "seq": seq, "type": type, "data": dict(data), "created_at": clock.now(session)}
    connection.execute(_INSERT, event)
    session.info.setdefault(_APPENDED, set()).add(stream)
    return seq


def read_after(session: Session, stream: str, seq: int, limit: int) -> list[Event]:
    """The first ``limit`` events of a stream whose number is greater than ``seq``, in order."""
    query = select(Event).where(Event.stream == stream, Event.seq > seq).order_by(Event.seq).limit(limit)
    return list(session.scalars(query))


def delete(session: Session, stream: str) -> None:
    """Delete a stream with all its events; the next event appended to it is number 1 again."""
    session.execute(sql_delete(Event).where(Event.stream == stream))
    session.execute(sql_delete(EventStream).where(EventStream.name == stream))


def appended_streams(session: Session) -> frozenset[str]:
    """The streams that this session appended to: whoever commits it then rings for those who tail them."""
    return frozenset(session.info.get(_APPENDED, ()))
