"""The child process of a probe: ``python -m videocraft.media._inspect``.

Reads a line ``{"paths": [...], "filled": [bool, ...], "images": bool, "cpu_seconds": n}`` from descriptor 3
and prints two lines of JSON for each file: ``{"file": n}`` before it is touched, so that the parent knows
whom to blame for a crash, and then ``{"file": n, "info": ...}`` or ``{"file": n, "error": ..., "details":
...}``. For a file that is filled as it is read there are lines ``{"file": n, "fill": [start, stop]}`` between
them; each is answered with one byte once the range is there. This process has no network.
"""

from __future__ import annotations

import errno
import io
import json
import os
import resource
from pathlib import Path
from typing import Any

from av import logging

from videocraft.errors import MediaError
from videocraft.media._launch import FEED_FD
from videocraft.media.diagnosis import sentence_of
from videocraft.media.filling import Fill
from videocraft.media.inspection import inspect

_LOG_LINES = 40
_BLOCK_BYTES = 128 * 1024
"""Asked for at once; the parent fetches more than that."""


def main() -> None:
    """Inspect every file asked for, one after the other."""
    logging.set_level(logging.ERROR)
    with os.fdopen(FEED_FD, "rb", buffering=0) as pipe:
        request = json.loads(pipe.readline())
        for number, path in enumerate(request["paths"]):
            _emit({"file": number})
            _allow_cpu(request["cpu_seconds"])
            fill = _Asking(pipe, number) if request["filled"][number] else None
            _emit({"file": number, **_answer(Path(path), images=request["images"], fill=fill)})


class _Asking:
    """A ``Fill`` that lets the parent do it, once for every block."""

    def __init__(self, pipe: io.FileIO, number: int) -> None:
        self._pipe = pipe
        self._number = number
        self._there: set[int] = set()

    def __call__(self, start: int, stop: int) -> None:
        wanted = set(range(start // _BLOCK_BYTES, -(-stop // _BLOCK_BYTES))) - self._there
        if not wanted:
            return
        _emit({"file": self._number, "fill": [min(wanted) * _BLOCK_BYTES, (max(wanted) + 1) * _BLOCK_BYTES]})
        if not self._pipe.read(1):
            raise OSError(errno.EPIPE, "nobody fetches it any more")
        self._there |= wanted


def _answer(path: Path, *, images: bool, fill: Fill | None) -> dict[str, Any]:
    with logging.Capture() as log:
        try:
            return {"info": inspect(path, images=images, fill=fill).to_json()}
        except MediaError as error:
            message, details = error.message, error.details
        except OSError as error:
            message, details = f"The file can't be opened: {error.strerror}.", {}
        except Exception as error:  # noqa: BLE001 -- the process's border: an odd file must not take the others along
            message, details = "The file is damaged or not a media file.", {"error": repr(error)}
    text = "".join(f"[{name}] {message}" for _, name, message in log[-_LOG_LINES:])
    if "library_error" in details:
        # The libraries return a bare number and say more only in their log.
        message = sentence_of(text) or message
    return {"error": message, "details": {**details, "stderr": text}}


def _allow_cpu(seconds: int) -> None:
    """Give the next file its own share of processor time: the limit counts for the whole process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(
        resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard)
    )


def _emit(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)  # noqa: T201 -- the parent reads it


if __name__ == "__main__":
    main()
