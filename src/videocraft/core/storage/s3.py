"""Storage in a bucket of any server that speaks S3."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from videocraft.core.storage.base import (
    ObjectExists,
    ObjectInfo,
    ObjectNotFound,
    PartialFile,
    PartInfo,
    PartWriter,
    PendingUpload,
)
from videocraft.core.storage.keys import InvalidKey, check_key
from videocraft.core.storage.links import Links
from videocraft.core.storage.local import open_regular
from videocraft.core.storage.s3_client import (
    CHANGED,
    S3Place,
    code_of,
    is_missing,
    make_client,
    md5_header,
    translated,
)
from videocraft.core.storage.s3_uploads import S3Uploads, joined_etag
from videocraft.core.storage.scratch import ScratchCache
from videocraft.core.storage.traffic import Traffic

CHUNK_BYTES = 256 * 1024
TRANSFER_BYTES = 16 * 2**20
"""Files above this go in parts of this size, a few at once; those are in memory meanwhile."""
TRANSFERS = 4
_MOST_PARTS = 10_000
DIRECT_SECONDS = 3600
"""How long a link to the bucket itself is valid."""
_BATCH = 1000
_RESUMES = 4


class S3Storage:
    """Objects are those of a bucket below a prefix.

    Args:
        place: the bucket, and how to reach it.
        links: signs links that lead through this server.
        scratch: keeps the copies that media work reads.
        parts_folder: where parts that clients send through this server lie until they are whole.
        redirect: whether downloads are sent to the bucket itself.
    """

    def __init__(
        self,
        place: S3Place,
        links: Links,
        scratch: ScratchCache,
        parts_folder: Path,
        *,
        redirect: bool = False,
    ) -> None:
        self._bucket = place.bucket
        self._prefix = f"{place.prefix.strip('/')}/" if place.prefix.strip("/") else ""
        self._links = links
        self._scratch = scratch
        self._redirect = redirect
        self.traffic = Traffic()
        self._client = make_client(place)
        self._uploads = S3Uploads(self._client, self._bucket, self._prefix, parts_folder, self.traffic)

    def put_file(self, path: Path, key: str, *, replace: bool = True) -> ObjectInfo:
        """See ``Storage``. S3 shows an object only once it is whole."""
        from botocore.exceptions import ClientError

        name = self._name(key)
        with open_regular(path) as source, translated("storing a file"):
            self._require_free(key)
            try:
                self._send(source, name, {} if replace else {"IfNoneMatch": "*"})
            except ClientError as error:
                info = self.stat(key)
                # An answer may get lost after the object was stored; what is sent again is then refused.
                if info is None or info.etag != _etag_of(source):
                    if code_of(error) in CHANGED and not replace:
                        raise ObjectExists("There is a file already") from error
                    raise
            info = self.stat(key)
        if info is None:
            raise ObjectNotFound("There is no such file")  # deleted since the line above
        self.traffic.add(written=info.size)
        path.unlink(missing_ok=True)
        return info

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``Storage``."""
        if start < 0 or (length is not None and length < 0):
            raise ValueError("start and length must not be negative")
        info = self.stat(key)
        if info is None:
            raise ObjectNotFound("There is no such file")
        stop = info.size if length is None else min(info.size, start + length)
        if start >= stop:
            return iter(())
        # Asked for at once: what is read is this version, even if another one takes its place.
        body = self._get(info, start, stop)
        return self._chunks(info, body, start, stop)

    def stat(self, key: str) -> ObjectInfo | None:
        """See ``Storage``."""
        from botocore.exceptions import ClientError

        name = self._name(key)
        with translated("looking at a file"):
            try:
                found = self._client.head_object(Bucket=self._bucket, Key=name)
            except ClientError as error:
                if is_missing(error):
                    return None
                raise
        etag = found["ETag"].strip('"')
        return ObjectInfo(key, found["ContentLength"], etag, found["LastModified"].timestamp())

    def delete(self, key: str) -> bool:
        """See ``Storage``."""
        if self.stat(key) is None:
            return False
        with translated("deleting a file"):
            self._client.delete_object(Bucket=self._bucket, Key=self._name(key))
        return True

    def delete_prefix(self, prefix: str) -> None:
        """See ``Storage``."""
        below = self._name(prefix) + "/"
        with translated("deleting files"):
            names = (found["Key"] for found in self._listed(below))
            while batch := list(itertools.islice(names, _BATCH)):
                listed = {"Objects": [{"Key": name} for name in batch], "Quiet": True}
                answer = self._client.delete_objects(Bucket=self._bucket, Delete=listed)
                for refused in answer.get("Errors", ()):
                    if refused.get("Code") != "NoSuchKey":
                        # Alone, so that the reason comes as an error of its own.
                        self._client.delete_object(Bucket=self._bucket, Key=refused["Key"])

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """See ``Storage``."""
        below = self._name(prefix) + "/" if prefix else self._prefix
        found = []
        with translated("listing files"):
            for entry in self._listed(below):
                # Uploads that are going on, and what others put into the bucket, are no objects of ours.
                with contextlib.suppress(InvalidKey):
                    key = check_key(entry["Key"].removeprefix(self._prefix))
                    etag = entry["ETag"].strip('"')
                    found.append(ObjectInfo(key, entry["Size"], etag, entry["LastModified"].timestamp()))
        # Servers that keep folders list them in an order of their own.
        yield from sorted(found, key=lambda info: info.key.encode())

    @contextlib.contextmanager
    def local_file(self, key: str) -> Iterator[Path]:
        """See ``Storage``: a copy in the scratch cache; what is not there yet is fetched."""
        with self.partial_file(key) as file:
            if file.fill is not None:
                file.fill(0, file.info.size)
            yield file.path

    @contextlib.contextmanager
    def partial_file(self, key: str) -> Iterator[PartialFile]:
        """See ``Storage``: a copy in the scratch cache, fetched range by range."""
        info = self.stat(key)
        if info is None:
            raise ObjectNotFound("There is no such file")

        def fetch(start: int, stop: int) -> Iterator[bytes]:
            return self._chunks(info, self._get(info, start, stop), start, stop)

        with self._scratch.hold(f"{key}\n{info.etag}\n{info.size}", info.size, fetch) as copy:
            yield PartialFile(copy.path, info, copy.fill)

    def signed_url(self, method: str, key: str, expires_seconds: float) -> str:
        """See ``Storage``: to the bucket itself where downloads are sent there."""
        name = self._name(key)
        if not self._redirect or method.upper() != "GET" or expires_seconds < 1:
            return self._links.signed_url(method, key, expires_seconds)
        return self._presigned({"Key": name}, expires_seconds)

    def direct_url(self, info: ObjectInfo, filename: str, content_type: str, *, inline: bool) -> str | None:
        """See ``Storage``."""
        if not self._redirect:
            return None
        # A header as S3 sends it back; the name's own letters travel in its second form.
        from urllib.parse import quote

        kind = "inline" if inline else "attachment"
        disposition = f"{kind}; filename*=UTF-8''{quote(filename, safe='')}"
        asked = {
            "Key": self._name(info.key),
            "ResponseContentDisposition": disposition,
            "ResponseContentType": content_type,
        }
        return self._presigned(asked, DIRECT_SECONDS)

    def verify(self, method: str, key: str, expires: str, signature: str) -> None:
        """See ``Storage``."""
        self._links.verify(method, key, expires, signature)

    def create_upload(self, key: str, size: int, part_size: int) -> str:
        """See ``Storage``."""
        self._name(key)
        with translated("beginning an upload"):
            return self._uploads.create(key, size, part_size)

    def open_part(
        self, upload_id: str, number: int, *, length: int | None = None, md5: str | None = None
    ) -> PartWriter:
        """See ``Storage``: for clients that can't reach the bucket; the others use ``part_url``."""
        with translated("receiving a part"):
            return self._uploads.open_part(upload_id, number, length, md5)

    def parts(self, upload_id: str) -> Sequence[PartInfo]:
        """See ``Storage``."""
        with translated("listing the parts of an upload"):
            return self._uploads.parts(upload_id)

    def complete_upload(self, upload_id: str, parts: Sequence[tuple[int, str]]) -> ObjectInfo:
        """See ``Storage``."""
        with translated("completing an upload"):
            return self._uploads.complete(upload_id, parts, self.stat)

    def abort_upload(self, upload_id: str) -> bool:
        """See ``Storage``."""
        with translated("aborting an upload"):
            return self._uploads.abort(upload_id)

    def uploads(self) -> Sequence[PendingUpload]:
        """See ``Storage``."""
        with translated("listing uploads"):
            return self._uploads.pending()

    def part_url(self, upload_id: str, number: int, expires_seconds: float) -> str:
        """See ``Storage``: straight to the bucket, which takes exactly the part's length."""
        with translated("signing the address of a part"):
            return self._uploads.part_url(upload_id, number, expires_seconds)

    def verify_part(self, upload_id: str, number: int, expires: str, signature: str) -> None:
        """See ``Storage``."""
        self._links.verify_part(upload_id, number, expires, signature)

    def check(self) -> None:
        """See ``Storage``."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.head_bucket(Bucket=self._bucket)
        except (BotoCoreError, ClientError) as error:
            raise ConnectionError(f"the bucket {self._bucket} can't be used: {error}") from error

    def close(self) -> None:
        """Give back the connections."""
        self._client.close()

    def _name(self, key: str) -> str:
        return self._prefix + check_key(key)

    def _listed(self, below: str) -> Iterator[dict[str, Any]]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=below)
        for page in pages:
            yield from page.get("Contents", ())

    def _require_free(self, key: str) -> None:
        """A key must not be a folder of others, nor lie below one: it would be no key on a disk."""
        folders = itertools.accumulate(key.split("/")[:-1], lambda left, right: f"{left}/{right}")
        if any(self.stat(folder) is not None for folder in folders):
            raise InvalidKey("A part of this storage key is an object itself")
        below = self._client.list_objects_v2(Bucket=self._bucket, Prefix=f"{self._name(key)}/", MaxKeys=1)
        if below.get("Contents"):
            raise InvalidKey("A part of this storage key is an object itself")

    def _send(self, source: BinaryIO, name: str, conditions: dict[str, str]) -> None:
        size = os.fstat(source.fileno()).st_size
        target = {"Bucket": self._bucket, "Key": name}
        if size <= TRANSFER_BYTES:
            body = source.read()
            self._client.put_object(**target, Body=body, ContentMD5=md5_header(body), **conditions)
            return
        target["UploadId"] = self._client.create_multipart_upload(**target)["UploadId"]
        part_bytes = _part_bytes(size)

        def send(number: int) -> dict[str, Any]:
            body = os.pread(source.fileno(), part_bytes, (number - 1) * part_bytes)
            sent = self._client.upload_part(**target, PartNumber=number, Body=body)
            return {"PartNumber": number, "ETag": sent["ETag"]}

        try:
            with ThreadPoolExecutor(TRANSFERS, thread_name_prefix="s3-parts") as pool:
                parts = list(pool.map(send, range(1, -(-size // part_bytes) + 1)))
            self._client.complete_multipart_upload(**target, MultipartUpload={"Parts": parts}, **conditions)
        except BaseException:
            self._give_up(target)
            raise

    def _give_up(self, target: dict[str, str]) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        # The bucket's own rule for incomplete uploads, or `videocraft gc`, removes what can't be removed now.
        with contextlib.suppress(BotoCoreError, ClientError):
            self._client.abort_multipart_upload(**target)

    def _get(self, info: ObjectInfo, start: int, stop: int) -> Any:
        with translated("reading a file"):
            answer = self._client.get_object(
                Bucket=self._bucket,
                Key=self._name(info.key),
                Range=f"bytes={start}-{stop - 1}",
                IfMatch=f'"{info.etag}"',
            )
        return answer["Body"]

    def _chunks(self, info: ObjectInfo, body: Any, start: int, stop: int) -> Iterator[bytes]:
        """The bytes, gone on with where a connection broke, as long as it is the same version."""
        from botocore.exceptions import BotoCoreError
        from urllib3.exceptions import HTTPError

        at, resumes = start, 0
        while at < stop:
            try:
                for chunk in iter(partial(body.read, CHUNK_BYTES), b""):
                    at += len(chunk)
                    self.traffic.add(read=len(chunk))
                    yield chunk
            except (BotoCoreError, HTTPError, OSError):
                resumes += 1
                if resumes > _RESUMES:
                    with translated("reading a file"):
                        raise
            finally:
                body.close()
            if at < stop:
                body = self._get(info, at, stop)

    def _presigned(self, asked: dict[str, str], expires_seconds: float) -> str:
        url: str = self._client.generate_presigned_url(
            "get_object", Params={"Bucket": self._bucket, **asked}, ExpiresIn=int(expires_seconds)
        )
        return url


def _part_bytes(size: int) -> int:
    return max(TRANSFER_BYTES, -(-size // _MOST_PARTS))


def _etag_of(source: BinaryIO) -> str:
    """The ETag that S3 gives to a file that ``_send`` has sent; buckets that encrypt give others."""
    size = os.fstat(source.fileno()).st_size
    source.seek(0)
    parts = iter(partial(source.read, _part_bytes(size)), b"")
    digests = [hashlib.md5(part, usedforsecurity=False).hexdigest() for part in parts]
    if size <= TRANSFER_BYTES:
        return digests[0] if digests else hashlib.md5(usedforsecurity=False).hexdigest()
    return joined_etag(list(enumerate(digests, start=1)))
