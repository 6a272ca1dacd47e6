"""May this export be made? The config against its schema, its sources on disk, their media, and the disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import ValidationError
from sqlalchemy.orm import Session

from videocraft.apis.exports import files, remote
from videocraft.apis.exports.plan import needed_bytes, objection
from videocraft.apis.exports.schemas import ExportConfig, complaint, contradiction
from videocraft.core import assets
from videocraft.core.database import Database
from videocraft.core.probing import probe_files
from videocraft.core.storage import Storage, resolve_under
from videocraft.errors import InvalidInput, MediaError, StorageFull
from videocraft.media.probe import MediaInfo


def parse(document: Any, media_root: Path) -> ExportConfig:
    """The config in a JSON document.

    Raises:
        InvalidInput: ``Invalid config: …``, naming the first wrong key.
    """
    try:
        config = ExportConfig.model_validate(document)
    except ValidationError as error:
        raise InvalidInput(f"Invalid config: {complaint(error)}") from None
    wrong = contradiction(config)
    target = config.output.file_path
    if wrong is None and target is not None and not _is_inside(target, config.id, media_root):
        wrong = f"output.filePath must name a file inside exports/{config.id}/"
    if wrong is not None:
        raise InvalidInput(f"Invalid config: {wrong}")
    return config


def _is_inside(given: str, export_id: str, media_root: Path) -> bool:
    """Whether an output path is a bare name, or leads into the export's directory without detours."""
    parts = given.split("/")
    if given.startswith("/"):
        root = str(media_root).split("/")
        if parts[: len(root)] != root:
            return False
        parts = parts[len(root) :]
    elif len(parts) == 1:
        parts = ["exports", export_id, *parts]
    if any(part in {"", ".", ".."} or len(os.fsencode(part)) > 255 for part in parts):
        return False
    return len(parts) > 2 and parts[:2] == ["exports", export_id]


def free_bytes(folder: Path) -> int:
    """Room on the disk that ``folder`` is on."""
    return shutil.disk_usage(folder).free


def admit(
    config: ExportConfig, database: Database, media_root: Path, bucket: Storage | None = None
) -> dict[str, Any]:
    """Check a config against the world and return the job's payload.

    Args:
        config: what is to be made.
        database: with the probes and the assets.
        media_root: the folder that sources lie in.
        bucket: where they lie instead, if files are kept in one.

    Raises:
        InvalidInput: a source is missing or can't be read, or does not hold what a segment asks for.
        StorageFull: the disk can't hold what the export needs.
    """
    if bucket is None:
        paths = _sources(config, database, media_root)
        # Before the probe: a file that changes after this line is noticed by the worker.
        fingerprints = [
            _fingerprint(path, source.file_path) for path, source in zip(paths, config.sources, strict=True)
        ]
        infos = _probe(probe_files(database, paths))
    else:
        names = [source.file_path for source in config.sources]
        fingerprints = remote.fingerprints(database, bucket, names)
        infos = _probe(remote.probe(database, bucket, fingerprints, names))
    wrong = objection(config, infos)
    if wrong is not None:
        raise InvalidInput(f"Invalid config: {wrong}")
    needed, free = needed_bytes(config, infos), free_bytes(files.exports_root(media_root))
    if needed > free:
        raise StorageFull(
            "Not enough disk space for this export: "
            f"it may need {_megabytes(needed)} and {_megabytes(free)} are free"
        )
    return {
        "exportId": config.id,
        "config": config.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        "files": fingerprints,
    }


def _sources(config: ExportConfig, database: Database, media_root: Path) -> list[Path]:
    paths = []
    with database.read() as session:
        for source in config.sources:
            path = _resolve(session, media_root, source.file_path)
            if path is None:
                raise InvalidInput(f"Source file not found: {source.file_path}")
            paths.append(path)
    return paths


def _resolve(session: Session, media_root: Path, given: str) -> Path | None:
    if given.startswith(assets.PREFIX):
        return assets.find_asset_file(session, media_root, given.removeprefix(assets.PREFIX))
    found = resolve_under(media_root, given)
    if found is None and not PurePosixPath(given).is_absolute():
        found = resolve_under(media_root, f"sources/{given}")
    return found


def _fingerprint(path: Path, given: str) -> dict[str, Any]:
    try:
        return files.fingerprint(path)
    except OSError:
        raise InvalidInput(f"Source file not found: {given}") from None


def _probe(found: Sequence[MediaInfo | MediaError]) -> list[MediaInfo]:
    infos = []
    for number, info in enumerate(found):
        if isinstance(info, MediaError):
            raise InvalidInput(f"Invalid config: sources[{number}]: {info.message}")
        infos.append(info)
    return infos


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.0f} MB"
