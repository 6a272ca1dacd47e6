"""What a sync says: offsets, drift and trust of each camera, as plain values and as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from videocraft.media.probe import MediaInfo

LOOKS_GOOD = "looks-good"
REVIEW_SUGGESTED = "review-suggested"
NEEDS_MANUAL_NUDGE = "needs-manual-nudge"

GOOD_CONFIDENCE = 10.0
REVIEW_CONFIDENCE = 5.0


@dataclass(frozen=True, slots=True)
class Track:
    """One camera's recording."""

    path: Path
    info: MediaInfo


@dataclass(frozen=True, slots=True)
class Jump:
    """A place where the offset changes at once: a camera dropped sound, or its recording has a hole."""

    time_s: float
    """Seconds after the camera's start, within half the distance of two windows."""
    size_ms: float
    """How much the offset grows there."""


@dataclass(frozen=True, slots=True)
class PairResult:
    """How one camera lies on the master's time line.

    An instant at ``u`` seconds of the camera is at ``offset + u * (1 + drift)`` seconds of the master.
    Without trust (``needs-manual-nudge``) the figures are the best guess, zero where there is none.
    """

    label: str
    offset_ms: float
    """Camera start minus master start: a camera that was started 5 s after the master has 5000."""
    drift_ppm: float
    """Microseconds that the offset grows in each second of the camera; positive: the camera's clock is
    slow."""
    offset_mid_ms: float
    """The offset in the middle of the overlap, where an offset without drift is least wrong."""
    overlap_ms: float
    """How long both cameras recorded."""
    confidence: float
    """At least 0; see :func:`classify`."""
    classification: str
    reasons: tuple[str, ...]
    """Sentences: why it isn't ``looks-good``, and what else to know."""
    inverted: bool
    """One microphone has the opposite polarity."""
    jumps: tuple[Jump, ...]
    windows: tuple[tuple[float, float, float], ...]
    """Each measured window: seconds of the camera, offset in ms, weight (peak over noise; 0 not on the
    line)."""
    peaks: tuple[tuple[float, ...], tuple[float, ...]]
    """Correlation around the peak: offsets in ms, heights over noise."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON with the attributes' names."""
        plain = asdict(self)
        plain["reasons"] = list(self.reasons)
        plain["jumps"] = [asdict(jump) for jump in self.jumps]
        plain["windows"] = [list(window) for window in self.windows]
        plain["peaks"] = [list(side) for side in self.peaks]
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PairResult:
        """The inverse of :meth:`to_json`."""
        lags, heights = data["peaks"]
        lists = {
            "reasons": tuple(data["reasons"]),
            "jumps": tuple(Jump(**jump) for jump in data["jumps"]),
            "windows": tuple((time, offset, weight) for time, offset, weight in data["windows"]),
            "peaks": (tuple(lags), tuple(heights)),
        }
        return cls(**{**data, **lists})


@dataclass(frozen=True, slots=True)
class SyncReport:
    """All cameras against the master."""

    master: str
    pairs: Mapping[str, PairResult]
    """By label, without the master."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON: ``{"master", "pairs": {label: …}}``."""
        return {
            "master": self.master,
            "pairs": {label: pair.to_json() for label, pair in self.pairs.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SyncReport:
        """The inverse of :meth:`to_json`."""
        pairs = {label: PairResult.from_json(pair) for label, pair in data["pairs"].items()}
        return cls(master=data["master"], pairs=pairs)


def classify(confidence: float) -> str:
    """The word for a confidence: from 10 up it looks good, from 5 up somebody should look.

    Raises:
        ValueError: ``confidence`` is negative or not a finite number.
    """
    if not math.isfinite(confidence) or confidence < 0:
        raise ValueError(f"a confidence is a finite number of at least 0, not {confidence}")
    if confidence >= GOOD_CONFIDENCE:
        return LOOKS_GOOD
    return REVIEW_SUGGESTED if confidence >= REVIEW_CONFIDENCE else NEEDS_MANUAL_NUDGE
