"""Bringing a database to the schema of this version."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from videocraft.core.database.engine import Database

MIGRATIONS = Path(__file__).parent / "migrations"
ADVISORY_LOCK = 0x56_43_4D_47
"""Key of the PostgreSQL lock that migrating processes queue for (the letters VCMG); any fixed number does."""


def migrate(database: Database) -> None:
    """Run every revision that the database lacks, all in one transaction.

    Safe when several processes start at once: one of them migrates, the others wait and find nothing to do.
    SQLite's write transaction excludes them; on PostgreSQL, where two transactions may create the same table
    side by side, an advisory lock does.
    """
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
