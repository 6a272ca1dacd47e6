"""Storage in a folder."""

from __future__ import annotations

import contextlib
import errno
import math
import os
import secrets
import shutil
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from videocraft.core.storage.base import (
    ObjectExists,
    ObjectInfo,
    ObjectNotFound,
    PartialFile,
    PartInfo,
    PendingUpload,
    UploadNotFound,
)
from videocraft.core.storage.keys import InvalidKey, check_key
from videocraft.core.storage.links import Links
from videocraft.core.storage.traffic import Traffic
from videocraft.core.storage.uploads import PartWriter, Uploads

CHUNK_BYTES = 256 * 1024
_ATTEMPTS = 50


class LocalStorage:
    """Objects are files below ``root``; nothing outside is reached, also not through symbolic links.

    Args:
        secret: signs links.
        public_url: what signed links start with, without a slash at the end.
    """

    def __init__(self, root: Path, secret: bytes, public_url: str) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root.resolve()
        self._links = Links(secret, public_url)
        self._uploads = Uploads(self.root)
        self.traffic = Traffic()

    def put_file(self, path: Path, key: str, *, replace: bool = True) -> ObjectInfo:
        """See ``Storage``. A rename where the file system allows it, else a copy, synced, then a rename."""
        target = self._path(key)
        with open_regular(path) as source:
            os.fsync(source.fileno())
            for _ in range(_ATTEMPTS):
                try:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    _move(path, source, target, replace=replace)
                    break
                except (FileNotFoundError, NotADirectoryError, FileExistsError, IsADirectoryError):
                    if not replace and target.is_file():
                        raise ObjectExists("There is a file already") from None
                    if target.is_dir() or any(folder.is_file() for folder in target.parents):
                        raise InvalidKey("A part of this storage key is an object itself") from None
                    # Else another thread deleted the last object of this folder, and so the folder: while it
                    # was made ("it exists") or after ("it is not there").
                    path.stat()
            else:
                raise OSError(errno.EBUSY, "the folder is being removed again and again", str(target.parent))
        _sync_folder(target.parent)
        info = _info(key, target.stat())
        self.traffic.add(written=info.size)
        return info

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``Storage``."""
        if start < 0 or (length is not None and length < 0):
            raise ValueError("start and length must not be negative")
        if self.stat(key) is None:
            raise ObjectNotFound("There is no such file")
        return self._chunks(key, start, length)

    def stat(self, key: str) -> ObjectInfo | None:
        """See ``Storage``."""
        try:
            found = self._path(key).lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return _info(key, found) if stat.S_ISREG(found.st_mode) else None

    def delete(self, key: str) -> bool:
        """See ``Storage``. Folders that become empty go too."""
        path = self._path(key)
        if self.stat(key) is None:
            return False
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        self._prune(path.parent)
        return True

    def delete_prefix(self, prefix: str) -> None:
        """See ``Storage``."""
        folder = self._path(prefix)
        if not folder.is_dir() or folder.is_symlink():
            return
        shutil.rmtree(folder, onerror=_ignore_vanished)
        self._prune(folder.parent)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """See ``Storage``."""
        folder = self._path(prefix) if prefix else self.root
        keys = []
        for parent, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if not name.startswith(".")]
            relative = Path(parent).relative_to(self.root)
            keys += [(relative / name).as_posix() for name in names if not name.startswith(".")]
        for key in sorted(keys, key=os.fsencode):
            # A file that somebody put here under a name that is no key is not an object.
            with contextlib.suppress(InvalidKey):
                info = self.stat(key)
                if info is not None:
                    yield info

    @contextlib.contextmanager
    def local_file(self, key: str) -> Iterator[Path]:
        """See ``Storage``: the file itself, not a copy."""
        if self.stat(key) is None:
            raise ObjectNotFound("There is no such file")
        yield self._path(key)

    @contextlib.contextmanager
    def partial_file(self, key: str) -> Iterator[PartialFile]:
        """See ``Storage``: the file itself, all of it."""
        info = self.stat(key)
        if info is None:
            raise ObjectNotFound("There is no such file")
        yield PartialFile(self._path(key), info, None)

    def signed_url(self, method: str, key: str, expires_seconds: float) -> str:
        """See ``Storage``."""
        return self._links.signed_url(method, key, expires_seconds)

    def verify(self, method: str, key: str, expires: str, signature: str) -> None:
        """See ``Storage``."""
        self._links.verify(method, key, expires, signature)

    def create_upload(self, key: str, size: int, part_size: int) -> str:
        """See ``Storage``. The file is sparse: it takes room as its parts come in."""
        self._path(key)
        return self._uploads.create(key, size, part_size)

    def open_part(
        self, upload_id: str, number: int, *, length: int | None = None, md5: str | None = None
    ) -> PartWriter:
        """See ``Storage``."""
        return self._uploads.open_part(upload_id, number, length, md5)

    def parts(self, upload_id: str) -> Sequence[PartInfo]:
        """See ``Storage``."""
        return self._uploads.parts(upload_id)

    def complete_upload(self, upload_id: str, parts: Sequence[tuple[int, str]]) -> ObjectInfo:
        """See ``Storage``. The parts lie where they belong already: this is a sync and a rename."""
        with self._uploads.completing(upload_id, parts) as (data, key):
            info = self.put_file(data, key) if data is not None else self.stat(key)
            if info is None:
                raise UploadNotFound("There is no such upload")
            return info

    def abort_upload(self, upload_id: str) -> bool:
        """See ``Storage``."""
        return self._uploads.abort(upload_id)

    def uploads(self) -> Sequence[PendingUpload]:
        """See ``Storage``."""
        return self._uploads.pending()

    def part_url(self, upload_id: str, number: int, expires_seconds: float) -> str:
        """See ``Storage``."""
        return self._links.part_url(upload_id, number, expires_seconds)

    def verify_part(self, upload_id: str, number: int, expires: str, signature: str) -> None:
        """See ``Storage``."""
        self._links.verify_part(upload_id, number, expires, signature)

    def direct_url(self, info: ObjectInfo, filename: str, content_type: str, *, inline: bool) -> str | None:  # noqa: ARG002 - see ``Storage``
        """See ``Storage``: a folder has no server of its own."""
        return None

    def close(self) -> None:
        """See ``Storage``: it holds nothing."""

    def check(self) -> None:
        """See ``Storage``."""
        if not self.root.is_dir() or not os.access(self.root, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "the storage folder can't be written", str(self.root))

    def _path(self, key: str) -> Path:
        path = self.root / check_key(key)
        if not path.parent.resolve().is_relative_to(self.root):
            raise InvalidKey("This storage key leads out of the storage")
        return path

    def _chunks(self, key: str, start: int, length: int | None) -> Iterator[bytes]:
        left = math.inf if length is None else length
        try:
            file = open_regular(self._path(key))
        except FileNotFoundError:
            raise ObjectNotFound("There is no such file") from None
        with file:
            file.seek(start)
            while left > 0 and (chunk := file.read(int(min(CHUNK_BYTES, left)))):
                left -= len(chunk)
                self.traffic.add(read=len(chunk))
                yield chunk

    def _prune(self, folder: Path) -> None:
        while folder != self.root:
            try:
                folder.rmdir()
            except OSError:
                return  # not empty, or gone already
            folder = folder.parent


def open_regular(path: Path) -> BinaryIO:
    """Open without following a link and without waiting for a FIFO's writer."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno not in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO}:
            raise
        raise FileNotFoundError(errno.ENOENT, "not a regular file", str(path)) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(errno.ENOENT, "not a regular file", str(path))
    return os.fdopen(descriptor, "rb", buffering=0)


def _move(path: Path, source: BinaryIO, target: Path, *, replace: bool) -> None:
    try:
        _rename(path, target, replace=replace)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # Another file system: copy beside the target under a name that is no key.
        temporary = target.with_name(f".{secrets.token_hex(16)}.tmp")
        try:
            with temporary.open("xb") as copy:
                source.seek(0)
                shutil.copyfileobj(source, copy, CHUNK_BYTES)
                copy.flush()
                os.fsync(copy.fileno())
            _rename(temporary, target, replace=replace)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        path.unlink()


def _rename(path: Path, target: Path, *, replace: bool) -> None:
    if replace:
        path.replace(target)
        return
    # A rename would replace; a second name for the file is refused where there is one.
    target.hardlink_to(path)
    path.unlink()


def _ignore_vanished(
    _function: object, _path: str, exc_info: tuple[type[BaseException], BaseException, object]
) -> None:
    if not isinstance(exc_info[1], FileNotFoundError):
        raise exc_info[1]


def _sync_folder(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return  # the object was deleted again at once, and its folder with it
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _info(key: str, found: os.stat_result) -> ObjectInfo:
    # Objects are replaced by rename only, so a new content is a new inode or a new time.
    etag = f"{found.st_ino:x}-{found.st_size:x}-{found.st_mtime_ns:x}"
    return ObjectInfo(key, found.st_size, etag, found.st_mtime)
