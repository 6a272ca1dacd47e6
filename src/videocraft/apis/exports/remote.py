"""Exports whose sources and results lie in a bucket.

The working directory is then in the folder of the job's run, on the machine of its worker. The bucket gets
``exports/{id}/{job}/`` with config and status, and ``{epoch}/`` below it with the finished file. The job is
part of the key, so that a late worker of a deleted export can't reach a new one of the same id.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from videocraft.apis.exports import files
from videocraft.apis.exports.status import PENDING, encode, status_body
from videocraft.core import assets
from videocraft.core.database import Database
from videocraft.core.database.models import Export
from videocraft.core.jobs.context import JobContext
from videocraft.core.probing import probe_stored
from videocraft.core.storage import InvalidKey, ObjectInfo, Storage, key_of
from videocraft.errors import InvalidInput, MediaError, VideoCraftError
from videocraft.media.filling import Fill
from videocraft.media.probe import MediaInfo

if TYPE_CHECKING:
    from videocraft.apis.exports.files import WorkingDirectory
    from videocraft.services import Services


def folder(export_id: str, job_id: str) -> str:
    """The prefix of what an export's job leaves in the bucket."""
    return f"exports/{export_id}/{job_id}"


def fingerprints(database: Database, bucket: Storage, names: Sequence[str]) -> list[dict[str, Any]]:
    """Key, size and version of each source: an asset, a key, or a key below ``sources/``.

    Raises:
        InvalidInput: ``Source file not found: …``.
    """
    found = []
    for name in names:
        info = _find(database, bucket, name)
        if info is None:
            raise InvalidInput(f"Source file not found: {name}")
        found.append({"key": info.key, "size": info.size, "etag": info.etag})
    return found


def probe(
    database: Database, bucket: Storage, prints: Sequence[Mapping[str, Any]], names: Sequence[str]
) -> list[MediaInfo | MediaError]:
    """What is in each source; one that nobody has probed yet is fetched for it.

    Raises:
        InvalidInput: it was deleted since it was found.
    """
    infos = []
    probed = probe_stored(database, bucket, [found["key"] for found in prints])
    for name, info in zip(names, probed, strict=True):
        if info is None:
            raise InvalidInput(f"Source file not found: {name}")
        infos.append(info)
    return infos


def require_unchanged(bucket: Storage, fingerprint: Mapping[str, Any], name: str) -> None:
    """Raise ``MediaError`` when a source is another version by now, or gone."""
    now = bucket.stat(fingerprint["key"])
    if now is None or now.etag != fingerprint["etag"]:
        raise MediaError(f"Source file changed or vanished while exporting: {name}", code="SOURCE_CHANGED")


@dataclass(frozen=True)
class OpenSource:
    """A source as a file to read from; ``fill`` and ``version`` are those of `media.edit.EditSource`."""

    path: Path
    fill: Fill | None = None
    version: str | None = None


@contextmanager
def opened(context: JobContext, prints: Sequence[Mapping[str, Any]]) -> Iterator[list[OpenSource]]:
    """The sources while the block runs; of those in a bucket only what is read is fetched."""
    with ExitStack() as stack:
        sources = []
        for found in prints:
            if "key" not in found:
                sources.append(OpenSource(Path(found["path"])))
                continue
            file = stack.enter_context(context.storage.partial_file(found["key"]))
            sources.append(OpenSource(file.path, file.fill, f"{file.info.key} {file.info.etag}"))
        yield sources


def make_directory(context: JobContext, export_id: str, config: Mapping[str, Any]) -> Path:
    """Make the working directory in the folder of this run, which is returned."""
    root = context.workdir
    files.prepare(root, encode(config), encode(status_body(export_id, PENDING))).install(export_id)
    return root


def store_status(directory: WorkingDirectory, context: JobContext) -> None:
    """Bring the status that a run ended with into the bucket, unless the export was deleted."""
    if _is_deleted(context):
        return
    copies = {files.STATUS: (directory.path / files.STATUS).read_bytes()}
    below = folder(directory.export_id, context.job_id)
    with suppress(VideoCraftError):  # the row is the truth and this a copy of it
        if context.storage.stat(f"{below}/{files.CONFIG}") is None:
            copies[files.CONFIG] = (directory.path / files.CONFIG).read_bytes()
        _put(context.storage, below, copies)


def forget_if_deleted(context: JobContext, key: str) -> None:
    """Whoever deleted the export meanwhile could not know of this file."""
    if _is_deleted(context):
        context.storage.delete(key)


def _is_deleted(context: JobContext) -> bool:
    with context.database.read() as session:
        return session.scalar(select(Export.id).where(Export.job_id == context.job_id)) is None


def put_copies(services: Services, below: str, contents: Mapping[str, bytes]) -> None:
    """Store small files of an export that is queued, whatever the bucket says: the rows are the truth.

    What is missing the worker brings, with the status that the export ends with.
    """
    with suppress(VideoCraftError):
        _put(services.storage, below, contents)


def _put(bucket: Storage, below: str, contents: Mapping[str, bytes]) -> None:
    for name, content in contents.items():
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(content)
        path = Path(file.name)
        try:
            bucket.put_file(path, f"{below}/{name}")
        finally:
            path.unlink(missing_ok=True)


def _find(database: Database, bucket: Storage, name: str) -> ObjectInfo | None:
    if name.startswith(assets.PREFIX):
        with database.read() as session:
            asset = assets.find_asset(session, name.removeprefix(assets.PREFIX))
        return None if asset is None else bucket.stat(asset.key)
    try:
        key = key_of(name)
        return bucket.stat(key) or bucket.stat(f"sources/{key}")
    except InvalidKey:
        return None
