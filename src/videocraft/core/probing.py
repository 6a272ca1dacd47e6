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
from sqlalchemy.dialects import postgresql, sqlite

from videocraft.core.database import Database
from videocraft.core.database.models.media_infos import MediaInfoRow
from videocraft.errors import MediaError
from videocraft.media.probe import PROBE_VERSION, MediaInfo, probe

# Below what SQLite and PostgreSQL take as parameters of one statement.
_BATCH = 500


def probe_files(database: Database, paths: Sequence[Path]) -> list[MediaInfo | MediaError]:
    """What is in each file, from the table of earlier probes where the file has not changed since.

    Errors are not remembered: the next look may find the file finished, or the machine less busy.

    Returns:
        For each path, in order, what was found or the error that says why not.
    """
    fingerprints = [_fingerprint(path) for path in paths]
    known = _load(database, [print_ for print_ in fingerprints if print_ is not None])
    missing = {print_ or str(path): path for print_, path in zip(fingerprints, paths, strict=True)}
    missing = {key: path for key, path in missing.items() if key not in known}
    probed = dict(zip(missing, probe(list(missing.values())), strict=True)) if missing else {}
    found = {key: info for key, info in probed.items() if isinstance(info, MediaInfo)}
    if found:
        _save(database, found)
    results = known | probed
    return [results[print_ or str(path)] for print_, path in zip(fingerprints, paths, strict=True)]


def _fingerprint(path: Path) -> str | None:
    """A name for this version of the file; ``None`` when there is no such file."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    parts = [PROBE_VERSION, os.fspath(path.absolute()), status.st_size, status.st_mtime_ns, status.st_ino]
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
    insert = sqlite.insert if database.is_sqlite else postgresql.insert
    with database.write() as session:
        session.execute(insert(MediaInfoRow).values(rows).on_conflict_do_nothing())
