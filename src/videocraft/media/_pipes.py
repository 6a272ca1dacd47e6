"""The pipes of a running media process: what it says is read without blocking, what it is fed by a thread."""

from __future__ import annotations

import contextlib
import fcntl
import os
import selectors
import subprocess
import threading
from collections.abc import Callable
from typing import BinaryIO

STDERR_TAIL_BYTES = 16 * 1024

_READ_BYTES = 64 * 1024
_FEED_BYTES = 2**20
"""What fits into the pipe of a feed: the most that Linux allows. Pictures have some megabytes, and with the
usual 64 KiB both sides would wait for each other fifty times in each."""
_LINE_BYTES = 64 * 1024


class Collector:
    """Reads both outputs without blocking: lines or a bounded head of stdout, a bounded tail of stderr."""

    def __init__(
        self, child: subprocess.Popen[bytes], on_line: Callable[[str], None] | None, stdout_limit: int
    ) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.overflow = False
        self.selector = selectors.DefaultSelector()
        self._on_line = on_line
        self._stdout_limit = stdout_limit
        self._pipes = [pipe for pipe in (child.stdout, child.stderr) if pipe is not None]
        for pipe, take in zip(self._pipes, (self._take_stdout, self._take_stderr), strict=True):
            os.set_blocking(pipe.fileno(), False)
            self.selector.register(pipe, selectors.EVENT_READ, take)

    def read(self, timeout: float) -> bool:
        """Take what is there, waiting up to ``timeout`` seconds for it; whether there was any."""
        took = False
        for key, _ in self.selector.select(timeout):
            if key.data is None:  # the process has ended
                continue
            data = os.read(key.fd, _READ_BYTES)
            if not data:
                self.selector.unregister(key.fileobj)
            key.data(data)
            took = True
        return took

    def close(self) -> None:
        self.selector.close()
        for pipe in self._pipes:
            pipe.close()

    def _take_stderr(self, data: bytes) -> None:
        self.stderr += data
        del self.stderr[:-STDERR_TAIL_BYTES]

    def _take_stdout(self, data: bytes) -> None:
        if self._on_line is None:
            self.overflow = self.overflow or len(self.stdout) + len(data) > self._stdout_limit
            if not self.overflow:
                self.stdout += data
            return
        *lines, rest = (self.stdout + data).split(b"\n")
        if rest and (not data or len(rest) > _LINE_BYTES):
            lines.append(rest)
            rest = bytearray()
        self.stdout = rest
        for line in lines:
            self._on_line(line.decode("utf-8", "replace"))


class Feeder:
    """The writing end of the pipe that the process reads as descriptor 3, and the thread that fills it."""

    def __init__(self, feed: Callable[[BinaryIO], None]) -> None:
        self.error: Exception | None = None
        self._feed = feed
        self._thread: threading.Thread | None = None
        self.read_fd, self._write_fd = os.pipe()
        # Not everywhere, and not where a user has too many large pipes already: then it is slower.
        with contextlib.suppress(AttributeError, OSError):
            fcntl.fcntl(self._write_fd, fcntl.F_SETPIPE_SZ, _FEED_BYTES)

    def start(self) -> None:
        """The process has its own copy of the reading end now."""
        os.close(self.read_fd)
        self._thread = threading.Thread(target=self._work, name="media-feed")
        self._thread.start()

    def close(self) -> None:
        """Wait for the thread; the process is gone, so its next write fails."""
        if self._thread is not None:
            self._thread.join()
            return
        os.close(self.read_fd)
        os.close(self._write_fd)

    def _work(self) -> None:
        try:
            with os.fdopen(self._write_fd, "wb") as stream:
                self._feed(stream)
        except BrokenPipeError:
            # The process had enough, or died; its exit code tells which.
            return
        except Exception as error:  # noqa: BLE001 -- the thread's border: run() raises it in the caller's thread
            self.error = error
