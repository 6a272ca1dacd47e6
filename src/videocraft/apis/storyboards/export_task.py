"""The job ``storyboards.export``: a film becomes a file of another format and size."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from sqlalchemy.orm import Session

from videocraft.apis.storyboards import keys
from videocraft.apis.storyboards.eviction import evict
from videocraft.apis.storyboards.work import leaving_nothing
from videocraft.core.database import clock
from videocraft.core.database.models import StoryboardExport, StoryboardRender
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.registry import handler
from videocraft.core.tools import media_tools
from videocraft.errors import Conflict, NotFound
from videocraft.media.presets import Container
from videocraft.media.transcode import Grade, transcode


@handler("storyboards.export")
def export(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    """Make the file of the export ``exportId``.

    Runs again at no harm: the key is this job's own, and the row is written under its claim.

    Raises:
        NotFound, Conflict: the export was deleted, or another job makes it.
        MediaError: the film can't be read, or the work failed.
        JobStopped: cancelled, handed back, or the lease is gone.
    """
    export_id, storyboard_id = payload["exportId"], payload["storyboardId"]
    with leaving_nothing(context, storyboard_id):
        with context.database.read() as session:
            row = _require(session, context, export_id)
            film = session.get_one(StoryboardRender, row.render_id)
        made = Path(context.workdir, f"export.{row.format}")
        with context.storage.local_file(film.key) as source:
            transcode(
                source,
                made,
                container=cast("Container", row.format),
                quality=cast("Grade", row.quality),
                tools=media_tools(context.settings),
                should_stop=context.should_stop,
                on_progress=context.progress,
            )
        size = made.stat().st_size
        key = keys.export_key(storyboard_id, context.job_id, row.format)
        context.storage.put_file(made, key)
        with context.publish() as session:
            row = _require(session, context, export_id)
            row.key, row.size_bytes, row.used_at = key, size, clock.now(session)
    evict(context.database, context.storage, context.settings)
    return {"storyboardId": storyboard_id, "size": size}


def _require(session: Session, context: JobContext, export_id: int) -> StoryboardExport:
    row = session.get(StoryboardExport, export_id, populate_existing=True)
    if row is None:
        raise NotFound("The film was deleted or rendered anew.")
    if row.job_id != context.job_id:
        raise Conflict("The export is made by another job.")
    return row
