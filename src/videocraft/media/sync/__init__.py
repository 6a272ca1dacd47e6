"""How cameras that recorded the same event lie in time, found from their sound.

1. Every camera's sound is decoded once, to mono at 8 kHz, in the recording's own time (`sound`).
2. Every lag of either sign is looked at coarsely, by how energy rises in each of a dozen bands (`coarse`);
   the best few are candidates.
3. Each candidate is measured in windows along the overlap, to a fraction of a sample (`phat`), and a robust
   line through them gives offset and drift, and finds places where it jumps (`match`, `line`).
4. What speaks for the best one, and what for the second, gives the confidence (`judge`).

The sources of the formulas stand in the modules; errors and calibration in ``docs/sync.md``.
"""

from videocraft.media.sync.measure import measure
from videocraft.media.sync.report import Jump, PairResult, SyncReport, Track, classify

__all__ = ["Jump", "PairResult", "SyncReport", "Track", "classify", "measure"]
