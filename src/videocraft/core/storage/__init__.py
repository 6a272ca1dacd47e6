"""Where files live: one key space, reached through the ``Storage`` protocol."""

from videocraft.core.storage.base import (
    ObjectInfo,
    ObjectNotFound,
    PartInfo,
    PartWriter,
    PendingUpload,
    Storage,
    UploadNotFound,
)
from videocraft.core.storage.keys import InvalidKey, check_key, resolve_under
from videocraft.core.storage.local import LocalStorage
from videocraft.core.storage.uploads import UploadFailed

__all__ = [
    "InvalidKey",
    "LocalStorage",
    "ObjectInfo",
    "ObjectNotFound",
    "PartInfo",
    "PartWriter",
    "PendingUpload",
    "Storage",
    "UploadFailed",
    "UploadNotFound",
    "check_key",
    "resolve_under",
]
