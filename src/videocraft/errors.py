"""What can go wrong because of a user, each with a code, an HTTP status and a sentence.

Rooms turn these into their own error bodies (``apis/<room>/render.py``). Anything else that escapes
a request is a bug and answers 500.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Any, ClassVar, Final

DISK_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
"""The ``errno`` of an ``OSError`` that says that there is no room: raise ``StorageFull``."""


class VideoCraftError(Exception):
    """Base of every error that a user can cause.

    Args:
        message: one sentence for the user; never a path of the server or a stack trace.
        code: a machine-readable code in capitals; the class has a default.
        details: further facts, JSON-serialisable.
        headers: HTTP headers that belong to the answer (``Retry-After``, ``WWW-Authenticate``).
    """

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "INTERNAL_ERROR"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.details = dict(details or {})
        self.headers = dict(headers or {})


class InvalidInput(VideoCraftError):
    """The request can be read but asks for something that makes no sense."""

    status = 400
    default_code = "VALIDATION_ERROR"


class Unauthorized(VideoCraftError):
    """No key, or not a valid one."""

    status = 401
    default_code = "INVALID_API_KEY"


class Forbidden(VideoCraftError):
    """The caller is known but may not do this."""

    status = 403
    default_code = "FORBIDDEN"


class NotFound(VideoCraftError):
    """No such thing, or none that this caller may know of."""

    status = 404
    default_code = "NOT_FOUND"


class MethodNotAllowed(VideoCraftError):
    """The path exists, the method does not."""

    status = 405
    default_code = "METHOD_NOT_ALLOWED"


class Conflict(VideoCraftError):
    """The thing is in a state in which this can't be done."""

    status = 409
    default_code = "CONFLICT"


class TooLarge(VideoCraftError):
    """The body is larger than this route takes."""

    status = 413
    default_code = "REQUEST_TOO_LARGE"


class RangeNotSatisfiable(VideoCraftError):
    """The asked byte range lies outside the file."""

    status = 416
    default_code = "RANGE_NOT_SATISFIABLE"


class Unprocessable(VideoCraftError):
    """Well-formed, of the wrong shape or type."""

    status = 422
    default_code = "UNPROCESSABLE"


class TooManyRequests(VideoCraftError):
    """A rate limit is used up."""

    status = 429
    default_code = "RATE_LIMIT_EXCEEDED"


class Unavailable(VideoCraftError):
    """Something that the server needs can't be reached now; the same request may succeed later."""

    status = 503
    default_code = "UNAVAILABLE"


class StorageFull(VideoCraftError):
    """There is no room for what was asked."""

    status = 507
    default_code = "STORAGE_FULL"


class MediaError(VideoCraftError):
    """A media file, or the work on one, failed: the sentence is for the user, the rest for the operator.

    ``details`` may hold ``command`` (argv as a list), ``exit_code`` and ``stderr`` (its end).
    """

    status = 422
    default_code = "MEDIA_ERROR"
