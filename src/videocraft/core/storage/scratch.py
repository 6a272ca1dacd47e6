"""A bounded folder of copies of remote files, shared by the processes of one machine.

The least recently used copies make room for new ones. Whoever reads a copy holds a shared lock on it, so what
is in use stays; a copy appears under its name only when it is whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from videocraft.errors import StorageFull

_LOCKS = 64
_FULL = "There is no room left on the server's disk for a copy of this file"


class ScratchCache:
    """Copies below ``folder``, all together of at most ``max_bytes`` while none of them is in use.

    Args:
        folder: on a disk of this machine.
        max_bytes: what is in use counts, but is never removed.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

    @contextlib.contextmanager
    def hold(self, name: str, size: int, fetch: Callable[[Path], None]) -> Iterator[Path]:
        """A file with this content for as long as the block runs.

        Args:
            name: of the content: key and version.
            size: bytes that it will have.
            fetch: writes it to the path that it gets.

        Raises:
            StorageFull: the disk is full.
        """
        digest = hashlib.sha256(name.encode()).hexdigest()
        path = self._folder / (digest + Path(name.partition("\n")[0]).suffix)
        held = _open_shared(path) or self._fetched(path, digest, size, fetch)
        try:
            yield path
        finally:
            held.close()
            self.trim()

    def trim(self, room: int = 0) -> int:
        """Remove the least recently used copies until ``room`` bytes more would fit; how many bytes went."""
        files = sorted(self._files(), key=lambda found: found[0])
        total = sum(size for _, size, _ in files) + room
        freed = 0
        for _, size, path in files:
            if total - freed <= self._max_bytes:
                break
            if _remove_idle(path):
                freed += size
        return freed

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        for path in self._folder.glob("[0-9a-f]*"):
            with contextlib.suppress(FileNotFoundError):  # another process was quicker
                found = path.stat()
                yield found.st_mtime, found.st_size, path

    def _fetched(self, path: Path, digest: str, size: int, fetch: Callable[[Path], None]) -> BinaryIO:
        self._folder.mkdir(parents=True, exist_ok=True)
        # Of those who want the same file at the same time, one fetches it.
        lock = self._folder / f".lock-{int(digest[:4], 16) % _LOCKS}"
        with lock.open("ab") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            held = _open_shared(path)
            if held is not None:
                return held
            self.trim(size)
            part = self._folder / f".part-{uuid4().hex}"
            try:
                self._try(fetch, part)
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
            held = _open_shared(path)
        if held is None:
            raise StorageFull(_FULL)
        return held

    def _try(self, fetch: Callable[[Path], None], part: Path) -> None:
        try:
            fetch(part)
        except StorageFull:
            # The disk is fuller than the limit says: give back all that nobody uses, and try once more.
            part.unlink(missing_ok=True)
            self.trim(self._max_bytes + 1)
            fetch(part)


def _open_shared(path: Path) -> BinaryIO | None:
    """The file, locked against removal; None when there is none."""
    while True:
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return None
        fcntl.flock(file, fcntl.LOCK_SH)
        if os.fstat(file.fileno()).st_nlink:
            os.utime(path)  # the time of its last use
            return file
        file.close()  # removed between the two lines above


def _remove_idle(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    except (BlockingIOError, FileNotFoundError):
        return False
    return True
