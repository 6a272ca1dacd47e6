"""Probes of media files, remembered: a version of a file is inspected once."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from videocraft.core.database import Database
from videocraft.core.database.models.media_infos import MediaInfoRow
from videocraft.core.database.upserts import insert_of
from videocraft.core.storage import ObjectInfo, ObjectNotFound, Storage
from videocraft.errors import MediaError
from videocraft.media.filling import Fill
from videocraft.media.probe import PROBE_VERSION, MediaInfo, probe

# Below what SQLite and PostgreSQL take as parameters of one statement.
_BATCH = 500


def probe_files(
    database: Database, paths: Sequence[Path], *, images: bool = False
) -> list[MediaInfo | MediaError]:
    """What is in each file, from the table of earlier probes where the file has not changed since.

    Errors are not remembered: the next look may find the file finished, or the machine less busy.

    Args:
        images: whether pictures are welcome too, as ``probe`` takes it.

    Returns:
        For each path, in order, what was found or the error that says why not.
    """
    return _probe(database, paths, [_fingerprint(path, images) for path in paths], images=images)


def probe_stored(
    database: Database, storage: Storage, keys: Sequence[str]
) -> list[MediaInfo | MediaError | None]:
    """As ``probe_files``, of stored objects: of one that is not known only what a probe reads is fetched.

    Returns:
        For each key what was found, the error, or None when there is no such object.
    """
    objects = [storage.stat(key) for key in keys]
    prints = [None if found is None else _stored_fingerprint(found) for found in objects]
    results: dict[str, MediaInfo | MediaError] = dict(_load(database, [each for each in prints if each]))
    for key, each in zip(keys, prints, strict=True):
        if each is None or each in results:
            continue
        try:
            with storage.partial_file(key) as file:
                (results[each],) = _probe(database, [file.path], [each], [file.fill])
        except ObjectNotFound:
            continue  # deleted since it was looked at
    return [None if each is None else results.get(each) for each in prints]


def _probe(
    database: Database,
    paths: Sequence[Path],
    fingerprints: Sequence[str | None],
    fills: Sequence[Fill | None] = (),
    *,
    images: bool = False,
) -> list[MediaInfo | MediaError]:
    known = _load(database, [print_ for print_ in fingerprints if print_ is not None])
    fills = fills or [None] * len(paths)
    missing = {
        print_ or str(path): (path, fill)
        for print_, path, fill in zip(fingerprints, paths, fills, strict=True)
        if print_ not in known
    }
    probed: dict[str, MediaInfo | MediaError] = {}
    if missing:
        found_paths, found_fills = zip(*missing.values(), strict=True)
        probed = dict(zip(missing, probe(found_paths, fills=found_fills, images=images), strict=True))
    found = {key: info for key, info in probed.items() if isinstance(info, MediaInfo)}
    if found:
        _save(database, found)
    results = known | probed
    return [results[print_ or str(path)] for print_, path in zip(fingerprints, paths, strict=True)]


def _fingerprint(path: Path, images: bool) -> str | None:
    """A name for this version of the file and this look at it; ``None`` when there is no such file."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    parts = [PROBE_VERSION, os.fspath(path.absolute()), status.st_size, status.st_mtime_ns, status.st_ino]
    return hashlib.sha256(json.dumps([*parts, "images"] if images else parts).encode()).hexdigest()


def _stored_fingerprint(info: ObjectInfo) -> str:
    """A name for this version of a stored object."""
    parts = [PROBE_VERSION, "stored", info.key, info.size, info.etag]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _load(database: Database, fingerprints: Sequence[str]) -> dict[str, MediaInfo | MediaError]:
    known: dict[str, MediaInfo | MediaError] = {}
    with database.read() as session:
        for start in range(0, len(fingerprints), _BATCH):
            batch = fingerprints[start : start + _BATCH]
            rows = session.scalars(select(MediaInfoRow).where(MediaInfoRow.fingerprint.in_(batch)))
            known.update({row.fingerprint: MediaInfo.from_json(row.info) for row in rows})
    return known


def _save(database: Database, infos: Mapping[str, MediaInfo]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "fingerprint": fingerprint,
            # A name that is not UTF-8 is text for people here; the fingerprint is what identifies.
            "path": os.fsencode(info.path).decode("utf-8", "replace"),
            "info": info.to_json(),
            "created_at": time.time(),
        }
        for fingerprint, info in infos.items()
    ]
    # Another process may have probed the same file meanwhile; it found the same.
    with database.write() as session:
        insert = insert_of(session.connection().dialect.name)
        session.execute(insert(MediaInfoRow).values(rows).on_conflict_do_nothing())
