"""The fake API, one for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.fake_videos_api import FakeServer, fake_videos_api


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies of the machine are not for servers on it."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture(scope="module")
def _fake() -> Iterator[FakeServer]:
    with fake_videos_api() as server:
        yield server


@pytest.fixture
def fake(_fake: FakeServer) -> FakeServer:
    """A server that has forgotten what earlier tests did."""
    _fake.control()
    return _fake
