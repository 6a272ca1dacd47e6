"""Commands that run in the test's own process set its logging."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.logs import logging_as_before


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    with logging_as_before():
        yield
