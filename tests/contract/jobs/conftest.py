"""One server without workers for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.jobs.world import World, open_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server without workers."""
    with open_world(tmp_path_factory.mktemp("jobs") / "data") as opened:
        yield opened
