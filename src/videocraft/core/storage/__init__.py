"""Where files live: one key space, reached through the ``Storage`` protocol."""

from videocraft.core.storage.base import (
    ObjectExists,
    ObjectInfo,
    ObjectNotFound,
    PartialFile,
    PartInfo,
    PartWriter,
    PendingUpload,
    Storage,
    StorageUnavailable,
    UploadNotFound,
)
from videocraft.core.storage.keys import InvalidKey, key_of, resolve_under
from videocraft.core.storage.local import LocalStorage
from videocraft.core.storage.parts import UploadFailed

__all__ = [
    "InvalidKey",
    "LocalStorage",
    "ObjectExists",
    "ObjectInfo",
    "ObjectNotFound",
    "PartInfo",
    "PartWriter",
    "PartialFile",
    "PendingUpload",
    "Storage",
    "StorageUnavailable",
    "UploadFailed",
    "UploadNotFound",
    "key_of",
    "resolve_under",
]
