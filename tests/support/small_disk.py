"""A disk of a few megabytes that only one server sees: a tmpfs in a mount namespace of its own.

It needs no privileges where the system lets users make namespaces, and it is gone with the server.
"""

from __future__ import annotations

import errno
from pathlib import Path

BLOCK = 4096
_MOUNT = 'mount -t tmpfs -o size="$1" videocraft-test "$2" && shift 2 && exec "$@"'


def on_small_disk(folder: Path, megabytes: int) -> list[str]:
    """The beginning of a command line: what follows finds a small empty disk at ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ["unshare", "--user", "--map-root-user", "--mount"]
    return [*names, "sh", "-c", _MOUNT, "sh", f"{megabytes}m", str(folder)]


class SmallDisk:
    """The disk of a running server, seen from outside.

    Args:
        pid: of a process that was started on it.
        folder: where it lies for that process.
    """

    def __init__(self, pid: int, folder: Path) -> None:
        self.folder = Path(f"/proc/{pid}/root{folder}")
        self._ballast = self.folder / "ballast"

    def fill(self, *, leave: int = 0) -> None:
        """Take all the room but ``leave`` bytes."""
        block = bytes(BLOCK)
        with self._ballast.open("ab") as file:
            try:
                while True:
                    file.write(block * 64)
                    file.flush()
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
        if leave:
            size = self._ballast.stat().st_size
            with self._ballast.open("r+b") as file:
                file.truncate(max(0, size - leave))

    def free(self) -> None:
        """Give the room back."""
        self._ballast.unlink(missing_ok=True)
