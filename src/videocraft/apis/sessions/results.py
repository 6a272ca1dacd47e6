"""Reading the measurement that a sync's row keeps (``media.sync.SyncReport.to_json``), without numpy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from videocraft.core.database.models import Sync


def pairs_of(sync: Sync) -> dict[str, Mapping[str, Any]]:
    """What was measured of each camera but the master, by label."""
    pairs: Mapping[str, Mapping[str, Any]] = (sync.result or {}).get("pairs", {})
    return {label: pairs[label] for label in sorted(pairs)}


def exact_offsets(sync: Sync) -> dict[str, float]:
    """Milliseconds from the master's start to each camera's, the master's own 0 first."""
    measured = {label: float(pair["offset_ms"]) for label, pair in pairs_of(sync).items()}
    return dict(sorted({sync.master_camera: 0.0, **measured}.items()))


def whole(offsets: Mapping[str, float]) -> dict[str, int]:
    """Offsets in whole milliseconds, halves up."""
    return {label: math.floor(offset + 0.5) for label, offset in offsets.items()}
