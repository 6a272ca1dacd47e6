"""How many bytes a process has moved through its storage, for metrics."""

from __future__ import annotations

import threading


class Traffic:
    """Bytes since the last look; every method may be called from any thread.

    What FFmpeg reads from a folder, and what clients send to or fetch from a bucket themselves, does not pass
    through this process and is not in it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read = 0
        self._written = 0

    def add(self, *, read: int = 0, written: int = 0) -> None:
        """Count bytes that came out of the storage, and such that went into it."""
        with self._lock:
            self._read += read
            self._written += written

    def take(self) -> tuple[int, int]:
        """The bytes read and written since the last call; who can't note them gives them back to ``add``."""
        with self._lock:
            taken = self._read, self._written
            self._read = self._written = 0
        return taken
