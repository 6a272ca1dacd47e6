"""A real server, and what it logs."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from tests.support.app import RunningServer, served
from videocraft.logs import configure_logging


class Log:
    """The lines that the server has written."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def lines(self, **fields: Any) -> list[dict[str, Any]]:
        """Those whose fields have these values."""
        parsed = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        return [line for line in parsed if fields.items() <= line.items()]


@pytest.fixture(scope="module", autouse=True)
def log() -> Iterator[Log]:
    """Logging as the server has it, into memory; what was set before comes back."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, structlog.get_config())
    log = Log()
    configure_logging("info", log.stream)
    yield log
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    structlog.configure(**before[2])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, log: Log) -> Iterator[RunningServer]:
    """Exports and jobs are open, the other families want a key."""
    with served(tmp_path_factory.mktemp("data"), max_body_bytes=2 * 2**20) as running:
        yield running


@pytest.fixture(scope="module")
def auth(server: RunningServer) -> dict[str, str]:
    """The header with a valid key."""
    return {"Authorization": f"Bearer {server.services.keys.create('tests')[1]}"}
