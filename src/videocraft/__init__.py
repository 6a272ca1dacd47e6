"""VideoCraft: a self-hosted video backend, and the client of its videos API.

Importing this package costs next to nothing; the client is loaded when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from videocraft.client import AsyncVideoCraftAPI as AsyncVideoCraftAPI
    from videocraft.client import VideoCraftAPI as VideoCraftAPI

__version__ = "0.1.0"

_CLIENTS = frozenset({"AsyncVideoCraftAPI", "VideoCraftAPI"})


def __getattr__(name: str) -> object:
    if name not in _CLIENTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import videocraft.client

    return getattr(videocraft.client, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_CLIENTS})
