"""The public APIs: which path prefix belongs to which room, and which document is its contract."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from videocraft.apis.errors import Renderer
from videocraft.settings import Settings

Headers = list[tuple[bytes, bytes]]
"""As ASGI has them."""


@dataclass(frozen=True)
class Room:
    """One API family.

    A prefix covers itself and what lies below it; one that ends in ``/`` only what lies below.
    """

    name: str
    prefixes: tuple[str, ...]
    contract: str
    module: str
    max_body_bytes: int | None = None
    """Most bytes of a request's body, where the contract names it; else the setting counts."""

    @property
    def renderer(self) -> Renderer:
        """How this family shows an error."""
        renderer: Renderer = import_module(f"{self.module}.render").RENDERER
        return renderer

    @property
    def standing_headers(self) -> Callable[[Settings], Headers]:
        """The headers of an answer that says nothing else: of errors and unknown routes too."""
        access = self.part("access")
        own: Callable[[Settings], Headers] = getattr(access, "standing_headers", _no_headers)
        return own

    def part(self, name: str) -> ModuleType | None:
        """The room's ``endpoints``, ``tasks`` …; None while nobody has built them."""
        full = f"{self.module}.{name}"
        return import_module(full) if find_spec(full) else None


def _no_headers(_settings: Settings) -> Headers:
    return []


ROOMS = (
    Room("exports", ("/api/export",), "exports.md", "videocraft.apis.exports"),
    Room(
        "videos",
        ("/api/v1", "/health", "/health/detailed", "/metrics", "/live", "/ready"),
        "videos.md",
        "videocraft.apis.videos",
        max_body_bytes=2**20,
    ),
    Room("sessions", ("/v2/sessions", "/v2/storage"), "sessions.md", "videocraft.apis.sessions"),
    Room(
        "jobs",
        ("/jobs", "/v1/jobs", "/ws/jobs", "/health/", "/assets", "/clips"),
        "jobs.md",
        "videocraft.apis.jobs",
        max_body_bytes=4 * 2**20,  # of JSON; recordings have a limit of their own
    ),
    Room("storyboards", ("/api/v2", "/data/videos"), "storyboards.md", "videocraft.apis.storyboards"),
)

_ROOM_OF_PREFIX = {prefix: room for room in ROOMS for prefix in room.prefixes}
# The longest prefix wins: "/health/detailed" before "/health/" before "/health".
_PREFIX = re.compile(
    "|".join(
        re.escape(prefix) + ("" if prefix.endswith("/") else r"(?=/|\Z)")
        for prefix in sorted(_ROOM_OF_PREFIX, key=len, reverse=True)
    )
)


def room_of(path: str) -> Room | None:
    """The room that a request's path belongs to."""
    match = _PREFIX.match(path)
    return _ROOM_OF_PREFIX[match.group()] if match else None


def room_named(name: str) -> Room:
    """The room of that name.

    Raises:
        KeyError: there is none.
    """
    return {room.name: room for room in ROOMS}[name]


def task_modules() -> tuple[str, ...]:
    """The modules whose import registers the rooms' job handlers."""
    names = (f"{room.module}.tasks" for room in ROOMS)
    return tuple(name for name in names if find_spec(name))
