"""The job handlers of the sessions family, by importing the modules that register them."""

from __future__ import annotations

from videocraft.apis.sessions import ingest, sync_task

__all__ = ["ingest", "sync_task"]
