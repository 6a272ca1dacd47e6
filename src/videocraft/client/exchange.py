"""One request with all that belongs to it: the key, the CSRF token, redirects and repeats."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol
from urllib.parse import urlencode, urljoin, urlsplit

from videocraft.client.answers import data_of, error_of, seconds_until
from videocraft.client.config import USER_AGENT, Config
from videocraft.client.errors import ConnectionFailed, CSRFError, UnexpectedAnswer, VideoCraftAPIError
from videocraft.client.retries import may_have_happened, pause_before_repeating
from videocraft.client.wire import Receive, Reply, Request, Send, Steps, Wait

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_RENEW_BEFORE_SECONDS = 30.0
_TOKEN_SECONDS = 600.0
"""How long a token is used whose end the server does not tell."""
_SAFE = frozenset({"GET", "HEAD"})


class Transfer(Protocol):
    """Where a body goes that is too large for memory, over as many attempts as it takes."""

    @property
    def received(self) -> int:
        """Bytes that have arrived and count."""

    @property
    def complete(self) -> bool:
        """Whether that is all that was announced."""

    def headers(self) -> Mapping[str, str]:
        """What the next attempt asks for beyond the request itself."""

    def accept(self, reply: Reply) -> BinaryIO | None:
        """The file for this reply's body; None for an answer that is no file."""

    def check(self) -> None:
        """Raise ``ConnectionFailed`` if the body ended too early."""


@dataclass(frozen=True)
class Call:
    """One request to the API. ``path`` is below the base address, its parts are escaped already."""

    method: str
    path: str
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: object = None
    idempotency_key: str | None = None
    is_harmless: bool = False
    """A POST that changes nothing."""
    done_if_repeated: frozenset[int] = frozenset()
    """Statuses that, to a repeated request, say that the first one has done it."""

    @property
    def repeatable(self) -> bool:
        """Whether doing it twice has the effect of doing it once."""
        return self.method != "POST" or self.is_harmless or self.idempotency_key is not None


@dataclass(frozen=True)
class _Token:
    value: str
    until: float


class Exchange:
    """A client's conversation with its server: the configuration and the one CSRF token."""

    def __init__(
        self,
        config: Config,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.config = config
        self.clock = clock
        self._jitter = jitter
        self._token: _Token | None = None

    def perform(
        self, call: Call, *, transfer: Transfer | None = None, deadline: float | None = None
    ) -> Steps[Reply]:
        """Send a call until it is answered for good.

        Args:
            deadline: by ``clock``; after it nothing is repeated.

        Returns:
            An answer below 400.

        Raises:
            VideoCraftAPIError: the last answer was an error, or there was none.
        """
        attempt = 0
        uncertain = token_refused = False
        while True:
            received = transfer.received if transfer else 0
            token = (yield from self._current_token(deadline)) if self._wants_token(call) else None
            try:
                reply = yield from self._once(call, token, transfer, deadline)
                if reply.status < 400 or (uncertain and reply.status in call.done_if_repeated):
                    return reply
                raise error_of(reply)
            except VideoCraftAPIError as error:
                if isinstance(error, CSRFError) and not token_refused:
                    # It was refused before anything was done: a new token is worth one more try.
                    token_refused = True
                    self._drop(token)
                    continue
                if transfer and transfer.received > received:
                    attempt = 0
                pause = self._pause(error, attempt, call, deadline)
                if pause is None:
                    raise
                uncertain = uncertain or may_have_happened(error)
            attempt += 1
            yield Wait(pause)

    def _pause(
        self, error: VideoCraftAPIError, attempt: int, call: Call, deadline: float | None
    ) -> float | None:
        if attempt >= self.config.max_retries:
            return None
        pause = pause_before_repeating(error, attempt, repeatable=call.repeatable, jitter=self._jitter)
        if pause is not None and deadline is not None and self.clock() + pause > deadline:
            return None
        return pause

    def _once(
        self, call: Call, token: str | None, transfer: Transfer | None, deadline: float | None
    ) -> Steps[Reply]:
        request = self._request(call, token, transfer)
        timeout = self.config.timeout
        if deadline is not None:
            # At least a second: a last look at the job is worth it even if time is up.
            timeout = min(timeout, max(1.0, deadline - self.clock()))
        for _ in range(_MOST_REDIRECTS + 1):
            reply = yield from _answered(request, timeout, transfer)
            if reply.status not in _REDIRECTS:
                if transfer and reply.status < 400:
                    transfer.check()
                return reply
            request = _followed(request, reply)
        raise UnexpectedAnswer(
            f"The server redirected more than {_MOST_REDIRECTS} times", code="TOO_MANY_REDIRECTS"
        )

    def _request(self, call: Call, token: str | None, transfer: Transfer | None) -> Request:
        url = self.config.base_url + call.path
        if call.query:
            url += "?" + urlencode(call.query)
        headers = {
            "Accept": "application/json",
            "Authorization": f"Bearer {self.config.api_key}",
            "User-Agent": USER_AGENT,
        }
        body = None
        if call.body is not None:
            body = json.dumps(call.body, allow_nan=False).encode()
            headers["Content-Type"] = "application/json"
        if call.idempotency_key is not None:
            headers["Idempotency-Key"] = call.idempotency_key
        if token is not None:
            headers["X-CSRF-Token"] = token
        if transfer is not None:
            headers |= transfer.headers()
        return Request(call.method, url, headers, body)

    def _wants_token(self, call: Call) -> bool:
        return self.config.enable_csrf and call.method not in _SAFE

    def _current_token(self, deadline: float | None) -> Steps[str]:
        token = self._token
        if token is None or token.until <= self.clock():
            asked = self.clock()
            reply = yield from self.perform(Call("GET", "/csrf-token"), deadline=deadline)
            token = self._token = _read_token(reply, asked)
        return token.value

    def _drop(self, value: str | None) -> None:
        # Another thread may have got a new one meanwhile.
        if self._token is not None and self._token.value == value:
            self._token = None


def _answered(request: Request, timeout: float, transfer: Transfer | None) -> Steps[Reply]:
    if transfer is None:
        reply: Reply = yield Send(request, timeout)
        return reply
    try:
        reply = yield Receive(request, timeout, transfer.accept)
    except ConnectionFailed:
        if not transfer.complete:
            raise
        # It broke after the last byte: there is no rest to ask for.
        reply = Reply(200, {})
    return reply


def _read_token(reply: Reply, asked: float) -> _Token:
    data = data_of(reply)
    value = data.get("csrf_token") if isinstance(data, dict) else None
    if not isinstance(value, str) or not value.isprintable() or not value.isascii():
        raise UnexpectedAnswer("The server gave no CSRF token", code="UNEXPECTED_ANSWER", status=reply.status)
    lasts = seconds_until(str(data.get("expires_at")), reply.headers)
    return _Token(value, asked + (_TOKEN_SECONDS if lasts is None else lasts - _RENEW_BEFORE_SECONDS))


def _followed(request: Request, reply: Reply) -> Request:
    try:
        url = urljoin(request.url, reply.headers.get("location", ""))
    except ValueError:
        url = "about:invalid"
    if request.method not in _SAFE:
        raise UnexpectedAnswer(
            f"The server redirects a {request.method} to {url}; use that server's base_url",
            code="UNEXPECTED_REDIRECT",
            status=reply.status,
        )
    schemes = ("https",) if urlsplit(request.url).scheme == "https" else ("http", "https")
    if urlsplit(url).scheme not in schemes:
        raise UnexpectedAnswer(
            f"The server redirects to {url}, which is not followed: it is less safe or no web address",
            code="UNEXPECTED_REDIRECT",
            status=reply.status,
        )
    return request.redirected(url)
