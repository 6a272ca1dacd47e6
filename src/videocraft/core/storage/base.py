"""What a place for files must be able to do; ``local`` is one, others pass the same tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from videocraft.errors import NotFound


class ObjectNotFound(NotFound):
    """No object under this key."""


@dataclass(frozen=True)
class ObjectInfo:
    """A stored object. ``etag`` changes with the content, ``modified`` is seconds since 1970-01-01 UTC."""

    key: str
    size: int
    etag: str
    modified: float


class Storage(Protocol):
    """One key space of immutable objects.

    A key is a relative path with ``/`` (see ``keys``); every method raises ``InvalidKey`` for anything
    else. Prefixes are folders: ``a/b`` covers ``a/b/c``, never ``a/bc``.
    """

    def put_file(self, path: Path, key: str) -> ObjectInfo:
        """Publish a finished file under ``key``: whole or not at all, in place of an older one.

        The file is handed over: ``path`` is gone afterwards.

        Raises:
            FileNotFoundError: ``path`` is not a regular file.
        """

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The object's bytes from ``start``, at most ``length``, in pieces.

        Raises:
            ObjectNotFound: no such object.
            ValueError: a negative ``start`` or ``length``.
        """

    def stat(self, key: str) -> ObjectInfo | None:
        """The object's facts, None when there is none."""

    def delete(self, key: str) -> bool:
        """Remove an object; False when there was none."""

    def delete_prefix(self, prefix: str) -> None:
        """Remove every object below a folder.

        Raises:
            InvalidKey: the prefix is empty.
        """

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Every object below a folder (``""``: all), in the order of their keys' bytes."""

    def local_file(self, key: str) -> AbstractContextManager[Path]:
        """The object as a file to read from while the block runs.

        Raises:
            ObjectNotFound: no such object.
        """

    def signed_url(self, method: str, key: str, expires_seconds: float) -> str:
        """A URL that lets whoever has it do ``method`` on ``key`` for so long."""

    def verify(self, method: str, key: str, expires: str, signature: str) -> None:
        """Check the query of a signed URL.

        Raises:
            Forbidden: the signature is not ours, or the time is over.
        """

    def check(self) -> None:
        """Do nothing if the storage can be reached.

        Raises:
            OSError: it can't.
        """
