"""One real server for all tests of a module; each test makes what it needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.app import RunningServer, served


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Exports and jobs are open, the other families want a key."""
    with served(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture(scope="module")
def key(server: RunningServer) -> str:
    """A valid API key."""
    return server.services.keys.create("tests")[1]


@pytest.fixture
def auth(key: str) -> dict[str, str]:
    """The header that shows it."""
    return {"Authorization": f"Bearer {key}"}
