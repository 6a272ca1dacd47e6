"""What the database of the settings is before it is used, and making it ready for use."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from videocraft.commands import CommandFailed

if TYPE_CHECKING:
    from videocraft.core.database import Database
    from videocraft.services import Services
    from videocraft.settings import Settings


class DatabaseKind(Enum):
    """What was found at a database's address."""

    MISSING = "not there yet"
    EMPTY = "empty"
    CURRENT = "migrated"
    BEHIND = "of an older version"
    AHEAD = "of a newer version"
    FOREIGN = "of another program"


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """A database as `inspect_database` found it."""

    kind: DatabaseKind
    shown: str
    """Its address without the password."""
    revision: str | None
    head: str
    """The revision of this version of VideoCraft."""


def inspect_database(settings: Settings) -> DatabaseState:
    """Look at the database without changing anything in it.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: it can't be reached, or the file is no database.
    """
    from sqlalchemy import NullPool, create_engine, inspect, make_url

    from videocraft.core.database.migrate import known_revisions, revision_of

    known = known_revisions()
    head = known[-1]
    url = make_url(settings.effective_database_url)
    shown = url.render_as_string(hide_password=True)
    file = sqlite_file(settings)
    if file is not None and not file.exists():
        return DatabaseState(DatabaseKind.MISSING, shown, None, head)
    # Not through `Database`, which switches a file to WAL: this one may not be ours.
    with create_engine(url, poolclass=NullPool).connect() as connection:
        tables = inspect(connection).get_table_names()
        revision = revision_of(connection)
    if revision == head:
        kind = DatabaseKind.CURRENT
    elif revision is not None:
        kind = DatabaseKind.BEHIND if revision in known else DatabaseKind.AHEAD
    else:
        kind = DatabaseKind.FOREIGN if set(tables) - {"alembic_version"} else DatabaseKind.EMPTY
    return DatabaseState(kind, shown, revision, head)


def sqlite_file(settings: Settings) -> Path | None:
    """The database's file, None when it is no SQLite."""
    from sqlalchemy import make_url

    url = make_url(settings.effective_database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    return Path(url.database)


def reason_of(error: Exception) -> str:
    """The driver's own words for an SQLAlchemy error, on one line."""
    words = str(getattr(error, "orig", None) or error).strip()
    return words.splitlines()[0] if words else type(error).__name__


def open_database(settings: Settings) -> Database:
    """The database of the settings, at this version's schema; the caller disposes of it.

    Raises:
        CommandFailed: it can't be reached, or belongs to another program or a newer version.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from videocraft.core.database import Database
    from videocraft.core.database.migrate import migrate

    try:
        _refuse_strangers(inspect_database(settings))
        database = Database(settings.effective_database_url)
        migrate(database)
    except SQLAlchemyError as error:
        raise CommandFailed(f"The database can't be used: {reason_of(error)}") from error
    return database


def open_services(settings: Settings, *, first_key: bool = True) -> Services:
    """Everything a process works with (see `Services.open`), the database migrated; the caller closes it.

    Raises:
        CommandFailed: the database (see `open_database`) or a file in the data directory can't be used.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from videocraft.services import Services

    try:
        _refuse_strangers(inspect_database(settings))
        return Services.open(settings, first_key=first_key)
    except SQLAlchemyError as error:
        raise CommandFailed(f"The database can't be used: {reason_of(error)}") from error
    except OSError as error:
        raise CommandFailed(f"The server's files can't be used: {error}") from error
    except ValueError as error:
        # A secret in the data directory that is none; the message says which and what to do.
        raise CommandFailed(str(error)) from error


def _refuse_strangers(state: DatabaseState) -> None:
    if state.kind is DatabaseKind.FOREIGN:
        raise CommandFailed(
            f"The database {state.shown} holds another program's tables; choose another with "
            "VIDEOCRAFT_DATABASE_URL or --data-dir"
        )
    if state.kind is DatabaseKind.AHEAD:
        raise CommandFailed(
            f"The database {state.shown} was made by a newer version of VideoCraft (revision "
            f"{state.revision}); install that version, or choose another with VIDEOCRAFT_DATABASE_URL"
        )
