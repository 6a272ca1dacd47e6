"""Migrations: the same schema as the models, once, however many processes start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from videocraft.core.database import Database
from videocraft.core.database.migrate import MIGRATIONS, migrate
from videocraft.core.database.models import Base

MIGRATE = "import sys; from videocraft.core.database import Database; "
MIGRATE += (
    "from videocraft.core.database.migrate import migrate; sys.stdin.read(); migrate(Database(sys.argv[1]))"
)


def open_database(folder: Path) -> Database:
    return Database(f"sqlite:///{folder / 'test.db'}")


def indexes_of(database: Database) -> set[tuple[str, str]]:
    """Names and SQL, since Alembic cannot compare the directions of an index."""
    with database.read() as session:
        rows = session.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        )
        return {(name, " ".join(sql.split())) for name, sql in rows}


def test_migrated_schema_and_models_agree(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    migrate(database)
    with database.engine.connect() as connection:
        options = {"compare_type": True, "include_object": lambda _object, _name, kind, *_: kind != "index"}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []

    (tmp_path / "models").mkdir()
    from_models = open_database(tmp_path / "models")
    Base.metadata.create_all(from_models.engine)
    assert indexes_of(database) == indexes_of(from_models)


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    migrate(database)
    with database.write() as session:
        session.execute(text("INSERT INTO event_streams (name, last_seq) VALUES ('kept', 1)"))
    migrate(database)
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM event_streams")).scalar_one() == 1


def test_a_failed_migration_leaves_nothing_behind(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    with database.write() as session:
        session.execute(text("CREATE TABLE api_keys (id TEXT)"))
    with pytest.raises(OperationalError, match="api_keys"):
        migrate(database)
    assert inspect(database.engine).get_table_names() == ["api_keys"]


def test_the_revision_can_be_undone(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    migrate(database)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.write() as session:
        config.attributes["connection"] = session.connection()
        command.downgrade(config, "base")
    assert inspect(database.engine).get_table_names() == ["alembic_version"]


def test_processes_that_start_at_once_all_succeed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", MIGRATE, url], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    # All are imported and wait for the end of their input; closing the pipes lets them go at once.
    for starter in starters:
        assert starter.stdin is not None
        starter.stdin.close()
        starter.stdin = None
    assert [starter.communicate()[1] for starter in starters] == ["", "", "", ""]
    assert [starter.returncode for starter in starters] == [0, 0, 0, 0]
    tables = set(inspect(Database(url).engine).get_table_names())
    assert tables == {"alembic_version", *Base.metadata.tables}


def test_a_current_database_is_left_alone_and_an_older_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database(tmp_path)
    migrate(database)
    upgrades: list[str] = []
    monkeypatch.setattr(command, "upgrade", lambda _config, revision: upgrades.append(revision))
    migrate(database)
    assert upgrades == []
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    migrate(database)
    assert upgrades == ["head"]
