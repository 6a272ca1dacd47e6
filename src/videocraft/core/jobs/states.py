"""The states of a job."""

from __future__ import annotations

from enum import StrEnum


class JobState(StrEnum):
    """pending -> queued -> running -> completed | failed; running -> stopping -> cancelled.

    A running job goes back to queued when its worker hands it back or is lost. What was not claimed yet is
    cancelled at once.
    """

    PENDING = "pending"
    """Known, but not to be claimed yet."""
    QUEUED = "queued"
    """Waits for a worker."""
    RUNNING = "running"
    """A worker holds it, as long as its lease lasts."""
    STOPPING = "stopping"
    """Cancelled while a worker holds it; ends as cancelled, whatever that worker does."""
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNCLAIMED: frozenset[JobState] = frozenset({JobState.PENDING, JobState.QUEUED})
"""No worker holds the job."""
HELD: frozenset[JobState] = frozenset({JobState.RUNNING, JobState.STOPPING})
"""A worker holds the job."""
TERMINAL: frozenset[JobState] = frozenset({JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED})
"""The job's row never changes again."""
