"""What a place for files must be able to do; ``local`` is one, others pass the same tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from videocraft.core.storage.traffic import Traffic
from videocraft.errors import Conflict, NotFound, Unavailable
from videocraft.media.filling import Fill


class ObjectNotFound(NotFound):
    """No object under this key."""


class ObjectExists(Conflict):
    """There is an object under this key already, and it is not to be replaced."""


@dataclass(frozen=True)
class ObjectInfo:
    """A stored object. ``etag`` changes with the content, ``modified`` is seconds since 1970-01-01 UTC."""

    key: str
    size: int
    etag: str
    modified: float


@dataclass(frozen=True)
class PartialFile:
    """An object as a file of this machine.

    Attributes:
        path: of the file, in its full length.
        info: the version that it is.
        fill: puts ranges of it in their place before they are read; None when all of it is there.
    """

    path: Path
    info: ObjectInfo
    fill: Fill | None


class StorageUnavailable(Unavailable):
    """The place where files live can't be reached, or refuses us; the same may succeed later."""

    default_code = "STORAGE_UNAVAILABLE"

    def __init__(self, message: str, *, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message, details=details, headers={"Retry-After": "5"})


class UploadNotFound(NotFound):
    """No multipart upload with this id: never begun, completed, or aborted."""

    default_code = "UPLOAD_NOT_FOUND"


@dataclass(frozen=True)
class PartInfo:
    """A part that has come in whole: its number from 1, its bytes, and its ETag."""

    number: int
    size: int
    etag: str
    """A hash of the bytes in hexadecimal: their MD5 in a bucket, as S3 has it, their SHA-256 in a folder."""


@dataclass(frozen=True)
class PendingUpload:
    """An upload that has neither been completed nor aborted; ``created`` is seconds since 1970-01-01 UTC."""

    upload_id: str
    created: float


class PartWriter(Protocol):
    """Receives one part; as a context manager it closes itself.

    A part that is sent again takes the place of the earlier one, and its writer that of one which is still
    at work; that one can write nothing more.
    """

    length: int
    """Exactly so many bytes must come."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append bytes to the part.

        Raises:
            InvalidInput: code ``UPLOAD_FAILED``; more bytes than the part has, or it was taken over.
            StorageFull: there is no room.
        """

    def finish(self) -> PartInfo:
        """Make the part durable and count it.

        Raises:
            InvalidInput: code ``UPLOAD_FAILED``; bytes are missing, their MD5 is not what their sender said,
                or the part was taken over.
        """

    def close(self) -> None:
        """Give back what it holds. A part that was not finished does not count."""


class Storage(Protocol):
    """One key space of immutable objects.

    A key is a relative path with ``/`` (see ``keys``); every method raises ``InvalidKey`` for anything
    else. Prefixes are folders: ``a/b`` covers ``a/b/c``, never ``a/bc``.
    """

    traffic: Traffic
    """What this process has moved through it."""

    def put_file(self, path: Path, key: str, *, replace: bool = True) -> ObjectInfo:
        """Publish a finished file under ``key``: whole or not at all, in place of an older one.

        The file is handed over: ``path`` is gone afterwards.

        Args:
            replace: False publishes only where nothing is yet, also against others who try at the same time.

        Raises:
            FileNotFoundError: ``path`` is not a regular file.
            ObjectExists: there is another object, which is not to be replaced; ``path`` stays.
        """

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The object's bytes from ``start``, at most ``length``, in pieces.

        Raises:
            ObjectNotFound: no such object.
            ValueError: a negative ``start`` or ``length``.
        """

    def stat(self, key: str) -> ObjectInfo | None:
        """The object's facts, None when there is none."""

    def delete(self, key: str) -> bool:
        """Remove an object; False when there was none."""

    def delete_prefix(self, prefix: str) -> None:
        """Remove every object below a folder.

        Raises:
            InvalidKey: the prefix is empty.
        """

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Every object below a folder (``""``: all), in the order of their keys' bytes."""

    def local_file(self, key: str) -> AbstractContextManager[Path]:
        """The object as a file to read from while the block runs.

        Raises:
            ObjectNotFound: no such object.
        """

    def partial_file(self, key: str) -> AbstractContextManager[PartialFile]:
        """The object as a file of which only what is read is fetched, while the block runs.

        Raises:
            ObjectNotFound: no such object; from ``fill``, that it was replaced or deleted meanwhile.
        """

    def signed_url(self, method: str, key: str, expires_seconds: float) -> str:
        """A URL that lets whoever has it do ``method`` on ``key`` for so long."""

    def direct_url(self, info: ObjectInfo, filename: str, content_type: str, *, inline: bool) -> str | None:
        """Where a download may be sent to instead of passing through this server; None: nowhere else.

        Args:
            info: from ``stat``.
            filename, content_type, inline: how a browser is to take it.
        """

    def verify(self, method: str, key: str, expires: str, signature: str) -> None:
        """Check the query of a signed URL.

        Raises:
            Forbidden: the signature is not ours, or the time is over.
        """

    def create_upload(self, key: str, size: int, part_size: int) -> str:
        """Begin a multipart upload of ``size`` bytes to ``key`` and return its id.

        Every part has ``part_size`` bytes, the last one what is left. The object appears when the upload is
        completed.

        Raises:
            StorageFull: such a file can't be stored here.
        """

    def open_part(
        self, upload_id: str, number: int, *, length: int | None = None, md5: str | None = None
    ) -> PartWriter:
        """Receive a part, numbered from 1, in place of an earlier one.

        A folder forgets the earlier one at once, since its bytes are overwritten; S3 when it is whole.

        Args:
            length: how many bytes the sender announces, if it does.
            md5: what the sender says that their MD5 is, in hexadecimal; `finish` compares.

        Raises:
            UploadNotFound: there is no such upload.
            InvalidInput: code ``UPLOAD_FAILED``; it has no such part, or one of another length.
        """

    def parts(self, upload_id: str) -> Sequence[PartInfo]:
        """The parts that have come in whole, in order.

        Raises:
            UploadNotFound: there is no such upload.
        """

    def complete_upload(self, upload_id: str, parts: Sequence[tuple[int, str]]) -> ObjectInfo:
        """Publish the object: whole or not at all. The same call again has the same answer.

        The upload stays known, without its bytes, until ``abort_upload``: so a caller that dies before it has
        noted the end can complete it again.

        Args:
            parts: number and ETag of every part, in order.

        Raises:
            UploadNotFound: there is no such upload.
            InvalidInput: code ``UPLOAD_FAILED``; parts are missing, out of order, or have another ETag.
        """

    def abort_upload(self, upload_id: str) -> bool:
        """Forget an upload and the parts that have come in; False when there is none. Keeps its object."""

    def uploads(self) -> Sequence[PendingUpload]:
        """Every upload that was begun and not forgotten."""

    def part_url(self, upload_id: str, number: int, expires_seconds: float) -> str:
        """A URL that takes a PUT of this part for so long."""

    def verify_part(self, upload_id: str, number: int, expires: str, signature: str) -> None:
        """Check the query of a URL from ``part_url`` that leads to this server.

        Raises:
            Forbidden: the signature is not ours, or the time is over.
        """

    def close(self) -> None:
        """Give back what it holds."""

    def check(self) -> None:
        """Do nothing if the storage can be reached.

        Raises:
            OSError: it can't.
        """
