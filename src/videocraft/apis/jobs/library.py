"""Use cases of assets: take in by upload or by path, show, list, delete."""

from __future__ import annotations

import mimetypes
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from videocraft.apis.jobs.admission import Doors
from videocraft.apis.jobs.bodies import asset_body
from videocraft.apis.jobs.schemas import NewAsset, parse
from videocraft.apis.jobs.service import stat
from videocraft.core.database import clock
from videocraft.core.database.models import Asset, Clip, Job, LibraryAsset
from videocraft.core.jobs import TERMINAL
from videocraft.core.probing import probe_stored
from videocraft.core.storage import ObjectInfo
from videocraft.errors import Conflict, MediaError, NotFound, Unprocessable
from videocraft.media import description
from videocraft.media.probe import MediaInfo, probe
from videocraft.services import Services

MAX_NAME = 255


def new_id() -> str:
    """An id for an asset of the library."""
    return f"asset_{uuid4().hex}"


def register(services: Services, document: Any, owner: str | None) -> dict[str, Any]:
    """Make an asset of a file that lies in the media root; the file stays where it is.

    Raises:
        Unprocessable: there is no such file, or it is no media.
    """
    wanted = parse(NewAsset, document)
    with services.database.read() as session:
        key = Doors(session, services).file(wanted.path)["key"]
    (info,) = probe_stored(services.database, services.storage, [key])
    name = _plain_name(wanted.filename or key)
    row = LibraryAsset(
        id=new_id(),
        filename=name,
        original_key=key,
        is_owned=False,
        project_id=wanted.project_id,
        owner=owner,
        **_facts(info, name),
    )
    return _add(services, row)


def take_in(
    services: Services, file: Path, *, filename: str, project_id: str | None, owner: str | None
) -> dict[str, Any]:
    """Make an asset of a file that was received; the file is handed over.

    Raises:
        Unprocessable: it is no media.
    """
    (info,) = probe([file])
    name = _plain_name(filename)
    facts = _facts(info, name)
    asset_id = new_id()
    key = original_key(asset_id, name)
    services.storage.put_file(file, key)
    row = LibraryAsset(
        id=asset_id,
        filename=name,
        original_key=key,
        is_owned=True,
        project_id=project_id,
        owner=owner,
        **facts,
    )
    return _add(services, row)


def original_key(asset_id: str, filename: str) -> str:
    """Where the recording of an asset of our own lies: no more than a plain extension comes from outside."""
    suffix = PurePosixPath(filename).suffix.lower()
    plain = suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= 8
    return f"assets/{asset_id}/original{suffix if plain else '.bin'}"


def content_type_of(info: MediaInfo, filename: str) -> str:
    """``video/*`` or ``audio/*``, by the name where that fits what is in the file."""
    kind = "video" if info.video is not None else "audio"
    guessed = mimetypes.guess_type(filename)[0] or ""
    return (
        guessed
        if guessed.startswith(f"{kind}/")
        else f"{kind}/{'mp4' if info.format == 'mov' else 'x-' + info.format}"
    )


def _facts(info: MediaInfo | MediaError | None, filename: str) -> dict[str, Any]:
    if info is None:
        raise Unprocessable(f"File not found: {filename}")
    if isinstance(info, MediaError):
        raise Unprocessable(f"The file can't be used: {info.message}")
    return {
        "media": description.describe(info),
        "size_bytes": info.size,
        "content_type": content_type_of(info, filename),
        "derivatives": [],
    }


def _plain_name(text: str) -> str:
    name = "".join(
        character for character in text.replace("\\", "/").rpartition("/")[2] if character.isprintable()
    )
    return name.encode("utf-8", "ignore").decode()[:MAX_NAME] or "recording"


def _add(services: Services, row: LibraryAsset) -> dict[str, Any]:
    with services.database.write() as session:
        row.created_at = row.updated_at = clock.now(session)
        session.add(row)
        session.flush()
        return asset_body(row)


def require_asset(session: Session, asset_id: str) -> LibraryAsset | Asset:
    """An asset of the library or of a session.

    Raises:
        NotFound: there is none.
    """
    found: LibraryAsset | Asset | None = None
    if len(asset_id) <= 64:
        found = session.get(LibraryAsset, asset_id) or session.get(Asset, asset_id)
    if found is None:
        raise NotFound(f"Asset {asset_id} not found")
    return found


def show(services: Services, asset_id: str) -> dict[str, Any]:
    """One asset."""
    with services.database.read() as session:
        return asset_body(require_asset(session, asset_id))


def listing(services: Services, *, limit: int, offset: int, project_id: str | None) -> dict[str, Any]:
    """A page of the library's assets, newest first. A session lists its own."""
    conditions = [] if project_id is None else [LibraryAsset.project_id == project_id]
    with services.database.read() as session:
        total = session.execute(
            select(func.count()).select_from(LibraryAsset).where(*conditions)
        ).scalar_one()
        newest = (LibraryAsset.created_at.desc(), LibraryAsset.id.desc())
        page = select(LibraryAsset).where(*conditions).order_by(*newest).limit(limit).offset(offset)
        assets = [asset_body(row) for row in session.scalars(page)]
    return {"assets": assets, "total": total, "limit": limit, "offset": offset}


def find_file(services: Services, asset_id: str, name: str) -> tuple[ObjectInfo, str]:
    """A derivative of an asset, or ``original``, and the name to save it under.

    Raises:
        NotFound: there is none.
    """
    with services.database.read() as session:
        asset = require_asset(session, asset_id)
        if name == "original":
            key, filename = asset.original_key, asset.filename
        else:
            keys = {stored["key"].rpartition("/")[2]: stored["key"] for stored in asset.derivatives}
            key, filename = keys.get(name, ""), name
    found = stat(services, key) if key else None
    if found is None:
        raise NotFound(f"Asset {asset_id} has no file {name}")
    return found, filename


def delete(services: Services, asset_id: str) -> None:
    """Remove an asset with its files; a file that was there before it stays.

    Raises:
        NotFound: there is none.
        Conflict: it belongs to a session, clips are cut from it, or a job works on it.
    """
    with services.database.write() as session:
        asset = require_asset(session, asset_id)
        if isinstance(asset, Asset):
            raise Conflict(f"Asset {asset_id} belongs to session {asset.session_id}; delete it there")
        clips = session.execute(
            select(func.count()).select_from(Clip).where(Clip.asset_id == asset_id)
        ).scalar_one()
        if clips:
            raise Conflict(f"Asset {asset_id} has {clips} clips; delete them first")
        source = Job.payload["source"]["asset_id"].as_string()
        unfinished = Job.state.not_in(sorted(TERMINAL))
        if session.scalar(
            select(Job.id).where(Job.family == "jobs", unfinished, source == asset_id).limit(1)
        ):
            raise Conflict(f"A job works on asset {asset_id}; cancel it first")
        session.delete(asset)
    # Whatever a job left there goes as well; the original of an asset by path lies elsewhere.
    services.storage.delete_prefix(f"assets/{asset_id}")
