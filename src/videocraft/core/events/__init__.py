"""Append-only events, numbered within each stream."""

from videocraft.core.events.store import (
    append,
    append_as,
    appended_streams,
    delete,
    last_numbers,
    read_after,
)

__all__ = ["append", "append_as", "appended_streams", "delete", "last_numbers", "read_after"]
