"""What `videocraft gc` may remove of this room: exports past their time, files that no row names.

A server drops such exports itself while it runs (``eviction``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from sqlalchemy import func, select

from videocraft.apis.storyboards import downloads, eviction, keys
from videocraft.core.database import clock
from videocraft.core.database.models import Storyboard, StoryboardExport, StoryboardRender, StoryboardScene
from videocraft.core.garbage import Garbage, Retention, orphans
from videocraft.services import Services

_FOLDERS = frozenset({"scenes", "renders", "exports"})
"""Folders of a storyboard whose every file has a column that names it."""


def find(services: Services, _keep: Retention) -> Iterator[Garbage]:
    """Exports that the settings give no more time or room, half-fetched downloads, files without a row."""
    with services.database.read() as session:
        exports = [
            (row.key, row.size_bytes) for row in eviction.superfluous(session, services.settings) if row.key
        ]
        old = select(func.count()).where(downloads.is_old(clock.now(session)))
        half_fetched = session.execute(old).scalar_one()
    yield from orphans(services, "files of storyboards without a row", keys.ROOT, partial(_owners, services))
    for key, size in exports:
        # One call drops all that are to go; whoever comes after it finds nothing left.
        remove = partial(eviction.evict, services.database, services.storage, services.settings)
        yield Garbage("storyboard exports past their time", key, size, remove)
    if half_fetched:
        forget = partial(downloads.forget_old, services.database)
        yield Garbage("half-fetched downloads", "those nobody goes on with", 0, forget, half_fetched)


def _owners(services: Services) -> Callable[[str], bool]:
    """Of files in folders that are not looked through here, the storyboard itself is the owner."""
    with services.database.read() as session:
        storyboards = {keys.prefix(number) for number in session.scalars(select(Storyboard.id))}
        known: set[str | None] = set()
        for column in (StoryboardScene.image_key, StoryboardRender.key, StoryboardExport.key):
            known.update(session.scalars(select(column)))

    def has_owner(key: str) -> bool:
        root, number, folder = f"{key}///".split("/")[:3]
        return key in known or (f"{root}/{number}" in storyboards and folder not in _FOLDERS)

    return has_owner
