"""``INSERT … ON CONFLICT``: SQLAlchemy has it in each database's own ``insert``, with the same methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection


def insert_of(dialect: str) -> Any:
    """The ``insert`` of SQLite or PostgreSQL."""
    # Only what is used: PostgreSQL's brings all of its drivers' dialects along.
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as of_sqlite

        return of_sqlite
    from sqlalchemy.dialects.postgresql import insert as of_postgresql

    return of_postgresql


class Upsert:
    """A statement that either database takes, built once: to build it takes longer than to run it."""

    def __init__(self, build: Callable[[Any], Any]) -> None:
        """``build`` makes the statement out of a database's ``insert``."""
        self._build = build
        self._built: dict[str, Any] = {}

    def on(self, connection: Connection) -> Any:
        """The statement for the database of a connection."""
        dialect = connection.dialect.name
        if dialect not in self._built:
            self._built[dialect] = self._build(insert_of(dialect))
        return self._built[dialect]
