"""Keys of requests: claimed once, kept for a day, and no other request's."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.core import idempotency
from videocraft.core.database import Database
from videocraft.core.database.models import Base
from videocraft.errors import Unprocessable

DAY = 86400.0


@pytest.fixture
def times() -> list[float]:
    """What the database's clock shows: the last entry."""
    return [1_000_000.0]


@pytest.fixture
def database(tmp_path: Path, times: list[float]) -> Database:
    """An empty one."""
    made = Database(f"sqlite:///{tmp_path / 'test.db'}", clock=lambda: times[-1])
    Base.metadata.create_all(made.engine)
    return made


def answered(database: Database, key: str, digest: str = "d", scope: str = "s") -> object:
    """What a request gets: the answer of an earlier one, or its own, which is then kept."""
    with database.write() as session:
        earlier = idempotency.recall(session, scope, key, digest)
        if earlier is None:
            idempotency.keep(session, scope, key, {"number": len(key)})
        return earlier


def test_a_key_is_claimed_once(database: Database) -> None:
    assert answered(database, "key") is None
    assert answered(database, "key") == {"number": 3}
    assert answered(database, "key", scope="another") is None
    with pytest.raises(Unprocessable) as raised:
        answered(database, "key", digest="other")
    assert raised.value.code == "IDEMPOTENCY_KEY_REUSED"


def test_a_key_is_kept_for_a_day(database: Database, times: list[float]) -> None:
    answered(database, "key")
    times.append(times[0] + DAY - 1)
    with database.read() as session:
        assert idempotency.find(session, "s", "key", "d") == {"number": 3}
    times.append(times[0] + DAY + 1)
    with database.read() as session:
        assert idempotency.find(session, "s", "key", "d") is None
    assert answered(database, "key", digest="other") is None


def test_what_failed_or_was_forgotten_leaves_the_key_free(database: Database) -> None:
    with database.write() as session:
        assert idempotency.recall(session, "s", "key", "d") is None
        session.rollback()
    assert answered(database, "key") is None
    with database.write() as session:
        idempotency.forget(session, "s", "key")
    assert answered(database, "key") is None


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.none()))
def test_the_order_of_keys_does_not_count(document: dict[str, object]) -> None:
    assert idempotency.digest_of(document) == idempotency.digest_of(dict(reversed(document.items())))
    assert idempotency.digest_of(document) != idempotency.digest_of([document])


def test_numbers_count_as_json_has_them() -> None:
    assert idempotency.digest_of({"a": [1.0, 0.5]}) == idempotency.digest_of({"a": [1, 0.5]})
    assert idempotency.digest_of({"a": True}) != idempotency.digest_of({"a": 1})
