"""The job ``sessions.sync``: how a session's cameras lie in time, measured and drawn for review."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from videocraft.apis.errors import public_details
from videocraft.apis.sessions.assets import ready_assets
from videocraft.apis.sessions.keys import plot_key, sync_prefix
from videocraft.apis.sessions.status import COMPLETE, COMPUTING, FAILED, announce_status
from videocraft.apis.sessions.stream import announce
from videocraft.core.database import clock
from videocraft.core.database.models import RecordingSession, Sync
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.outcomes import JobStopped
from videocraft.core.jobs.registry import handler
from videocraft.core.probing import probe_stored
from videocraft.errors import Conflict, MediaError, NotFound, VideoCraftError
from videocraft.media.sync import SyncReport, Track, measure
from videocraft.media.sync_plot import plot

SYNC_FAILED = "SYNC_FAILED"

_SHARE_OF_MEASURING = 0.95
_EVENT_STEP = 0.02
_EVENT_SECONDS = 0.5


@handler("sessions.sync")
def sync(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    """Measure the ready cameras of ``sessionId`` against ``masterCamera`` and complete the sync ``syncId``.

    Runs again at no harm: keys are the sync's own, and rows and events are written under the job's claim.

    Raises:
        NotFound, Conflict: the sync is gone, or belongs to another job.
        MediaError: a camera can't be read, or has no sound (``SYNC_FAILED``).
        JobStopped: cancelled, handed back, or the lease is gone.
    """
    work = _Work.of(payload, context)
    if work.is_done:
        return {"syncId": work.sync_id}
    try:
        return work.run()
    except VideoCraftError as error:
        # What is told to stop may raise anything.
        context.check()
        reason = MediaError(error.message, code=SYNC_FAILED, details=error.details)
        with context.publish() as session:
            row = _require(session, work.sync_id, context.job_id)
            row.status = FAILED
            row.error = {"code": reason.code, "message": reason.message, "details": public_details(reason)}
            session.flush()
            announce(session, work.session_id, "sync.failed", {"error": row.error})
            announce_status(session, work.session_id)
        raise reason from error


@dataclass
class _Work:
    """One run of one job."""

    session_id: str
    sync_id: str
    master: str
    context: JobContext
    project_id: str
    date: str
    originals: dict[str, str]
    """Storage key of each camera's recording, by label."""
    is_done: bool
    _told: float = -1.0
    _told_at: float = 0.0

    @classmethod
    def of(cls, payload: Mapping[str, Any], context: JobContext) -> _Work:
        with context.database.read() as session:
            row = _require(session, payload["syncId"], context.job_id)
            recorded = session.get_one(RecordingSession, row.session_id)
            return cls(
                session_id=row.session_id,
                sync_id=row.id,
                master=row.master_camera,
                context=context,
                project_id=recorded.project_id,
                date=recorded.date,
                originals={
                    asset.camera_label: asset.original_key
                    for asset in ready_assets(session, row.session_id)
                    if (asset.media or {}).get("audioTracks")
                },
                is_done=row.status == COMPLETE,
            )

    def run(self) -> dict[str, Any]:
        """The whole way from the recordings to the computed sync; returns the job's result."""
        context = self.context
        if self.master not in self.originals:
            raise NotFound(f"The recording of the master camera {self.master} is gone.")
        with ExitStack() as stack:
            report = measure(
                self._tracks(stack),
                self.master,
                workdir=context.workdir,
                should_stop=context.should_stop,
                on_progress=self._progress,
            )
        context.check()
        plots = self._store_plots(report)
        self._publish(report, plots)
        return {"syncId": self.sync_id, "masterCamera": self.master, "cameras": sorted(report.pairs)}

    def _tracks(self, stack: ExitStack) -> dict[str, Track]:
        local = self.context.storage.local_file
        paths = {label: stack.enter_context(local(key)) for label, key in self.originals.items()}
        tracks = {}
        infos = probe_stored(self.context.database, self.context.storage, list(self.originals.values()))
        for label, info in zip(paths, infos, strict=True):
            if info is None:
                raise NotFound(f"The recording of camera {label} was deleted.", code="ASSET_NOT_FOUND")
            if isinstance(info, MediaError):
                raise MediaError(f"Camera {label}: {info.message}", details={**info.details, "camera": label})
            tracks[label] = Track(paths[label], info)
        return tracks

    def _progress(self, fraction: float) -> None:
        fraction *= _SHARE_OF_MEASURING
        self.context.progress(fraction, "Listening to the cameras")
        now = time.monotonic()
        if fraction < self._told + _EVENT_STEP or now < self._told_at + _EVENT_SECONDS:
            return
        self._told, self._told_at = fraction, now
        with self.context.publish() as session:
            _require(session, self.sync_id, self.context.job_id)
            announce(session, self.session_id, "sync.computing", {"progress": round(fraction, 3)})

    def _store_plots(self, report: SyncReport) -> dict[str, str]:
        """The plots under their keys; before the claim is held, since a remote storage takes its time."""
        keys = {}
        for label, pair in report.pairs.items():
            self.context.check()
            path = Path(self.context.workdir, f"correlation-{label}.png")
            plot(pair, path)
            keys[label] = plot_key(self.project_id, self.date, self.sync_id, label)
            self.context.storage.put_file(path, keys[label])
        return keys

    def _publish(self, report: SyncReport, plots: Mapping[str, str]) -> None:
        confidence = {label: pair.confidence for label, pair in report.pairs.items()}
        try:
            with self.context.publish() as session:
                row = _require(session, self.sync_id, self.context.job_id)
                row.status, row.error = COMPLETE, None
                row.result, row.plots = report.to_json(), dict(plots)
                row.computed_at = clock.now(session)
                session.flush()
                announce(session, self.session_id, "sync.complete", {"confidence": confidence})
                announce_status(session, self.session_id)
        except (JobStopped, NotFound):
            self._clear_if_deleted()
            raise

    def _clear_if_deleted(self) -> None:
        """Whoever deleted the session meanwhile could not know of the plots."""
        with self.context.database.read() as session:
            is_deleted = session.scalars(select(Sync.seq).where(Sync.id == self.sync_id)).first() is None
        if is_deleted:
            self.context.storage.delete_prefix(sync_prefix(self.project_id, self.date, self.sync_id))


def _require(session: Session, sync_id: str, job_id: str) -> Sync:
    row = session.scalars(select(Sync).where(Sync.id == sync_id)).one_or_none()
    if row is None:
        raise NotFound("The sync was deleted.", code="SYNC_NOT_FOUND")
    if row.job_id != job_id or row.status not in {COMPUTING, COMPLETE}:
        raise Conflict("The sync is computed by another job, or has ended.")
    return row
