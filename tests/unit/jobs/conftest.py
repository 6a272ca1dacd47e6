"""Fixtures of the tests of jobs and events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import FakeClock, copy_of, make_template
from videocraft.core.database import Database


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def database(tmp_path: Path, template: Path, clock: FakeClock) -> Iterator[Database]:
    """An empty database on the test's clock."""
    database = copy_of(template, tmp_path, clock)
    yield database
    database.dispose()
