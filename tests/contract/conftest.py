"""Every world here stands on what ``--stack`` names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import stacks


@pytest.fixture(scope="session", autouse=True)
def _stack(request: pytest.FixtureRequest) -> Iterator[None]:
    """The chosen stack; its servers start here."""
    if request.config.getoption("--stack") == "laptop":
        yield
        return
    stack = stacks.Scaled(request.getfixturevalue("postgres"), request.getfixturevalue("s3_server"))
    with stacks.standing_on(stack):
        yield


@pytest.fixture(scope="module", autouse=True)
def _clean_after_modules(_stack: None) -> Iterator[None]:
    """What a module's worlds leave on servers goes with the module."""
    with stacks.cleaning():
        yield


@pytest.fixture(autouse=True)
def _clean_after_tests(_clean_after_modules: None) -> Iterator[None]:
    """What a test's worlds leave on servers goes with the test."""
    with stacks.cleaning():
        yield
