"""Becomes a server of the tests that ends with the test run: ``python -I -S _tied.py PARENT USER ARGV...``.

A script of its own, so that nothing has to happen between fork and exec of a process with threads.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, user: str, command: list[str]) -> None:
    """Give up root for ``user`` (unless empty), be killed with ``parent``, and execute the command."""
    if user:
        account = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    # After setuid, which clears it.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() == parent:
        os.execv(command[0], command)


main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
