"""What the worlds of the rooms' tests stand on: SQLite and a folder, or PostgreSQL and a bucket.

The same tests run on both; ``pytest --stack`` chooses. A world asks ``settings_of`` for its settings and
needs to know nothing else.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import psycopg

from tests.support.databases import make_shared, make_template
from videocraft.core.database.models import Base
from videocraft.settings import Settings

if TYPE_CHECKING:
    from tests.support.postgres import Postgres
    from tests.support.s3_server import S3Server

NAMES = ("laptop", "scaled")
"""What ``--stack`` may be."""


class Stack(Protocol):
    """Where worlds keep their rows and files."""

    def settings(self, data_dir: Path, **named: Any) -> Settings:
        """Settings of a world in ``data_dir``; what is named wins."""

    def cleaning(self) -> AbstractContextManager[None]:
        """Removes at its end what worlds that began inside have left outside of their folders."""


class Laptop:
    """Everything lies in the world's own folder."""

    def settings(self, data_dir: Path, **named: Any) -> Settings:
        """See ``Stack``."""
        settings = Settings(data_dir=data_dir, **named)
        file = data_dir / "videocraft.db"
        # To migrate takes as long as all the rest of a server's start.
        if not settings.database_url and not file.exists():
            data_dir.mkdir(parents=True, exist_ok=True)
            file.write_bytes(_sqlite_with_tables())
        return settings

    def cleaning(self) -> AbstractContextManager[None]:
        """See ``Stack``. The folders are pytest's."""
        return nullcontext()


class Scaled:
    """Each world has a PostgreSQL database and a prefix in a bucket of its own.

    Both go with the data directory: a world that is opened there again, as after a restart, or twice at once,
    as by two processes, finds what the other one has left. To empty a database takes a fiftieth of the time
    that making one takes, so the next world gets the one of an earlier, emptied.
    """

    def __init__(self, postgres: Postgres, s3: S3Server) -> None:
        self._postgres = postgres
        self._s3 = s3
        self._client = s3.client()
        self._bucket = s3.shared_bucket()
        self._template = make_shared(postgres.make_database()).rpartition("/")[2]
        self._databases: dict[Path, str] = {}
        self._empty_databases: list[str] = []
        self._prefixes: dict[Path, str] = {}
        self._numbers = itertools.count(1)

    def settings(self, data_dir: Path, **named: Any) -> Settings:
        """See ``Stack``."""
        from tests.support.s3_server import ACCESS_KEY, SECRET_KEY

        chosen = dict(named)
        if "database_url" not in named:
            chosen["database_url"] = self._database(data_dir)
        if "storage_url" not in named:
            chosen |= {
                "storage_url": f"s3://{self._bucket}/{self._prefix(data_dir)}",
                "s3_endpoint_url": self._s3.endpoint,
                "s3_access_key": ACCESS_KEY,
                "s3_secret_key": SECRET_KEY,
            }
        return Settings(data_dir=data_dir, **chosen)

    @contextmanager
    def cleaning(self) -> Iterator[None]:
        """See ``Stack``."""
        databases, prefixes = set(self._databases), set(self._prefixes)
        try:
            yield
        finally:
            for folder in self._databases.keys() - databases:
                self._empty_database(self._databases.pop(folder))
            for folder in self._prefixes.keys() - prefixes:
                self._empty_prefix(self._prefixes.pop(folder))

    def _database(self, data_dir: Path) -> str:
        if data_dir not in self._databases:
            found = self._empty_databases.pop() if self._empty_databases else None
            self._databases[data_dir] = found or self._postgres.make_database(self._template)
        return self._databases[data_dir]

    def _empty_database(self, url: str) -> None:
        tables = reversed(Base.metadata.sorted_tables)
        try:
            with psycopg.connect(url, options="-c lock_timeout=5s") as connection:
                connection.execute(";".join(f"DELETE FROM {table.name}" for table in tables).encode())
        except psycopg.errors.UndefinedTable:
            self._postgres.drop_database(url)  # a test has dropped a table
        else:
            self._empty_databases.append(url)

    def _prefix(self, data_dir: Path) -> str:
        return self._prefixes.setdefault(data_dir, f"world-{next(self._numbers)}")

    def _empty_prefix(self, prefix: str) -> None:
        place = {"Bucket": self._bucket, "Prefix": f"{prefix}/"}
        while found := self._client.list_objects_v2(**place).get("Contents"):
            listed = [{"Key": item["Key"]} for item in found]
            self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": listed, "Quiet": True})


_chosen: list[Stack] = [Laptop()]


def settings_of(data_dir: Path, **named: Any) -> Settings:
    """Settings of a world in ``data_dir`` on the chosen stack; what is named wins."""
    return _chosen[-1].settings(data_dir, **named)


def cleaning() -> AbstractContextManager[None]:
    """``Stack.cleaning`` of the chosen stack."""
    return _chosen[-1].cleaning()


@contextmanager
def standing_on(stack: Stack) -> Iterator[None]:
    """Let worlds stand on ``stack`` while the block runs."""
    _chosen.append(stack)
    try:
        yield
    finally:
        _chosen.pop()


@cache
def _sqlite_with_tables() -> bytes:
    with tempfile.TemporaryDirectory(prefix="videocraft-tables-") as folder:
        return make_template(Path(folder)).read_bytes()
