"""The working directory: whole or not there, and nothing outside it is ever touched."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from videocraft.apis.exports import files
from videocraft.errors import MediaError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return files.exports_root(tmp_path / "media")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that nothing here may change."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "precious").write_text("kept")
    return folder


def make(root: Path, export_id: str = "one", config: bytes = b"{}") -> Path:
    prepared = files.prepare(root, config, b'{"status":"pending"}')
    prepared.install(export_id)
    prepared.clean_up()
    return root / export_id


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_directory_appears_with_its_first_files(root: Path) -> None:
    folder = make(root, config=b'{"id": "one"}')
    assert (folder / "config.json").read_bytes() == b'{"id": "one"}'
    assert (folder / "status.json").read_bytes() == b'{"status":"pending"}'
    assert names(root) == ["one"]


def test_what_was_left_there_without_a_row_is_replaced(root: Path) -> None:
    make(root)
    (root / "one" / "output.mp4").write_text("old")
    make(root)
    assert names(root / "one") == ["config.json", "status.json"]
    assert names(root) == ["one"]


@pytest.mark.parametrize("kind", ["link", "dangling link", "file"])
def test_a_link_in_the_way_is_removed_and_not_followed(root: Path, outside: Path, kind: str) -> None:
    if kind == "file":
        (root / "one").write_text("in the way")
    else:
        (root / "one").symlink_to(outside if kind == "link" else outside / "nothing")
    folder = make(root)
    assert not folder.is_symlink()
    assert names(folder) == ["config.json", "status.json"]
    assert names(outside) == ["precious"]


def test_withdrawing_leaves_nothing(root: Path) -> None:
    prepared = files.prepare(root, b"{}", b"{}")
    prepared.install("one")
    prepared.withdraw()
    prepared.clean_up()
    assert names(root) == []


def test_preparing_on_a_full_disk_leaves_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.prepare(root, b"{}", b"{}")
    assert names(root) == []


def test_taking_away_and_removing(root: Path) -> None:
    folder = make(root)
    (folder / "work-1").mkdir()
    (folder / "work-1" / "piece.mp4").write_text("x")
    hidden = files.take_away(root, "one")
    assert hidden is not None
    assert not folder.exists()
    files.remove(hidden)
    assert names(root) == []
    assert files.take_away(root, "one") is None


def test_a_link_in_place_of_the_directory_costs_only_the_link(root: Path, outside: Path) -> None:
    (root / "one").symlink_to(outside)
    hidden = files.take_away(root, "one")
    assert hidden is not None
    files.remove(hidden)
    assert names(root) == []
    assert names(outside) == ["precious"]


def test_links_inside_are_not_followed(root: Path, outside: Path) -> None:
    folder = make(root)
    (folder / "work-1").symlink_to(outside)
    (folder / "pieces").mkdir()
    (folder / "pieces" / "link").symlink_to(outside)
    with files.open_directory(root, "one") as directory:
        directory.discard("work-1")
        directory.discard("pieces")
    hidden = files.take_away(root, "one")
    assert hidden is not None
    files.remove(hidden)
    assert names(root) == []
    assert names(outside) == ["precious"]


def test_a_late_worker_reaches_the_old_directory_only(root: Path) -> None:
    make(root, config=b"old")
    with files.open_directory(root, "one") as directory:
        hidden = files.take_away(root, "one")
        folder = make(root, config=b"new")
        assert not directory.is_in_place()
        directory.write("status.json", b"late")
        directory.make("work-late")
        directory.keep("pieces")
        directory.discard("pieces")
        assert names(folder) == ["config.json", "status.json"]
        assert (folder / "status.json").read_bytes() == b'{"status":"pending"}'
        assert hidden is not None
        files.remove(hidden)
        with pytest.raises(FileNotFoundError):
            directory.write("status.json", b"later still")
    assert names(root) == ["one"]


def test_forgetting_removes_what_a_late_worker_made_at_the_path(root: Path) -> None:
    (root / "one" / "pieces-7").mkdir(parents=True)
    (root / ".old-1" / "work").mkdir(parents=True)
    files.forget(root, "one", "pieces-7")
    assert names(root) == []


def test_forgetting_spares_the_directory_of_a_new_export(root: Path, outside: Path) -> None:
    folder = make(root)
    (folder / "pieces-8").mkdir()
    (root / "two").symlink_to(outside)
    files.forget(root, "one", "pieces-7")
    files.forget(root, "two", "precious")
    assert names(folder) == ["config.json", "pieces-8", "status.json"]
    assert names(outside) == ["precious"]


def test_sweeping_spares_what_is_being_prepared(root: Path) -> None:
    prepared = files.prepare(root, b"{}", b"{}")
    (root / ".old-1").mkdir()
    make(root)
    files.sweep(root)
    assert names(root) == sorted([prepared.path.name, "one"])
    prepared.clean_up()


def test_the_finished_file_must_be_a_real_file_in_a_real_directory(root: Path, outside: Path) -> None:
    assert files.finished_file(root, "one", "mp4") is None
    folder = make(root)
    assert files.finished_file(root, "one", "mp4") is None
    (folder / "output.mp4").symlink_to(outside / "precious")
    assert files.finished_file(root, "one", "mp4") is None
    (folder / "output.mp4").unlink()
    (folder / "output.mp4").write_text("film")
    assert files.finished_file(root, "one", "mp4") == folder / "output.mp4"
    (root / "two").symlink_to(folder)
    assert files.finished_file(root, "two", "mp4") is None


def test_a_link_is_not_opened_as_a_working_directory(root: Path, outside: Path) -> None:
    (root / "one").symlink_to(outside)
    with pytest.raises(NotADirectoryError), files.open_directory(root, "one"):
        pass


def test_publishing_is_a_rename_within(root: Path) -> None:
    folder = make(root)
    with files.open_directory(root, "one") as directory:
        (directory.make("work") / "film").write_text("film")
        assert directory.size("work/film") == 4
        directory.sync("work/film")
        directory.rename("work/film", "output.mp4")
        directory.sync()
        directory.discard("work")
    assert names(folder) == ["config.json", "output.mp4", "status.json"]


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        MediaError(
            "FFmpeg failed.", details={"stderr": "av_interleaved_write_frame(): No space left on device"}
        ),
        RuntimeError("(sqlite3.OperationalError) database or disk is full"),
    ],
)
def test_a_full_disk_is_known_by_any_of_its_names(error: Exception) -> None:
    assert files.is_disk_full(error)
    outer = MediaError("It failed.")
    outer.__cause__ = error
    assert files.is_disk_full(outer)


def test_other_errors_are_no_full_disk() -> None:
    assert not files.is_disk_full(OSError(errno.EIO, "Input/output error"))
    assert not files.is_disk_full(MediaError("Failed.", details={"stderr": "Invalid data"}))
    assert not files.is_disk_full(None)
