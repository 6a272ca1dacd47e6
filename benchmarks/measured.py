"""Running commands and measuring what they cost in wall clock, processor time and memory, with children."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.memory import MemorySampler


@dataclass(frozen=True)
class Cost:
    """What one or several commands took, one after the other."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    """Proportional set size of the whole process tree at its highest."""
    messages: str = ""
    """What the last command wrote to standard output and error."""


def run(commands: Sequence[Sequence[str]], environment: Mapping[str, str] | None = None) -> Cost:
    """Run commands in order.

    Raises:
        RuntimeError: one failed; with its messages.
    """
    total = Cost(0.0, 0.0, 0)
    for command in commands:
        one = _run(command, environment)
        total = Cost(
            total.wall_seconds + one.wall_seconds,
            total.cpu_seconds + one.cpu_seconds,
            max(total.peak_bytes, one.peak_bytes),
            one.messages,
        )
    return total


def _run(command: Sequence[str], environment: Mapping[str, str] | None) -> Cost:
    with tempfile.TemporaryFile() as messages:
        started = time.monotonic()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=messages,
            stderr=messages,
            env={**os.environ, **(environment or {})},
        )
        with MemorySampler(process.pid, interval_seconds=0.05) as sampler:
            # The usage that comes with the exit counts all children that were waited for.
            _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        messages.seek(0)
        text = messages.read().decode(errors="replace")
    if process.returncode != 0:
        name = Path(command[0]).name
        raise RuntimeError(f"{name} ended with exit code {process.returncode}:\n{text[-3000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, sampler.peak.total, text)
