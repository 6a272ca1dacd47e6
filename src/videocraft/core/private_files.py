"""Files that hold secrets: mode 0600 from the first byte, and never half-written."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

SECRET_BYTES = 32


def write_private(path: Path, data: bytes) -> None:
    """Write or replace ``path`` atomically; only its owner may read it."""
    temporary = _write_temporary(path, data)
    try:
        temporary.replace(path)
    except OSError:
        temporary.unlink()
        raise
    _sync_folder(path.parent)


def load_or_make_secret(path: Path) -> bytes:
    """The 32 random bytes kept in ``path``, made by whichever process comes first.

    Raises:
        ValueError: the file holds something else.
    """
    if not path.exists():
        temporary = _write_temporary(path, secrets.token_bytes(SECRET_BYTES))
        try:
            # A link never replaces a file: of two processes that start at once, one wins.
            path.hardlink_to(temporary)
        except FileExistsError:
            pass  # the other process was first; its secret counts
        finally:
            temporary.unlink()
        _sync_folder(path.parent)
    secret = path.read_bytes()
    if len(secret) != SECRET_BYTES:
        raise ValueError(
            f"{path} must hold {SECRET_BYTES} bytes; remove it for a new secret, which voids signed links"
        )
    return secret


def _write_temporary(path: Path, data: bytes) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
    return temporary


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
