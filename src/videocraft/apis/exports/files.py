"""The working directory of an export, ``exports/{id}/`` under the media root.

It appears whole by one rename and goes away by one rename, so that whoever looks at the path sees an
export or nothing. A worker holds the directory open and works relative to that handle: after the
export was deleted, and even when a new one of the same id stands in its place, a late worker reaches
the old directory only. Symbolic links are never followed on the way in, and removing one removes the
link alone.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from videocraft.errors import DISK_FULL

CONFIG = "config.json"
STATUS = "status.json"

# Ids begin with a letter or a digit, so these prefixes are ours.
_NEW = ".new-"
_OLD = ".old-"
_STALE_SECONDS = 3600.0
_IN_THE_WAY = {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}


def output_name(container: str) -> str:
    """Name of the finished file in the working directory."""
    return f"output.{container}"


def exports_root(media_root: Path) -> Path:
    """The folder that holds every working directory; made when it is missing."""
    root = media_root / "exports"
    root.mkdir(parents=True, exist_ok=True)
    return root


@dataclass
class Prepared:
    """A complete new working directory under a name of its own, which waits for its place."""

    root: Path
    path: Path
    _installed: Path | None = None
    _stale: Path | None = None

    def install(self, export_id: str) -> None:
        """Give it its place by one rename; whatever was there (no row knows of it) is moved away."""
        target = self.root / export_id
        try:
            self.path.rename(target)
        except OSError as error:
            if error.errno not in _IN_THE_WAY:
                raise
            self._stale = take_away(self.root, export_id)
            self.path.rename(target)
        self._installed = target
        _sync_directory(self.root)

    def withdraw(self) -> None:
        """Take it back: the row that it belongs to did not come about."""
        if self._installed is not None:
            self._installed.rename(self.path)
            self._installed = None

    def clean_up(self) -> None:
        """Delete what is not in its place, and what was in its way."""
        if self._installed is None:
            remove(self.path)
        if self._stale is not None:
            remove(self._stale)


def prepare(root: Path, config: bytes, status: bytes) -> Prepared:
    """A new working directory with its first files, safe on disk."""
    folder = root / f"{_NEW}{uuid.uuid4().hex}"
    folder.mkdir()
    try:
        for name, content in ((CONFIG, config), (STATUS, status)):
            with (folder / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
    except OSError:
        remove(folder)
        raise
    return Prepared(root, folder)


def take_away(root: Path, export_id: str) -> Path | None:
    """Move a working directory (or a link in its place) out of sight by one rename, for `remove`."""
    hidden = root / f"{_OLD}{uuid.uuid4().hex}"
    try:
        (root / export_id).rename(hidden)
    except FileNotFoundError:
        return None
    return hidden


def remove(path: Path) -> None:
    """Delete a tree without following links; a worker that still writes into it is outrun or swept later."""
    for _attempt in range(5):
        if path.is_symlink() or path.is_file():
            path.unlink(missing_ok=True)
        else:
            shutil.rmtree(path, ignore_errors=True)
        if not os.path.lexists(path):
            return


def sweep(root: Path) -> None:
    """Remove what a crash between two steps left: everything taken away, and old things never installed."""
    with os.scandir(root) as entries:
        found = [Path(entry.path) for entry in entries if entry.name.startswith((_NEW, _OLD))]
    for path in found:
        with suppress(FileNotFoundError):
            age = time.time() - path.lstat().st_ctime
            if path.name.startswith(_OLD) or age > _STALE_SECONDS:
                remove(path)


def forget(root: Path, export_id: str, name: str) -> None:
    """After an export was deleted under a late worker: remove what that worker made at its path.

    Only ``exports/{id}/{name}`` goes, and the directory when that leaves it empty: it may be another's.
    """
    folder = root / export_id
    if not folder.is_symlink():
        remove(folder / name)
    with suppress(OSError):
        folder.rmdir()
    sweep(root)


def finished_file(root: Path, export_id: str, container: str) -> Path | None:
    """The published file, or ``None`` when there is no regular file in a real directory."""
    folder = root / export_id
    path = folder / output_name(container)
    try:
        whole = stat.S_ISDIR(folder.lstat().st_mode) and stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return None
    return path if whole else None


def fingerprint(path: Path) -> dict[str, Any]:
    """Path, size and time of change of a source: enough to notice that it is not the file it was.

    Raises:
        OSError: it can't be seen any more.
    """
    found = path.stat()
    return {"path": str(path), "size": found.st_size, "mtimeNs": found.st_mtime_ns}


def is_disk_full(error: BaseException | None) -> bool:
    """Whether an error, or one that caused it, says that the disk (or a quota) is used up."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in DISK_FULL:
            return True
        details = getattr(error, "details", None) or {}
        text = f"{details.get('stderr', '')} {error}"
        if any(sentence in text for sentence in _DISK_FULL_SENTENCES):
            return True
        error = error.__cause__ or error.__context__
    return False


# FFmpeg's (the C library's) words, and SQLite's.
_DISK_FULL_SENTENCES = ("No space left on device", "Disk quota exceeded", "database or disk is full")


@dataclass(frozen=True)
class WorkingDirectory:
    """An export's directory held open by a worker."""

    root: Path
    export_id: str
    handle: int

    @property
    def path(self) -> Path:
        """Where the directory was when it was opened."""
        return self.root / self.export_id

    def is_in_place(self) -> bool:
        """Whether the path still leads to this directory."""
        try:
            return os.path.samestat(self.path.lstat(), os.fstat(self.handle))
        except OSError:
            return False

    def make(self, name: str) -> Path:
        """An empty folder inside, for temporary files; returned as a path for other programs."""
        self.discard(name)
        os.mkdir(name, dir_fd=self.handle)
        return self.path / name

    def keep(self, name: str) -> Path:
        """A folder inside that outlives a killed worker; returned as a path for other programs."""
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=self.handle)
        return self.path / name

    def discard(self, name: str) -> None:
        """Delete a folder inside, if it is there."""
        shutil.rmtree(name, ignore_errors=True, dir_fd=self.handle)

    def discard_all(self, *prefixes: str) -> None:
        """Delete the folders and files inside whose names begin so."""
        for name in os.listdir(self.handle):  # noqa: PTH208 - a handle, not a path
            if name.startswith(prefixes):
                self.discard(name)
                with suppress(OSError):
                    os.unlink(name, dir_fd=self.handle)

    def unlink(self, name: str) -> None:
        """Delete a file inside, if it is there."""
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self.handle)

    def size(self, name: str) -> int:
        """Bytes of a file inside."""
        return os.stat(name, dir_fd=self.handle, follow_symlinks=False).st_size

    def write(self, name: str, content: bytes) -> None:
        """Write a file inside; it is whole and on disk when this returns."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(name, flags, 0o666, dir_fd=self.handle), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def rename(self, name: str, new_name: str) -> None:
        """Rename within the directory, replacing what was there."""
        os.replace(name, new_name, src_dir_fd=self.handle, dst_dir_fd=self.handle)

    def sync(self, name: str | None = None) -> None:
        """Bring a file inside, or the directory's own entries, to disk."""
        if name is None:
            os.fsync(self.handle)
            return
        descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self.handle)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def open_directory(root: Path, export_id: str) -> Iterator[WorkingDirectory]:
    """Hold a working directory open.

    Raises:
        FileNotFoundError: the directory is not there.
        NotADirectoryError: something else is, for instance a symbolic link.
    """
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(root / export_id, flags)
    try:
        yield WorkingDirectory(root, export_id, handle)
    finally:
        os.close(handle)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
