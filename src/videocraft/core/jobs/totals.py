"""How many jobs have ended, and how long they took: counted where they end, in the same transaction.

A scrape of metrics reads a few rows instead of every job, all processes of an installation count into the
same rows, and deleting a job takes nothing back. One row is one bucket of one histogram.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.orm import Session

from videocraft.core.database.models import JobTotal
from videocraft.core.database.upserts import Upsert

BOUNDS = (1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
"""Upper bounds of the histogram's buckets in seconds; beyond the last one is one more bucket."""


def _counting(upsert: Any) -> Any:
    return (
        upsert(JobTotal.__table__)
        .values(
            family=bindparam("family"),
            state=bindparam("state"),
            bucket=bindparam("bucket"),
            jobs=1,
            seconds=bindparam("seconds"),
        )
        .on_conflict_do_update(
            index_elements=["family", "state", "bucket"],
            set_={"jobs": JobTotal.jobs + 1, "seconds": JobTotal.seconds + bindparam("seconds")},
        )
    )


_COUNT = Upsert(_counting)


def count(session: Session, *, family: str, state: str, seconds: float) -> None:
    """Count a job that has just ended, inside the transaction that ends it.

    Args:
        seconds: from its first start to its end; 0 for one that never started.
    """
    connection = session.connection()
    connection.execute(
        _COUNT.on(connection),
        {
            "family": family,
            "state": state,
            "bucket": bisect_left(BOUNDS, seconds),
            "seconds": max(0.0, seconds),
        },
    )
