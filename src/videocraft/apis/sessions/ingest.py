"""The job ``sessions.ingest``: what a recording is, and what is made of it when it arrives."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from videocraft.apis.errors import public_details
from videocraft.apis.sessions.keys import derivative_key
from videocraft.apis.sessions.status import announce_status
from videocraft.apis.sessions.stream import announce
from videocraft.core.database import clock
from videocraft.core.database.models import Asset, RecordingSession
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.outcomes import JobStopped
from videocraft.core.jobs.registry import handler
from videocraft.core.probing import probe_stored
from videocraft.core.tools import media_tools
from videocraft.errors import Conflict, MediaError, NotFound, VideoCraftError
from videocraft.media import derivatives, description
from videocraft.media.probe import MediaInfo

FAILED = "INGESTION_FAILED"
VFR_FAILED = "VFR_CONVERSION_FAILED"

_EVENT_STEP = 0.02
_EVENT_SECONDS = 0.5


@handler("sessions.ingest")
def ingest(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    """Make the derivatives of the asset ``assetId`` and mark it ready, or failed with a reason.

    Runs again at no harm: files have names of their own in the job's folder, their keys are the asset's, and
    rows and events are written under the job's claim.

    Raises:
        NotFound, Conflict: the asset is gone, or belongs to another job by now.
        MediaError: the recording can't be used (``INGESTION_FAILED``, ``VFR_CONVERSION_FAILED``).
        JobStopped: cancelled, handed back, or the lease is gone.
    """
    work = _Work.of(payload["assetId"], context)
    if work.is_done:
        return {"assetId": work.asset_id}
    try:
        return work.run()
    except VideoCraftError as error:
        # What is told to stop may raise anything.
        context.check()
        reason = _reason(error, work)
        with context.publish() as session:
            asset = _require(session, work.asset_id, context.job_id)
            asset.status = "failed"
            asset.error = {
                "code": reason.code,
                "message": reason.message,
                "details": {"camera": work.label, **public_details(reason)},
            }
            asset.updated_at = clock.now(session)
            session.flush()
            announce(session, asset.session_id, "asset.failed", {**work.names, "error": asset.error})
            announce_status(session, asset.session_id)
        raise reason from error


@dataclass
class _Work:
    """One run of one job."""

    asset_id: str
    label: str
    context: JobContext
    original_key: str
    project_id: str
    date: str
    version: int
    is_done: bool
    info: MediaInfo | None = None
    _told: float = 0.0
    _told_at: float = 0.0

    @classmethod
    def of(cls, asset_id: str, context: JobContext) -> _Work:
        with context.database.read() as session:
            asset = _require(session, asset_id, context.job_id)
            recorded = session.get_one(RecordingSession, asset.session_id)
            return cls(
                asset_id=asset_id,
                label=asset.camera_label,
                context=context,
                original_key=asset.original_key,
                project_id=recorded.project_id,
                date=recorded.date,
                version=asset.version,
                is_done=asset.status == "ready",
            )

    @property
    def names(self) -> dict[str, Any]:
        """What every event of this asset says."""
        return {"assetId": self.asset_id, "cameraLabel": self.label}

    def run(self) -> dict[str, Any]:
        """The whole way from the uploaded file to the asset that is ready; returns the job's result."""
        context = self.context
        with context.storage.local_file(self.original_key) as path:
            (info,) = probe_stored(context.database, context.storage, [self.original_key])
            if info is None:
                raise NotFound("The uploaded file was deleted.", code="ASSET_NOT_FOUND")
            if isinstance(info, MediaError):
                raise info
            self.info = info
            metadata = description.describe(info)
            self._note_metadata(metadata)
            made = derivatives.make(
                path,
                info,
                derivatives.plan(info, mezzanine=context.settings.mezzanine == "on"),
                context.workdir,
                tools=media_tools(context.settings),
                should_stop=context.should_stop,
                on_progress=self._progress,
            )
        for warning in (*info.warnings, *made.warnings):
            context.warn(warning)
        listed = self._store(made.by_kind())
        self._publish(listed)
        return {"assetId": self.asset_id, "metadata": metadata, "derivatives": listed}

    def _note_metadata(self, metadata: Mapping[str, Any]) -> None:
        with self.context.publish() as session:
            asset = _require(session, self.asset_id, self.context.job_id)
            asset.media = dict(metadata)
            asset.updated_at = clock.now(session)

    def _progress(self, fraction: float) -> None:
        self.context.progress(fraction, "Making proxy, sound and pictures")
        now = time.monotonic()
        if fraction < self._told + _EVENT_STEP or now < self._told_at + _EVENT_SECONDS:
            return
        self._told, self._told_at = fraction, now
        with self.context.publish() as session:
            asset = _require(session, self.asset_id, self.context.job_id)
            told = {**self.names, "progress": round(fraction, 3)}
            announce(session, asset.session_id, "asset.ingesting", told)

    def _store(self, files: Mapping[str, Path]) -> list[dict[str, Any]]:
        """Move the files to their keys: before the claim is held, since a remote storage takes its time.

        A run that lost its lease meanwhile has left whole files of the same recording under the same keys.
        """
        listed = []
        for kind, path in files.items():
            self.context.check()
            key = derivative_key(
                self.project_id, self.date, self.label, self.version, kind=kind, extension=path.suffix
            )
            stored = self.context.storage.put_file(path, key)
            listed.append({"kind": kind, "key": key, "size_bytes": stored.size})
        return listed

    def _publish(self, listed: list[dict[str, Any]]) -> None:
        try:
            with self.context.publish() as session:
                asset = _require(session, self.asset_id, self.context.job_id)
                asset.derivatives, asset.status, asset.error = listed, "ready", None
                asset.updated_at = clock.now(session)
                session.flush()
                announce(session, asset.session_id, "asset.ready", self.names)
                announce_status(session, asset.session_id)
        except (JobStopped, NotFound):
            self._clear_if_deleted(listed)
            raise

    def _clear_if_deleted(self, listed: list[dict[str, Any]]) -> None:
        """Whoever deleted the asset meanwhile could not know of these files."""
        with self.context.database.read() as session:
            is_deleted = session.get(Asset, self.asset_id) is None
        for derivative in listed if is_deleted else ():
            self.context.storage.delete(derivative["key"])


def _require(session: Session, asset_id: str, job_id: str) -> Asset:
    asset = session.get(Asset, asset_id)
    if asset is None:
        raise NotFound("The recording was deleted.", code="ASSET_NOT_FOUND")
    if asset.ingest_job_id != job_id:
        raise Conflict("The recording is ingested by another job.")
    return asset


def _reason(error: VideoCraftError, work: _Work) -> VideoCraftError:
    """The error in the words of this API; the operator's facts stay with it."""
    if isinstance(error, (NotFound, Conflict)) and error.code != "NOT_FOUND":
        return error
    video = work.info.video if work.info else None
    # A recording that decodes but whose result has other times than planned.
    is_vfr = video is not None and not video.is_constant_rate and error.code == "CHECK_FAILED"
    return MediaError(error.message, code=VFR_FAILED if is_vfr else FAILED, details=error.details)
