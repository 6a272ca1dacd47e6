"""A bounded folder of copies of remote files, shared by the processes of one machine.

A copy is a sparse file of the object's full length that is filled block by block: where somebody reads it,
or all of it for those who need a whole file. Beside it lies its map, with one byte for each block that says
whether the block is there; it says so only after the block has reached the disk. The least recently used
copies make room for others. Whoever reads a copy holds a shared lock on its map, so what is in use stays.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from videocraft.errors import DISK_FULL, StorageFull

BLOCK_BYTES = 512 * 1024
MOST_BLOCKS = 64
"""Fetched at once: what else is missing is fetched after it, and others get their turn between."""
_AHEAD_BLOCKS = 16
"""Most that is fetched before anybody asked for it, while a copy is read from front to back."""
_READERS = 8
"""Of one copy at a time, each somewhere else in it: pictures, sound, ..."""
_LOCKS = 64
_FULL = "There is no room left on the server's disk for a copy of this file"

Fetch = Callable[[int, int], Iterable[bytes]]
"""Gives the bytes [start, stop) of an object in pieces, all of them or an error."""


class ScratchCache:
    """Copies below ``folder``, all together of at most ``max_bytes`` while none of them is in use.

    Args:
        folder: on a disk of this machine.
        max_bytes: of what is on disk, holes not counted; what is in use counts, but is never removed.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

    @contextlib.contextmanager
    def hold(self, name: str, size: int, fetch: Fetch) -> Iterator[Copy]:
        """A copy for as long as the block runs; nothing of it is fetched yet that nobody has read before.

        Args:
            name: of the content: key, a line's end, and the version.
            size: bytes of the object.
            fetch: reads it.

        Raises:
            StorageFull: the disk is full.
        """
        digest = hashlib.sha256(name.encode()).hexdigest()
        path = self._folder / (digest + Path(name.partition("\n")[0]).suffix)
        with _full_disk_is_told():
            self._folder.mkdir(parents=True, exist_ok=True)
            copy = Copy(self, path, size, fetch)
        try:
            yield copy
        finally:
            copy.close()
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

    def trim_all(self) -> None:
        """Give back all that nobody uses: the disk is fuller than the limit says."""
        self.trim(self._max_bytes + 1)

    def turn(self, path: Path) -> Path:
        """The file whose lock decides who fetches for this copy; others wait and find it done."""
        return self._folder / f".lock-{int(path.stem[:4], 16) % _LOCKS}"

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        for path in self._folder.glob("[0-9a-f]*"):
            with contextlib.suppress(FileNotFoundError):  # another process was quicker
                found = path.stat()
                yield found.st_mtime, found.st_blocks * 512, path


class Copy:
    """One object's copy, held open; every method may be called from any thread.

    Attributes:
        path: of the file, which has its full length and holes where nothing was fetched.
        size: bytes of the object.
    """

    def __init__(self, cache: ScratchCache, path: Path, size: int, fetch: Fetch) -> None:
        self.path = path
        self.size = size
        self._cache = cache
        self._fetch = fetch
        self._ahead: OrderedDict[int, int] = OrderedDict()
        self._lock = threading.Lock()
        self._map = _open_locked(_map_of(path))
        try:
            self._data = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if os.fstat(self._data).st_size != size:
                # New, or somebody has removed the file and left its map, which says nothing any more.
                os.ftruncate(self._map, 0)
                os.ftruncate(self._data, size)
            os.utime(path)  # the time of its last use
        except BaseException:
            os.close(self._map)
            raise

    def fill(self, start: int, stop: int) -> None:
        """Have the bytes [start, stop) in the file; whoever reads on from there finds more than that.

        Raises:
            StorageFull: the disk is full.
        """
        block, end = start // BLOCK_BYTES, -(-min(stop, self.size) // BLOCK_BYTES)
        while (block := self._missing(block, end)) < end:
            self._fetch_from(block, end)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._data)
        os.close(self._map)

    def _missing(self, block: int, end: int) -> int:
        """The first block from ``block`` on that is not there; ``end`` when all are."""
        count = max(0, end - block)
        at = os.pread(self._map, count, block).ljust(count, b"\0").find(b"\0")
        return end if at < 0 else block + at

    def _fetch_from(self, block: int, end: int) -> None:
        with self._cache.turn(self.path).open("ab") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            if self._missing(block, block + 1) > block:
                return  # somebody else wanted it too
            count = self._run(block, end)
            self._cache.trim(count * BLOCK_BYTES)
            try:
                self._fetch_blocks(block, count)
            except OSError as error:
                if error.errno not in DISK_FULL:
                    raise
                self._cache.trim_all()
                with _full_disk_is_told():
                    self._fetch_blocks(block, count)

    def _run(self, block: int, end: int) -> int:
        """How many blocks to fetch from a missing one on: twice as many as the last time in the same row."""
        last = -(-self.size // BLOCK_BYTES)
        with self._lock:
            ahead = min(2 * self._ahead.pop(block, 0) or 1, _AHEAD_BLOCKS)
            stop = min(last, block + min(max(ahead, end - block), MOST_BLOCKS))
            present = os.pread(self._map, stop - block, block).find(b"\1")
            count = stop - block if present < 0 else present
            self._ahead[block + count] = count
            if len(self._ahead) > _READERS:
                self._ahead.popitem(last=False)
        return count

    def _fetch_blocks(self, block: int, count: int) -> None:
        at, stop = block * BLOCK_BYTES, min(self.size, (block + count) * BLOCK_BYTES)
        for chunk in self._fetch(at, stop):
            _write(self._data, chunk, at)
            at += len(chunk)
        # After a power cut the map must not promise what the disk never got.
        os.fdatasync(self._data)
        _write(self._map, b"\1" * count, block)


def _write(file: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, at)
        view, at = view[written:], at + written


@contextlib.contextmanager
def _full_disk_is_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in DISK_FULL:
            raise StorageFull(_FULL) from error
        raise


def _map_of(path: Path) -> Path:
    return path.with_name(f".map-{path.stem}")


def _open_locked(path: Path) -> int:
    """The map of a copy, made if need be, locked against the copy's removal."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(file, fcntl.LOCK_SH)
        if os.fstat(file).st_nlink:
            return file
        os.close(file)  # removed between the two lines above


def _remove_idle(path: Path) -> bool:
    map_path = _map_of(path)
    # Made if it is not there: only who holds its lock may remove the file.
    file = os.open(map_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.fstat(file).st_nlink:
            return False  # another process is just removing it, or has done so
        path.unlink(missing_ok=True)
        map_path.unlink()
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True
