"""One real server for all tests of a module; each test makes what it needs."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from tests.support.app import RunningServer, served
from videocraft.logs import configure_logging


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    """What the server logs about the errors that are provoked here goes nowhere."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, structlog.get_config())
    configure_logging("info", io.StringIO())
    yield
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    structlog.configure(**before[2])


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
