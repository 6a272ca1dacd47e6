"""The data directory and the lock of the server that uses it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from videocraft.commands import CommandFailed, datadir
from videocraft.commands.datadir import ServerLock, running_server


def test_a_missing_directory_is_made(tmp_path: Path) -> None:
    datadir.prepare(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    assert not list((tmp_path / "a" / "b").iterdir())


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_file_in_the_way_is_told(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CommandFailed, match="there is a file of that name on its path"):
        datadir.prepare(tmp_path / "file" / below)


def test_a_directory_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Root may write everywhere, so the refusal is played; its kind is what the kernel gives.
    def refuse(*_args: object, **_named: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(CommandFailed, match=r"can't be written: Permission denied\. Choose another with"):
        datadir.prepare(tmp_path)


def test_a_second_server_is_refused_and_told_who_is_there(tmp_path: Path) -> None:
    lock = ServerLock.take(tmp_path)
    lock.note("http://127.0.0.1:8123")
    with pytest.raises(
        CommandFailed, match=rf"http://127\.0\.0\.1:8123, process {os.getpid()}\) already uses"
    ):
        ServerLock.take(tmp_path)
    assert running_server(tmp_path) == "http://127.0.0.1:8123"
    lock.release()
    assert running_server(tmp_path) is None
    ServerLock.take(tmp_path).release()


def test_the_lock_of_a_killed_server_is_free(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, signal, sys\n"
        "from videocraft.commands.datadir import ServerLock\n"
        "lock = ServerLock.take(pathlib.Path(sys.argv[1]))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert killed.returncode == -9
    assert (tmp_path / datadir.LOCK_NAME).exists()
    assert running_server(tmp_path) is None
    ServerLock.take(tmp_path).release()


@pytest.mark.parametrize("note", ["", "{", "[]", '{"pid": 1}'])
def test_a_damaged_note_does_no_harm(tmp_path: Path, note: str) -> None:
    lock = ServerLock.take(tmp_path)
    (tmp_path / datadir.LOCK_NAME).write_text(note)
    assert running_server(tmp_path) == ""
    with pytest.raises(CommandFailed, match="already uses the data directory"):
        ServerLock.take(tmp_path)
    lock.release()


def test_no_data_directory_has_no_server(tmp_path: Path) -> None:
    assert running_server(tmp_path / "nowhere") is None
