"""Use cases of uploads: begin, resume, abort, complete, and sweeping up those that nobody goes on with."""

from __future__ import annotations

import re
import time
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from videocraft.apis.sessions import keys
from videocraft.apis.sessions.assets import URL_SECONDS, original_url, require_asset
from videocraft.apis.sessions.schemas import FinishedUpload, NewUpload, camera_label, parse, timestamp
from videocraft.apis.sessions.service import FAMILY, check_exists, jobs_of, require_session
from videocraft.apis.sessions.status import announce_status
from videocraft.apis.sessions.stream import announce
from videocraft.core.database import clock
from videocraft.core.database.models import Asset, CameraVersion, RecordingSession, Upload
from videocraft.core.database.upserts import insert_of
from videocraft.core.jobs import submit
from videocraft.core.storage import UploadFailed, UploadNotFound
from videocraft.errors import Conflict, InvalidInput
from videocraft.services import Services

MIN_PART_BYTES = 16 * 2**20
MAX_PARTS = 2_000
"""A fifth of what S3 takes: each URL is signed while the client waits, half a millisecond with S3."""
INGEST = "sessions.ingest"
ORPHAN_SECONDS = 3600.0
"""An upload of the storage that no row knows is removed when it is this old: its row may be on its way."""

_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}")
_PART_STEP = 2**20
# Of our own: the system's table differs from machine to machine.
_EXTENSIONS = {
    "audio/aac": ".aac",
    "audio/flac": ".flac",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "video/mp2t": ".ts",
    "video/mp4": ".mp4",
    "video/mpeg": ".mpg",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "video/x-matroska": ".mkv",
    "video/x-msvideo": ".avi",
}
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def part_size_of(size: int) -> int:
    """Bytes of every part but the last: 16 MiB, or what makes 2,000 parts enough, in whole MiB."""
    return max(MIN_PART_BYTES, -(-size // (MAX_PARTS * _PART_STEP)) * _PART_STEP)


def extension_of(filename: str, content_type: str) -> str:
    """The extension of a stored file: all that is taken over from a client's file name."""
    match = _EXTENSION.fullmatch(filename, filename.rfind(".")) if "." in filename else None
    if match is not None:
        return match.group().lower()
    return _EXTENSIONS.get(content_type.partition(";")[0].strip().lower(), ".bin")


def begin(services: Services, session_id: str, document: Any) -> dict[str, Any]:
    """Make an asset and an upload for it; the documented answer.

    Raises:
        NotFound: there is no such session.
        InvalidInput: a wrong label, size, or type.
        Conflict: the camera has an asset.
    """
    check_exists(services, session_id)
    wanted = _checked(services, document)
    part_size = part_size_of(wanted.size_bytes)
    replaced, created = None, None
    try:
        with jobs_of(services).transaction() as session:
            at = clock.now(session)
            replaced = _make_room(session, session_id, wanted.camera_label, at)
            row = require_session(session, session_id, lock=True)
            # Of several that found the camera free, the first one that came to this lock has it.
            _require_free(_asset_of(session, session_id, wanted.camera_label))
            version = _next_version(session, row, wanted.camera_label)
            extension = extension_of(wanted.filename, wanted.content_type)
            key = keys.original_key(row.project_id, row.date, wanted.camera_label, version, extension)
            # Within the transaction, so that a version is used up only by an upload that was begun.
            created = services.storage.create_upload(key, wanted.size_bytes, part_size)
            asset = Asset(
                id=f"asset-{uuid4().hex}",
                session_id=session_id,
                camera_label=wanted.camera_label,
                filename=wanted.filename,
                content_type=wanted.content_type,
                size_bytes=wanted.size_bytes,
                version=version,
                status="uploading",
                original_key=key,
                derivatives=[],
                created_at=at,
                updated_at=at,
            )
            session.add(asset)
            session.flush()
            upload = Upload(
                id=f"upload-{uuid4().hex}",
                asset_id=asset.id,
                storage_upload_id=created,
                part_size=part_size,
                parts_count=-(-wanted.size_bytes // part_size),
                expires_at=at + URL_SECONDS,
            )
            session.add(upload)
            session.flush()
            announce_status(session, session_id)
    except BaseException:
        if created is not None:
            services.storage.abort_upload(created)
        raise
    if replaced is not None:
        services.storage.abort_upload(replaced)
    return _addresses(services, upload)


def resume(services: Services, session_id: str, asset_id: str) -> dict[str, Any]:
    """What has come in of an upload, and fresh URLs for all its parts; the upload lives on for an hour.

    Raises:
        NotFound: there is no such session or asset.
        Conflict: its upload is completed.
    """
    with services.database.write() as session:
        asset = require_asset(session, session_id, asset_id, lock=True)
        upload = _running(session, asset)
        upload.expires_at = max(upload.expires_at, clock.now(session) + URL_SECONDS)
    received = services.storage.parts(upload.storage_upload_id)
    return {
        **_addresses(services, upload),
        "status": "uploading",
        "sizeBytes": asset.size_bytes,
        "received": [
            {"partNumber": part.number, "sizeBytes": part.size, "etag": part.etag} for part in received
        ],
    }


def abort(services: Services, session_id: str, asset_id: str) -> dict[str, Any]:
    """Give up an upload, or a recording that could not be ingested; its camera is free again.

    Raises:
        NotFound: there is no such session or asset.
        Conflict: the recording is being ingested, or ready.
    """
    with jobs_of(services).transaction() as session:
        asset = require_asset(session, session_id, asset_id, lock=True)
        if asset.status not in {"uploading", "failed"}:
            raise _already_completed(asset)
        upload = session.scalars(select(Upload).where(Upload.asset_id == asset_id)).one_or_none()
        if upload is not None:
            session.delete(upload)
            session.flush()
        session.delete(asset)
        session.flush()
        announce_status(session, session_id)
    if upload is not None:
        services.storage.abort_upload(upload.storage_upload_id)
    # Also after an upload: its completion may have come as far as the file, and loses against this.
    services.storage.delete(asset.original_key)
    return {"assetId": asset_id, "status": "aborted"}


def complete(
    services: Services, session_id: str, asset_id: str, document: Any, request_id: str | None
) -> dict[str, Any]:
    """Join the parts, publish the file and queue its ingestion; of several calls at once one wins.

    Raises:
        NotFound: there is no such session or asset.
        InvalidInput: code ``UPLOAD_FAILED``; the parts are not those that were received.
        Conflict: the upload is completed already.
    """
    with services.database.read() as session:
        require_asset(session, session_id, asset_id)
    finished = parse(FinishedUpload, document)
    with services.database.read() as session:
        asset = require_asset(session, session_id, asset_id)
        upload = _running(session, asset)
    if finished.upload_id != upload.id:
        raise UploadFailed(
            "This uploadId belongs to another upload", details={"uploadId": finished.upload_id}
        )
    parts = [(part.part_number, _plain_etag(part.etag)) for part in finished.parts]
    try:
        stored = services.storage.complete_upload(upload.storage_upload_id, parts)
    except UploadNotFound:
        # Completed or aborted since the lines above; else it is the storage that has lost it.
        with services.database.read() as session:
            _running(session, require_asset(session, session_id, asset_id))
        raise
    if stored.size != asset.size_bytes:
        raise UploadFailed(
            f"The file has {stored.size} bytes instead of {asset.size_bytes}",
            details={"expectedBytes": asset.size_bytes, "receivedBytes": stored.size},
        )
    body = _begin_ingest(services, session_id, asset_id, request_id)
    services.storage.abort_upload(upload.storage_upload_id)
    return body


def _begin_ingest(
    services: Services, session_id: str, asset_id: str, request_id: str | None
) -> dict[str, Any]:
    with jobs_of(services).transaction() as session:
        asset = require_asset(session, session_id, asset_id, lock=True)
        session.delete(_running(session, asset))
        job = submit(
            session,
            family=FAMILY,
            kind=INGEST,
            payload={"assetId": asset_id},
            job_id=f"job-{uuid4().hex}",
            request_id=request_id,
        )
        asset.status = "ingesting"
        asset.ingest_job_id = job.id
        asset.updated_at = clock.now(session)
        session.flush()
        told = {"assetId": asset_id, "cameraLabel": asset.camera_label, "progress": 0.0}
        announce(session, session_id, "asset.ingesting", told)
    return {
        "assetId": asset_id,
        "status": "ingesting",
        "originalUrl": original_url(services.storage, asset),
        "ingestionJobId": job.id,
    }


def sweep(services: Services) -> None:
    """Remove uploads that nobody went on with, and what the storage holds of uploads that no row knows."""
    with services.database.read() as session:
        over = Upload.expires_at < clock.now(session) - services.settings.upload_keep_seconds
        expired = list(session.execute(select(Asset.session_id, Asset.id).join(Upload).where(over)))
    for session_id, asset_id in expired:
        if forget_expired(services, session_id, asset_id):
            _log.info("upload expired", asset_id=asset_id)
    pending = [
        upload.upload_id
        for upload in services.storage.uploads()
        if upload.created < time.time() - ORPHAN_SECONDS
    ]
    # Read after the storage was looked through: what has a row by now is no orphan.
    with services.database.read() as session:
        known = set(session.scalars(select(Upload.storage_upload_id)))
    for upload_id in set(pending) - known:
        services.storage.abort_upload(upload_id)


def forget_expired(services: Services, session_id: str, asset_id: str) -> bool:
    """Remove an upload that nobody goes on with; False when somebody does by now."""
    with jobs_of(services).transaction() as session:
        # The asset before its upload, as everybody locks them.
        asset = session.get(Asset, asset_id, with_for_update=True)
        upload = session.scalars(select(Upload).where(Upload.asset_id == asset_id)).one_or_none()
        limit = clock.now(session) - services.settings.upload_keep_seconds
        if asset is None or upload is None or upload.expires_at >= limit:
            return False  # it ended, or was resumed, since it was found
        session.delete(upload)
        session.flush()
        session.delete(asset)
        session.flush()
        announce_status(session, session_id)
    services.storage.abort_upload(upload.storage_upload_id)
    services.storage.delete(asset.original_key)
    return True


def _checked(services: Services, document: Any) -> NewUpload:
    wanted = parse(NewUpload, document)
    camera_label(wanted.camera_label)
    limit = services.settings.max_upload_bytes
    if wanted.size_bytes > limit:
        raise InvalidInput(
            f"sizeBytes must be 1 to {limit}", details={"sizeBytes": f"must be at most {limit}"}
        )
    return wanted


def _make_room(session: Session, session_id: str, label: str, at: float) -> str | None:
    """Remove an expired upload of a camera; the id that the storage knows it by."""
    asset = _asset_of(session, session_id, label, lock=True)
    if asset is None:
        return None
    upload = session.scalars(select(Upload).where(Upload.asset_id == asset.id)).one_or_none()
    if asset.status != "uploading" or upload is None or upload.expires_at > at:
        raise _already_there(asset)
    session.delete(upload)
    session.flush()
    session.delete(asset)
    session.flush()
    return upload.storage_upload_id


def _asset_of(session: Session, session_id: str, label: str, *, lock: bool = False) -> Asset | None:
    query = select(Asset).where(Asset.session_id == session_id, Asset.camera_label == label)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def _require_free(asset: Asset | None) -> None:
    if asset is not None:
        raise _already_there(asset)


def _already_there(asset: Asset) -> Conflict:
    return Conflict(
        f"Camera {asset.camera_label} has an asset already",
        code="ASSET_ALREADY_EXISTS",
        details={"assetId": asset.id, "cameraLabel": asset.camera_label, "status": asset.status},
    )


def _next_version(session: Session, row: RecordingSession, label: str) -> int:
    upsert = insert_of(session.connection().dialect.name)
    camera = {"project_id": row.project_id, "date": row.date, "camera_label": label}
    statement = (
        upsert(CameraVersion)
        .values(**camera, last_version=1)
        .on_conflict_do_update(
            index_elements=list(camera), set_={"last_version": CameraVersion.last_version + 1}
        )
        .returning(CameraVersion.last_version)
    )
    return int(session.execute(statement).scalar_one())


def _running(session: Session, asset: Asset) -> Upload:
    upload = session.scalars(select(Upload).where(Upload.asset_id == asset.id)).one_or_none()
    if upload is None:
        raise _already_completed(asset)
    return upload


def _already_completed(asset: Asset) -> Conflict:
    return Conflict(
        "Upload already completed",
        code="UPLOAD_ALREADY_COMPLETED",
        details={"assetId": asset.id, "status": asset.status},
    )


def _addresses(services: Services, upload: Upload) -> dict[str, Any]:
    seconds = upload.expires_at - time.time()
    parts = [
        {
            "partNumber": number,
            "uploadUrl": services.storage.part_url(upload.storage_upload_id, number, seconds),
        }
        for number in range(1, upload.parts_count + 1)
    ]
    return {
        "assetId": upload.asset_id,
        "uploadUrl": parts[0]["uploadUrl"],
        "uploadId": upload.id,
        "expiresAt": timestamp(upload.expires_at),
        "partSizeBytes": upload.part_size,
        "parts": parts,
    }


def _plain_etag(given: str) -> str:
    """An ETag as clients pass it on, with quotes or without."""
    return given.strip().removeprefix("W/").strip('"').lower()
