"""Servers of others for tests: on a free loopback port, ended for certain, killed and started at will."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

TIED = Path(__file__).with_name("_tied.py")
START_SECONDS = 60.0
STOP_SECONDS = 20.0
FIRST_PORT, LAST_PORT = 21_000, 29_999
"""Below the ports that the system gives to clients, and with room above for a second port 10,000 higher."""


def free_ports(count: int, *, twin: int = 0) -> list[int]:
    """Loopback ports that nobody listens on, each with port + ``twin`` free as well."""
    found: list[int] = []
    # Not from the tests' seeds: two processes that run tests side by side must look in different places.
    numbers = random.SystemRandom().sample(range(FIRST_PORT, LAST_PORT), 500)
    for port in numbers:
        if all(_is_free(each) for each in {port, port + twin}):
            found.append(port)
        if len(found) == count:
            return found
    raise AssertionError("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Daemon:
    """One server process; its output goes to ``log``.

    Args:
        command: its command line; the first word is a path.
        log: a file for what it prints.
        is_ready: whether it answers.
        user: whom it runs as; empty: whoever runs the tests.
        stop_signal: what makes it end in order.
    """

    def __init__(
        self,
        command: list[str],
        log: Path,
        is_ready: Callable[[], bool],
        *,
        user: str = "",
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self._command = command
        self._log = log
        self._is_ready = is_ready
        self._user = user
        self._stop_signal = stop_signal
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers; it ends with the thread that calls this."""
        tied = [sys.executable, "-I", "-S", str(TIED), str(os.getpid()), self._user]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*tied, *self._command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._log.parent,
            )
        pause = threading.Event()
        for _ in range(int(START_SECONDS * 50)):
            if self._is_ready():
                return
            assert self.process.poll() is None, self._log.read_text(errors="replace")[-2000:]
            pause.wait(0.02)
        raise AssertionError(f"it does not answer: {self._log.read_text(errors='replace')[-2000:]}")

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order; what does not end in time is killed."""
        self._end(self._stop_signal)

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
