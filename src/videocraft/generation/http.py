"""Asking a provider over HTTP: time limits, retries, byte limits, and an end when the job is to stop.

Requests run on an event loop of their own, so that one that waits a minute for its first byte can still be
ended at once; callers are plain functions.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import ssl
import threading
import time
import uuid
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

import httpx

from videocraft.generation.base import GenerationStopped, ProviderConfig, ProviderError, ShouldStop

T = TypeVar("T")

_ASK_EVERY_SECONDS = 0.2
"""How often ``should_stop`` is asked while a request is under way."""

_LONGEST_WAIT_SECONDS = 60.0
"""Longest wait between two attempts, whatever ``Retry-After`` says."""

_LONGEST_SILENCE_SECONDS = 120.0
"""How long a provider may be silent within one request; pictures of large models take a minute."""

_QUOTED_CHARACTERS = 300
"""How much of a provider's own error text is passed on."""

_RETRYABLE = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})


class Turn:
    """The time that one picture or storyboard may take, and the question whether to stop.

    Measured by the monotonic clock, so a change of the wall clock moves no limit.
    """

    def __init__(self, seconds: float, should_stop: ShouldStop) -> None:
        self._end = time.monotonic() + seconds
        self.should_stop = should_stop

    @property
    def remaining(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._end - time.monotonic())


class ProviderHttp:
    """JSON requests to one provider.

    Args:
        config: address, key, limits.
        who: the provider as error messages call it ("The OpenAI image server").
    """

    def __init__(self, config: ProviderConfig, who: str) -> None:
        self.config = config
        self.who = who
        self._slots = threading.BoundedSemaphore(max(1, config.concurrency))
        # Proxies of the environment are for the way out, not for a model server on this machine.
        host = urlsplit(config.base_url).hostname or ""
        self._trust_env = host not in {"localhost", "::1"} and not host.startswith("127.")

    @contextmanager
    def turn(self, should_stop: ShouldStop) -> Iterator[Turn]:
        """A place among the requests that may be under way at once, with the time for it.

        Raises:
            GenerationStopped: ``should_stop`` said so while it waited for its place.
        """
        while not self._slots.acquire(timeout=_ASK_EVERY_SECONDS):
            if should_stop():
                raise GenerationStopped
        try:
            if should_stop():
                raise GenerationStopped
            yield Turn(self.config.timeout_seconds, should_stop)
        finally:
            self._slots.release()

    def post_json(self, path: str, body: Mapping[str, Any], turn: Turn) -> Any:
        """POST ``body`` to ``base_url + path``; the parsed JSON answer."""
        return self._supervise(self._ask("POST", path, body), turn)

    def get_json(self, path: str, turn: Turn) -> Any:
        """GET ``base_url + path``; the parsed JSON answer."""
        return self._supervise(self._ask("GET", path, None), turn)

    def post_for_bytes(self, path: str, body: Mapping[str, Any], turn: Turn) -> bytes:
        """POST ``body`` to ``base_url + path``; the answer as it is, which may be anything but empty."""
        answer: bytes = self._supervise(self._ask("POST", path, body, is_json=False), turn)
        return answer

    def wait(self, seconds: float, turn: Turn) -> None:
        """Wait, ending early with an error when the turn is over or to be stopped."""
        self._supervise(asyncio.sleep(seconds), turn)

    # -- inside the loop ------------------------------------------------------------------------------

    def _supervise(self, work: Coroutine[Any, Any, T], turn: Turn) -> T:
        async def watch() -> T:
            task = asyncio.ensure_future(work)
            try:
                while True:
                    # Asked first too: a row of quick answers must not keep anybody from being heard.
                    if turn.should_stop():
                        raise GenerationStopped
                    await asyncio.wait({task}, timeout=min(_ASK_EVERY_SECONDS, turn.remaining))
                    if task.done():
                        return task.result()
                    if not turn.remaining:
                        limit = self.config.timeout_seconds
                        raise ProviderError(
                            f"{self.who} did not finish within {limit:g} seconds.", retryable=True
                        )
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

        return asyncio.run(watch())

    async def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None, *, is_json: bool = True
    ) -> Any:
        headers = {"Accept": "application/json" if is_json else "*/*"}
        if self.config.api_key:
            headers["Authorization"] = f"Bearer {self.config.api_key}"
        if body is not None:
            # Lets a provider that knows the header do a repeated request's work once.
            headers["Idempotency-Key"] = str(uuid.uuid4())
        limits = httpx.Timeout(_LONGEST_SILENCE_SECONDS, connect=10.0)
        async with httpx.AsyncClient(
            timeout=limits, trust_env=self._trust_env, verify=_certificates()
        ) as client:
            for attempt in range(1, self.config.attempts + 1):
                try:
                    response, data = await self._once(client, method, path, body, headers)
                    return self._parse(response, data) if is_json else self._filled(data)
                except _TryLater as later:
                    if attempt == self.config.attempts:
                        raise later.error from later
                    await asyncio.sleep(self._pause(attempt, later.after))
        raise ProviderError(f"{self.who} is configured with no attempts.")

    def _pause(self, attempt: int, asked: float | None) -> float:
        """Doubling waits, each up to half shorter at random, so that clients do not come back together."""
        jitter = random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
        wait = self.config.backoff_seconds * 2 ** (attempt - 1) * jitter
        return float(min(_LONGEST_WAIT_SECONDS, max(wait, asked or 0.0)))

    async def _once(
        self,
        client: httpx.AsyncClient,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
    ) -> tuple[httpx.Response, bytes]:
        url = self.config.base_url.rstrip("/") + path
        try:
            async with client.stream(method, url, json=body, headers=headers) as response:
                data = await self._read(response)
        except httpx.InvalidURL as error:
            raise ProviderError(
                f"{self.who} has an address that can't be used: check its base URL."
            ) from error
        except httpx.TimeoutException as error:
            raise _TryLater(self._error("did not answer in time")) from error
        except httpx.TransportError as error:
            raise _TryLater(self._error("could not be reached, or broke off its answer")) from error
        except httpx.DecodingError as error:
            raise _TryLater(self._error("sent an answer whose compression is damaged")) from error
        if response.status_code >= 300:
            self._refused(response, data)
        return response, data

    async def _read(self, response: httpx.Response) -> bytes:
        parts, size = [], 0
        async for part in response.aiter_bytes(64 * 1024):
            size += len(part)
            if size > self.config.max_bytes:
                raise ProviderError(f"{self.who} sent more than the {self.config.max_bytes} bytes allowed.")
            parts.append(part)
        return b"".join(parts)

    def _filled(self, data: bytes) -> bytes:
        if not data:
            raise _TryLater(self._error("sent an empty answer"))
        return data

    def _parse(self, response: httpx.Response, data: bytes) -> Any:
        kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind != "application/json" and not kind.endswith("+json"):
            raise ProviderError(
                f"{self.who} answered with {clean(kind) or 'no content type'} instead of JSON."
            )
        try:
            return json.loads(data)
        except (ValueError, RecursionError) as error:
            raise _TryLater(self._error("sent JSON that can't be read")) from error

    def _refused(self, response: httpx.Response, data: bytes) -> NoReturn:
        status = response.status_code
        said, code = _own_words(data)
        if self.config.api_key:
            said = said.replace(self.config.api_key, "(key)")
        tail = f": {said}" if said else "."
        if status < 400:
            raise ProviderError(
                f"{self.who} answered with a redirect (HTTP {status}), which is not followed."
            )
        if status in {401, 403}:
            raise ProviderError(f"{self.who} refused the configured key (HTTP {status}){tail}")
        if status in _RETRYABLE and code != "insufficient_quota":
            raise _TryLater(
                self._error(f"is overloaded or failing (HTTP {status})", tail), _retry_after(response)
            )
        raise ProviderError(f"{self.who} did not accept the request (HTTP {status}){tail}")

    def _error(self, what: str, tail: str = ".") -> ProviderError:
        return ProviderError(f"{self.who} {what}{tail}", retryable=True)


@cache
def _certificates() -> ssl.SSLContext:
    """The trusted authorities; reading them takes longer than a request, so they are read once."""
    return httpx.create_ssl_context()


class _TryLater(Exception):
    """An attempt failed in a way that the next one may not; ``after``: seconds the provider asked for."""

    def __init__(self, error: ProviderError, after: float | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.after = after


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds of ``Retry-After``: a number, or a date measured against the answer's own ``Date``."""
    value = response.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value):
        return float(value)
    try:
        later = parsedate_to_datetime(value)
        seconds = (later - parsedate_to_datetime(response.headers.get("date", ""))).total_seconds()
    except (TypeError, ValueError):
        return None
    return max(0.0, seconds)


def _own_words(data: bytes) -> tuple[str, str]:
    """What a provider says of its error, and its code: OpenAI's ``error.message``, Replicate's ``detail``."""
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(answer, dict):
        return "", ""
    inner = answer.get("error")
    if isinstance(inner, dict):
        return clean(inner.get("message")), clean(inner.get("code"))
    return clean(inner or answer.get("detail") or answer.get("message") or answer.get("title")), ""


def clean(text: object) -> str:
    """One short printable line of what a stranger wrote."""
    if not isinstance(text, str):
        return ""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * _QUOTED_CHARACTERS]).split())
    return line if len(line) <= _QUOTED_CHARACTERS else line[: _QUOTED_CHARACTERS - 1] + "…"
