"""Appending to streams and reading from them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, cast

from sqlalchemy import String, Table, bindparam, column, func, insert, select, values
from sqlalchemy import delete as sql_delete
from sqlalchemy.orm import Session

from videocraft.core.database import clock
from videocraft.core.database.models import Event, EventStream
from videocraft.core.database.upserts import Upsert

_NAMES_AT_ONCE = 500
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
    append_as(session, stream, seq, type, data)
    return seq


def append_as(session: Session, stream: str, seq: int, type: str, data: Mapping[str, Any]) -> None:  # noqa: A002 - the event's type
    """As ``append``, for a stream whose owner counts it, in a row that is locked until the commit."""
    event = {"stream": stream, "seq": seq, "type": type, "data": dict(data), "created_at": clock.now(session)}
    session.connection().execute(_INSERT, event)
    session.info.setdefault(_APPENDED, set()).add(stream)


def read_after(session: Session, stream: str, seq: int, limit: int) -> list[Event]:
    """The first ``limit`` events of a stream whose number is greater than ``seq``, in order."""
    query = select(Event).where(Event.stream == stream, Event.seq > seq).order_by(Event.seq).limit(limit)
    return list(session.scalars(query))


def last_numbers(session: Session, streams: Collection[str]) -> dict[str, int]:
    """The number of the last event of each of these streams that has any."""
    names = list(streams)
    numbers: dict[str, int] = {}
    for start in range(0, len(names), _NAMES_AT_ONCE):
        asked = [(name,) for name in names[start : start + _NAMES_AT_ONCE]]
        followed = values(column("name", String)).data(asked).cte("followed")
        # One look into the index for each stream; a GROUP BY would read all their events.
        last = select(func.max(Event.seq)).where(Event.stream == followed.c.name).scalar_subquery()
        numbers |= {name: seq for name, seq in session.execute(select(followed.c.name, last)) if seq}
    return numbers


def delete(session: Session, stream: str) -> None:
    """Delete a stream with all its events; the next event appended to it is number 1 again."""
    session.execute(sql_delete(Event).where(Event.stream == stream))
    session.execute(sql_delete(EventStream).where(EventStream.name == stream))


def appended_streams(session: Session) -> frozenset[str]:
    """The streams that this session appended to: whoever commits it then rings for those who tail them."""
    return frozenset(session.info.get(_APPENDED, ()))
