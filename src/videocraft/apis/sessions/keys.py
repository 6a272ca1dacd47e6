"""Where a session's files lie in the storage (``resolved.md``, "Keys")."""

from __future__ import annotations

from typing import Final, Literal

Folder = Literal["originals", "proxies", "mezzanines", "audios", "waveforms", "posters"]

FOLDERS: Final[dict[str, Folder]] = {
    "proxy": "proxies",
    "mezzanine": "mezzanines",
    "audio-wav": "audios",
    "waveform": "waveforms",
    "poster": "posters",
}
"""The folder of each kind of derivative."""


def day_prefix(project_id: str, date: str) -> str:
    """The folder of a project's day; ``date`` is ``YYYY-MM-DD``."""
    return f"projects/{project_id}/{date.replace('-', '')}"


def angle(label: str, version: int) -> str:
    """``angle-001_v001`` for the first upload of camera A."""
    return f"angle-{ord(label) - ord('A') + 1:03}_v{version:03}"


def original_key(project_id: str, date: str, label: str, version: int, extension: str) -> str:
    """The key of an uploaded file; ``extension`` begins with a dot."""
    return f"{day_prefix(project_id, date)}/originals/{angle(label, version)}{extension}"


def derivative_key(project_id: str, date: str, label: str, version: int, *, kind: str, extension: str) -> str:
    """The key of a derivative; ``kind`` is one of ``FOLDERS``, ``extension`` begins with a dot."""
    return f"{day_prefix(project_id, date)}/{FOLDERS[kind]}/{angle(label, version)}{extension}"


def sync_prefix(project_id: str, date: str, sync_id: str) -> str:
    """The folder of one sync's files: two sessions of one day, or two syncs, never meet."""
    return f"{day_prefix(project_id, date)}/{sync_id}/sync"


def plot_key(project_id: str, date: str, sync_id: str, label: str) -> str:
    """The key of a camera's correlation plot."""
    return f"{sync_prefix(project_id, date, sync_id)}/correlation-{label}.png"
