"""Bringing a database to the schema of this version."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from videocraft.core.database.engine import Database

MIGRATIONS = Path(__file__).parent / "migrations"
ADVISORY_LOCK = 0x56_43_4D_47
"""Key of the PostgreSQL lock that migrating processes queue for (the letters VCMG); any fixed number does."""


def migrate(database: Database) -> None:
    """Run every revision that the database lacks, all in one transaction.

    Safe when several processes start at once: one of them migrates, the others wait and find nothing to do.
    SQLite's write transaction excludes them; on PostgreSQL, where two transactions may create the same table
    side by side, an advisory lock does. A database that has every revision is left alone, and Alembic, which
    takes a third of a second to import, is not needed.
    """
    if _is_current(database):
        return
    from alembic import command
    from alembic.config import Config

    with database.write() as session:
        if not database.is_sqlite:
            # Others may migrate a large table first, and so may this one.
            for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
                session.execute(text(f"SET LOCAL {limit} = 0"))
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        config = Config()
        # Interpolation is the configuration parser's, so a per cent sign in the path has to be doubled.
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.set_main_option("path_separator", "newline")
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "head")


def known_revisions() -> list[str]:
    """The revisions of this version, oldest first: files are named by theirs, which ascend."""
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def revision_of(connection: Connection) -> str | None:
    """The revision of a database; None when no migration has run there."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _is_current(database: Database) -> bool:
    with database.read() as session:
        return revision_of(session.connection()) == known_revisions()[-1]
