"""``Idempotency-Key``: a request that is sent again has its effect once, and the answer that it had.

The key's row is written in the transaction that has the effect. So a second request that comes at the same
time waits for the first one (SQLite: for its write lock; PostgreSQL: for the row), and one that failed
leaves nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from videocraft.core.database import clock
from videocraft.core.database.models import IdempotencyKey
from videocraft.core.database.upserts import insert_of
from videocraft.errors import InvalidInput, Unprocessable

HEADER = "idempotency-key"
KEEP_SECONDS = 24 * 3600.0
MAX_LENGTH = 255


def check_key(key: str | None) -> str | None:
    """The key of a request; None when it has none.

    Raises:
        InvalidInput: it is empty, longer than 255 characters or not printable ASCII.
    """
    if key is None:
        return None
    if not 1 <= len(key) <= MAX_LENGTH or not (key.isascii() and key.isprintable()):
        raise InvalidInput(
            f"Idempotency-Key must be 1 to {MAX_LENGTH} printable ASCII characters",
            code="INVALID_IDEMPOTENCY_KEY",
        )
    return key


def digest_of(document: Any) -> str:
    """SHA-256 of a request's JSON: order of keys, white space, and 1.0 for 1 do not count."""
    canonical = json.dumps(_plain(document), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """The value with whole numbers as integers: 1.0 is 1 in JSON, and JavaScript writes it so."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def recall(session: Session, scope: str, key: str, digest: str) -> dict[str, Any] | None:
    """Claim a key inside the caller's write transaction, or find the answer that was given under it.

    Args:
        scope: whose key it is, and for which route.
        digest: of the request.

    Returns:
        The earlier answer; None when the key is new: the caller then has its effect and calls ``keep``.

    Raises:
        Unprocessable: the key was used for another request.
    """
    at = clock.now(session)
    session.execute(delete(IdempotencyKey).where(expired(at)))
    insert = insert_of(session.connection().dialect.name)
    row = {"scope": scope, "key": key, "digest": digest, "answer": None, "created_at": at}
    statement = insert(IdempotencyKey).values(row).on_conflict_do_nothing().returning(IdempotencyKey.key)
    if session.execute(statement).scalar_one_or_none() is not None:
        return None
    mine = (IdempotencyKey.scope == scope, IdempotencyKey.key == key)
    found = session.execute(select(IdempotencyKey.digest, IdempotencyKey.answer).where(*mine)).one()
    return _answer_of(found, digest)


def keep(session: Session, scope: str, key: str, answer: Mapping[str, Any]) -> None:
    """Note the answer under the key that ``recall`` has claimed in this transaction."""
    mine = (IdempotencyKey.scope == scope, IdempotencyKey.key == key)
    session.execute(update(IdempotencyKey).where(*mine).values(answer=dict(answer)))


def find(session: Session, scope: str, key: str, digest: str) -> dict[str, Any] | None:
    """The answer that was given under a key, for a request that needs no new effect; None when there is none.

    Raises:
        Unprocessable: the key was used for another request.
    """
    mine = (IdempotencyKey.scope == scope, IdempotencyKey.key == key)
    row = session.execute(
        select(IdempotencyKey.digest, IdempotencyKey.answer, IdempotencyKey.created_at).where(*mine)
    ).one_or_none()
    if row is None or row.created_at < clock.now(session) - KEEP_SECONDS:
        return None
    return _answer_of(row, digest)


def expired(now: float) -> ColumnElement[bool]:
    """Keys that mean nothing any more."""
    return IdempotencyKey.created_at < now - KEEP_SECONDS


def forget(session: Session, scope: str, key: str) -> None:
    """Give a key free again: its request had no effect after all."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.scope == scope, IdempotencyKey.key == key))


def _answer_of(row: Any, digest: str) -> dict[str, Any]:
    if row.digest != digest:
        raise Unprocessable(
            "This Idempotency-Key was used for another request", code="IDEMPOTENCY_KEY_REUSED"
        )
    answer: dict[str, Any] = row.answer
    return answer
