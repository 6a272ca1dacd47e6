"""Append-only events, numbered within each stream."""

from videocraft.core.events.store import append, appended_streams, delete, last_numbers, read_after

__all__ = ["append", "appended_streams", "delete", "last_numbers", "read_after"]
