"""What type checkers know about the clients."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import videocraft

TYPED = """
from pathlib import Path
from typing import assert_type
from videocraft import AsyncVideoCraftAPI, VideoCraftAPI
from videocraft.client.types import JobCreated, JobResult, Video

project: dict[str, object] = {"scenes": []}

def blocking(api: VideoCraftAPI) -> None:
    assert_type(api.videos.create({"scenes": [{"elements": [{"type": "audio", "src": "x"}]}]}), JobCreated)
    assert_type(api.videos.create(project, idempotency_key="1"), JobCreated)
    assert_type(api.jobs.wait_for_completion("1", timeout=3, progress=True), JobResult)
    assert_type(api.videos.download("1", Path("film.mp4")), Path)
    assert_type(api.videos.get("1")["duration"], float)

async def asynchronous(api: AsyncVideoCraftAPI) -> None:
    assert_type(await api.videos.get("1"), Video)
    assert_type(await api.videos.delete("1"), None)
"""
WRONG = """
from videocraft import VideoCraftAPI

def wrong(api: VideoCraftAPI) -> None:
    api.videos.list(limit="ten")
    api.videos.list(status="done")
    api.videos.get()
    api.jobs.status("1")["nonsense"]
    api.videos.create({"scenes": 1})
    VideoCraftAPI("http://localhost")
"""


def _check(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    script = folder / "script.py"
    script.write_text(code)
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, "script.py"],
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(Path(videocraft.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow
def test_a_type_checker_knows_what_both_clients_answer(tmp_path: Path) -> None:
    done = _check(tmp_path, TYPED)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_a_type_checker_finds_wrong_calls(tmp_path: Path) -> None:
    done = _check(tmp_path, WRONG)
    lines = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line}
    # Line 9 passes: any mapping is taken, so that projects may come from JSON.
    assert lines == set(range(5, 11)) - {9}, done.stdout
