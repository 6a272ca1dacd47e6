"""What `videocraft gc` may remove of this room: files of assets that no row names, and broken-off uploads.

Files of jobs go with their rows (``core.garbage``).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from sqlalchemy import select

from videocraft.apis.jobs.uploads import folder_of
from videocraft.core.database.models import LibraryAsset
from videocraft.core.garbage import SAFE_SECONDS, Garbage, Retention, broken_off
from videocraft.services import Services

PREFIX = "assets"


def find(services: Services, _keep: Retention) -> Iterator[Garbage]:
    """What nothing leads to any more, and is too old to belong to something that is just being made."""
    young = time.time() - SAFE_SECONDS
    files = [info for info in services.storage.list(PREFIX) if info.modified < young]
    # Read after the storage was looked through: what has a row by now is no orphan.
    with services.database.read() as session:
        known = set(session.scalars(select(LibraryAsset.original_key)))
        for derivatives in session.scalars(select(LibraryAsset.derivatives)):
            known.update(derivative["key"] for derivative in derivatives)
    for info in files:
        if info.key not in known:
            yield Garbage(
                "files of assets without a row",
                info.key,
                info.size,
                partial(services.storage.delete, info.key),
            )
    # The videos room receives its files there too, each in a folder of its own.
    yield from broken_off("broken-off uploads", folder_of(services.settings).glob("*"))
