"""Where nobody speaks: stretches of a recording that are much quieter than the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from videocraft.media.loudness import FLOOR_DB, HOP_SECONDS, Levels

SHORTEST_SECONDS = 0.3
"""A shorter pause is a breath."""
LOUDEST_DB = -30.0
"""Whatever the recording is like, this is not silence."""

_ALWAYS_SILENT_DB = -60.0
_ABOVE_NOISE_DB = 8.0
_STEADY_DB = 10.0
_BELOW_STEADY_DB = 6.0


@dataclass(frozen=True, slots=True)
class Silence:
    """A silent stretch, in seconds."""

    start: float
    end: float


def threshold(levels: Levels) -> float:
    """Level in dB below which this recording is silent: a little above its noise.

    The noise is the level that a tenth of the time is below, voices the one that a fiftieth is above. Where
    the two are close the sound is steady, and only what is clearly below it is silence.
    """
    if not len(levels.db):
        return FLOOR_DB
    noise, voice = (float(level) for level in np.percentile(levels.db, (10, 98)))
    if voice - noise < _STEADY_DB:
        found = noise - _BELOW_STEADY_DB
    else:
        found = min(noise + _ABOVE_NOISE_DB, (noise + voice) / 2)
    return min(LOUDEST_DB, max(_ALWAYS_SILENT_DB, found))


def find_silences(levels: Levels, *, shortest: float = SHORTEST_SECONDS) -> list[Silence]:
    """Silent stretches of at least ``shortest`` seconds, in order."""
    quiet = levels.db < threshold(levels)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8)))
    found = []
    for first, last in edges.reshape(-1, 2).tolist():
        if (last - first) * HOP_SECONDS >= shortest - 1e-9:
            found.append(Silence(round(first * HOP_SECONDS, 3), round(last * HOP_SECONDS, 3)))
    return found
