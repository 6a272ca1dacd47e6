"""Adding to the numbers that only grow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from videocraft.core.database.models import Counter
from videocraft.core.database.upserts import Upsert

LEASES_LOST = "leases_lost"
"""Claims whose worker was lost."""
STAGES_FOUND = "stages_found"
"""Stages of jobs that had been made before."""
STAGES_MADE = "stages_made"
BYTES_READ = "bytes_read"
"""Out of the storage, by any process."""
BYTES_WRITTEN = "bytes_written"


def _adding(upsert: Any) -> Any:
    """The statement that adds; ``upsert`` is a database's own ``insert``."""
    return (
        upsert(Counter.__table__)
        .values(name=bindparam("name"), value=bindparam("value"))
        .on_conflict_do_update(index_elements=["name"], set_={"value": Counter.value + bindparam("value")})
    )


_ADD = Upsert(_adding)


def add(session: Session, amounts: Mapping[str, int]) -> None:
    """Add inside the caller's write transaction, at its end: the rows stay locked until it is committed."""
    connection = session.connection()
    # Always in the same order, so that two transactions can't wait for each other.
    for name, value in sorted(amounts.items()):
        if value:
            connection.execute(_ADD.on(connection), {"name": name, "value": value})


def read(session: Session) -> dict[str, int]:
    """All of them."""
    return dict(session.execute(select(Counter.name, Counter.value)).all())
