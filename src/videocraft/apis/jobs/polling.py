"""``GET /jobs/{id}`` as clients poll it: one statement, on the event loop."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, bindparam, func, select

from videocraft.apis.jobs.bodies import job_body
from videocraft.apis.jobs.service import FAMILY
from videocraft.core.database import polled
from videocraft.core.database.models import Job
from videocraft.services import Services, public_base

MOST_CHARACTERS = 50_000
"""Of what was asked and what came out; longer ones (transcripts) would hold up everybody else's requests."""

_QUERY = polled.PolledQuery(
    select(
        *(Job.id, Job.kind, Job.state, Job.priority, Job.payload, Job.result, Job.progress, Job.warnings),
        *(Job.log, Job.error_message, Job.created_at, Job.updated_at, Job.started_at, Job.completed_at),
    ).where(
        Job.id == bindparam("job_id"),
        Job.family == FAMILY,
        func.length(Job.payload, type_=Integer) + func.coalesce(func.length(Job.result, type_=Integer), 0)
        < MOST_CHARACTERS,
    )
)


def show(services: Services, job_id: str) -> dict[str, Any] | None:
    """The documented job object, if it can be had at once; None: ask ``service.show`` in a thread."""
    if not polled.is_quick(services.database):
        return None
    with polled.moment(services.database) as ask:
        found = ask(_QUERY, job_id=job_id)
    return job_body(found[0], public_base(services.settings)) if found else None
