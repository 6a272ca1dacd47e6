"""What `videocraft gc` may remove of this room: files of assets that no row names, and broken-off uploads.

Files of jobs go with their rows (``core.garbage``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from sqlalchemy import select

from videocraft.apis.jobs.uploads import folder_of
from videocraft.core.database.models import LibraryAsset
from videocraft.core.garbage import Garbage, Retention, broken_off, orphans
from videocraft.services import Services

PREFIX = "assets"


def find(services: Services, _keep: Retention) -> Iterator[Garbage]:
    """What nothing leads to any more, and is too old to belong to something that is just being made."""
    yield from orphans(services, "files of assets without a row", PREFIX, partial(_owners, services))
    # The videos room receives its files there too, each in a folder of its own.
    yield from broken_off("broken-off uploads", folder_of(services.settings).glob("*"))


def _owners(services: Services) -> Callable[[str], bool]:
    with services.database.read() as session:
        known = set(session.scalars(select(LibraryAsset.original_key)))
        for derivatives in session.scalars(select(LibraryAsset.derivatives)):
            known.update(derivative["key"] for derivative in derivatives)
    return known.__contains__
