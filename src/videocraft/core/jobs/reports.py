"""What a handler tells while it runs, kept until the heartbeat writes it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from videocraft.core.jobs.outcomes import clean_text

LOG_LINES = 200
"""A job keeps the last so many lines of its log, and so many warnings."""
EVENT_STEP = 0.01
"""Progress makes an event when it is this much further, or when the message is another one."""


@dataclass(frozen=True, slots=True)
class Report:
    """The columns of a job's row that its handler fills while it runs."""

    progress: float
    message: str
    warnings: list[str]
    log: list[dict[str, Any]]
    is_event: bool
    """Whether those who follow the job are to hear of it."""

    def columns(self) -> dict[str, Any]:
        """Names and values of the columns."""
        return {
            "progress": self.progress,
            "message": self.message,
            "warnings": self.warnings,
            "log": self.log,
        }


class Reporter:
    """Collects from the handler's threads; ``take`` gives the heartbeat what was not written yet.

    Args:
        progress, message, log: as the row has them; progress never goes back behind it.
        on_news: called when there is something to write after there was nothing.
    """

    def __init__(
        self, progress: float, message: str, log: list[dict[str, Any]], on_news: Callable[[], None]
    ) -> None:
        self._lock = threading.Lock()
        self._progress = progress
        self._message = message
        self._log = list(log)
        self._warnings: list[str] = []
        self._on_news = on_news
        self._has_news = False
        self._told = self._told_before = (progress, message, 0)

    def progress(self, fraction: float, message: str | None = None) -> None:
        """Set progress (0-1; less than before counts as before) and, if given, the message."""
        with self._lock:
            # Written so that NaN changes nothing.
            self._progress = min(1.0, fraction) if fraction > self._progress else self._progress
            self._message = self._message if message is None else clean_text(message)
        self._news()

    def log(self, message: str) -> None:
        """Add a line to the log."""
        with self._lock:
            self._log.append({"timestamp": time.time(), "message": clean_text(message)})
            del self._log[:-LOG_LINES]
        self._news()

    def warn(self, message: str) -> None:
        """Add a warning, once."""
        with self._lock:
            warning = clean_text(message)
            if warning in self._warnings or len(self._warnings) >= LOG_LINES:
                return
            self._warnings.append(warning)
        self._news()

    @property
    def has_news(self) -> bool:
        """Whether ``take`` has something."""
        return self._has_news

    def take(self) -> Report | None:
        """Everything as it stands if there is news, which then is none any more."""
        with self._lock:
            if not self._has_news:
                return None
            self._has_news = False
            told_progress, told_message, told_warnings = self._told_before = self._told
            is_event = (
                self._progress >= told_progress + EVENT_STEP
                or self._message != told_message
                or len(self._warnings) > told_warnings
            )
            if is_event:
                self._told = (self._progress, self._message, len(self._warnings))
            return Report(self._progress, self._message, list(self._warnings), list(self._log), is_event)

    def put_back(self) -> None:
        """What was taken last could not be written: it is news again."""
        with self._lock:
            self._has_news = True
            self._told = self._told_before

    def _news(self) -> None:
        with self._lock:
            is_first = not self._has_news
            self._has_news = True
        if is_first:
            self._on_news()
