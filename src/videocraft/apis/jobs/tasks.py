"""The job handlers of the jobs family, by importing the modules that register them."""

from __future__ import annotations

from videocraft.apis.jobs import clipping, ingest, rendering, transcribing

__all__ = ["clipping", "ingest", "rendering", "transcribing"]
