"""When a request may be repeated, and after how long."""

from __future__ import annotations

from collections.abc import Callable

from videocraft.client.errors import ConnectionFailed, RateLimited, ServerError, VideoCraftAPIError

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 8.0
LONGEST_ASKED_SECONDS = 120.0
"""A server that asks for more patience than this gets its error raised."""
_MAY_PASS = frozenset({500, 502, 503, 504})


def is_temporary(error: VideoCraftAPIError) -> bool:
    """Whether the same request may succeed later."""
    if isinstance(error, ServerError):
        return error.status in _MAY_PASS
    return isinstance(error, RateLimited | ConnectionFailed)


def may_have_happened(error: VideoCraftAPIError) -> bool:
    """Whether the server may have done what was asked, and only its answer is missing."""
    if isinstance(error, ConnectionFailed):
        return error.sent
    return isinstance(error, ServerError)


def pause_before_repeating(
    error: VideoCraftAPIError, attempt: int, *, repeatable: bool, jitter: Callable[[], float]
) -> float | None:
    """Seconds until ``error``'s request is sent again; None if it is not to be.

    Args:
        attempt: how often it has been repeated already.
        repeatable: whether doing it twice has the effect of doing it once.
        jitter: a random number in [0, 1), so that many clients don't come back in step.
    """
    if not is_temporary(error) or (may_have_happened(error) and not repeatable):
        return None
    pause: float = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempt)
    pause *= 0.5 + 0.5 * jitter()
    asked = error.retry_after if isinstance(error, RateLimited | ServerError) else None
    if asked is None:
        return pause
    # Never before it was asked for; the pause on top spreads those who were all told the same.
    return asked + pause * 0.25 if asked <= LONGEST_ASKED_SECONDS else None
