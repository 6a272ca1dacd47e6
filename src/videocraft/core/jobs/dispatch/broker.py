"""The Redis that carries bells: reaching it in a short time, and saying what is wrong with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import redis

REACH_SECONDS = 2.0
"""A broker that does not take a connection, or does not answer, for so long can't be reached."""
DEFAULT_PORT = 6379

# redis-py: "Error 111 connecting to localhost:6379. Connection refused."
_WITHOUT_REASON = re.compile(r"(Error -?[0-9]+ connecting to \S+?)\.(\s.*)?", re.DOTALL)


def address(queue_url: str) -> str:
    """Host, port and database of a broker, as ``localhost:6379/0``; never its user or password."""
    parts = urlsplit(queue_url)
    host = parts.hostname or "localhost"
    name = f"[{host}]" if ":" in host else host
    return f"{name}:{parts.port or DEFAULT_PORT}/{parts.path.strip('/') or '0'}"


def client(queue_url: str, seconds: float | None = None) -> redis.Redis:
    """A client with its own pool; it connects anew once, since the server may have restarted.

    Args:
        queue_url: where it is.
        seconds: how long to wait for a connection, and for each answer; None: ``REACH_SECONDS``.
    """
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return redis.Redis.from_url(
        queue_url,
        socket_timeout=seconds or REACH_SECONDS,
        socket_connect_timeout=seconds or REACH_SECONDS,
        socket_keepalive=True,
        # Not after a time-out: who waited so long need not wait again.
        retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
        client_name="videocraft",
    )


def troubles() -> tuple[type[Exception], ...]:
    """What is raised when the broker can't be used."""
    import kombu.exceptions
    import redis

    return (redis.RedisError, kombu.exceptions.OperationalError, kombu.exceptions.LimitExceeded, OSError)


def reason(error: Exception, queue_url: str) -> str:
    """What is wrong, without full stop, reason codes kept, credentials left out."""
    where = address(queue_url).rpartition("/")[0]
    words = str(error).strip()
    known = _WITHOUT_REASON.fullmatch(words)
    if known:
        return known.group(1)
    if "imeout" in type(error).__name__ + words or "timed out" in words:
        return f"Timeout connecting to {where}"
    parts = urlsplit(queue_url)
    for secret in (parts.password, parts.username):
        if secret:
            words = words.replace(secret, "***")
    return f"{words.rstrip('.') or type(error).__name__} ({where})"
