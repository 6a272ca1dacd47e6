"""Worker processes and the care for them: started, started again when they die, stopped, reaped."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from time import monotonic

from videocraft.commands.lifeline import STOP_SECONDS

logger = logging.getLogger(__name__)

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 5.0
"""Longer than that, and a job would wait for its worker and not for its lease."""
STEADY_SECONDS = 10.0
"""A worker that lived this long was well: after its death the delays start anew."""


def worker_command(data_dir: str, kinds: str = "") -> list[str]:
    """The command line of one worker process; ``kinds`` as ``worker --kinds`` takes them."""
    only = ["--kinds", kinds] if kinds else []
    return [sys.executable, "-m", "videocraft", "worker", "--embedded", "--data-dir", data_dir, *only]


class Supervisor:
    """Keeps ``count`` processes of ``command`` running until `stop`.

    A child's stdin is a pipe of which only this process has the other end: when this process is gone,
    however it ended, the child reads end of file and ends itself (`follow_parent`). Children have a
    session of their own, so Ctrl-C in a terminal reaches this process alone, which then stops them in order.
    """

    def __init__(
        self, command: Sequence[str], count: int, *, first_delay: float = FIRST_DELAY_SECONDS
    ) -> None:
        self._command = list(command)
        self._count = count
        self._first_delay = first_delay
        self._stopping = asyncio.Event()
        self._processes: dict[int, Process] = {}
        self._keepers: list[asyncio.Task[None]] = []

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers that run now."""
        return [process.pid for process in self._processes.values()]

    def start(self) -> None:
        """Start the workers, all at once."""
        self._keepers = [asyncio.create_task(self._keep(index)) for index in range(self._count)]

    def ask_to_stop(self) -> None:
        """Send SIGTERM to every worker and start no more; `stop` waits for them."""
        if not self._stopping.is_set():
            self._stopping.set()
            self._signal_all(signal.SIGTERM)

    async def stop(self, seconds: float = STOP_SECONDS) -> None:
        """End every worker: SIGTERM, after ``seconds`` SIGKILL; all are reaped when this returns."""
        self.ask_to_stop()
        if not self._keepers:
            return
        _, late = await asyncio.wait(self._keepers, timeout=seconds)
        if late:
            logger.warning("%d worker(s) did not stop within %g s and are killed", len(late), seconds)
            self.kill()
        await asyncio.gather(*self._keepers)

    def kill(self) -> None:
        """End every worker now; `stop` reaps them."""
        self._stopping.set()
        self._signal_all(signal.SIGKILL)

    def _signal_all(self, number: signal.Signals) -> None:
        for process in self._processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)

    async def _keep(self, index: int) -> None:
        delay = self._first_delay
        while not self._stopping.is_set():
            started = monotonic()
            process = await asyncio.create_subprocess_exec(*self._command, stdin=PIPE, start_new_session=True)
            self._processes[index] = process
            if self._stopping.is_set():
                # The stop came while the process was being started and has not reached it.
                process.terminate()
            code = await process.wait()
            del self._processes[index]
            if self._stopping.is_set():
                return
            if monotonic() - started >= STEADY_SECONDS:
                delay = self._first_delay
            logger.warning(
                "worker process %d ended (%s); another is started in %g s", process.pid, _how(code), delay
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), timeout=delay)
            delay = min(delay * 2, LONGEST_DELAY_SECONDS)


def _how(code: int) -> str:
    if code < 0:
        return f"by {signal.Signals(-code).name}"
    return f"exit code {code}"
