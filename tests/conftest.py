"""What holds for every test, and the servers that several of them share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.support.postgres import Postgres
    from tests.support.redis_server import RedisServer
    from tests.support.s3_server import S3Server

# No deadline: the machine may be busy, and time is not what these tests are about. Derandomised: the same
# commit gives the same result everywhere.
settings.register_profile("videocraft", deadline=None, derandomize=True)
settings.load_profile("videocraft")


def pytest_addoption(parser: pytest.Parser) -> None:
    """What the rooms' tests run on (``tests/support/stacks.py``)."""
    told = "what the rooms' tests run on: SQLite and a folder, or PostgreSQL and S3"
    parser.addoption("--stack", choices=("laptop", "scaled"), default="laptop", help=told)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the laptop's stack alone where another one was chosen."""
    if config.getoption("--stack") == "laptop":
        return
    bound = [item for item in items if item.get_closest_marker("laptop")]
    config.hook.pytest_deselected(items=bound)
    items[:] = [item for item in items if item not in bound]


# Each of these starts when the first test asks for it, and is imported only then.


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server; tests make databases of their own on it."""
    from tests.support.postgres import running_postgres

    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis server; tests that kill or flush it start one of their own."""
    from tests.support.redis_server import running_redis

    with running_redis() as server:
        yield server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """An S3 server; tests make buckets of their own on it."""
    from tests.support.s3_server import running_s3

    with running_s3() as server:
        yield server
