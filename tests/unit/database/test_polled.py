"""Polled queries find what SQLAlchemy finds, and see one state of the database."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import bindparam, column, select, text
from sqlalchemy.exc import DBAPIError

from tests.support.databases import copy_of
from tests.support.databases import make_template as make
from videocraft.core.database import Database
from videocraft.core.database.engine import POOL_OVERFLOW, POOL_SIZE
from videocraft.core.database.models import Job, Storyboard
from videocraft.core.database.polled import PolledQuery, moment

JOB = PolledQuery(
    select(Job.id, Job.progress, Job.payload, Job.result, Job.warnings, Job.started_at).where(
        Job.family == "test", Job.id == bindparam("job_id")
    )
)
APPROVED = PolledQuery(select(Storyboard.approved, Storyboard.approved_at).order_by(Storyboard.id))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    (tmp_path / "template").mkdir()
    opened = copy_of(make(tmp_path / "template"), tmp_path)
    yield opened
    opened.dispose()


def add_job(database: Database, job_id: str, **columns: object) -> None:
    facts = {"family": "test", "kind": "test.x", "state": "queued", "payload": {"name": "Käse", "n": [1.5]}}
    with database.write() as session:
        session.add(Job(id=job_id, created_at=1.0, updated_at=1.0, **(facts | columns)))


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"result": {"deep": {"list": [None, True]}}, "warnings": ["odd"], "started_at": 2.5, "progress": 1.0},
        {"result": {}},
    ],
)
def test_rows_are_as_sqlalchemy_reads_them(database: Database, columns: dict[str, object]) -> None:
    add_job(database, "one", **columns)
    add_job(database, "two")
    with moment(database) as ask:
        (quick,) = ask(JOB, job_id="one")
    with database.engine.connect() as connection:
        thorough = connection.execute(JOB.statement, {"job_id": "one"}).one()
    assert tuple(quick) == tuple(thorough)
    assert (quick.id, quick.payload["name"]) == ("one", "Käse")


def test_constants_of_the_statement_count(database: Database) -> None:
    add_job(database, "one", family="other")
    with moment(database) as ask:
        assert ask(JOB, job_id="one") == []
        assert ask(JOB, job_id="' OR 1=1 --") == []


def test_truth_is_truth(database: Database) -> None:
    facts = {"prompt": "p", "style": "s", "duration": 5.0, "aspect_ratio": "16:9", "seed": 1, "job_id": "j"}
    with database.write() as session:
        for approved in (True, False):
            session.add(
                Storyboard(status="pending", approved=approved, created_at=1.0, updated_at=1.0, **facts)
            )
    with moment(database) as ask:
        assert [row.approved for row in ask(APPROVED)] == [True, False]
        assert type(ask(APPROVED)[0].approved) is bool


def test_queries_of_one_moment_agree(database: Database) -> None:
    add_job(database, "one")
    with moment(database) as ask:
        before = ask(JOB, job_id="one")
        add_job(database, "two")
        assert ask(JOB, job_id="one") == before
        assert ask(JOB, job_id="two") == []
    with moment(database) as ask:
        assert len(ask(JOB, job_id="two")) == 1


def test_every_thread_has_a_connection_of_its_own_until_the_end(database: Database) -> None:
    add_job(database, "one")
    found: list[int] = []

    def read() -> None:
        for _ in range(2):
            with moment(database) as ask:
                assert len(ask(JOB, job_id="one")) == 1
            found.append(id(database.own_connection()))

    read()
    other = threading.Thread(target=read)
    other.start()
    other.join()
    assert (found[0], found[2]) == (found[1], found[3])
    assert found[0] != found[2]
    before = database.own_connection()
    database.dispose()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        before.cursor()
    read()  # a database may be used again after it


def test_errors_are_told_as_sqlalchemy_tells_them(database: Database) -> None:
    broken = PolledQuery(select(column("no_such_column")).select_from(Job.__table__))
    with pytest.raises(DBAPIError, match="no such column"), moment(database) as ask:
        ask(broken)
    with moment(database) as ask:
        assert ask(JOB, job_id="one") == []


def test_threads_that_have_ended_keep_no_connection(database: Database) -> None:
    for _ in range(3 * (POOL_SIZE + POOL_OVERFLOW)):
        thread = threading.Thread(target=database.own_connection)
        thread.start()
        thread.join()
    with database.read() as session:
        assert session.scalar(text("SELECT 1")) == 1
