"""The only place that starts a media process: limited, watched, and never left behind.

A process gets its own session, no standard input, limits on memory, CPU time, file size and open files, no
network where the system allows that, and dies with its parent (``_launch.py``). Its output is read while it
runs, so it never blocks on a full pipe; stopping is TERM, a grace period, KILL for the whole group, and wait.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import BinaryIO

from videocraft.errors import MediaError
from videocraft.media._launch import CANNOT_START
from videocraft.media._pipes import Collector, Feeder

STOP_GRACE_SECONDS = 1.0
TIMEOUT_GRACE_SECONDS = 3.0

_TICK_SECONDS = 0.1
_PIPE_READS = 64

# Secrets of the server (keys, database addresses) are not for a process that parses strangers' files.
_KEPT_ENVIRONMENT = frozenset(
    {"PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "XDG_RUNTIME_DIR"}
)
_KEPT_PREFIXES = ("LIBVA_", "CUDA_", "NVIDIA_", "FONTCONFIG_")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one media process may use."""

    wall_seconds: float = 6 * 3600.0
    cpu_seconds: float = 48 * 3600.0
    memory_bytes: int = 4 * 2**30
    """Address space, not resident memory."""
    file_bytes: int = 2**40
    """Largest file it may write."""
    open_files: int = 256
    network: bool = False
    nice: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """A process that ended by itself."""

    argv: tuple[str, ...]
    exit_code: int
    """Negative: the number of the signal that ended it."""
    stderr_tail: str
    stdout: bytes
    """Empty when the lines went to ``on_line``."""
    seconds: float
    cpu_seconds: float


class Stopped(Exception):
    """``should_stop`` said so; the process is gone."""


class TimedOut(MediaError):
    """The process ran into its wall clock and was ended."""

    default_code = "MEDIA_TIMEOUT"


class OutputTooLarge(MediaError):
    """The process wrote more to its standard output than it may."""


class _Reason(Enum):
    """Why a process was ended by us."""

    STOPPED = 1
    TIMEOUT = 2
    TOO_MUCH_OUTPUT = 3
    FEED_FAILED = 4


def run(
    argv: Sequence[str],
    *,
    limits: Limits,
    should_stop: Callable[[], bool] | None = None,
    on_line: Callable[[str], None] | None = None,
    cwd: Path | None = None,
    feed: Callable[[BinaryIO], None] | None = None,
    stdout_limit: int = 2**20,
    environment: Mapping[str, str] | None = None,
) -> Finished:
    """Run ``argv`` (its first element an absolute path) to its end and return what it left.

    Everything but ``feed`` runs in the calling thread: the kernel ties the process to the life of the thread
    that started it.

    Args:
        should_stop: asked at least ten times a second.
        on_line: gets every line of standard output, as it comes, without its end.
        feed: runs in a thread of its own and writes to what the process reads as ``pipe:3``; the pipe is
            closed when it returns. A process that stops reading early is no error. An error of ``feed`` ends
            the process and is raised here.
        stdout_limit: most bytes of standard output to keep (without ``on_line``).
        environment: variables beside the few that are handed on.

    Raises:
        Stopped: ``should_stop`` returned true.
        TimedOut: the wall clock ran out.
        MediaError: the program can't be started, or wrote more than ``stdout_limit``.
    """
    feeder = Feeder(feed) if feed is not None else None
    started = time.monotonic()
    try:
        child = _start(argv, limits, cwd, feeder.read_fd if feeder else None, environment or {})
        collector = Collector(child, on_line, stdout_limit)
        try:
            if feeder is not None:
                feeder.start()
            reason = _watch(child, collector, started + limits.wall_seconds, should_stop, feeder)
        finally:
            # Also when on_line or should_stop raised: nothing may stay behind.
            cpu_seconds = _end(child)
            collector.close()
    finally:
        if feeder is not None:
            feeder.close()
    if feeder is not None and feeder.error is not None:
        raise feeder.error
    finished = Finished(
        argv=tuple(argv),
        exit_code=child.returncode,
        stderr_tail=collector.stderr.decode("utf-8", "replace"),
        stdout=bytes(collector.stdout),
        seconds=time.monotonic() - started,
        cpu_seconds=cpu_seconds,
    )
    _raise_for(reason, finished, limits)
    return finished


def failure_details(finished: Finished) -> dict[str, object]:
    """What an operator needs to know of a failed process, for ``MediaError.details``."""
    return {
        "command": list(finished.argv),
        "exit_code": finished.exit_code,
        "stderr": finished.stderr_tail,
    }


def _raise_for(reason: _Reason | None, finished: Finished, limits: Limits) -> None:
    if reason is _Reason.STOPPED:
        raise Stopped
    details = failure_details(finished)
    if reason is _Reason.TIMEOUT:
        raise TimedOut(f"The work took longer than {limits.wall_seconds:g} s and was ended.", details=details)
    if reason is _Reason.TOO_MUCH_OUTPUT:
        raise OutputTooLarge("A media tool wrote more than expected.", details=details)
    if finished.exit_code == CANNOT_START:
        raise MediaError("A media tool could not be started.", details=details)


def _start(
    argv: Sequence[str],
    limits: Limits,
    cwd: Path | None,
    feed_fd: int | None,
    environment: Mapping[str, str],
) -> subprocess.Popen[bytes]:
    options = {
        "parent": os.getpid(),
        "network": limits.network,
        "cpu_seconds": math.ceil(limits.cpu_seconds),
        "memory_bytes": limits.memory_bytes,
        "file_bytes": limits.file_bytes,
        "open_files": limits.open_files,
        "nice": limits.nice,
        "feed_fd": feed_fd,
    }
    launcher = Path(__file__).with_name("_launch.py")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT_ENVIRONMENT or name.startswith(_KEPT_PREFIXES)
    }
    try:
        return subprocess.Popen(  # noqa: S603 -- a list, no shell; every name in it is ours
            [sys.executable, "-I", "-S", str(launcher), json.dumps(options), "--", *argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env={**kept, **environment},
            pass_fds=() if feed_fd is None else (feed_fd,),
            start_new_session=True,
            bufsize=0,
        )
    except OSError as error:
        details = {"command": list(argv), "error": str(error)}
        raise MediaError("A media tool could not be started.", details=details) from error


def _watch(
    child: subprocess.Popen[bytes],
    collector: Collector,
    deadline: float,
    should_stop: Callable[[], bool] | None,
    feeder: Feeder | None,
) -> _Reason | None:
    """Read the output until the process has ended; end it when there is a reason to, and return that."""
    kill_at = math.inf
    reason: _Reason | None = None
    with _wake_at_exit(child, collector.selector):
        while not _has_exited(child):
            collector.read(_TICK_SECONDS)
            now = time.monotonic()
            if reason is None:
                reason = _reason_to_end(collector, feeder, should_stop, late=now >= deadline)
                if reason is not None:
                    _signal_group(child, signal.SIGTERM)
                    kill_at = now + (
                        TIMEOUT_GRACE_SECONDS if reason is _Reason.TIMEOUT else STOP_GRACE_SECONDS
                    )
            elif now >= kill_at:
                _signal_group(child, signal.SIGKILL)
                kill_at = math.inf
    # What the pipes still hold: bounded, so that a process that escaped its group can't keep us here.
    for _ in range(_PIPE_READS):
        if not collector.read(0):
            break
    return reason


def _reason_to_end(
    collector: Collector, feeder: Feeder | None, should_stop: Callable[[], bool] | None, *, late: bool
) -> _Reason | None:
    if should_stop is not None and should_stop():
        return _Reason.STOPPED
    if feeder is not None and feeder.error is not None:
        return _Reason.FEED_FAILED
    if collector.overflow:
        return _Reason.TOO_MUCH_OUTPUT
    return _Reason.TIMEOUT if late else None


@contextlib.contextmanager
def _wake_at_exit(child: subprocess.Popen[bytes], selector: selectors.BaseSelector) -> Iterator[None]:
    """Let the selector return as soon as the process ends, where the system can; else the tick must do."""
    try:
        pidfd = os.pidfd_open(child.pid)
    except (AttributeError, OSError):
        yield
        return
    try:
        selector.register(pidfd, selectors.EVENT_READ)
        yield
        selector.unregister(pidfd)
    finally:
        os.close(pidfd)


def _has_exited(child: subprocess.Popen[bytes]) -> bool:
    # Not reaped yet: while the zombie is there, neither its id nor its group's can belong to someone else.
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: EPERM for a group of zombies
        os.killpg(child.pid, number)


def _end(child: subprocess.Popen[bytes]) -> float:
    """Kill what is left of the group and reap the process; the CPU seconds it used."""
    _signal_group(child, signal.SIGKILL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime
