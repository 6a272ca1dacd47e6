"""Where a URL from outside leads, read once and strictly: what is checked is what is connected to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

from videocraft.core.storage import addresses

MAX_URL_CHARACTERS = 4096

_PORTS = {"http": 80, "https": 443}
_USUAL_PORTS = frozenset(_PORTS.values())
# Space, control characters and the backslash are read in different ways by different programs; so may what
# stands behind them.
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\\u2028\u2029]")
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_PATH_SAFE = "%/:=&?~+!$,;'@()*[]"


class Refusal(Exception):
    """Why something is not fetched: the end of a sentence, for the user."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart. ``host`` is in lower case and ASCII, an IPv6 address has no brackets."""

    scheme: str
    host: str
    port: int
    path: str
    """What the request line asks for: path and query, percent-encoded."""

    @property
    def authority(self) -> str:
        """Host and, where it is not the scheme's own, port, as the ``Host`` header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL that was read, in its normal form."""
        return f"{self.scheme}://{self.authority}{self.path}"


def shown(url: str) -> str:
    """``url`` as it may be told and logged: no credentials, no query, not endless, on one line."""
    text = _UNSAFE.sub("?", url)
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "", text
    rest = rest.partition("#")[0].partition("?")[0]
    authority, slash, path = rest.partition("/")
    text = scheme + separator + authority.rpartition("@")[2] + slash + path
    return text if len(text) <= 200 else f"{text[:197]}..."


def parse(url: str, allowed: frozenset[tuple[str, int]] = frozenset()) -> Target:
    """Take a URL apart, and refuse it for what can be seen without asking anybody.

    Args:
        allowed: pairs of host and port for which the rules on ports and addresses do not hold.

    Raises:
        Refusal: it is not of the form that may be fetched.
    """
    if len(url) > MAX_URL_CHARACTERS:
        raise Refusal(f"the URL is longer than {MAX_URL_CHARACTERS} characters")
    if _UNSAFE.search(url):
        raise Refusal("the URL has spaces, backslashes or control characters in it")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refusal("it is not a URL") from None
    if parts.scheme not in _PORTS:
        raise Refusal("only http and https can be fetched")
    if "@" in parts.netloc:
        raise Refusal("a URL with a user name or password in it is not fetched")
    host = _host_of(parts)
    target = Target(parts.scheme, host, _PORTS[parts.scheme] if port is None else port, _path_of(parts))
    if (target.host, target.port) in allowed:
        return target
    if target.port not in _USUAL_PORTS:
        raise Refusal(f"port {target.port} is not one that sources may be fetched from")
    literal = addresses.parse(host)
    kind = None if literal is None else addresses.why_not_public(literal)
    if kind is not None:
        raise Refusal(f"its address is not a public one ({kind})")
    return target


def allow_list(setting: str) -> frozenset[tuple[str, int]]:
    """The pairs of ``host:port,host:port``; an IPv6 address stands in brackets.

    Raises:
        ValueError: with a sentence about the entry that can't be read.
    """
    pairs = set()
    for entry in filter(None, (part.strip() for part in setting.split(","))):
        try:
            parts = urlsplit(f"//{entry}")
            host, port = _host_of(parts), parts.port
        except (ValueError, Refusal):
            port = None
        if port is None or parts.netloc != entry or "@" in entry:
            raise ValueError(f"VIDEOCRAFT_FETCH_ALLOW: {entry!r} is not of the form host:port")
        pairs.add((host, port))
    return frozenset(pairs)


def _host_of(parts: SplitResult) -> str:
    """The host in lower case and ASCII.

    Raises:
        Refusal: it is none, or one that programs read in different ways.
    """
    host = parts.hostname or ""
    if "[" in parts.netloc:
        address = addresses.parse(host)
        if address is None or not parts.netloc.startswith("["):
            raise Refusal("its host is not a valid address")
        return str(address)
    try:
        # Also turns digits of other scripts into ours, before they are looked at.
        host = host.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        raise Refusal("its host is not a valid name") from None
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise Refusal("its host is not a valid name")
    if addresses.looks_numeric(host) and addresses.parse(host) is None:
        raise Refusal("its host is a number that is not written as an address")
    return host


def _path_of(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe=_PATH_SAFE)
    return f"{path}?{quote(parts.query, safe=_PATH_SAFE)}" if parts.query else path
