"""One server for all tests of a module; each test makes its own jobs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.storyboards.world import World, open_world


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
