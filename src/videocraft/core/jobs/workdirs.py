"""Folders to work in, ``root/{job_id}/{epoch}``: a run never meets the files of another one."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path


def default_root(data_dir: Path) -> Path:
    """Where handlers work."""
    return data_dir / "work"


def prepare(root: Path, job_id: str, epoch: int) -> Path:
    """Make the folder of a claim and remove those of earlier epochs."""
    remove_before(root, job_id, epoch)
    mine = root / job_id / str(epoch)
    mine.mkdir(parents=True, exist_ok=True)
    return mine


def remove_before(root: Path, job_id: str, epoch: int) -> None:
    """Remove the folders of earlier epochs, whose workers are fenced."""
    job = root / job_id
    for folder in list(job.iterdir()) if job.is_dir() else []:
        if folder.name.isdecimal() and int(folder.name) < epoch:
            _remove_tree(folder)


def remove(root: Path, job_id: str, epoch: int) -> None:
    """Remove the folder of a claim, and the job's if no other claim has one."""
    _remove_tree(root / job_id / str(epoch))
    with suppress(OSError):  # a later claim has a folder there
        (root / job_id).rmdir()


def remove_job(root: Path, job_id: str) -> None:
    """Remove whatever a job left."""
    _remove_tree(root / job_id)


def jobs_with_folders(root: Path) -> Collection[str]:
    """The ids of the jobs that have a folder."""
    return [folder.name for folder in root.iterdir()] if root.is_dir() else []


def _remove_tree(folder: Path) -> None:
    # What a fenced worker, which does not know yet, puts there meanwhile is found by the next tidying.
    shutil.rmtree(folder, ignore_errors=True)
