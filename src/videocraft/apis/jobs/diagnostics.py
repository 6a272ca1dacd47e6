"""``GET /health/diagnostics``: what this server is, and how its queue is."""

from __future__ import annotations

from typing import Any

from videocraft.core.diagnostics import queue_state
from videocraft.services import Services

APP = "VideoCraft"


def diagnose(services: Services) -> dict[str, Any]:
    """The documented answer; what the queue does not have (a broker's version, an error) is left out."""
    state = queue_state(services)
    queue: dict[str, Any] = {"connected": state.connected, "broker_url": state.broker_url}
    if state.connected and state.redis_version is not None:
        queue |= {"redis_version": state.redis_version, "connected_clients": state.connected_clients}
    if not state.connected:
        queue["error"] = state.error
    return {
        "status": "ok" if state.connected else "degraded",
        "app": APP,
        "environment": services.settings.environment,
        "queue": queue,
    }
