"""Threads that write to SQLite at once: one commit for those that wait, and nobody hurts the others."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from videocraft.core.database import Database, engine, turns
from videocraft.core.database.troubles import is_full, is_passing

WAIT = 20.0


class World:
    """A database with one table, and threads that write at the same time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = Database(f"sqlite:///{path}")
        self.commits = 0
        with self.database.write() as session:
            session.execute(text("CREATE TABLE rows (name TEXT PRIMARY KEY)"))
        event.listen(self.database.engine, "commit", self._count)
        self.made: list[Future[Any]] = []
        self._threads = ThreadPoolExecutor(16)

    def _count(self, _connection: object) -> None:
        self.commits += 1

    def write(self, name: str, then: Callable[[Session], object] = lambda _: None) -> None:
        with self.database.write() as session:
            insert(session, name)
            then(session)

    def at_once(self, first: Callable[[Session], object], *others: Callable[[], object]) -> list[Future[Any]]:
        """One thread writes "first", while the others come and wait in this order; then it goes on."""
        began, may_go_on = threading.Event(), threading.Event()

        def hold(session: Session) -> None:
            began.set()
            assert may_go_on.wait(WAIT)
            first(session)

        made = self.made = [self._threads.submit(self.write, "first", hold)]
        assert began.wait(WAIT)
        shared = self.database._shared
        assert shared is not None
        for number, other in enumerate(others, start=1):
            made.append(self._threads.submit(other))
            pause = threading.Event()
            while len(shared._turns._queue) < number:
                pause.wait(0.001)
        may_go_on.set()
        return made

    def names(self) -> set[str]:
        """What another process would find."""
        with closing(sqlite3.connect(self.path)) as connection:
            return {name for (name,) in connection.execute("SELECT name FROM rows")}

    def close(self) -> None:
        self._threads.shutdown()
        self.database.dispose()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    # However slow the machine is: those who wait may join.
    monkeypatch.setattr(turns, "MOST_SECONDS", WAIT)
    made = World(tmp_path / "test.db")
    yield made
    made.close()


def insert(session: Session, name: str) -> None:
    session.execute(text("INSERT INTO rows VALUES (:name)"), {"name": name})


def nothing(_session: Session) -> None:
    pass


def ends(futures: list[Future[Any]]) -> list[type[BaseException] | None]:
    return [None if (error := future.exception(WAIT)) is None else type(error) for future in futures]


def full() -> OperationalError:
    reason = sqlite3.OperationalError("database or disk is full")
    reason.sqlite_errorcode = sqlite3.SQLITE_FULL
    return OperationalError("COMMIT", None, reason)


def writer(world: World, name: str, then: Callable[[Session], object] = nothing) -> Callable[[], None]:
    return lambda: world.write(name, then)


def refuse(_session: Session) -> None:
    raise InterruptedError


def test_those_who_wait_share_a_commit(world: World) -> None:
    names = [f"other-{number}" for number in range(5)]
    assert ends(world.at_once(nothing, *(writer(world, name) for name in names))) == [None] * 6
    assert world.names() == {"first", *names}
    assert world.commits == 1


def test_one_alone_commits_at_once(world: World) -> None:
    for number in range(3):
        world.write(str(number))
        assert str(number) in world.names()
    assert world.commits == 3


def test_nobody_returns_before_the_common_commit(world: World) -> None:
    seen: list[tuple[set[str], bool]] = []

    def look(_session: Session) -> None:
        # Nobody else can see yet what came before it in the same commit, so nobody may say that it is there.
        seen.append((world.names(), world.made[0].done()))

    assert ends(world.at_once(nothing, writer(world, "second", look))) == [None, None]
    assert seen == [(set(), False)]


@pytest.mark.parametrize(
    ("bound", "value", "commits"), [("MOST_MEMBERS", 2, 3), ("MOST_MEMBERS", 1, 5), ("MOST_SECONDS", 0.0, 5)]
)
def test_a_commit_is_not_put_off_without_end(
    world: World, monkeypatch: pytest.MonkeyPatch, bound: str, value: float, commits: int
) -> None:
    monkeypatch.setattr(turns, bound, value)
    assert ends(world.at_once(nothing, *(writer(world, name) for name in "abcd"))) == [None] * 5
    assert world.commits == commits


def test_who_fails_takes_nothing_of_the_others_along(world: World) -> None:
    found = world.at_once(
        nothing,
        writer(world, "a", refuse),
        writer(world, "b"),
        writer(world, "first"),
        writer(world, "c", refuse),
    )
    assert ends(found) == [None, InterruptedError, None, IntegrityError, InterruptedError]
    assert world.names() == {"first", "b"}
    assert world.commits == 1


def test_the_first_one_may_fail_too(world: World) -> None:
    found = world.at_once(refuse, writer(world, "a"), writer(world, "b"))
    assert ends(found) == [InterruptedError, None, None]
    assert world.names() == {"a", "b"}


def test_an_error_that_is_caught_inside_a_savepoint_hurts_nobody(world: World) -> None:
    def try_twice(session: Session) -> None:
        with pytest.raises(IntegrityError), session.begin_nested():
            insert(session, "first")
        insert(session, "instead")

    assert ends(world.at_once(nothing, writer(world, "a", try_twice), writer(world, "b"))) == [None] * 3
    assert world.names() == {"first", "a", "instead", "b"}


def test_a_commit_that_fails_is_told_to_all(world: World) -> None:
    def fail(_connection: object) -> None:
        raise full()

    event.listen(world.database.engine, "commit", fail)
    found = world.at_once(nothing, writer(world, "a"), writer(world, "b"))
    errors = [future.exception(WAIT) for future in found]
    assert all(error is not None and is_full(error) for error in errors)
    assert len({id(error) for error in errors}) == 3, "a traceback belongs to one thread"
    event.remove(world.database.engine, "commit", fail)
    assert world.names() == set()
    world.write("later")
    assert world.names() == {"later"}


def test_a_transaction_that_sqlite_drops_is_told_to_all(world: World) -> None:
    def drop(session: Session) -> None:
        # As SQLite does by itself when the disk is full, whatever savepoints there are.
        driver: Any = session.connection().connection.driver_connection
        driver.execute("ROLLBACK")
        raise full()

    found = world.at_once(nothing, writer(world, "a"), writer(world, "b", drop), writer(world, "c"))
    errors = [future.exception(WAIT) for future in found]
    assert [error is not None and is_full(error) for error in errors] == [True, True, True, False]
    assert errors[3] is None
    assert world.names() == {"c"}


def test_who_waits_too_long_is_told_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = world.database._shared
    assert shared is not None
    monkeypatch.setattr(shared, "_wait_seconds", 0.01)

    def again(_session: Session) -> None:
        # Its own transaction is in the way, which never ends while it waits.
        world.write("inner")

    with pytest.raises(OperationalError, match="database is locked") as caught:
        world.write("outer", again)
    assert is_passing(caught.value)
    world.write("later")
    assert world.names() == {"later"}


def test_turns_come_in_the_order_of_asking(world: World) -> None:
    order: list[str] = []
    names = [str(number) for number in range(8)]
    found = world.at_once(
        nothing, *(writer(world, name, lambda _s, name=name: order.append(name)) for name in names)
    )
    assert ends(found) == [None] * 9
    assert order == names


def test_the_lock_of_another_process_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    other = sqlite3.connect(world.path, isolation_level=None, check_same_thread=False)
    with closing(other):
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(engine, "SQLITE_BUSY_SECONDS", 0.01)
        with pytest.raises(OperationalError, match="database is locked") as caught:
            world.write("a")
        assert is_passing(caught.value)
        monkeypatch.setattr(engine, "SQLITE_BUSY_SECONDS", WAIT)
        timer = threading.Timer(0.02, lambda: other.execute("COMMIT"))
        timer.start()
        world.write("b")
        timer.join()
    assert world.names() == {"b"}


def test_a_file_that_is_no_database_is_told_in_the_terms_of_sqlalchemy(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database" * 1000)
    database = Database(f"sqlite:///{tmp_path / 'text.db'}")
    with pytest.raises(DatabaseError, match="not a database"), database.write():
        pass
