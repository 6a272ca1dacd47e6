"""Becomes a media process: ties it to its parent's life, takes rights away, then executes it.

Run as a script (``python -I -S _launch.py LIMITS -- ARGV...``), so that none of this happens between fork
and exec of a process with threads. Standard library only, and little of it: it costs every start.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
from typing import Any

CANNOT_START = 127
FEED_FD = 3
_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000


def main(arguments: list[str]) -> int:
    """Set everything up and execute the command; returns only when that failed."""
    options: dict[str, Any] = json.loads(arguments[0])
    command = arguments[arguments.index("--") + 1 :]
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if not options["network"]:
            _leave_network(libc)
        # After unshare, which may clear it. Survives the exec.
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # A parent that died before prctl sends no signal any more.
    if os.getppid() != options["parent"]:
        return CANNOT_START
    _set_limits(options)
    if options["feed_fd"] is not None and options["feed_fd"] != FEED_FD:
        os.dup2(options["feed_fd"], FEED_FD)
        os.close(options["feed_fd"])
    if options["nice"]:
        os.nice(options["nice"])
    _reset_signals()
    try:
        os.execv(command[0], command)  # noqa: S606 -- no shell is the point
    except OSError as error:
        print(f"cannot start {command[0]}: {error.strerror}", file=sys.stderr)  # noqa: T201 -- read by the parent
    return CANNOT_START


def _leave_network(libc: ctypes.CDLL) -> None:
    """Move into an empty network namespace, where the system lets us; where it does not, go on.

    Root needs no user namespace, and must not get one: it would lose its right to read others' files.
    """
    if libc.unshare(_CLONE_NEWNET) != 0 and os.geteuid() != 0:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _set_limits(options: dict[str, Any]) -> None:
    cpu = options["cpu_seconds"]
    for kind, soft, hard in (
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_NOFILE, options["open_files"], options["open_files"]),
        (resource.RLIMIT_FSIZE, options["file_bytes"], options["file_bytes"]),
        # SIGXCPU at the soft limit, SIGKILL at the hard one for those who catch it.
        (resource.RLIMIT_CPU, cpu, cpu + 2),
        (resource.RLIMIT_AS, options["memory_bytes"], options["memory_bytes"]),
    ):
        ceiling = resource.getrlimit(kind)[1]
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)  # noqa: PLW2901 -- no process may raise its ceiling
        # macOS refuses RLIMIT_AS; the other limits still hold.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (soft, hard))


def _reset_signals() -> None:
    """Defaults again, for what Python or the parent changed; ignored and blocked signals survive an exec.

    SIGXFSZ stays ignored on purpose: a write beyond the limit then fails with "File too large" and FFmpeg
    can say so, instead of dying without a word.
    """
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGXFSZ}:
        if signal.getsignal(number) is not signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
