"""Where a storyboard's files lie in the storage: all of them below its own prefix."""

from __future__ import annotations

import hashlib
from pathlib import Path

ROOT = "storyboards"
_BYTES = 2**20


def prefix(storyboard_id: int) -> str:
    """Holds everything of one storyboard."""
    return f"{ROOT}/{storyboard_id}"


def picture_key(storyboard_id: int, scene_id: int, picture: Path) -> str:
    """Of a scene's picture: named after its content, so that a key never changes what it means."""
    return f"{prefix(storyboard_id)}/scenes/{scene_id}-{sha256_of(picture)[:16]}.png"


def fingerprint_of(key: str) -> str:
    """The content's part of a picture's or a narration's key."""
    return key.rpartition("-")[2].partition(".")[0]


def speech_key(storyboard_id: int, scene_id: int, speech: Path) -> str:
    """Of a scene's narration: named after its content."""
    return f"{prefix(storyboard_id)}/speech/{scene_id}-{sha256_of(speech)[:16]}.wav"


def music_key(storyboard_id: int, upload_id: str) -> str:
    """Of the copy of an upload that is a storyboard's music."""
    return f"{prefix(storyboard_id)}/music/{upload_id}"


def film_key(storyboard_id: int, job_id: str) -> str:
    """Of the film that a job renders."""
    return f"{prefix(storyboard_id)}/renders/{job_id}/final.mp4"


def export_key(storyboard_id: int, job_id: str, container: str) -> str:
    """Of the file that a job exports."""
    return f"{prefix(storyboard_id)}/exports/{job_id}.{container}"


def sha256_of(path: Path) -> str:
    """Of a file's content, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BYTES):
            digest.update(block)
    return digest.hexdigest()
