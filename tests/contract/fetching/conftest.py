"""Servers and fetchers of these tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.web import trusting
from videocraft.core.storage.connection import FetchLimits
from videocraft.core.storage.contents import Kind
from videocraft.core.storage.fetch import MEDIA, FetchedFile, Fetcher

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
"""What is sniffed as a picture; nothing decodes it here."""

LIMITS = FetchLimits(
    max_bytes=200_000,
    seconds=30,
    connect_seconds=10,
    idle_seconds=10,
    window_seconds=10,
    window_bytes=2_000,
    max_redirects=5,
)
"""Small in bytes; patient, so that a busy machine changes nothing."""

HASTY = replace(LIMITS, idle_seconds=0.6, window_seconds=0.6)
"""For servers that are to be given up."""


def never() -> bool:
    """Nothing is to stop."""
    return False


class Resolver:
    """Answers as a test says, and counts how often it is asked."""

    def __init__(self, **answers: str) -> None:
        self.answers = {name.replace("_", "."): text.split() for name, text in answers.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        try:
            return self.answers[host]
        except KeyError:
            raise OSError(f"no such host: {host}") from None


Fetch = Callable[..., FetchedFile]


@pytest.fixture
def fetch(tmp_path: Path) -> Fetch:
    """Fetch a URL with small limits into a file; ``allow`` are pairs of host and port that pass the guard."""

    def call(
        url: str,
        *,
        allow: tuple[tuple[str, int], ...] = (),
        resolver: Resolver | None = None,
        limits: FetchLimits = LIMITS,
        kinds: tuple[Kind, ...] = MEDIA,
        should_stop: Callable[[], bool] = never,
    ) -> FetchedFile:
        fetcher = Fetcher(limits, frozenset(allow), resolver or Resolver(), trusting)
        return fetcher.fetch(url, tmp_path / "fetched", should_stop=should_stop, kinds=kinds)

    return call
