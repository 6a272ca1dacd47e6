"""``GET /health/diagnostics``: what this server is, and how its queue is."""

from __future__ import annotations

import os
from typing import Any

from videocraft.services import RUN_FOLDER, Services

APP = "VideoCraft"


def diagnose(services: Services) -> dict[str, Any]:
    """The documented answer. The embedded queue has no broker, so nothing about Redis is told."""
    # Its bell is a folder of FIFOs; without it no worker can be woken.
    folder = services.settings.data_dir / RUN_FOLDER
    is_there = os.access(folder, os.R_OK | os.W_OK | os.X_OK)
    queue: dict[str, Any] = {"connected": is_there, "broker_url": "embedded"}
    if not is_there:
        queue["error"] = "The folder of the workers' bells can't be written"
    return {
        "status": "ok" if is_there else "degraded",
        "app": APP,
        "environment": services.settings.environment,
        "queue": queue,
    }
