"""Fixtures of the tests of jobs and events: everything runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import BACKENDS, FakeClock, copy_of, make_shared, make_template
from tests.support.postgres import Postgres
from videocraft.core.database import Database


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session", params=BACKENDS)
def template(request: pytest.FixtureRequest) -> Path | str:
    """What ``copy_of`` makes databases from."""
    if request.param == "sqlite":
        made: Path = request.getfixturevalue("sqlite_template")
        return made
    server: Postgres = request.getfixturevalue("postgres")
    return make_shared(server.make_database())


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def database(tmp_path: Path, template: Path | str, clock: FakeClock) -> Iterator[Database]:
    """An empty database on the test's clock."""
    database = copy_of(template, tmp_path, clock)
    yield database
    database.dispose()
