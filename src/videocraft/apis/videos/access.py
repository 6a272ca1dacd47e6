"""Who gets in, in this order: a key, for changes a CSRF token, and a place within the rate limit."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from videocraft.apis import Headers
from videocraft.apis.border import facts_of
from videocraft.core.auth import Caller, RequireKey
from videocraft.core.auth.csrf import HEADER, UNSAFE_METHODS, CsrfTokens
from videocraft.core.auth.rate_limit import WINDOW_SECONDS, Decision, Limiter
from videocraft.errors import TooManyRequests
from videocraft.services import Services
from videocraft.settings import Settings

STATUS_FACTOR = 10
"""Polling has a bucket of its own, so many times as large."""


@dataclass(frozen=True)
class Gate(RequireKey):
    """Depend on an instance to get the :class:`Caller`; it asks before a body is read.

    Args:
        is_polled: counts on the bucket of status polls.

    Raises:
        Unauthorized: no key, or not a valid one.
        Forbidden: a change without a valid CSRF token.
        TooManyRequests: the key's limit is used up.
    """

    is_polled: bool = False

    async def __call__(self, connection: HTTPConnection) -> Caller:
        services: Services = connection.app.state.services
        limit = services.settings.rate_limit * (STATUS_FACTOR if self.is_polled else 1)
        if self.is_polled:
            _show(connection, Decision(True, limit, limit, WINDOW_SECONDS))
        caller = await super().__call__(connection)
        if connection.scope["method"] in UNSAFE_METHODS and services.settings.csrf == "on":
            tokens: CsrfTokens = connection.app.state.csrf_tokens
            tokens.check(connection.headers.get(HEADER))
        if limit:
            await self._count(connection, caller, limit)
        return caller

    async def _count(self, connection: HTTPConnection, caller: Caller, limit: int) -> None:
        limiter: Limiter = connection.app.state.limiter
        bucket = f"{'status' if self.is_polled else 'api'}:{caller.key_id}"
        if limiter.is_quick:
            decision = limiter.take(bucket, limit)
        else:
            decision = await run_in_threadpool(limiter.take, bucket, limit)
        _show(connection, decision)
        if not decision.is_allowed:
            raise _exceeded(decision)


def standing_headers(settings: Settings) -> Headers:
    """The headers of an answer that uses nothing of any limit: no such route, no key, health, a token."""
    return _headers(Decision(True, settings.rate_limit, settings.rate_limit, WINDOW_SECONDS))


def _show(connection: HTTPConnection, decision: Decision) -> None:
    facts_of(connection.scope).headers[:] = _headers(decision)


def _headers(decision: Decision) -> Headers:
    if not decision.limit:
        return []
    return [
        (b"x-ratelimit-limit", b"%d" % decision.limit),
        (b"x-ratelimit-remaining", b"%d" % decision.remaining),
        (b"x-ratelimit-reset", b"%d" % (int(time.time()) + decision.reset_seconds)),
    ]


def _exceeded(decision: Decision) -> TooManyRequests:
    reset_at = datetime.fromtimestamp(int(time.time()) + decision.reset_seconds, UTC)
    return TooManyRequests(
        "Rate limit exceeded",
        details={
            "retry_after": decision.reset_seconds,
            "limit": decision.limit,
            "remaining": 0,
            "reset_at": reset_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
        headers={"Retry-After": str(decision.reset_seconds)},
    )
