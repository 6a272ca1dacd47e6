"""What the next tool takes over from a synced session: a file for editing programs, a config for an export.

Both hold what an operator has approved or corrected, never what nobody has looked at.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import Session

from videocraft.apis.sessions import results
from videocraft.apis.sessions.schemas import timestamp
from videocraft.apis.sessions.service import require_session
from videocraft.apis.sessions.status import COMPLETE, PENDING
from videocraft.apis.sessions.syncs import last_sync
from videocraft.core import assets
from videocraft.core.database import clock
from videocraft.core.database.models import Asset
from videocraft.core.probing import probe_stored
from videocraft.errors import Conflict, InvalidInput, MediaError, NotFound
from videocraft.media.edit import origin_of
from videocraft.media.probe import MediaInfo
from videocraft.media.time import to_fraction
from videocraft.services import Services

CONTENT_TYPES = {
    "otio": "application/json",
    "edl": "text/plain; charset=utf-8",
    "fcpxml": "application/xml",
}
_GUESS = "needs-manual-nudge"
"""What a sync calls figures that nobody should trust (``media.sync``)."""
_NOTICEABLE_DRIFT = Fraction(1, 50)
"""Seconds by which picture and sound of two cameras may part before somebody sees it."""


@dataclass(frozen=True)
class EditorFile:
    """A hand-over file and how it is to be handed out."""

    content: bytes
    filename: str
    content_type: str


@dataclass(frozen=True)
class _Camera:
    """A synced camera: its asset, what is in its file, and where it lies."""

    label: str
    asset_id: str
    filename: str
    info: MediaInfo
    offset_ms: Fraction
    """Its start minus the master's: as measured, or as the operator corrected it."""
    measured: Mapping[str, Any]
    """What the sync found out about it; empty for the master."""
    start_timecode: str | None

    @property
    def drift_ppm(self) -> float:
        """How its clock runs beside the master's; 0 where the measurement is no more than a guess."""
        if self.measured.get("classification", _GUESS) == _GUESS:
            return 0.0
        return float(self.measured["drift_ppm"])

    @property
    def pictures(self) -> tuple[Fraction, Fraction] | None:
        """From where to where it has pictures, in seconds within its file; None where it has none."""
        video = self.info.video
        if video is None:
            return None
        first = max(video.start_time - origin_of(self.info), Fraction())
        return first, first + video.duration

    @property
    def length(self) -> Fraction:
        """Seconds of its picture, else of its sound."""
        return self.info.duration if self.info.video is None else self.info.video.duration


@dataclass(frozen=True)
class _Synced:
    """A session whose sync was decided on."""

    id: str
    title: str
    project_id: str
    master: str
    operator_status: str
    now: float
    cameras: tuple[_Camera, ...]

    @property
    def master_index(self) -> int:
        return next(index for index, camera in enumerate(self.cameras) if camera.label == self.master)


def editor_file(services: Services, session_id: str, format: str) -> EditorFile:  # noqa: A002 -- the API's word
    """The synced cameras as a file for an editing program: ``otio``, ``edl`` or ``fcpxml``.

    It names the recordings as the crew does, beside itself, so that it opens in the folder that they lie in.
    Where two cameras called their files alike, each is looked for in a folder of its label.

    Raises:
        InvalidInput: no such format, or one that can't hold this session.
        NotFound: no such session, or a camera's file is gone.
        Conflict: no sync has been approved or corrected yet.
    """
    # Slow to import, and few requests need it.
    from videocraft.media.handover import FORMATS, HandoverCamera, HandoverSession, render

    chosen = next((known for known in FORMATS if known == format), None)
    if chosen is None:
        raise InvalidInput("Unknown format", details={"format": "must be otio, edl or fcpxml"})
    synced = _read(services, session_id)
    names = [_bare(camera.filename) for camera in synced.cameras]
    cameras = []
    for camera, name in zip(synced.cameras, names, strict=True):
        video, sound = camera.info.video, next(iter(camera.info.audio), None)
        is_turned = video is not None and video.rotation in {90, 270}
        width, height = (video.width, video.height) if video is not None else (0, 0)
        place = name if names.count(name) == 1 else f"{camera.label}/{name}"
        cameras.append(
            HandoverCamera(
                label=camera.label,
                name=name,
                url=f"./{quote(place)}",
                offset_ms=camera.offset_ms,
                duration=camera.length,
                rate=None if video is None else video.rate,
                width=height if is_turned else width,
                height=width if is_turned else height,
                channels=0 if sound is None else sound.channels,
                sample_rate=48_000 if sound is None else sound.sample_rate,
                start_timecode=camera.start_timecode,
                drift_ppm=camera.drift_ppm,
                confidence=camera.measured.get("confidence"),
                classification=camera.measured.get("classification"),
            )
        )
    content = render(
        chosen,
        HandoverSession(
            id=synced.id,
            title=synced.title,
            master=synced.master,
            cameras=tuple(cameras),
            operator_status=synced.operator_status,
        ),
    )
    return EditorFile(content, f"{synced.title}.{chosen}", CONTENT_TYPES[chosen])


def export_config(services: Services, session_id: str) -> dict[str, Any]:
    """A config for ``POST /api/export``, complete as it is: the master's picture while all cameras ran.

    Cuts between the cameras are made by replacing its one segment by several, each with times within its own
    camera: the master's time less the camera's ``syncOffset``. The master's sound runs under all of it. The
    id is a new one each time, so that every config can be sent.

    Raises:
        NotFound: no such session, or a camera's file is gone.
        Conflict: no sync has been approved or corrected yet, or no camera has a picture.
    """
    synced = _read(services, session_id)
    heard = synced.master_index
    return {
        "version": 1,
        "id": f"{synced.id}-{secrets.token_hex(4)}",
        "projectId": synced.project_id,
        "projectName": synced.title,
        "createdAt": timestamp(synced.now),
        "sources": [_source(camera) for camera in synced.cameras],
        "segments": [_segment(synced) | ({"audioSourceIndex": heard} if _is_heard(synced, heard) else {})],
        "output": {"format": "mp4", "codec": "copy", "includeAudio": True},
        "status": "pending",
        "sync": {
            "sessionId": synced.id,
            "masterCamera": synced.master,
            "operatorStatus": synced.operator_status,
            "notes": [note for camera in synced.cameras if (note := _drift_note(camera, synced.master))],
        },
    }


def _is_heard(synced: _Synced, index: int) -> bool:
    return bool(synced.cameras[index].info.audio)


def _source(camera: _Camera) -> dict[str, Any]:
    video = camera.info.video
    picture = {} if video is None else {"width": video.width, "height": video.height, "fps": _fps(video.rate)}
    return {
        "id": camera.asset_id,
        "name": f"{camera.label}: {camera.filename}"[:1024],
        "filePath": f"{assets.PREFIX}{camera.asset_id}",
        **picture,
        "duration": _decimals(camera.length),
        "hasAudio": bool(camera.info.audio),
        "syncOffset": _decimals(camera.offset_ms / 1000),
        # The exports API keeps these and does nothing with them.
        "cameraLabel": camera.label,
        "driftPpm": camera.drift_ppm,
    }


def _segment(synced: _Synced) -> dict[str, Any]:
    """All of the stretch in which every camera ran; where there is none, all of one camera."""
    order = sorted(range(len(synced.cameras)), key=lambda index: index != synced.master_index)
    shown = next((index for index in order if synced.cameras[index].pictures is not None), None)
    if shown is None:
        raise Conflict("No camera of this session has a picture")
    camera = synced.cameras[shown]
    video, pictures = camera.info.video, camera.pictures
    assert video is not None and pictures is not None  # noqa: S101, PT018 -- chosen for it
    ranges = [_running(other) for other in synced.cameras]
    own = camera.offset_ms / 1000
    begin, end = (max(start for start, _ in ranges) - own, min(stop for _, stop in ranges) - own)
    # Inwards to whole frames: no camera is asked for what it does not have.
    first = pictures[0]
    begin = first + math.ceil((begin - first) * video.rate) / video.rate
    end = first + math.floor((end - first) * video.rate) / video.rate
    if end <= begin:
        begin, end = pictures
    return {
        "sourceIndex": shown,
        "startTime": _decimals(begin),
        "endTime": _decimals(end),
        "audioFromSource": True,
    }


def _running(camera: _Camera) -> tuple[Fraction, Fraction]:
    """From when to when a camera ran, in seconds of the master."""
    start, end = camera.pictures or (Fraction(), camera.info.duration)
    return start + camera.offset_ms / 1000, end + camera.offset_ms / 1000


def _drift_note(camera: _Camera, master: str) -> str | None:
    apart = abs(to_fraction(camera.drift_ppm)) * camera.length / 1_000_000
    if apart < _NOTICEABLE_DRIFT:
        return None
    way = "slower" if camera.drift_ppm > 0 else "faster"
    return (
        f"The clock of camera {camera.label} runs {abs(camera.drift_ppm):.1f} ppm {way} than that of camera "
        f"{master}: over its whole length they part by {float(apart * 1000):.0f} ms, which an export does "
        "not make up for"
    )


def _fps(rate: Fraction) -> float:
    return round(float(rate), 3)


def _decimals(seconds: Fraction) -> float:
    """Seconds to the microsecond."""
    return round(float(seconds), 6)


def _bare(filename: str) -> str:
    """A file's name without folders."""
    return filename.replace("\\", "/").rstrip("/").rpartition("/")[2] or "recording"


def _read(services: Services, session_id: str) -> _Synced:
    """The session as the last decided sync leaves it.

    Raises:
        NotFound, Conflict: as the callers say.
    """
    with services.database.read() as session:
        row = require_session(session, session_id)
        sync = last_sync(session, session_id, COMPLETE)
        if sync is None or sync.operator_status == PENDING or sync.final_offsets is None:
            raise Conflict("Approve or correct the sync of this session first", code="SYNC_NOT_APPROVED")
        offsets = {label: to_fraction(offset) for label, offset in sync.final_offsets.items()}
        found = _recordings(session, session_id, offsets)
        master, pairs, now = sync.master_camera, results.pairs_of(sync), clock.now(session)
        operator_status, title, project_id = sync.operator_status, row.title, row.project_id
    cameras = []
    keys = [asset.original_key for asset in found]
    for asset, info in zip(found, probe_stored(services.database, services.storage, keys), strict=True):
        if info is None or asset.status != assets.READY:
            raise _missing(asset, "is missing")
        if isinstance(info, MediaError):
            raise _missing(asset, "can't be read")
        measured = pairs.get(asset.camera_label, {})
        cameras.append(_camera(asset, info, offsets[asset.camera_label], measured))
    return _Synced(session_id, title, project_id, master, operator_status, now, tuple(cameras))


def _recordings(session: Session, session_id: str, offsets: Mapping[str, Fraction]) -> Sequence[Asset]:
    """The assets that the sync placed, by label."""
    query = select(Asset).where(Asset.session_id == session_id, Asset.camera_label.in_(offsets))
    found = session.scalars(query.order_by(Asset.camera_label)).all()
    gone = sorted(set(offsets) - {asset.camera_label for asset in found})
    if gone:
        raise NotFound(
            f"The recording of camera {gone[0]} is missing",
            code="ASSET_NOT_FOUND",
            details={"camera": gone[0]},
        )
    session.expunge_all()
    return found


def _missing(asset: Asset, what: str) -> NotFound:
    return NotFound(
        f"The recording of camera {asset.camera_label} {what}",
        code="ASSET_NOT_FOUND",
        details={"camera": asset.camera_label, "assetId": asset.id},
    )


def _camera(asset: Asset, info: MediaInfo, offset_ms: Fraction, measured: Mapping[str, Any]) -> _Camera:
    timecode = (asset.media or {}).get("startTimecode")
    return _Camera(
        label=asset.camera_label,
        asset_id=asset.id,
        filename=asset.filename,
        info=info,
        offset_ms=offset_ms,
        measured=measured,
        start_timecode=timecode if isinstance(timecode, str) else None,
    )
