"""Listening in a process of its own: threads that decode take turns at the interpreter, processes don't.

A frame of sound is decoded in tens of microseconds, so two threads that do so are hardly faster than one. A
process takes half a second to start, which a short recording does not earn.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from videocraft.errors import MediaError
from videocraft.media import process
from videocraft.media.process import Limits
from videocraft.media.sync.report import Track
from videocraft.media.sync.sound import Sound

SHORTEST_SECONDS, LONGEST_SECONDS = 300, 2 * 3600
"""Recordings of this length are listened to apart; of longer ones the features (2 MB an hour) would be held
once more for each process."""

_PACKAGE_ROOT = Path(__file__).parents[3]
_CHILD = (sys.executable, "-B", "-P", "-m", "videocraft.media.sync._listen")
_LIMITS = Limits(memory_bytes=2 * 2**30, open_files=64)
# Nothing here multiplies matrices large enough for threads, each of which would take memory.
_ENVIRONMENT = {"PYTHONPATH": str(_PACKAGE_ROOT), "OPENBLAS_NUM_THREADS": "1"}


def listen_apart(
    track: Track, path: Path, *, should_stop: Callable[[], bool], on_progress: Callable[[float], None]
) -> Sound:
    """As `sound.listen`, in a child process.

    Raises:
        MediaError: as there; or the file crashed its reader.
        process.Stopped: ``should_stop`` said so.
    """
    flux = path.with_suffix(".npy")
    answers: list[dict[str, Any]] = []

    def ask(stream: BinaryIO) -> None:
        names = {"path": str(track.path), "sound": str(path), "flux": str(flux)}
        stream.write(json.dumps({**names, "info": track.info.to_json()}).encode())

    def take(line: str) -> None:
        answer = json.loads(line)
        if "share" in answer:
            on_progress(answer["share"])
        else:
            answers.append(answer)

    try:
        finished = process.run(
            _CHILD,
            limits=_LIMITS,
            should_stop=should_stop,
            on_line=take,
            feed=ask,
            environment=_ENVIRONMENT,
        )
        if not answers:
            raise MediaError(
                f"The sound of {track.path.name} is damaged: it crashed the reader.",
                details=process.failure_details(finished),
            )
        (answer,) = answers
        if "error" in answer:
            raise MediaError(answer["error"], code=answer["code"], details=answer["details"])
        return Sound(path=path, flux=np.load(flux, allow_pickle=False), **answer["facts"])
    finally:
        flux.unlink(missing_ok=True)
