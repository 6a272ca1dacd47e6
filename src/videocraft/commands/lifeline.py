"""A process that must not outlive the one that started it: workers of a server, the server of the demo."""

from __future__ import annotations

import os
import signal
import threading
import time

STOP_SECONDS = 10.0
"""How long a process may take to end after SIGTERM; then it is killed."""


def follow_parent() -> None:
    """Stop this process when its parent is gone: stdin has to be a pipe whose other end only the parent has.

    However the parent ends, the kernel closes the pipe. This process then gets SIGTERM, which hands a running
    job back, and SIGKILL if it is still there after a while. Unlike ``PR_SET_PDEATHSIG`` there is no moment
    in which a death can be missed, and it works on every Unix.
    """
    threading.Thread(target=_wait_for_the_end, name="follow-parent", daemon=True).start()


def _wait_for_the_end() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
