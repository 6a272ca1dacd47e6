"""Sounds for the sync's tests, without files to decode."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from benchmarks.sync_material import RATE, Samples

from videocraft.media.sync.sound import Sound, Writer


def sound_of(samples: Samples, path: Path, *, level: float = 0.1) -> Sound:
    """What the sync keeps of samples at ``RATE``; level 1 becomes ``level`` of full scale."""
    plain = np.clip(np.round(samples * level * 32767), -32768, 32767).astype(np.int16)
    writer = Writer(path, limit=len(plain))
    with path.open("wb") as file:
        for first in range(0, len(plain), 4 * RATE):
            writer.put(file.fileno(), first, plain[first : first + 4 * RATE])
        return writer.finish(file.fileno())


def never() -> bool:
    """A ``should_stop`` that doesn't."""
    return False
