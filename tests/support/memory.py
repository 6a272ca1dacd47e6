"""Peak memory of a process and all its descendants, sampled from /proc."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Peak:
    """The greatest sums over the tree that were seen, bytes; pages that processes share count once."""

    total: int
    anonymous: int
    """Without pages of files (program code above all), which the system can drop at any time."""
    processes: int


class MemorySampler:
    """Samples a process tree in a thread while the ``with`` block runs; then ``peak`` holds the result."""

    def __init__(self, pid: int, interval_seconds: float = 0.1) -> None:
        self.peak = Peak(0, 0, 0)
        self._pid = pid
        self._interval = interval_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="memory-sampler", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._interval):
            now = memory(self._pid)
            self.peak = Peak(
                max(now.total, self.peak.total),
                max(now.anonymous, self.peak.anonymous),
                max(now.processes, self.peak.processes),
            )


def memory(pid: int) -> Peak:
    """What a process and its descendants hold at this moment; those that end meanwhile count as nothing."""
    total = anonymous = processes = 0
    for member in [pid, *descendants(pid)]:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            rollup = Path(f"/proc/{member}/smaps_rollup").read_text()
            total += bytes_of(rollup, "Pss:")
            anonymous += bytes_of(rollup, "Pss_Anon:")
            processes += 1
    return Peak(total, anonymous, processes)


def descendants(pid: int) -> list[int]:
    """Children of a process, their children and so on, living ones only (no zombies)."""
    children: dict[int, list[int]] = {}
    for child, parent in _living():
        children.setdefault(parent, []).append(child)
    found: list[int] = []
    queue = [pid]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def command_line(pid: int) -> list[str]:
    """Arguments of a process; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _living() -> Iterator[tuple[int, int]]:
    """(pid, parent's pid) of every process that is no zombie."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                # The name, in brackets, may hold anything; the fields that are wanted stand after it.
                state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    yield int(folder.name), int(parent)


def bytes_of(rollup: str, key: str) -> int:
    """Bytes of a line of ``/proc/PID/smaps_rollup``, which counts in kilobytes."""
    for line in rollup.splitlines():
        if line.startswith(key):
            return int(line.split()[1]) * 1024
    return 0
