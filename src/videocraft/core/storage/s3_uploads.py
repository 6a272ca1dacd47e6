"""Multipart uploads of S3: clients send the parts straight to the bucket.

Beside S3's own there is one small object for each upload, ``.videocraft-uploads/{id}.json`` below the prefix,
which says what belongs where: so every server of the storage knows every upload. It is no object of the key
space, since keys do not begin with a dot.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from videocraft.core.storage.base import ObjectInfo, PartInfo, PendingUpload, UploadNotFound
from videocraft.core.storage.parts import (
    UPLOAD_ID,
    UploadFacts,
    UploadFailed,
    check_list,
    check_md5,
    check_room,
    check_whole,
    taken_over,
)
from videocraft.core.storage.s3_client import code_of, is_missing, md5_header
from videocraft.core.storage.traffic import Traffic

# Not ".uploads": SeaweedFS keeps what it makes of multipart uploads under that name, and hides it.
UPLOADS_FOLDER = ".videocraft-uploads/"
_REMEMBERED = 100
_NONE_MEANT: Mapping[int, str] = {}


@dataclass(frozen=True)
class _Record:
    """What is kept of an upload; ``etags`` are those it was completed with, none before."""

    facts: UploadFacts
    s3_id: str
    etags: list[str]

    @property
    def is_completed(self) -> bool:
        return bool(self.etags)


class S3Uploads:
    """The uploads below one prefix of a bucket."""

    def __init__(self, client: Any, bucket: str, prefix: str, folder: Path, traffic: Traffic) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix
        self._folder = folder
        self._traffic = traffic
        self._writers: dict[tuple[str, int], S3PartWriter] = {}
        self._seen: OrderedDict[str, _Record] = OrderedDict()
        self._lock = threading.Lock()

    def create(self, key: str, size: int, part_size: int) -> str:
        """See ``Storage.create_upload``."""
        facts = UploadFacts.new(key, size, part_size)
        answer = self._client.create_multipart_upload(Bucket=self._bucket, Key=self._prefix + key)
        upload_id = secrets.token_hex(16)
        try:
            self._save(upload_id, _Record(facts, answer["UploadId"], []))
        except BaseException:
            self._forget_parts(_Record(facts, answer["UploadId"], []))
            raise
        return upload_id

    def open_part(self, upload_id: str, number: int, length: int | None, md5: str | None) -> S3PartWriter:
        """See ``Storage.open_part``."""
        record = self._running(upload_id)
        expected = record.facts.check_length(number, length)
        self._folder.mkdir(parents=True, exist_ok=True)
        writer = S3PartWriter(self, upload_id, number, length=expected, md5=md5, folder=self._folder)
        with self._lock:
            before = self._writers.get((upload_id, number))
            self._writers[upload_id, number] = writer
        if before is not None:
            before.make_stale()
        return writer

    def parts(self, upload_id: str) -> list[PartInfo]:
        """See ``Storage.parts``."""
        return list(self._received(self._running(upload_id)).values())

    def complete(
        self, upload_id: str, parts: Sequence[tuple[int, str]], stat: Callable[[str], ObjectInfo | None]
    ) -> ObjectInfo:
        """See ``Storage.complete_upload``; ``stat`` looks at an object."""
        record = self._load(upload_id)
        facts = record.facts
        if record.is_completed:
            received = {
                number: PartInfo(number, facts.length_of(number), etag)
                for number, etag in enumerate(record.etags, start=1)
            }
            check_list(facts, received, parts)
            return self._published(facts, stat)
        try:
            check_list(facts, self._received(record, dict(parts)), parts)
            self._join(record, parts)
        except UploadNotFound:
            # S3 has joined the parts, and its answer or our note of it was lost.
            found = stat(facts.key)
            if found is None or found.etag != joined_etag(parts) or found.size != facts.size:
                raise
        self._save(upload_id, replace(record, etags=[etag for _, etag in parts]))
        return self._published(facts, stat)

    def abort(self, upload_id: str) -> bool:
        """See ``Storage.abort_upload``."""
        try:
            record = self._load(upload_id)
        except UploadNotFound:
            return False
        if not record.is_completed:
            self._forget_parts(record)
        self._client.delete_object(Bucket=self._bucket, Key=self._name(upload_id))
        with self._lock:
            self._seen.pop(upload_id, None)
            writers = [writer for (owner, _), writer in self._writers.items() if owner == upload_id]
        for writer in writers:
            writer.make_stale()
        return True

    def pending(self) -> list[PendingUpload]:
        """See ``Storage.uploads``."""
        folder = self._prefix + UPLOADS_FOLDER
        found = []
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=folder)
        for page in pages:
            for entry in page.get("Contents", ()):
                upload_id = entry["Key"].removeprefix(folder).removesuffix(".json")
                if UPLOAD_ID.fullmatch(upload_id):
                    found.append(PendingUpload(upload_id, entry["LastModified"].timestamp()))
        return found

    def part_url(self, upload_id: str, number: int, expires_seconds: float) -> str:
        """See ``Storage.part_url``. The length is signed: no other one is taken."""
        # An upload of 10,000 parts asks so often. If it has ended meanwhile, S3 refuses the part.
        record = self._seen.get(upload_id) or self._running(upload_id)
        asked = self._part(record, number) | {"ContentLength": record.facts.length_of(number)}
        url: str = self._client.generate_presigned_url(
            "upload_part", Params=asked, ExpiresIn=max(1, int(expires_seconds))
        )
        return url

    def send(self, upload_id: str, writer: S3PartWriter, body: Any, digest: str) -> PartInfo:
        """Hand a whole part over to S3."""
        record = self._running(upload_id)
        body.seek(0)
        answer = self._client.upload_part(
            **self._part(record, writer.number), Body=body, ContentLength=writer.length
        )
        if answer["ETag"].strip('"') != digest:
            raise UploadFailed(
                f"Part {writer.number} was damaged on its way to the storage",
                details={"partNumber": writer.number},
            )
        self._traffic.add(written=writer.length)
        return PartInfo(writer.number, writer.length, digest)

    def forget(self, upload_id: str, writer: S3PartWriter) -> None:
        """A writer is closed."""
        with self._lock:
            if self._writers.get((upload_id, writer.number)) is writer:
                del self._writers[upload_id, writer.number]

    def _part(self, record: _Record, number: int) -> dict[str, Any]:
        return {
            "Bucket": self._bucket,
            "Key": self._prefix + record.facts.key,
            "UploadId": record.s3_id,
            "PartNumber": number,
        }

    def _name(self, upload_id: str) -> str:
        return f"{self._prefix}{UPLOADS_FOLDER}{upload_id}.json"

    def _save(self, upload_id: str, record: _Record) -> None:
        body = json.dumps(asdict(record)).encode()
        self._client.put_object(
            Bucket=self._bucket, Key=self._name(upload_id), Body=body, ContentMD5=md5_header(body)
        )
        self._noted(upload_id, record)

    def _load(self, upload_id: str) -> _Record:
        from botocore.exceptions import ClientError

        if not UPLOAD_ID.fullmatch(upload_id):
            raise UploadNotFound("There is no such upload")
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._name(upload_id))
        except ClientError as error:
            if is_missing(error):
                raise UploadNotFound("There is no such upload") from None
            raise
        with contextlib.closing(answer["Body"]) as body:
            kept = json.loads(body.read())
        return self._noted(upload_id, _Record(UploadFacts(**kept["facts"]), kept["s3_id"], kept["etags"]))

    def _noted(self, upload_id: str, record: _Record) -> _Record:
        with self._lock:
            self._seen.pop(upload_id, None)
            if not record.is_completed:
                self._seen[upload_id] = record
            while len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        return record

    def _running(self, upload_id: str) -> _Record:
        record = self._load(upload_id)
        if record.is_completed:
            raise UploadNotFound("There is no such upload")
        return record

    def _received(self, record: _Record, meant: Mapping[int, str] = _NONE_MEANT) -> dict[int, PartInfo]:
        """The parts that S3 has and that have the length they must have.

        A server may list a part twice that was sent twice (SeaweedFS does, until the upload is completed):
        then it is the one whose ETag is ``meant``, or the last one.
        """
        facts, found = record.facts, dict[int, PartInfo]()
        pages = self._client.get_paginator("list_parts").paginate(
            Bucket=self._bucket, Key=self._prefix + facts.key, UploadId=record.s3_id
        )
        with _known_upload():
            for part in (part for page in pages for part in page.get("Parts", ())):
                info = PartInfo(part["PartNumber"], part["Size"], part["ETag"].strip('"'))
                known = found.get(info.number)
                is_whole = info.number <= facts.parts_count and info.size == facts.length_of(info.number)
                if is_whole and (known is None or known.etag != meant.get(info.number)):
                    found[info.number] = info
        return {number: found[number] for number in sorted(found)}

    def _join(self, record: _Record, parts: Sequence[tuple[int, str]]) -> None:
        listed = [{"PartNumber": number, "ETag": f'"{etag}"'} for number, etag in parts]
        with _known_upload():
            # An error that comes as 200 is one to botocore too, which asks again.
            self._client.complete_multipart_upload(
                Bucket=self._bucket,
                Key=self._prefix + record.facts.key,
                UploadId=record.s3_id,
                MultipartUpload={"Parts": listed},
            )

    def _forget_parts(self, record: _Record) -> None:
        with contextlib.suppress(UploadNotFound), _known_upload():
            self._client.abort_multipart_upload(
                Bucket=self._bucket, Key=self._prefix + record.facts.key, UploadId=record.s3_id
            )

    def _published(self, facts: UploadFacts, stat: Callable[[str], ObjectInfo | None]) -> ObjectInfo:
        info = stat(facts.key)
        if info is None:
            raise UploadNotFound("There is no such upload")
        return info


class S3PartWriter:
    """Takes one part's bytes in order into a temporary file; S3 gets it when it is whole."""

    def __init__(
        self, uploads: S3Uploads, upload_id: str, number: int, *, length: int, md5: str | None, folder: Path
    ) -> None:
        self.number = number
        self.length = length
        self._uploads = uploads
        self._upload_id = upload_id
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by close()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._expected_md5 = md5
        self._received = 0
        self._is_stale = False
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """See ``PartWriter``."""
        from videocraft.core.storage.s3_client import translated

        with self._lock, translated("receiving a part"):
            self._require_current()
            check_room(self.number, self.length, self._received + len(data))
            self._md5.update(data)
            self._file.write(data)
            self._received += len(data)

    def finish(self) -> PartInfo:
        """See ``PartWriter``."""
        from videocraft.core.storage.s3_client import translated

        with self._lock, translated("storing a part"):
            self._require_current()
            check_whole(self.number, self.length, self._received)
            digest = self._md5.hexdigest()
            check_md5(self.number, self._expected_md5, digest)
            return self._uploads.send(self._upload_id, self, self._file, digest)

    def close(self) -> None:
        """See ``PartWriter``."""
        with self._lock:
            self._is_stale = True
            self._file.close()
        self._uploads.forget(self._upload_id, self)

    def make_stale(self) -> None:
        """Write nothing from now on."""
        with self._lock:
            self._is_stale = True

    def _require_current(self) -> None:
        if self._is_stale:
            raise taken_over(self.number)


@contextlib.contextmanager
def _known_upload() -> Iterator[None]:
    """S3's own word for an upload that it does not know, or no longer, in ours."""
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        if code_of(error) == "NoSuchUpload" or is_missing(error):
            raise UploadNotFound("There is no such upload") from None
        if code_of(error) in {"InvalidPart", "InvalidPartOrder", "EntityTooSmall"}:
            raise UploadFailed(
                "The storage does not accept these parts", details={"reason": code_of(error)}
            ) from None
        raise


def joined_etag(parts: Sequence[tuple[int, str]]) -> str:
    """The ETag that S3 gives an object of these parts: the MD5 of their MD5s, and their number."""
    try:
        digests = b"".join(bytes.fromhex(etag) for _, etag in parts)
    except ValueError:
        return ""  # the bucket encrypts with keys of its own, whose ETags are no MD5s
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"
