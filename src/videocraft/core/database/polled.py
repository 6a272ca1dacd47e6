"""Statements that clients have run all day long: compiled once, and on SQLite without SQLAlchemy's layers.

There such a read takes some ten microseconds from the page cache, waits for nobody (WAL), and may run on an
event loop: a thread for it would cost several times as much (`is_quick`).
"""

from __future__ import annotations

import json
import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, Boolean, Dialect, Select
from sqlalchemy.exc import DBAPIError

from videocraft.core.database.engine import Database

Row = Any
"""A named tuple of the selected columns."""


class PolledQuery:
    """A select whose variables are ``bindparam``s; its columns become the names of what it finds."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self.statement = statement
        columns = list(statement.selected_columns)
        names = [str(column.key) for column in columns]
        self._row: Any = namedtuple("Row", names)  # type: ignore[misc] # noqa: PYI024 - the names are the statement's
        # The driver knows neither JSON nor truth; every other type of ours comes as it is.
        self._decoders = [
            (index, _parsed if isinstance(column.type, JSON) else bool)
            for index, column in enumerate(columns)
            if isinstance(column.type, JSON | Boolean)
        ]

    def named(self, values: Any) -> Row:
        """A row as SQLAlchemy gives it."""
        return self._row._make(values)

    def decoded(self, values: Any) -> Row:
        """A row as SQLite's driver gives it."""
        if not self._decoders:
            return self._row._make(values)
        row = list(values)
        for index, decode in self._decoders:
            if row[index] is not None:
                row[index] = decode(row[index])
        return self._row._make(row)


Ask = Callable[..., list[Row]]
"""``ask(query, name=value, …)``: the rows that a query finds."""

# One decoder for all, and no search for what may follow: SQLAlchemy wrote it.
_decode = json.JSONDecoder().raw_decode


@contextmanager
def moment(database: Database) -> Iterator[Ask]:
    """Ask several queries of one state of the database."""
    if not database.is_sqlite:
        with database.engine.connect() as opened:
            yield lambda query, **values: [
                query.named(row) for row in opened.execute(query.statement, values)
            ]
        return
    connection = database.own_connection()
    cursor = connection.cursor()
    dialect = database.engine.dialect

    def ask(query: PolledQuery, **values: Any) -> list[Row]:
        text, names, constants = _compiled(query.statement, dialect)
        known = {**constants, **values}
        try:
            cursor.execute(text, [known[name] for name in names])
            return [query.decoded(row) for row in cursor.fetchall()]
        except sqlite3.Error as error:
            raise DBAPIError(text, values, error) from error  # as SQLAlchemy would have told it

    cursor.execute("BEGIN")
    try:
        yield ask
    finally:
        cursor.execute("ROLLBACK")
        cursor.close()


def is_quick(database: Database) -> bool:
    """Whether a ``moment`` may be had on an event loop: SQLite reads the page cache, without a server."""
    return database.is_sqlite


def _parsed(text: str) -> Any:
    return _decode(text)[0]


@lru_cache(maxsize=64)
def _compiled(
    statement: Select[*tuple[Any, ...]], dialect: Dialect
) -> tuple[str, tuple[str, ...], Mapping[str, Any]]:
    compiled = statement.compile(dialect=dialect)
    return str(compiled), tuple(compiled.positiontup or ()), dict(compiled.params)
