"""API keys: made, listed, revoked, verified, remembered for a few seconds."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import event, select

from videocraft.core.auth import KeyRing
from videocraft.core.auth.dependency import presented_key
from videocraft.core.auth.keys import CACHE_SECONDS, CACHE_SIZE
from videocraft.core.database import Database
from videocraft.core.database.models import ApiKey, Base
from videocraft.errors import InvalidInput, Unauthorized


class Clock:
    """Time that stands still until told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database with the tables."""
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


def test_a_key_works_until_it_is_revoked(database: Database) -> None:
    ring = KeyRing(database)
    info, key = ring.create("laptop")
    assert ring.verify(key) == info
    assert ring.revoke(info.id)
    assert ring.verify(key) is None
    assert not ring.revoke(info.id)
    assert not ring.revoke("key_unknown")


def test_only_the_hash_is_kept(database: Database) -> None:
    info, key = KeyRing(database).create("laptop")
    with database.read() as session:
        row = session.scalars(select(ApiKey)).one()
    assert row.sha256 == hashlib.sha256(key.encode()).hexdigest()
    kept = "".join(str(value) for name, value in vars(row).items() if name != "prefix")
    assert key not in kept
    assert key.startswith(info.prefix)
    assert len(key) - len(info.prefix) >= 32


def test_list_is_newest_first_with_revoked_ones(database: Database) -> None:
    ring = KeyRing(database)
    first, _ = ring.create("one")
    second, _ = ring.create("two")
    ring.revoke(first.id)
    listed = ring.list()
    assert [info.id for info in listed] == [second.id, first.id]
    assert listed[0].revoked_at is None
    assert listed[1].revoked_at is not None


@pytest.mark.parametrize("name", ["", "  ", "x" * 129, "a\nb", "a\0b"])
def test_names(database: Database, name: str) -> None:
    with pytest.raises(InvalidInput):
        KeyRing(database).create(name)


def test_a_verified_key_costs_no_query_for_some_seconds(database: Database) -> None:
    clock = Clock()
    ring = KeyRing(database, clock=clock)
    info, key = ring.create("laptop")
    queries: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: queries.append(args[2]))
    assert ring.recall(key) is None
    assert ring.verify(key) == info
    asked = len(queries)
    assert ring.verify(key) == info
    assert ring.recall(key) == info
    assert len(queries) == asked
    clock.now += CACHE_SECONDS
    assert ring.recall(key) is None
    assert ring.verify(key) == info
    assert len(queries) > asked


def test_a_key_revoked_by_another_process_dies_within_seconds(database: Database) -> None:
    clock = Clock()
    ring, elsewhere = KeyRing(database, clock=clock), KeyRing(database)
    info, key = ring.create("laptop")
    assert ring.verify(key)
    elsewhere.revoke(info.id)
    clock.now += CACHE_SECONDS
    assert ring.verify(key) is None


def test_what_is_remembered_has_a_limit(database: Database) -> None:
    ring = KeyRing(database)
    _, key = ring.create("laptop")
    for number in range(100):
        assert ring.verify(f"vc_{number}") is None
    assert not ring._remembered  # wrong keys are not remembered at all
    (known,) = ring.list()
    ring._remembered = {str(number): (0.0, known) for number in range(CACHE_SIZE)}
    assert ring.verify(key)
    assert len(ring._remembered) == 1


def test_the_configured_key_counts_without_being_stored(database: Database, tmp_path: Path) -> None:
    ring = KeyRing(database, "from-the-environment")
    known = ring.recall("from-the-environment")
    assert known is not None
    assert known.name == "VIDEOCRAFT_API_KEY"
    assert ring.verify("from-the-environmen") is None
    assert ring.create_first(tmp_path / "api-key") is None
    assert not (tmp_path / "api-key").exists()
    assert ring.list() == ()


@pytest.mark.parametrize("key", ["", "é", "\ud800", "x" * 100_000, "vc_"])
def test_hostile_keys_are_just_wrong(database: Database, key: str) -> None:
    assert KeyRing(database).verify(key) is None


def test_the_first_start_makes_a_key(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "api-key"
    ring = KeyRing(database)
    key = ring.create_first(path)
    assert key is not None
    assert path.read_text() == f"{key}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ring.verify(key)
    assert ring.create_first(path) is None
    ring.revoke(ring.list()[0].id)
    # Whoever revoked the last key did not ask for a new one.
    assert ring.create_first(path) is None


def test_processes_that_start_at_once_make_one_first_key(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "api-key"
    with ThreadPoolExecutor(6) as pool:
        made = [key for key in pool.map(lambda _: KeyRing(database).create_first(path), range(12)) if key]
    assert len(made) == 1
    assert path.read_text().strip() == made[0]
    assert len(KeyRing(database).list()) == 1


def test_a_key_file_that_can_not_be_written_leaves_no_key(database: Database, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        KeyRing(database).create_first(tmp_path / "missing" / "api-key")
    assert KeyRing(database).list() == ()


@pytest.mark.parametrize(
    ("authorization", "api_key", "key"),
    [
        ("Bearer abc", None, "abc"),
        ("BEARER   abc ", None, "abc"),
        (None, " abc ", "abc"),
        ("Basic dTpw", "abc", "abc"),
        ("Bearer one", "two", "one"),
    ],
)
def test_presented(authorization: str | None, api_key: str | None, key: str) -> None:
    assert presented_key(authorization, api_key) == key


@pytest.mark.parametrize(
    ("authorization", "api_key", "code"),
    [
        (None, None, "MISSING_AUTH_HEADER"),
        (None, " ", "MISSING_AUTH_HEADER"),
        ("", None, "INVALID_AUTH_FORMAT"),
        ("Bearer", None, "INVALID_AUTH_FORMAT"),
        ("Bearer a b", None, "INVALID_AUTH_FORMAT"),
        ("Token abc", None, "INVALID_AUTH_FORMAT"),
    ],
)
def test_not_presented(authorization: str | None, api_key: str | None, code: str) -> None:
    with pytest.raises(Unauthorized) as caught:
        presented_key(authorization, api_key)
    assert caught.value.code == code
    assert "WWW-Authenticate" in caught.value.headers
