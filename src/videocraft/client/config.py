"""What a client is told about its server, checked once."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from videocraft import __version__

USER_AGENT = f"videocraft-python/{__version__} python/{platform.python_version()}"


@dataclass(frozen=True)
class Config:
    """Where to send requests and how patiently.

    Args:
        base_url: up to and with ``/api/v1``.
        api_key: never shown in a ``repr``.
        timeout: seconds that one step of an exchange (connecting, each read) may take.
        max_retries: how often a request is repeated at most.
        enable_csrf: whether changes carry a CSRF token; off only for servers that want none.

    Raises:
        ValueError: one of them makes no sense; a sentence says which and why.
    """

    base_url: str
    api_key: str = field(repr=False)
    timeout: float = 30.0
    max_retries: int = 4
    enable_csrf: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
        parts = urlsplit(self.base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("base_url must be an http or https address, like http://127.0.0.1:8000/api/v1")
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueError("base_url must hold no user name, query or fragment")
        if not self.api_key or not all("!" <= character <= "~" for character in self.api_key):
            raise ValueError("api_key must be printable ASCII without spaces")
        if not self.timeout > 0:
            raise ValueError("timeout must be more than 0 seconds")
        if self.max_retries < 0:
            raise ValueError("max_retries must be 0 or more")
