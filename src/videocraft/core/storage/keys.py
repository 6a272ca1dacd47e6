"""Which strings are storage keys: relative paths that mean the same on a disk and in a bucket."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from videocraft.errors import InvalidInput

MAX_KEY_BYTES = 1024
MAX_SEGMENT_BYTES = 255


class InvalidKey(InvalidInput):
    """A string that is no storage key."""

    default_code = "INVALID_STORAGE_KEY"


def check_key(key: str) -> str:
    """Return ``key`` when it is one.

    Segments between single ``/``; none is empty or starts with a dot (so no ``..``, and hidden names are
    free for temporary files); printable characters without backslash; 255 bytes for a segment, 1,024 in all.

    Raises:
        InvalidKey: it is not.
    """
    try:
        encoded = key.encode()
    except UnicodeEncodeError:
        raise InvalidKey("A storage key must be valid Unicode") from None
    if not encoded or len(encoded) > MAX_KEY_BYTES:
        raise InvalidKey(f"A storage key has 1 to {MAX_KEY_BYTES} bytes")
    if not key.isprintable() or "\\" in key:
        raise InvalidKey("A storage key holds printable characters other than backslash")
    for segment in key.split("/"):
        if not segment or segment.startswith(".") or len(segment.encode()) > MAX_SEGMENT_BYTES:
            raise InvalidKey(
                f"Each part of a storage key has 1 to {MAX_SEGMENT_BYTES} bytes and does not start with a dot"
            )
    return key


def key_of(user_path: str) -> str:
    """The key that a user's relative path means: ``./a//b`` is ``a/b``, as it is for a folder.

    Raises:
        InvalidKey: it can mean none.
    """
    return check_key(str(PurePosixPath(user_path)) if user_path else user_path)


def resolve_under(root: Path, user_path: str) -> Path | None:
    """The regular file that a user's path names below ``root``, with every symbolic link resolved.

    Relative paths start at ``root``; absolute ones must begin with it. A path with ``..`` is refused
    before the file system is asked, so that nobody can feel for folders outside. None for everything
    that is outside, missing, or no regular file (folder, FIFO, device, socket).
    """
    path = Path(user_path)
    if not user_path or "\0" in user_path or ".." in path.parts:
        return None
    try:
        real_root = root.resolve(strict=True)
        if path.is_absolute() and not (path.is_relative_to(root) or path.is_relative_to(real_root)):
            return None
        resolved = (real_root / path).resolve(strict=True)
        inside = resolved.is_relative_to(real_root) and resolved.is_file()
    except (OSError, RuntimeError, UnicodeEncodeError):
        # Missing, not readable, a name too long, a loop of links, a lone surrogate.
        return None
    return resolved if inside else None
