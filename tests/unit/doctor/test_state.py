"""What the doctor says of database, queue and storage; it changes none of them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from videocraft.commands import CommandFailed
from videocraft.commands.database import open_database
from videocraft.commands.datadir import ServerLock
from videocraft.core.database.models import Job
from videocraft.doctor import state
from videocraft.doctor.finding import Level
from videocraft.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def _database_file(settings: Settings) -> Path:
    return settings.data_dir / "videocraft.db"


def _run_sql(settings: Settings, *statements: str) -> None:
    connection = sqlite3.connect(_database_file(settings))
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_no_database_yet_is_fine_and_none_is_made(settings: Settings) -> None:
    (found,) = state.check_database(settings)
    assert found.level is Level.OK
    assert state.check_queue(settings)[0].level is Level.OK
    assert not _database_file(settings).exists()


def test_a_migrated_database_is_fine(settings: Settings) -> None:
    open_database(settings).dispose()
    version, journal = state.check_database(settings)
    assert (version.level, journal.level) == (Level.OK, Level.OK)
    assert journal.says == "WAL"


def test_a_foreign_database_fails_is_refused_and_left_alone(settings: Settings) -> None:
    _run_sql(settings, "CREATE TABLE recipes (name TEXT)")
    before = _database_file(settings).read_bytes()
    (found,) = state.check_database(settings)
    assert (found.level, "of another program" in found.says) == (Level.FAIL, True)
    with pytest.raises(CommandFailed, match="holds another program's tables"):
        open_database(settings)
    assert _database_file(settings).read_bytes() == before


def test_a_database_of_a_newer_version_is_refused(settings: Settings) -> None:
    open_database(settings).dispose()
    _run_sql(settings, "UPDATE alembic_version SET version_num = '9999'")
    (found,) = state.check_database(settings)
    assert found.level is Level.FAIL
    with pytest.raises(CommandFailed, match="made by a newer version"):
        open_database(settings)


def test_a_file_that_is_no_database_fails_in_one_sentence(settings: Settings) -> None:
    _database_file(settings).write_bytes(b"not a database" * 100)
    (found,) = state.check_database(settings)
    assert (found.level, "file is not a database" in found.says) == (Level.FAIL, True)
    with pytest.raises(CommandFailed, match=r"^The database can't be used: file is not a database$"):
        open_database(settings)
    assert state.check_queue(settings)[0].level is Level.WARN


def test_a_database_server_that_is_not_there_fails_without_its_password(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url="postgresql://me:hush@127.0.0.1:1/x")
    (found,) = state.check_database(settings)
    assert found.level is Level.FAIL
    assert "hush" not in found.says + found.mend


def _add_job(settings: Settings, job_state: str) -> None:
    database = open_database(settings)
    with database.write() as session:
        session.add(
            Job(
                id="1",
                family="exports",
                kind="exports.export",
                state=job_state,
                payload={},
                created_at=0.0,
                updated_at=0.0,
            )
        )
    database.dispose()


def test_jobs_that_wait_without_a_server_are_told(settings: Settings) -> None:
    _add_job(settings, "queued")
    (found,) = state.check_queue(settings)
    assert (found.level, "1 waiting" in found.says) == (Level.WARN, True)
    lock = ServerLock.take(settings.data_dir)
    lock.note("http://127.0.0.1:8000")
    (found,) = state.check_queue(settings)
    assert (found.level, "server http://127.0.0.1:8000" in found.says) == (Level.OK, True)
    lock.release()


def test_jobs_that_are_done_do_not_wait(settings: Settings) -> None:
    _add_job(settings, "completed")
    assert state.check_queue(settings)[0].level is Level.OK


def test_storage_is_tried_and_left_clean(settings: Settings) -> None:
    settings.media_root.mkdir()
    (found,) = state.check_storage(settings)
    assert (found.level, found.says) == (Level.OK, f"{settings.media_root} can be written")
    assert not list(settings.media_root.iterdir())


def test_storage_that_cannot_be_written_fails(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryDirectory", refuse)
    (found,) = state.check_storage(settings)
    assert (found.level, "Permission denied" in found.says) == (Level.FAIL, True)
