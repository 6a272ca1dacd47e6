"""Files that a job has made on its way, kept by what they were made from."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from videocraft import __version__

KEEP_SECONDS = 7 * 86400.0
"""A file that no job asked for in so long is removed."""

PARTS = ".parts"
"""Folder inside a root of stages where files lie while they are made, in a folder for each run."""


def default_root(data_dir: Path) -> Path:
    """Where stages are kept that no room keeps elsewhere."""
    return data_dir / "stages"


def digest(name: str, key: Mapping[str, Any]) -> str:
    """SHA-256 over the stage's name, all that its output depends on, and this program's version.

    Raises:
        TypeError, ValueError: the key is not JSON.
    """
    facts = json.dumps([name, key, __version__], sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(facts.encode()).hexdigest()


def produce(
    root: Path, name: str, key: Mapping[str, Any], make: Callable[[Path], None], *, parts: Path
) -> Path:
    """The file of a stage: the one that is there already, else made now.

    Args:
        root: the folder of the stages.
        name: of the stage; its suffix (``segment.mp4``) becomes the file's.
        key: everything that the output depends on.
        make: writes the file at the path that it gets.
        parts: a folder of this run alone, on the same file system, where the file lies until it is whole.
    """
    suffix = Path(name).suffix
    path = root / f"{digest(name, key)}{suffix}"
    try:
        os.utime(path)  # it is in use: prune looks at this time
    except FileNotFoundError:
        pass
    else:
        return path
    part = parts / f"{uuid4().hex}{suffix}"
    try:
        make(part)
        # A rename may outlive a power cut that the bytes do not.
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def prune(root: Path, older_than_seconds: float = KEEP_SECONDS) -> None:
    """Remove the files that were not used for so long."""
    oldest = time.time() - older_than_seconds
    for path in root.glob("*"):
        # Another worker may be quicker.
        with suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < oldest:
                path.unlink()
