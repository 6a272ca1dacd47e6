"""A client of an S3 server, and its errors in our words."""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from videocraft.core.storage.base import ObjectNotFound, StorageUnavailable
from videocraft.errors import DISK_FULL, StorageFull, VideoCraftError

CONNECT_SECONDS = 5
READ_SECONDS = 30
ATTEMPTS = 5
POOL = 32

_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
CHANGED = frozenset({"412", "PreconditionFailed"})
_FULL = frozenset({"QuotaExceeded", "InsufficientStorage", "507", "XMinioStorageFull"})
_REFUSED = frozenset(
    {
        "403",
        "AccessDenied",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "NoSuchBucket",
        "InvalidBucketName",
    }
)


@dataclass(frozen=True)
class S3Place:
    """Where a bucket is, and who we are there; an empty ``access_key`` means boto3's own search."""

    bucket: str
    prefix: str
    endpoint_url: str = ""
    access_key: str = ""
    secret_key: str = ""
    region: str = "us-east-1"


@functools.cache
def _session() -> Any:
    """One for a process: it keeps the description of S3, which takes long to read."""
    import boto3

    return boto3.session.Session()


def make_client(place: S3Place) -> Any:
    """A client with short limits; it may be used by several threads."""
    from botocore.config import Config

    return _session().client(
        "s3",
        endpoint_url=place.endpoint_url or None,
        aws_access_key_id=place.access_key or None,
        aws_secret_access_key=place.secret_key or None,
        region_name=place.region,
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            max_pool_connections=POOL,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            signature_version="s3v4",
            # Servers other than Amazon's seldom have a name for each bucket.
            s3={"addressing_style": "path" if place.endpoint_url else "auto"},
            # Not every server knows the newer checksums, and signed links would demand them of clients.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@contextlib.contextmanager
def translated(what: str) -> Iterator[None]:
    """Tell whatever goes wrong in the block with S3 as an error of ours; ``what`` was being done.

    Raises:
        ObjectNotFound: there is no such object.
        StorageFull: the storage, or this machine's disk, has no room left.
        StorageUnavailable: the server can't be reached, does not answer, or refuses us.
    """
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ClientError as error:
        raise _of_code(error, what) from error
    except (BotoCoreError, Boto3Error, HTTPError) as error:
        cause = error.__cause__ or error.__context__
        if isinstance(cause, ClientError):
            raise _of_code(cause, what) from error
        details = {"doing": what, "reason": f"{type(error).__name__}: {error}"}
        raise StorageUnavailable("The storage can't be reached now", details=details) from error
    except OSError as error:
        if error.errno in DISK_FULL:
            raise StorageFull("There is no room left on the server's disk") from error
        if isinstance(error, FileNotFoundError):
            raise
        details = {"doing": what, "reason": f"{type(error).__name__}: {error}"}
        raise StorageUnavailable("The storage can't be reached now", details=details) from error


def md5_header(body: bytes) -> str:
    """``Content-MD5`` of a body that goes in one request.

    Without it a server may keep what came of a body whose connection broke: SeaweedFS keeps an empty object.
    """
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def code_of(error: Any) -> str:
    """The code that S3 gave a ``ClientError``."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_missing(error: Any) -> bool:
    """Whether a ``ClientError`` says that there is no such object."""
    return code_of(error) in _MISSING


def _of_code(error: Any, what: str) -> VideoCraftError:
    code = code_of(error)
    if code in _MISSING:
        return ObjectNotFound("There is no such file")
    if code in CHANGED:
        return ObjectNotFound("This version of the file was replaced or deleted")
    if code in _FULL:
        return StorageFull("There is no room left in the storage")
    details = {"doing": what, "reason": code}
    if code in _REFUSED:
        return StorageUnavailable(
            "The storage refuses this server; its operator has to look", details=details
        )
    return StorageUnavailable("The storage does not do what it is asked now", details=details)
