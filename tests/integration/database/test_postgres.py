"""What only a PostgreSQL does: limits, bells, and coming back after it was gone."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import insert, inspect, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tests.support.app import serving
from tests.support.databases import until_blocked
from tests.support.postgres import Postgres, running_postgres
from videocraft.app import create_app
from videocraft.core.database import Database
from videocraft.core.database import engine as engine_module
from videocraft.core.database.migrate import ADVISORY_LOCK, MIGRATIONS, migrate
from videocraft.core.database.models import Base, RecordingSession
from videocraft.core.database.troubles import as_users_error, is_passing
from videocraft.core.jobs import JobsService, JobState, submit
from videocraft.core.jobs.dispatch.base import Topic
from videocraft.core.jobs.dispatch.postgres import PostgresDispatcher
from videocraft.settings import Settings

WAIT = 30.0


def open_database(url: str) -> Database:
    return Database(Settings(database_url=url).effective_database_url)


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    """A new, empty database."""
    made = postgres.make_database()
    yield made
    postgres.drop_database(made)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = open_database(url)
    yield database
    database.dispose()


def test_text_with_nul_finds_nothing_and_fails_nothing(database: Database) -> None:
    migrate(database)
    with database.read() as session:
        assert session.get(RecordingSession, "a\0b") is None
        assert (
            session.scalars(select(RecordingSession).where(RecordingSession.id.in_(["\0", "x"]))).all() == []
        )
    facts = {"title": "a\0b", "date": "2026-02-03", "project_id": "p", "created_at": 1.0, "updated_at": 1.0}
    with database.write() as session:
        session.add_all(RecordingSession(id=f"session-{number}", **facts) for number in range(2))
        rows = [{"id": f"session-{number}", **facts} for number in range(2, 4)]
        added = session.scalars(insert(RecordingSession).returning(RecordingSession.id), rows)
        assert list(added) == ["session-2", "session-3"]
    with database.read() as session:
        assert set(session.scalars(select(RecordingSession.title))) == {"a\ufffdb"}


def test_migrated_schema_and_models_agree_and_can_be_undone(database: Database) -> None:
    migrate(database)
    migrate(database)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.write() as session:
        config.attributes["connection"] = session.connection()
        command.downgrade(config, "base")
    assert inspect(database.engine).get_table_names() == ["alembic_version"]


def test_of_two_that_migrate_at_once_one_waits_longer_than_any_limit(
    database: Database, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        engine_module._POSTGRES_CONNECTION, "options", "-c statement_timeout=50ms -c lock_timeout=50ms"
    )
    hasty = open_database(url)
    waiting = threading.Thread(target=migrate, args=(hasty,))
    with database.write() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        waiting.start()
        until_blocked(database)
        waiting.join(0.2)
        assert waiting.is_alive()
    waiting.join(WAIT)
    assert "jobs" in inspect(database.engine).get_table_names()
    hasty.dispose()


def test_no_statement_and_no_lock_is_waited_for_without_end(
    url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.read() as session:
        limits = [
            session.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        ]
    assert limits == ["30s", "10s", "1min"]
    monkeypatch.setitem(engine_module._POSTGRES_CONNECTION, "options", "-c statement_timeout=20ms")
    hasty = open_database(url)
    with pytest.raises(DBAPIError) as caught, hasty.read() as session:
        session.execute(text("SELECT pg_sleep(30)"))
    assert is_passing(caught.value)
    hasty.dispose()


def test_a_pool_that_is_used_up_is_told_as_503(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "POOL_SIZE", 1)
    monkeypatch.setattr(engine_module, "POSTGRES_OVERFLOW", 0)
    monkeypatch.setattr(engine_module, "POSTGRES_POOL_SECONDS", 0.01)
    small = open_database(url)
    with small.read() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(PoolTimeout) as caught, small.read() as second:
            second.execute(text("SELECT 1"))
    told = as_users_error(caught.value)
    assert told is not None
    assert (told.status, told.headers) == (503, {"Retry-After": "5"})
    small.dispose()


def test_a_bug_is_not_told_as_503(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught, database.read() as session:
        session.execute(text("SELECT * FROM no_such_table"))
    assert as_users_error(caught.value) is None


def test_bells_ring_in_every_process_that_shares_the_database(url: str) -> None:
    here, there = open_database(url), open_database(url)
    with PostgresDispatcher(here).listen(Topic.WORK) as work:
        assert work.wait(WAIT), "once when it begins: what rang before was not heard"
        dispatcher = PostgresDispatcher(there)
        dispatcher.ring(Topic.CANCEL)
        assert not work.wait(0.2)
        dispatcher.ring(Topic.WORK)
        assert work.wait(WAIT)
        work.wake()
        assert work.wait(0)
    dispatcher.ring(Topic.WORK)
    here.dispose()
    there.dispose()


def test_bells_are_heard_again_after_their_connection_broke(postgres: Postgres, url: str) -> None:
    database = open_database(url)
    dispatcher = PostgresDispatcher(database)
    with dispatcher.listen(Topic.EVENTS) as bell:
        assert bell.wait(WAIT)
        postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'test%'")
        assert bell.wait(WAIT), "it rings once when it hears again"
        dispatcher.ring(Topic.EVENTS)
        assert bell.wait(WAIT)
    database.dispose()


def test_a_restart_costs_503_with_a_time_and_nothing_else(tmp_path: Path) -> None:
    with running_postgres(durable=True) as server:
        app = create_app(Settings(data_dir=tmp_path, database_url=server.make_database()))
        with serving(app) as running, running.services.dispatcher.listen(Topic.EVENTS) as bell:
            path = "/api/export/not-there/status"
            assert running.client.get(path).status_code == 404
            database = running.services.database
            jobs = JobsService(database, running.services.dispatcher)
            with jobs.transaction() as session:
                submit(session, family="test", kind="test.none", payload={}, job_id="kept")
            while bell.wait(0.5):
                pass  # of what was submitted
            server.daemon.kill()
            answer = running.client.get(path)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            assert "database" in answer.json()["error"]
            assert running.client.get("/ready").status_code == 503
            with contextlib.suppress(SQLAlchemyError), jobs.transaction() as session:
                submit(session, family="test", kind="test.none", payload={}, job_id="refused")
            server.daemon.start()
            until_it_answers(running.client, path)
            assert bell.wait(WAIT), "it rings once when it hears again"
            with database.read() as session:
                rows = session.execute(text("SELECT id, state FROM jobs")).all()
    assert [tuple(row) for row in rows] == [("kept", JobState.QUEUED)]


def until_it_answers(client: httpx.Client, path: str) -> None:
    """Wait for the end of the 503s."""
    pause = threading.Event()
    for _ in range(int(WAIT * 10)):
        if client.get(path).status_code == 404:
            return
        pause.wait(0.1)
    raise AssertionError("the database did not come back")
