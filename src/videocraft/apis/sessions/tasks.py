"""The job handlers of the sessions family, by importing the modules that register them."""

from __future__ import annotations

from videocraft.apis.sessions import ingest

__all__ = ["ingest"]
