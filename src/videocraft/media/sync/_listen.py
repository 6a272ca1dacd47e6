"""The child process that listens to one recording: ``python -m videocraft.media.sync._listen``.

Reads ``{"path", "info", "sound", "flux"}`` from descriptor 3: the recording, what its probe found, and where
its samples and its features go. Prints lines of JSON: ``{"share": n}`` while it listens, and in the end
``{"facts": …}`` (what else a `sound.Sound` holds) or ``{"error", "code", "details"}``.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from videocraft.errors import VideoCraftError
from videocraft.media._launch import FEED_FD
from videocraft.media.probe import MediaInfo
from videocraft.media.sync.report import Track
from videocraft.media.sync.sound import listen


def main() -> None:
    """Listen, and say what was heard."""
    with os.fdopen(FEED_FD, "rb") as pipe:
        request = json.load(pipe)
    track = Track(Path(request["path"]), MediaInfo.from_json(request["info"]))
    try:
        sound = listen(
            track,
            Path(request["sound"]),
            should_stop=lambda: False,
            on_progress=lambda share: _emit({"share": round(share, 4)}),
        )
    except VideoCraftError as error:
        _emit({"error": error.message, "code": error.code, "details": dict(error.details)})
        return
    np.save(request["flux"], sound.flux, allow_pickle=False)
    _emit(
        {
            "facts": {
                "samples": sound.samples,
                "phase": sound.phase,
                "loudness": sound.loudness,
                "clipped": sound.clipped,
            }
        }
    )


def _emit(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)  # noqa: T201 -- the parent reads it


if __name__ == "__main__":
    main()
