"""Reading a file whose bytes are fetched as they are needed: of a long recording a cut touches little.

Such a file lies on disk in its full length from the start, with holes. FFmpeg as a process can't use it
before it is whole; PyAV and our own readers go through ``FilledFile``, which has every range filled before it
reads it.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Fill = Callable[[int, int], None]
"""Puts the bytes [start, stop) of a file in their place: they are there when it returns. From any thread."""

_STEP_BYTES = 32 * 2**20


class FilledFile(io.RawIOBase):
    """A regular file for reading, filled where it is read.

    Args:
        path: of the file in its full length.
        fill: puts bytes in their place; what it raises comes out of ``read``.

    Raises:
        OSError: it can't be opened.
    """

    def __init__(self, path: Path, fill: Fill) -> None:
        super().__init__()
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._size = os.fstat(self._file).st_size
        self._fill = fill
        self._at = 0

    def readable(self) -> bool:
        """See ``io.IOBase``."""
        return True

    def seekable(self) -> bool:
        """See ``io.IOBase``."""
        return True

    def tell(self) -> int:
        """See ``io.IOBase``."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """See ``io.IOBase``."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("a position before the start of the file")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """See ``io.RawIOBase``."""
        view = memoryview(buffer).cast("B")
        count = max(0, min(len(view), self._size - self._at))
        if count:
            self._fill(self._at, self._at + count)
            count = os.preadv(self._file, [view[:count]], self._at)
        self._at += count
        return count

    def close(self) -> None:
        """See ``io.IOBase``."""
        if not self.closed:
            os.close(self._file)
        super().close()


def fill_whole(fill: Fill, size: int, check: Callable[[], None]) -> None:
    """Have every byte of a file in its place, in steps between which ``check`` may raise."""
    for start in range(0, size, _STEP_BYTES):
        check()
        fill(start, min(size, start + _STEP_BYTES))
