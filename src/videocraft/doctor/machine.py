"""Checks of the machine: room and speed of the disk, limits of a process."""

from __future__ import annotations

import os
import resource
import shutil
import tempfile
from pathlib import Path
from time import perf_counter

from videocraft.doctor.finding import Finding, fail, ok, warn

MIB = 2**20
GIB = 2**30
LEAST_FREE_BYTES = 256 * MIB
ENOUGH_FREE_BYTES = 5 * GIB
SAMPLE_BYTES = 32 * MIB
SLOW_BYTES_PER_SECOND = 20 * MIB
"""Below this the disk, not the processor, decides how long a copied cut takes."""
ENOUGH_OPEN_FILES = 1024
ENOUGH_MEMORY_BYTES = 2 * GIB


def check_disk(folder: Path) -> list[Finding]:
    """Free room and rough writing speed below ``folder``, or below its nearest parent that exists."""
    where = nearest_existing(folder)
    free = shutil.disk_usage(where).free
    says = f"{free / GIB:.1f} GiB free on the disk of {where}"
    if free < LEAST_FREE_BYTES:
        return [fail("disk space", says, "Free some room, or choose another disk with --data-dir.")]
    room = (
        ok("disk space", says)
        if free >= ENOUGH_FREE_BYTES
        else warn("disk space", says, "Free some room: an export needs about the size of its result, twice.")
    )
    return [room, _check_speed(where)]


def _check_speed(where: Path) -> Finding:
    try:
        speed = _write_speed(where)
    except OSError as error:
        return fail(
            "disk speed",
            f"{where} can't be written: {os.strerror(error.errno or 0)}",
            "Give this user the right to write there, or choose another folder with --data-dir.",
        )
    says = f"writes about {speed / MIB:.0f} MiB/s"
    if speed < SLOW_BYTES_PER_SECOND:
        return warn("disk speed", says, "Put the data directory on a faster disk; network disks are slow.")
    return ok("disk speed", says)


def _write_speed(where: Path) -> float:
    block = os.urandom(MIB)
    with tempfile.TemporaryFile(dir=where, buffering=0) as file:
        started = perf_counter()
        for _ in range(SAMPLE_BYTES // MIB):
            file.write(block)
        os.fsync(file.fileno())
        return SAMPLE_BYTES / (perf_counter() - started)


def check_limits() -> list[Finding]:
    """Open files, address space, memory and processors that this process may use."""
    return [_check_open_files(), _check_address_space(), _check_memory(), _check_processors()]


def _check_open_files() -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    says = f"{_limit(soft)} open files (hard limit {_limit(hard)})"
    if soft != resource.RLIM_INFINITY and soft < ENOUGH_OPEN_FILES:
        return warn(
            "open files", says, f"Raise it: `ulimit -n {ENOUGH_OPEN_FILES * 4}` before the server starts."
        )
    return ok("open files", says)


def _check_address_space() -> Finding:
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY:
        return ok("address space", "no limit")
    return warn(
        "address space",
        f"limited to {soft / GIB:.1f} GiB",
        "Lift it with `ulimit -v unlimited`: FFmpeg reserves much more than it uses.",
    )


def _check_memory() -> Finding:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = _cgroup_memory_limit(Path("/sys/fs/cgroup"))
    usable = min(total, limit) if limit is not None else total
    says = f"{usable / GIB:.1f} GiB" + (
        " (limit of the container)" if limit is not None and limit < total else ""
    )
    if usable < ENOUGH_MEMORY_BYTES:
        return warn("memory", says, "Run one worker only (--workers 1), and keep sources at 1080p or below.")
    return ok("memory", says)


def _cgroup_memory_limit(root: Path) -> int | None:
    """The memory limit of this container in bytes (cgroup v2, then v1); None without one."""
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            text = (root / name).read_text(encoding="ascii").strip()
        except OSError:
            continue
        return int(text) if text.isdigit() else None
    return None


def _check_processors() -> Finding:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return ok("processors", f"{count} usable")


def nearest_existing(folder: Path) -> Path:
    """``folder``, or the nearest of its parents that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _limit(value: int) -> str:
    return "unlimited" if value == resource.RLIM_INFINITY else str(value)
