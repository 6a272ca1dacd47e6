"""API keys: made, listed, revoked and verified; only their SHA-256 is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from videocraft.core.database import Database
from videocraft.core.database.models import ApiKey
from videocraft.core.private_files import write_private
from videocraft.errors import InvalidInput

KEY_PREFIX = "vc_"
MAX_KEY_LENGTH = 512
MAX_NAME_LENGTH = 128
CACHE_SECONDS = 3.0
CACHE_SIZE = 4096
FIRST_KEY_ID = "key_first"


@dataclass(frozen=True)
class KeyInfo:
    """A key without its secret. Times are seconds since 1970-01-01 UTC."""

    id: str
    name: str
    prefix: str
    created_at: float
    revoked_at: float | None


CONFIGURED_KEY = KeyInfo(
    id="key_configured", name="VIDEOCRAFT_API_KEY", prefix="", created_at=0.0, revoked_at=None
)
"""Who a caller is that shows the key from the settings."""


class KeyRing:
    """The keys of one database.

    A verified key is remembered for a few seconds, so that polling costs no query, and a key that was
    revoked elsewhere dies within that time.

    Args:
        configured: the value of ``VIDEOCRAFT_API_KEY``; valid as long as it is set, never stored.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        database: Database,
        configured: str | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._configured = _digest(configured) if configured else None
        self._clock = clock
        self._remembered: dict[str, tuple[float, KeyInfo]] = {}

    def create(self, name: str) -> tuple[KeyInfo, str]:
        """A new key and, for this one time, its secret.

        Raises:
            InvalidInput: the name is empty, longer than 128 characters or not printable.
        """
        return self._create(name, f"key_{secrets.token_hex(8)}", keep=None)

    def create_first(self, path: Path) -> str | None:
        """On a database that never had a key: make one and write it to ``path`` (mode 0600).

        Returns:
            The key, or None when there was one already, or one is set in the settings. Of several
            processes that start at once exactly one makes it: its id is always the same.
        """
        if self._configured is not None:
            return None
        with self._database.read() as session:
            if session.scalar(select(ApiKey.id).limit(1)) is not None:
                return None
        try:
            return self._create("default", FIRST_KEY_ID, keep=path)[1]
        except IntegrityError:
            return None

    def list(self) -> tuple[KeyInfo, ...]:
        """Every key, revoked ones too, newest first."""
        with self._database.read() as session:
            rows = session.scalars(select(ApiKey).order_by(ApiKey.created_at.desc(), ApiKey.id))
            return tuple(map(_info, rows))

    def revoke(self, key_id: str) -> bool:
        """Make a key void for good. False when there is no such key, or it is void already."""
        with self._database.write() as session:
            row = session.get(ApiKey, key_id)
            if row is None or row.revoked_at is not None:
                return False
            row.revoked_at = time.time()
            self._remembered.pop(row.sha256, None)
        return True

    def recall(self, key: str) -> KeyInfo | None:
        """Who shows ``key``, if that is known without asking the database."""
        digest = _digest(key)
        if self._configured is not None and hmac.compare_digest(digest, self._configured):
            return CONFIGURED_KEY
        remembered = self._remembered.get(digest)
        if remembered is None or remembered[0] <= self._clock():
            return None
        return remembered[1]

    def verify(self, key: str) -> KeyInfo | None:
        """Who shows ``key``; None when it is unknown or revoked. Asks the database when it must."""
        known = self.recall(key)
        if known is not None or len(key) > MAX_KEY_LENGTH:
            return known
        digest = _digest(key)
        # The time is taken first: a key revoked during the query must not live longer for it.
        expires = self._clock() + CACHE_SECONDS
        with self._database.read() as session:
            row = session.scalar(select(ApiKey).where(ApiKey.sha256 == digest))
        if row is None or row.revoked_at is not None or not hmac.compare_digest(digest, row.sha256):
            self._remembered.pop(digest, None)
            return None
        if len(self._remembered) >= CACHE_SIZE:
            self._remembered.clear()
        info = _info(row)
        self._remembered[digest] = (expires, info)
        return info

    def _create(self, name: str, key_id: str, keep: Path | None) -> tuple[KeyInfo, str]:
        if not name.strip() or len(name) > MAX_NAME_LENGTH or not name.isprintable():
            raise InvalidInput(f"A key's name has 1 to {MAX_NAME_LENGTH} printable characters")
        key = KEY_PREFIX + secrets.token_urlsafe(32)
        row = ApiKey(
            id=key_id,
            name=name,
            prefix=key[: len(KEY_PREFIX) + 5],
            sha256=_digest(key),
            created_at=time.time(),
            revoked_at=None,
        )
        with self._database.write() as session:
            session.add(row)
            session.flush()
            if keep is not None:
                # Before the commit: a crash in between leaves a void file, which the next start
                # replaces, and never a key that nobody knows.
                write_private(keep, key.encode() + b"\n")
        return _info(row), key


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _info(row: ApiKey) -> KeyInfo:
    return KeyInfo(row.id, row.name, row.prefix, row.created_at, row.revoked_at)
