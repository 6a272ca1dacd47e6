"""How cameras that recorded the same event lie in time, found from their sound."""

from videocraft.media.sync.report import Jump, PairResult, SyncReport, Track, classify

__all__ = ["Jump", "PairResult", "SyncReport", "Track", "classify"]
