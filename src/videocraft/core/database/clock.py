"""The one clock that leases are measured on: the database's, because workers may run on several machines."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from sqlalchemy import text
from sqlalchemy.orm import Session


def now(session: Session) -> float:
    """Seconds since 1970-01-01 UTC on the database's clock, now and not when the transaction began."""
    clock = cast("Callable[[], float] | None", session.info["clock"])
    if clock is not None:
        return clock()
    return float(session.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())
