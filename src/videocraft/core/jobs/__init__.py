"""Jobs: work that goes on after the answer, survives its worker, and has its effect once."""

from videocraft.core.jobs.dispatch.base import QueueUnavailable
from videocraft.core.jobs.service import JobsService, cancel, delete, get, list_jobs, submit
from videocraft.core.jobs.states import TERMINAL, JobState

__all__ = [
    "TERMINAL",
    "JobState",
    "JobsService",
    "QueueUnavailable",
    "cancel",
    "delete",
    "get",
    "list_jobs",
    "submit",
]
