"""Fetching sources that strangers name: over http and https, from public addresses, within limits.

A URL is read once (``targets``), its host resolved once, every address checked (``addresses``), and one of
the checked addresses connected to (``connection``): there is no second look-up that could answer otherwise.
Each redirect goes the same way. The environment's proxies are not asked. What comes is counted as it comes
(``exchange``), and its content, not its name, decides what it is (``contents``). What is unclear is refused.
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self
from urllib.parse import urljoin

from videocraft.core.storage import connection, contents, exchange, targets
from videocraft.core.storage.connection import FetchLimits, Patience, Resolver, system_resolver
from videocraft.core.storage.contents import Kind
from videocraft.core.storage.exchange import Answer
from videocraft.core.storage.targets import Refusal, Target
from videocraft.errors import VideoCraftError
from videocraft.settings import Settings

MEDIA: tuple[Kind, ...] = ("video", "audio", "image")

OnBytes = Callable[[int, int | None], None]
"""Gets the bytes that are there, and how many there will be where the server says so."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class DownloadFailed(VideoCraftError):
    """A source could not be fetched, or may not be."""

    status = 422
    default_code = "DOWNLOAD_FAILED"

    def __init__(self, url: str, reason: str) -> None:
        self.url = targets.shown(url)
        self.reason = reason
        super().__init__(f"{self.url} could not be fetched: {reason}.", details={"url": self.url})


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A file that was fetched, whole.

    ``etag`` and ``last_modified`` are what the server has said, for asking it again; ``content_type`` is what
    the content is.
    """

    path: Path
    content_type: str
    size: int
    sha256: str
    etag: str | None = None
    last_modified: str | None = None


def check_url(url: str, settings: Settings) -> None:
    """Refuse a URL for its form alone, as a request that names it comes in; nobody is asked.

    Raises:
        DownloadFailed: it would never be fetched.
    """
    try:
        targets.parse(url, targets.allow_list(settings.fetch_allow))
    except Refusal as refusal:
        raise DownloadFailed(url, str(refusal)) from None


def fetch(
    url: str,
    into: Path,
    *,
    settings: Settings,
    should_stop: Callable[[], bool],
    kinds: Collection[Kind] = MEDIA,
    on_bytes: OnBytes | None = None,
) -> FetchedFile:
    """Fetch what ``url`` names into a new file at ``into``; see ``Fetcher.fetch``."""
    return Fetcher.of(settings).fetch(url, into, should_stop=should_stop, kinds=kinds, on_bytes=on_bytes)


@lru_cache(maxsize=1)
def _verifying() -> ssl.SSLContext:
    import httpx

    # The certificates that httpx brings, or those that SSL_CERT_FILE and SSL_CERT_DIR name.
    return httpx.create_ssl_context()


@dataclass(frozen=True)
class Fetcher:
    """How sources are fetched.

    Attributes:
        limits: of one fetch.
        allowed: pairs of host and port that the rules on ports and addresses do not hold for.
        resolver: asked once for every host.
        tls: makes what certificates are verified with.
    """

    limits: FetchLimits
    allowed: frozenset[tuple[str, int]] = frozenset()
    resolver: Resolver = system_resolver
    tls: Callable[[], ssl.SSLContext] = _verifying

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the settings say."""
        limits = FetchLimits(max_bytes=settings.fetch_max_bytes, seconds=settings.fetch_timeout_seconds)
        return cls(limits, targets.allow_list(settings.fetch_allow))

    def fetch(
        self,
        url: str,
        into: Path,
        *,
        should_stop: Callable[[], bool],
        kinds: Collection[Kind] = MEDIA,
        on_bytes: OnBytes | None = None,
    ) -> FetchedFile:
        """Fetch what ``url`` names into a new file at ``into``, which is there only when it is whole.

        Raises:
            DownloadFailed: it could not be fetched, or may not be, or is not one of ``kinds``.
            process.Stopped: ``should_stop`` said so; it is asked several times a second.
        """
        found = self.refetch(url, into, None, should_stop=should_stop, kinds=kinds, on_bytes=on_bytes)
        if found is None:
            raise DownloadFailed(url, "the server says that it is unchanged, and was not asked")
        return found

    def refetch(
        self,
        url: str,
        into: Path,
        known: FetchedFile | None,
        *,
        should_stop: Callable[[], bool],
        kinds: Collection[Kind] = MEDIA,
        on_bytes: OnBytes | None = None,
    ) -> FetchedFile | None:
        """Like `fetch`; None, and no file, when the server says that ``url`` still names ``known``."""
        patience = Patience(self.limits, should_stop)
        try:
            with closing(self._follow(url, known, patience)) as answer:
                if answer.is_unchanged:
                    return None
                try:
                    return _save(answer, into, self.limits.max_bytes, kinds, on_bytes)
                except BaseException:
                    into.unlink(missing_ok=True)
                    raise
        except Refusal as refusal:
            raise DownloadFailed(url, str(refusal)) from refusal

    def _follow(self, url: str, known: FetchedFile | None, patience: Patience) -> Answer:
        """The answer that is no redirect."""
        target = targets.parse(url, self.allowed)
        for _ in range(self.limits.max_redirects + 1):
            answer = self._ask(target, known, patience)
            if answer.status not in _REDIRECTS:
                return answer
            with closing(answer):
                target = self._redirected(target, answer.header("Location"))
        raise Refusal(f"the server redirects more than {self.limits.max_redirects} times")

    def _redirected(self, target: Target, location: str | None) -> Target:
        if not location:
            raise Refusal("the server redirects to nowhere")
        try:
            following = urljoin(target.url, location)
        except ValueError:
            raise Refusal("the server redirects to something that is not a URL") from None
        try:
            found = targets.parse(following, self.allowed)
        except Refusal as refusal:
            raise Refusal(f"the server redirects to {targets.shown(following)}, and {refusal}") from None
        if target.scheme == "https" and found.scheme == "http":
            # Who asked for https was promised that nobody on the way can change the bytes.
            raise Refusal("the server redirects from https to http")
        return found

    def _ask(self, target: Target, known: FetchedFile | None, patience: Patience) -> Answer:
        is_allowed = (target.host, target.port) in self.allowed
        stream = connection.connect(
            target, resolver=self.resolver, patience=patience, is_allowed=is_allowed, tls=self.tls
        )
        try:
            return exchange.ask(stream, target, _conditions(known), patience)
        except BaseException:
            stream.close()
            raise


def _conditions(known: FetchedFile | None) -> dict[str, str]:
    """Headers that ask for the file only if it is another one now."""
    if known is None:
        return {}
    headers = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in headers.items() if value is not None}


def _save(
    answer: Answer, into: Path, max_bytes: int, kinds: Collection[Kind], on_bytes: OnBytes | None
) -> FetchedFile:
    expected = answer.expected_bytes(max_bytes)
    head = bytearray()
    media_type: str | None = None
    digest = hashlib.sha256()
    size = 0
    with into.open("xb") as file:
        for chunk in answer.body(expected, max_bytes):
            if media_type is None:
                head += chunk[: contents.HEAD_BYTES - len(head)]
                if len(head) == contents.HEAD_BYTES:
                    media_type = contents.content_type(bytes(head), kinds)
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
            if on_bytes is not None:
                on_bytes(size, expected)
    return FetchedFile(
        path=into,
        content_type=media_type or contents.content_type(bytes(head), kinds),
        size=size,
        sha256=digest.hexdigest(),
        etag=_validator(answer.header("ETag")),
        last_modified=_validator(answer.header("Last-Modified")),
    )


def _validator(value: str | None) -> str | None:
    """A header's value when it can be sent back as it is."""
    return value if value and len(value) <= 512 and value.isascii() and value.isprintable() else None
