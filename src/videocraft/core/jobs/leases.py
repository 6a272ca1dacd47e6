"""A worker's own view of its claim: whether to go on, without asking the database."""

from __future__ import annotations

import time
from enum import StrEnum

from videocraft.core.jobs.claims import Fence


class StopReason(StrEnum):
    """Why a handler is told to stop."""

    CANCELLED = "cancelled"
    LOST = "lost"
    SHUTDOWN = "shutdown"


class Lease:
    """The claim of one job, and until when it holds for sure.

    The deadline counts from *before* the database was asked, so this side gives up earlier than the database
    does. A reason to stop, once there, stays: a handler that stopped must find the same answer afterwards.

    Args:
        fence: job and epoch.
        seconds: how long a lease lasts.
        asked_at: ``time.monotonic()`` before the claim's transaction.
    """

    def __init__(self, fence: Fence, seconds: float, asked_at: float) -> None:
        self.fence = fence
        self.seconds = seconds
        self.deadline = asked_at + seconds
        self._reason: StopReason | None = None

    def extend(self, asked_at: float) -> None:
        """The database prolonged the lease; it was asked at ``asked_at``."""
        self.deadline = asked_at + self.seconds

    def stop(self, reason: StopReason) -> None:
        """Tell the handler to stop. Safe in a signal handler."""
        self._reason = self._reason or reason

    @property
    def reason(self) -> StopReason | None:
        """Why to stop, or None to go on."""
        if self._reason is None and time.monotonic() >= self.deadline:
            self._reason = StopReason.LOST
        return self._reason

    def should_stop(self) -> bool:
        """Whether the handler is to stop."""
        return self.reason is not None
