"""Where files live: one key space, reached through the ``Storage`` protocol."""

from videocraft.core.storage.base import ObjectInfo, ObjectNotFound, Storage
from videocraft.core.storage.keys import InvalidKey, check_key, resolve_under
from videocraft.core.storage.local import LocalStorage

__all__ = [
    "InvalidKey",
    "LocalStorage",
    "ObjectInfo",
    "ObjectNotFound",
    "Storage",
    "check_key",
    "resolve_under",
]
