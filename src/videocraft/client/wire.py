"""What the core yields, and what a driver gives back for it.

The core's generators do no input or output. They yield one of three effects, and a driver performs it:

* ``Send``: answer with a ``Reply`` whose body is whole, or throw ``ConnectionFailed`` into the generator;
* ``Receive``: the same, but the body is written to the file that ``accept`` chooses, as it comes;
* ``Wait``: come back after so many seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

_PORTS = {"http": 80, "https": 443}
_FOR_THE_SERVER_ONLY = frozenset({"authorization", "x-csrf-token", "idempotency-key"})


@dataclass(frozen=True)
class Request:
    """One HTTP request; ``url`` is absolute."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)

    def redirected(self, url: str) -> Request:
        """The same request to another place, which learns nothing secret if it is another server."""
        headers = dict(self.headers)
        if _origin(url) != _origin(self.url):
            headers = {
                name: value for name, value in headers.items() if name.lower() not in _FOR_THE_SERVER_ONLY
            }
        return Request(self.method, url, headers)


@dataclass(frozen=True)
class Reply:
    """An answer; the names in ``headers`` are lower case, ``body`` is empty where it went to a file."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Send:
    """Send a request. ``timeout`` in seconds, for each step of the exchange."""

    request: Request
    timeout: float


@dataclass(frozen=True)
class Receive:
    """Send a request and write the body, undecoded, to the file that ``accept`` returns for the head.

    Where ``accept`` returns None the body belongs into the reply.
    """

    request: Request
    timeout: float
    accept: Callable[[Reply], BinaryIO | None]


@dataclass(frozen=True)
class Wait:
    """Let ``seconds`` pass."""

    seconds: float


Effect = Send | Receive | Wait
Steps = Generator[Effect, Any, T]
"""Yields effects, is sent their outcome (``Reply``, or None for ``Wait``), and returns a ``T``."""


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, parts.hostname, parts.port or _PORTS.get(scheme)
