"""``videocraft demo`` from start to end, without a terminal, as `make demo` runs it in a pipe."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.integration.commands.servers import command, environment, workers_of
from videocraft.media.probe import MediaInfo, probe


@pytest.mark.slow
def test_the_demo_makes_a_film_and_cleans_up(tmp_path: Path) -> None:
    shown = subprocess.run(
        command("demo"),
        cwd=tmp_path,
        env=environment(TMPDIR=str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    facts = dict(
        line.split(None, 1) for line in shown.stdout.splitlines() if line.startswith(("film", "frames"))
    )
    film = Path(facts["film"])
    assert film == tmp_path / "demo-data" / "multicam.mp4"
    (info,) = probe([film])
    assert isinstance(info, MediaInfo)
    assert info.video is not None
    assert info.video.frames == 552
    assert "copied as they were filmed" in facts["frames"]
    assert [path.name for path in tmp_path.iterdir()] == ["demo-data"], "the temporary data directory is gone"
    assert workers_of(tmp_path) == set()
