"""Files with secrets."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from videocraft.core.private_files import load_or_make_secret, write_private


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    path = tmp_path / "key"
    previous = os.umask(0)
    try:
        write_private(path, b"one")
        load_or_make_secret(tmp_path / "secret")
    finally:
        os.umask(previous)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_replaces_a_file_that_everybody_could_read(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"old")
    path.chmod(0o644)
    write_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["key"]


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "key").mkdir()
    with pytest.raises(IsADirectoryError):
        write_private(tmp_path / "key", b"x")
    assert [found.name for found in tmp_path.iterdir()] == ["key"]


def test_all_processes_get_one_secret(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: load_or_make_secret(path), range(32)))
    assert len(secrets) == 1
    assert len(secrets.pop()) == 32
    assert [found.name for found in tmp_path.iterdir()] == ["secret"]


def test_a_damaged_secret_is_named(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"short")
    with pytest.raises(ValueError, match="must hold 32 bytes"):
        load_or_make_secret(path)
