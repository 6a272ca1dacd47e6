"""What can go wrong when a client talks to a server: one class for each family of codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from videocraft.client.types import JobStatus


class VideoCraftAPIError(Exception):
    """Base of everything that the client raises on purpose.

    Attributes:
        message: one sentence, the server's where it gave one.
        code: the server's code (``VIDEO_NOT_FOUND``), or one of the client's own in the same style.
        status: the HTTP status; None where no answer was the reason.
        details: further facts; for ``VALIDATION_ERROR`` what is wrong, by path.
        request_id: what to give to whoever runs the server; None without an answer.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int | None = None,
        details: Mapping[str, Any] | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.details = dict(details or {})
        self.request_id = request_id

    def __str__(self) -> str:
        problems = "".join(f"; {path}: {problem}" for path, problem in self.details.items())
        facts = [self.code, f"request {self.request_id}" if self.request_id else ""]
        return f"{self.message}{problems} ({', '.join(filter(None, facts))})"


class AuthenticationError(VideoCraftAPIError):
    """401: no key, or not a valid one."""


class CSRFError(VideoCraftAPIError):
    """403 ``CSRF_TOKEN_…``: the server refuses even a fresh token."""


class PermissionDenied(VideoCraftAPIError):
    """403: the key is known but may not do this."""


class BadRequest(VideoCraftAPIError):
    """400, 413, 422 and other 4xx: the request itself is wrong; ``details`` says where."""


class NotFound(VideoCraftAPIError):
    """404: no such video or job."""


class Conflict(VideoCraftAPIError):
    """409: the thing is in a state in which this can't be done."""


class RateLimited(VideoCraftAPIError):
    """429, still after all retries.

    Attributes:
        retry_after: seconds until a request can succeed; None if the server did not say.
        limit: requests a minute that the key has.
        remaining: how many of them are left.
        reset_at: when the count starts anew, ISO 8601.
    """

    retry_after: float | None = None
    limit: int | None = None
    remaining: int | None = None
    reset_at: str | None = None


class ServerError(VideoCraftAPIError):
    """5xx, still after all retries.

    Attributes:
        retry_after: seconds that the server asked to wait; None if it did not.
    """

    retry_after: float | None = None


class UnexpectedAnswer(VideoCraftAPIError):
    """The answer is not one of VideoCraft's: another server, or a proxy in between."""


class ConnectionFailed(VideoCraftAPIError):
    """No answer, still after all retries: refused, broken off or timed out.

    Attributes:
        sent: whether the server may have received the request.
    """

    def __init__(self, message: str, *, sent: bool = True, code: str = "CONNECTION_FAILED") -> None:
        super().__init__(message, code=code)
        self.sent = sent


class DownloadFailed(VideoCraftAPIError):
    """The file that arrived is not the one that was announced."""


class WaitTimeout(VideoCraftAPIError, TimeoutError):
    """The job did not end in the time given; it goes on at the server.

    Attributes:
        last: the status that was seen last; None if the server never answered.
    """

    def __init__(self, message: str, last: JobStatus | None = None) -> None:
        super().__init__(message, code="WAIT_TIMEOUT")
        self.last = last


class JobFailed(VideoCraftAPIError):
    """The job that was waited for has failed; ``code`` and ``message`` are the job's.

    Attributes:
        job: its status.
    """

    def __init__(self, message: str, job: JobStatus, *, code: str) -> None:
        super().__init__(message, code=code)
        self.job = job


class JobCancelled(JobFailed):
    """The job that was waited for has been cancelled."""
