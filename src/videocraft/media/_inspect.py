"""The child process of a probe: ``python -m videocraft.media._inspect``.

Reads ``{"paths": [...], "images": bool, "cpu_seconds": n}`` from descriptor 3 and prints two lines of JSON
for each file: ``{"file": n}`` before it is touched, so that the parent knows whom to blame for a crash, and
then ``{"file": n, "info": ...}`` or ``{"file": n, "error": ..., "details": ...}``.
"""

from __future__ import annotations

import json
import os
import resource
from pathlib import Path
from typing import Any

from av import logging

from videocraft.errors import MediaError
from videocraft.media._launch import FEED_FD
from videocraft.media.diagnosis import sentence_of
from videocraft.media.inspection import inspect

_LOG_LINES = 40


def main() -> None:
    """Inspect every file asked for, one after the other."""
    logging.set_level(logging.ERROR)
    with os.fdopen(FEED_FD, "rb") as pipe:
        request = json.load(pipe)
    for number, path in enumerate(request["paths"]):
        _emit({"file": number})
        _allow_cpu(request["cpu_seconds"])
        _emit({"file": number, **_answer(Path(path), images=request["images"])})


def _answer(path: Path, *, images: bool) -> dict[str, Any]:
    with logging.Capture() as log:
        try:
            return {"info": inspect(path, images=images).to_json()}
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
