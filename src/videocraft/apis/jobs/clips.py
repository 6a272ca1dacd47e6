"""Use cases of clips and their versions: make, show, list, delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import delete as sql_delete
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from videocraft.apis.jobs.admission import Doors, check_captions
from videocraft.apis.jobs.bodies import clip_body, version_body
from videocraft.apis.jobs.schemas import NewClip, NewVersion, parse
from videocraft.apis.jobs.service import stat
from videocraft.core.database import clock
from videocraft.core.database.models import Clip, ClipVersion, Job
from videocraft.core.jobs import TERMINAL
from videocraft.core.probing import probe_stored
from videocraft.core.storage import ObjectInfo
from videocraft.errors import Conflict, MediaError, NotFound, Unprocessable
from videocraft.services import Services


def new_clip_id() -> str:
    """An id for a clip."""
    return f"clip_{uuid4().hex}"


def new_version_id() -> str:
    """An id for a clip version."""
    return f"version_{uuid4().hex}"


def create(services: Services, document: Any, owner: str | None) -> dict[str, Any]:
    """Make a clip with its first version.

    Raises:
        Unprocessable: the recording is not there or can't be read, or ends before the clip does.
    """
    wanted = parse(NewClip, document)
    check_captions(wanted.settings.captions)
    with services.database.read() as session:
        source = Doors(session, services).source(wanted)
    _check_range(services, source["key"], wanted)
    with services.database.write() as session:
        at = clock.now(session)
        clip = Clip(
            id=new_clip_id(),
            asset_id=source["asset_id"],
            source_key=source["key"],
            title=wanted.title,
            start=wanted.start,
            end=wanted.end,
            owner=owner,
            created_at=at,
            updated_at=at,
        )
        session.add(clip)
        session.flush()
        add_version(session, clip.id, wanted.settings.model_dump(mode="json"), at=at)
        return _body(session, clip)


def _check_range(services: Services, key: str, wanted: NewClip) -> None:
    (info,) = probe_stored(services.database, services.storage, [key])
    if info is None:
        raise Unprocessable("The recording is gone")
    if isinstance(info, MediaError):
        raise Unprocessable(f"The recording can't be used: {info.message}")
    # Players round what they tell as the duration.
    if wanted.end > info.duration + 1:
        raise Unprocessable(
            f"The clip ends at {wanted.end:g} s, the recording at {float(info.duration):.3f} s"
        )


def add_version(session: Session, clip_id: str, settings: dict[str, Any], *, at: float) -> ClipVersion:
    """The next version of a clip, inside the caller's write transaction."""
    last = session.scalar(select(func.max(ClipVersion.number)).where(ClipVersion.clip_id == clip_id))
    version = ClipVersion(
        id=new_version_id(),
        clip_id=clip_id,
        number=(last or 0) + 1,
        settings=settings,
        created_at=at,
        updated_at=at,
    )
    session.add(version)
    session.flush()
    return version


def create_version(services: Services, clip_id: str, document: Any) -> dict[str, Any]:
    """Another version of a clip.

    Raises:
        NotFound: no such clip.
    """
    with services.database.read() as session:
        require_clip(session, clip_id)
    wanted = parse(NewVersion, document)
    check_captions(wanted.settings.captions)
    with services.database.write() as session:
        clip = require_clip(session, clip_id, lock=True)
        at = clip.updated_at = clock.now(session)
        version = add_version(session, clip_id, wanted.settings.model_dump(mode="json"), at=at)
        return version_body(version, None)


def require_clip(session: Session, clip_id: str, *, lock: bool = False) -> Clip:
    """A clip.

    Raises:
        NotFound: there is none.
    """
    clip = None
    if len(clip_id) <= 64:
        clip = session.get(Clip, clip_id, with_for_update=lock)
    if clip is None:
        raise NotFound(f"Clip {clip_id} not found")
    return clip


def require_version(session: Session, clip_id: str, version_id: str) -> ClipVersion:
    """A version of a clip.

    Raises:
        NotFound: there is none.
    """
    require_clip(session, clip_id)
    version = None
    if len(version_id) <= 64:
        version = session.get(ClipVersion, version_id)
    if version is None or version.clip_id != clip_id:
        raise NotFound(f"Clip version {version_id} not found")
    return version


def show(services: Services, clip_id: str) -> dict[str, Any]:
    """One clip with its versions."""
    with services.database.read() as session:
        return _body(session, require_clip(session, clip_id))


def show_version(services: Services, clip_id: str, version_id: str) -> dict[str, Any]:
    """One version."""
    with services.database.read() as session:
        version = require_version(session, clip_id, version_id)
        return version_body(version, _jobs(session, [version]).get(version.job_id or ""))


def listing(
    services: Services, *, limit: int, offset: int, asset_id: str | None, job_id: str | None
) -> dict[str, Any]:
    """A page of clips, newest first."""
    conditions = []
    if asset_id is not None:
        conditions.append(Clip.asset_id == asset_id)
    if job_id is not None:
        conditions.append(Clip.job_id == job_id)
    with services.database.read() as session:
        total = session.execute(select(func.count()).select_from(Clip).where(*conditions)).scalar_one()
        newest = (Clip.created_at.desc(), Clip.id.desc())
        page = session.scalars(select(Clip).where(*conditions).order_by(*newest).limit(limit).offset(offset))
        clips = _bodies(session, page.all())
    return {"clips": clips, "total": total, "limit": limit, "offset": offset}


def delete(services: Services, clip_id: str) -> None:
    """Remove a clip with its versions; the files belong to the jobs that made them, and stay there.

    Raises:
        NotFound: there is none.
        Conflict: a job works on one of its versions.
    """
    with services.database.write() as session:
        clip = require_clip(session, clip_id, lock=True)
        versions = _versions(session, [clip_id])
        for version in versions:
            job = _jobs(session, [version]).get(version.job_id or "")
            if job is not None and job.state not in TERMINAL:
                raise Conflict(f"Job {job.id} works on clip {clip_id}; cancel it first")
        session.execute(sql_delete(ClipVersion).where(ClipVersion.clip_id == clip_id))
        session.delete(clip)


def find_file(services: Services, clip_id: str, version_id: str) -> tuple[ObjectInfo, str]:
    """The file of a version, and the name to save it under.

    Raises:
        NotFound: there is none.
    """
    with services.database.read() as session:
        clip = require_clip(session, clip_id)
        key = require_version(session, clip_id, version_id).file_key
    found = stat(services, key) if key else None
    if found is None:
        raise NotFound(f"Clip version {version_id} has no file yet")
    return found, f"{clip.title or clip_id}.{found.key.rpartition('.')[2]}"


def _versions(session: Session, clip_ids: Sequence[str]) -> Sequence[ClipVersion]:
    query = select(ClipVersion).where(ClipVersion.clip_id.in_(clip_ids))
    return session.scalars(query.order_by(ClipVersion.clip_id, ClipVersion.number)).all()


def _jobs(session: Session, versions: Sequence[ClipVersion]) -> dict[str, Job]:
    ids = {version.job_id for version in versions if version.job_id is not None}
    return {job.id: job for job in session.scalars(select(Job).where(Job.id.in_(ids)))} if ids else {}


def _body(session: Session, clip: Clip) -> dict[str, Any]:
    return _bodies(session, [clip])[0]


def _bodies(session: Session, clips: Sequence[Clip]) -> list[dict[str, Any]]:
    versions = _versions(session, [clip.id for clip in clips])
    jobs = _jobs(session, versions)
    shown: dict[str, list[dict[str, Any]]] = {clip.id: [] for clip in clips}
    for version in versions:
        shown[version.clip_id].append(version_body(version, jobs.get(version.job_id or "")))
    return [clip_body(clip, shown[clip.id]) for clip in clips]
