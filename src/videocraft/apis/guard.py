"""Keeps foreign web pages away from families that need no key.

A browser sends requests to this machine for any page it shows. Where no key is asked for, two headers
that a page can't forge tell a page's request from an honest client's: ``Origin`` names the page, and
``Host`` the name under which the browser found us (a foreign name there is DNS rebinding).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from videocraft.errors import Forbidden
from videocraft.settings import Settings, is_loopback_name

_DEFAULT_PORTS = {"http": 80, "https": 443}
_REMEMBERED_HOSTS = 64


@dataclass(frozen=True)
class Guard:
    """The check of one server. ``names`` are the host names that are its own, in lower case."""

    on_loopback: bool
    names: frozenset[str]
    public_origin: str | None
    _good_hosts: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, settings: Settings) -> Guard:
        """From the settings: what it listens on and its public address are its own."""
        public = urlsplit(settings.public_url)
        names = {name.lower() for name in (settings.host, public.hostname) if name}
        origin = f"{public.scheme}://{public.netloc}".lower() if public.netloc else None
        return cls(settings.is_loopback, frozenset(names), origin)

    def check(self, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Let a request for an open family pass.

        Raises:
            Forbidden: a browser sent it for a page that is not ours, or to a name that is not ours.
        """
        host = origin = None
        by_browser = False
        for name, value in headers:
            if name == b"host":
                if host is not None:
                    raise Forbidden("The request has more than one Host header", code="HOST_NOT_ALLOWED")
                host = value.decode("latin-1").strip()
            elif name == b"origin":
                origin = value.decode("latin-1").strip()
            elif name == b"sec-fetch-site":
                by_browser = True
        # Elsewhere than on loopback a client may use any name; only a browser can be rebound.
        if host and (self.on_loopback or by_browser or origin is not None):
            self._check_host(host)
        if origin is not None:
            self._check_origin(origin.lower(), host)

    def _check_host(self, host: str) -> None:
        if host in self._good_hosts:
            return
        self._check_host_name(host)
        if len(self._good_hosts) < _REMEMBERED_HOSTS:
            self._good_hosts.add(host)

    def _check_host_name(self, host: str) -> None:
        name = (_host_name(host) or "").removesuffix(".")
        if name in self.names or is_loopback_name(name):
            return
        if not self.on_loopback and (_is_address(name) or (name and "." not in name)):
            return  # an address or a bare name can't be a stranger's domain
        raise Forbidden(
            "This server does not answer under that Host name; VIDEOCRAFT_PUBLIC_URL can name it",
            code="HOST_NOT_ALLOWED",
        )

    def _check_origin(self, origin: str, host: str | None) -> None:
        if origin == self.public_origin:
            return
        try:
            page = urlsplit(origin)
            own = urlsplit(f"{page.scheme}://{host or ''}")
            default = _DEFAULT_PORTS.get(page.scheme)
            same = page.hostname is not None and (page.hostname, page.port or default) == (
                own.hostname,
                own.port or default,
            )
        except ValueError:
            same = False
        if not same:
            raise Forbidden("Pages of another origin may not use this API", code="ORIGIN_NOT_ALLOWED")


def _host_name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
