"""One server for all tests of a module; each test makes what it needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.videos.world import World, open_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server on a data directory of its own, without a rate limit."""
    with open_world(tmp_path_factory.mktemp("videos") / "data") as opened:
        yield opened
