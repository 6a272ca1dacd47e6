"""Logging is one for the whole process: what a test sets must not be what the next one logs to."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


@contextmanager
def logging_as_before() -> Iterator[None]:
    """What was set before the block comes back after it."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, structlog.get_config())
    try:
        yield
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
        structlog.configure(**before[2])
