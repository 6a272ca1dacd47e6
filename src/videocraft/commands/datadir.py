"""The data directory: made when it is missing, and held by one server at a time."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import tempfile
import time
from pathlib import Path
from typing import IO

from videocraft.commands import CommandFailed

LOCK_NAME = "server.lock"
LOCK_TRIES = 5


def prepare(data_dir: Path) -> None:
    """Make ``data_dir`` and see that files can be written there.

    Raises:
        CommandFailed: it is not a folder, or can't be made or written.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data_dir):
            pass
    except (FileExistsError, NotADirectoryError):
        raise CommandFailed(
            f"The data directory {data_dir} can't be used: there is a file of that name on its path"
        ) from None
    except OSError as error:
        raise CommandFailed(
            f"The data directory {data_dir} can't be written: {os.strerror(error.errno or errno.EIO)}. "
            "Choose another with --data-dir or VIDEOCRAFT_DATA_DIR"
        ) from None


class ServerLock:
    """The lock of a running server on its data directory, with a note of who holds it.

    Embedded workers and their bells belong to one server, so a second one on the same directory would
    stop and wake processes that are not its own. The kernel drops the lock with the process, however it
    ends; the file stays behind and means nothing by itself.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    @classmethod
    def take(cls, data_dir: Path) -> ServerLock:
        """Take the lock.

        Raises:
            CommandFailed: another server holds it.
        """
        # Opened for reading too: whoever finds it locked reads who the holder is.
        file = (data_dir / LOCK_NAME).open("a+", encoding="utf-8")
        if not _lock(file):
            holder = _holder(file)
            file.close()
            raise CommandFailed(
                f"Another server{holder} already uses the data directory {data_dir}. "
                "Stop it, or start this one with another --data-dir"
            ) from None
        lock = cls(file)
        lock.note("")
        return lock

    def note(self, address: str) -> None:
        """Write down who holds the lock and where it listens."""
        self._file.seek(0)
        self._file.truncate()
        json.dump({"pid": os.getpid(), "address": address}, self._file)
        self._file.flush()

    def release(self) -> None:
        """Give the lock back."""
        self._file.close()


def _lock(file: IO[str]) -> bool:
    # `running_server` holds the lock for an instant when it looks; a server holds it for good.
    for _ in range(LOCK_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
        else:
            return True
    return False


def running_server(data_dir: Path) -> str | None:
    """The address of the server that holds ``data_dir`` ("" while it starts), None when there is none."""
    try:
        with (data_dir / LOCK_NAME).open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _read_note(file).get("address", "")
    except FileNotFoundError:
        return None
    return None


def _holder(file: IO[str]) -> str:
    note = _read_note(file)
    known = [str(note[key]) for key in ("address",) if note.get(key)]
    if note.get("pid"):
        known.append(f"process {note['pid']}")
    return f" ({', '.join(known)})" if known else ""


def _read_note(file: IO[str]) -> dict[str, str]:
    file.seek(0)
    try:
        note = json.loads(file.read())
    except ValueError:
        return {}
    return note if isinstance(note, dict) else {}
