"""One server for all tests of a module; each test makes its own jobs."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from tests.contract.storyboards.world import World, open_world
from videocraft.logs import configure_logging


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    """What server and worker log about the errors that are provoked here goes nowhere."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, structlog.get_config())
    configure_logging("error", io.StringIO())
    yield
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    structlog.configure(**before[2])


@pytest.fixture(scope="module")
def _module_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("data")) as opened:
        yield opened


@pytest.fixture
def world(_module_world: World) -> Iterator[World]:
    """The module's server, with everything that a test has changed put back."""
    yield _module_world
    _module_world.illustrator.failing.clear()
    _module_world.illustrator.gate.open()
    _module_world.films.gate.open()
    _module_world.films.error = None
    _module_world.narrator.failing.clear()
    _module_world.narrator.asked.clear()
