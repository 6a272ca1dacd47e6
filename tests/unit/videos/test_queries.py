"""Lists, health and metrics read no more than they show: every query runs on an index, and sorts nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event

from tests.support.app import open_services
from videocraft.apis.videos import health, library, service
from videocraft.core import metrics
from videocraft.services import Services
from videocraft.settings import Settings

# One row for each state, status, method or name.
SMALL = ("job_totals", "request_totals", "counters")


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services over an empty database: plans do not depend on rows, since nothing was analysed."""
    opened = open_services(Settings(data_dir=tmp_path_factory.mktemp("queries") / "data"))
    yield opened
    opened.close()


USES: dict[str, Callable[[Services], object]] = {
    "videos": lambda s: library.listing(
        s, status=None, created_after=None, created_before=None, limit=100, offset=9000
    ),
    "videos by time": lambda s: library.listing(
        s, status="completed", created_after=1.0, created_before=2e9, limit=20, offset=0
    ),
    "jobs": lambda s: service.listing(s, status=None, limit=100, offset=9000),
    "jobs that wait": lambda s: service.listing(s, status="processing", limit=100, offset=0),
    "jobs that have ended": lambda s: service.listing(s, status="completed", limit=20, offset=9000),
    "health": lambda s: health.Monitor(s).detailed(),
    "metrics": lambda s: metrics.scrape(s.database, "videos"),
}


@pytest.mark.parametrize("use", USES)
def test_queries_run_on_indexes(services: Services, use: str) -> None:
    asked: list[tuple[str, Any]] = []
    engine = services.database.engine

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        USES[use](services)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert asked
    with engine.connect() as connection:
        for statement, parameters in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            steps = [str(row[3]) for row in plan]
            if steps[0].startswith("CO-ROUTINE") and "LIMIT" in statement:
                continue  # the newest rows of a table, so many at most
            for step in steps:
                if any(f"SCAN {table}" in step for table in SMALL):
                    continue
                assert "USING" in step, (statement, steps)
            assert not any("TEMP B-TREE" in step for step in steps), (statement, steps)
            if "count(" in statement:
                assert all("COVERING INDEX" in step for step in steps), (statement, steps)
