"""Memory that a job has used and freed, back to the system."""

from __future__ import annotations

import ctypes
import gc


def give_back() -> None:
    """Free what nothing refers to, and return free memory to the system: some milliseconds.

    The C library keeps what was freed below something that is still in use, and so a worker would grow to the
    largest of all its jobs. Where it has no ``malloc_trim`` (musl), it keeps it.
    """
    gc.collect()
    if _trim is not None:
        _trim(0)


def _find_trim() -> ctypes._NamedFuncPointer | None:
    try:
        found = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):
        return None
    found.argtypes = [ctypes.c_size_t]
    return found


_trim = _find_trim()
