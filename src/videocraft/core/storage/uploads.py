"""Multipart uploads in a folder: the parts of one upload are written straight into their places in one file.

``{root}/.uploads/{upload id}/`` holds ``upload.json`` (what is uploaded where), ``data`` (sparse, as long as
the whole file) and ``journal`` (one line for each part that has come in whole). Joining the parts is thus a
rename. A part counts only once its bytes are on the disk and its line is written, so a server that is killed
in the middle loses only the parts that were on their way.

One process receives the parts of an upload at a time; ``videocraft serve`` is the only one of its data
directory.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

from videocraft.core.storage.base import PartInfo, PendingUpload, UploadNotFound
from videocraft.core.storage.parts import (
    UPLOAD_ID,
    UploadFacts,
    check_list,
    check_md5,
    check_room,
    check_whole,
    taken_over,
)
from videocraft.errors import DISK_FULL, StorageFull

UPLOADS_FOLDER = ".uploads"

_FACTS = "upload.json"
_DATA = "data"
_JOURNAL = "journal"
_JOURNAL_LINE = re.compile(rb"([0-9]{1,9}) ([0-9a-f]{32,64}|-) ([0-9]{1,18}) \.")
_NO_ROOM = DISK_FULL | {errno.EFBIG}
_VOID = "-"


class Uploads:
    """The uploads below one storage folder."""

    def __init__(self, root: Path) -> None:
        self._folder = root / UPLOADS_FOLDER
        self._open: dict[str, _Upload] = {}
        self._lock = threading.Lock()

    def create(self, key: str, size: int, part_size: int) -> str:
        """See ``Storage.create_upload``."""
        facts = UploadFacts.new(key, size, part_size)
        upload_id = secrets.token_hex(16)
        folder = self._folder / upload_id
        folder.mkdir(parents=True)
        try:
            with (folder / _DATA).open("xb") as data:
                data.truncate(size)
            (folder / _JOURNAL).touch()
            # Last: an upload without its facts is none.
            _write_synced(folder / _FACTS, json.dumps(asdict(facts)))
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise _full_or(error) from error
        return upload_id

    def open_part(self, upload_id: str, number: int, length: int | None, md5: str | None) -> PartWriter:
        """See ``Storage.open_part``."""
        return self._get(upload_id).begin(number, length, md5)

    def parts(self, upload_id: str) -> list[PartInfo]:
        """See ``Storage.parts``."""
        return self._get(upload_id).received()

    @contextlib.contextmanager
    def completing(
        self, upload_id: str, parts: Sequence[tuple[int, str]]
    ) -> Iterator[tuple[Path | None, str]]:
        """The whole file and the key it belongs to, while nothing can write into it any more.

        The path is None when the file was handed out before, and the upload's end was lost in between.

        Raises:
            UploadNotFound: there is no such upload.
            UploadFailed: the list is not that of the parts received; ``details`` say why.
        """
        upload = self._get(upload_id)
        with upload.lock:
            upload.require_alive()
            upload.check(parts)
            data = upload.folder / _DATA
            yield data if data.exists() else None, upload.facts.key

    def abort(self, upload_id: str) -> bool:
        """See ``Storage.abort_upload``."""
        try:
            upload = self._get(upload_id)
        except UploadNotFound:
            return False
        with upload.lock:
            if upload.is_over:
                return False
            upload.end()
            # Under a new name first: half an upload is never found.
            gone = upload.folder.with_name(f"{upload_id}.{secrets.token_hex(4)}.gone")
            upload.folder.rename(gone)
        with self._lock:
            self._open.pop(upload_id, None)
        shutil.rmtree(gone, ignore_errors=True)
        return True

    def pending(self) -> list[PendingUpload]:
        """See ``Storage.uploads``. What earlier removals left half-done is removed on the way."""
        found = []
        for folder in sorted(self._folder.iterdir()) if self._folder.is_dir() else ():
            if UPLOAD_ID.fullmatch(folder.name):
                try:
                    found.append(PendingUpload(folder.name, folder.stat().st_mtime))
                except FileNotFoundError:
                    continue  # it ended just now
            else:
                shutil.rmtree(folder, ignore_errors=True)
        return found

    def _get(self, upload_id: str) -> _Upload:
        with self._lock:
            upload = self._open.get(upload_id)
            if upload is None:
                upload = self._open[upload_id] = _Upload.load(self._folder, upload_id)
        return upload


class PartWriter:
    """Takes one part's bytes in order. A later writer of the same part takes its place."""

    def __init__(self, upload: _Upload, number: int, descriptor: int, md5: str | None) -> None:
        self.number = number
        self.length = upload.facts.length_of(number)
        self._upload = upload
        self._offset = (number - 1) * upload.facts.part_size
        self._descriptor = descriptor
        # Processors have instructions for SHA-256: it takes less than half the time of MD5.
        self._sha256 = hashlib.sha256()
        self._md5 = None if md5 is None else hashlib.md5(usedforsecurity=False)
        self._expected_md5 = md5
        self._received = 0
        self._lock = threading.Lock()
        self._is_stale = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append bytes to the part.

        Raises:
            UploadFailed: the part is longer than it may be, or was taken over.
            StorageFull: the disk is full.
        """
        view = memoryview(data)
        with self._lock:
            self._require_current()
            check_room(self.number, self.length, self._received + len(view))
            self._sha256.update(view)
            if self._md5 is not None:
                self._md5.update(view)
            while view:
                try:
                    written = _write(self._descriptor, view, self._offset + self._received)
                except OSError as error:
                    raise _full_or(error) from error
                self._received += written
                view = view[written:]

    def finish(self) -> PartInfo:
        """Make the part durable and count it.

        Raises:
            UploadFailed: the part is too short, its MD5 is another, or it was taken over.
        """
        check_whole(self.number, self.length, self._received)
        if self._md5 is not None:
            check_md5(self.number, self._expected_md5, self._md5.hexdigest())
        try:
            os.fdatasync(self._descriptor)
        except OSError as error:
            raise _full_or(error) from error
        info = PartInfo(self.number, self.length, self._sha256.hexdigest())
        self._upload.count(self, info)
        return info

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._is_stale = True
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1
        self._upload.forget(self)

    def make_stale(self) -> None:
        """Write nothing from now on; waits for the write that is going on."""
        with self._lock:
            self._is_stale = True

    def require_current(self) -> None:
        """Raise ``UploadFailed`` when another writer has taken the part over, or the upload has ended."""
        with self._lock:
            self._require_current()

    def _require_current(self) -> None:
        if self._is_stale:
            raise taken_over(self.number)


class _Upload:
    """One upload as this process knows it. ``lock`` is held by whoever changes its parts or ends it."""

    def __init__(self, folder: Path, facts: UploadFacts, parts: dict[int, PartInfo]) -> None:
        self.folder = folder
        self.facts = facts
        self.lock = threading.RLock()
        self.is_over = False
        self._parts = parts
        self._writers: dict[int, PartWriter] = {}

    @classmethod
    def load(cls, uploads: Path, upload_id: str) -> _Upload:
        folder = uploads / upload_id
        if not UPLOAD_ID.fullmatch(upload_id):
            raise UploadNotFound("There is no such upload")
        try:
            facts = UploadFacts(**json.loads((folder / _FACTS).read_text()))
            journal = (folder / _JOURNAL).read_bytes()
        except FileNotFoundError:
            raise UploadNotFound("There is no such upload") from None
        parts: dict[int, PartInfo] = {}
        for line in journal.split(b"\n"):
            # A line that was cut off, or garbled by a power failure, matches nothing.
            match = _JOURNAL_LINE.fullmatch(line)
            if match:
                number, etag, size = int(match[1]), match[2].decode(), int(match[3])
                parts.pop(number, None)
                if etag != _VOID:
                    parts[number] = PartInfo(number, size, etag)
        return cls(folder, facts, parts)

    def require_alive(self) -> None:
        if self.is_over:
            raise UploadNotFound("There is no such upload")

    def received(self) -> list[PartInfo]:
        with self.lock:
            self.require_alive()
            return [self._parts[number] for number in sorted(self._parts)]

    def begin(self, number: int, length: int | None, md5: str | None) -> PartWriter:
        self.facts.check_length(number, length)
        with self.lock:
            self.require_alive()
            try:
                descriptor = _open_direct(self.folder / _DATA)
            except FileNotFoundError:
                raise UploadNotFound("There is no such upload") from None
            try:
                before = self._writers.pop(number, None)
                if before is not None:
                    before.make_stale()
                if number in self._parts:
                    # On disk before the first byte is overwritten: a retry that breaks off leaves no part.
                    self._note(number, _VOID, 0, sync=True)
                    del self._parts[number]
                writer = self._writers[number] = PartWriter(self, number, descriptor, md5)
            except BaseException:
                os.close(descriptor)
                raise
            return writer

    def count(self, writer: PartWriter, info: PartInfo) -> None:
        with self.lock:
            writer.require_current()
            self._note(info.number, info.etag, info.size, sync=False)
            self._parts[info.number] = info

    def forget(self, writer: PartWriter) -> None:
        with self.lock:
            if self._writers.get(writer.number) is writer:
                del self._writers[writer.number]

    def end(self) -> None:
        self.is_over = True
        for writer in self._writers.values():
            writer.make_stale()
        self._writers.clear()

    def check(self, listed: Sequence[tuple[int, str]]) -> None:
        check_list(self.facts, self._parts, listed)

    def _note(self, number: int, etag: str, size: int, *, sync: bool) -> None:
        # The line break in front separates it from a line that was cut off.
        line = f"\n{number} {etag} {size} .\n".encode()
        try:
            with (self.folder / _JOURNAL).open("ab", buffering=0) as journal:
                journal.write(line)
                if sync:
                    os.fdatasync(journal.fileno())
        except OSError as error:
            raise _full_or(error) from error


def _open_direct(path: Path) -> int:
    """A file for writing past the page cache, which for a whole recording is a copy that nobody reads."""
    try:
        return os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_DIRECT)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        return os.open(path, os.O_WRONLY | os.O_CLOEXEC)  # a file system that has only the cache


def _write(descriptor: int, data: memoryview, offset: int) -> int:
    try:
        return os.pwrite(descriptor, data, offset)
    except OSError as error:
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        if error.errno != errno.EINVAL or not flags & os.O_DIRECT:
            raise
    # Memory, length or place do not lie on the blocks of the disk: the end of a file, or a small piece.
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags & ~os.O_DIRECT)
    return os.pwrite(descriptor, data, offset)


def _write_synced(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}")
    with temporary.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _full_or(error: OSError) -> Exception:
    return StorageFull("There is no room left on the server's disk") if error.errno in _NO_ROOM else error
