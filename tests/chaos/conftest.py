"""How long and how random."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.load import Load

DEFAULT_SECONDS = 20.0


def fault_seconds() -> float:
    """How long faults go on."""
    return float(os.environ.get("VIDEOCRAFT_CHAOS_SECONDS", DEFAULT_SECONDS))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is slow, and may take what its faults take and some minutes to recover."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(2 * fault_seconds() + 400))


@pytest.fixture
def seconds() -> float:
    """How long faults go on."""
    return fault_seconds()


@pytest.fixture
def chance() -> random.Random:
    """Decides what happens and when; its seed is printed, so that a run can be repeated."""
    seed = int(os.environ.get("VIDEOCRAFT_CHAOS_SEED") or random.SystemRandom().randrange(10**6))
    print(f"\nVIDEOCRAFT_CHAOS_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def report(record_testsuite_property: Callable[[str, object], None]) -> Callable[[str, Load], None]:
    """Print and keep the figures of a run."""

    def show(name: str, load: Load) -> None:
        figures = load.figures()
        record_testsuite_property(f"chaos_{name}", figures)
        print(f"{name}: {figures}")

    return show
