"""Every example runs as its first lines say."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import videocraft
from tests.support.media import AAC, H264, make_av, picture, run_ffmpeg
from tests.support.server import Server, running_server
from videocraft.media.probe import MediaInfo, probe

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data_dir = tmp_path_factory.mktemp("server") / "data"
    with running_server(data_dir, environment={"VIDEOCRAFT_MEZZANINE": "off"}) as running:
        yield running


def _run(address: str, name: str, *arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    own = {
        "PYTHONPATH": str(Path(videocraft.__file__).parents[1]),
        "VIDEOCRAFT_URL": address,
        "NO_PROXY": "127.0.0.1",
    }
    return subprocess.run(
        [sys.executable, "-W", "error", EXAMPLES / name, *arguments],
        cwd=folder,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def _shown(server: Server, name: str, *arguments: str | Path, folder: Path) -> str:
    done = _run(server.address, name, *arguments, folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _seconds(path: Path) -> float:
    (film,) = probe([path])
    assert isinstance(film, MediaInfo)
    return float(film.duration)


@pytest.mark.slow
def test_export(server: Server, tmp_path: Path) -> None:
    for name in ("wide.mp4", "guest.mp4"):
        make_av(server.media / name, seconds=2)
    assert _shown(server, "export.py", "wide.mp4", "guest.mp4", folder=tmp_path).startswith("export.mp4")
    assert _seconds(tmp_path / "export.mp4") == pytest.approx(2, abs=0.1)


@pytest.mark.slow
def test_export_from_a_server_that_asks_for_a_key(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", environment={"VIDEOCRAFT_OPEN_APIS": ""}) as server:
        for name in ("wide.mp4", "guest.mp4"):
            make_av(server.media / name, seconds=2)
        key = server.data_dir / "api-key"
        shown = _shown(server, "export.py", key, "wide.mp4", "guest.mp4", folder=tmp_path)
    assert shown.startswith("export.mp4")


@pytest.mark.slow
def test_session(server: Server, tmp_path: Path) -> None:
    room = ["-f", "lavfi", "-i", "anoisesrc=seed=1:sample_rate=48000:duration=14"]
    for name, start in (("a.mp4", "0"), ("b.mp4", "1.5")):
        sound = ["-af", f"atrim=start={start},asetpts=PTS-STARTPTS"]
        run_ffmpeg(*picture(10, size="160x90"), *room, *H264, *AAC, *sound, "-t", "10", str(tmp_path / name))
    key = server.data_dir / "api-key"
    shown = _shown(server, "session.py", key, tmp_path / "a.mp4", tmp_path / "b.mp4", folder=tmp_path)
    assert shown == "B began 1500 ms after A: looks-good\n"


@pytest.mark.slow
def test_video(server: Server, tmp_path: Path) -> None:
    shown = _shown(server, "video.py", server.data_dir / "api-key", "Hello", folder=tmp_path)
    assert shown == "video.mp4 2 s\n"
    assert _seconds(tmp_path / "video.mp4") == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_without_arguments_it_says_how_to_call_it(example: Path, tmp_path: Path) -> None:
    done = _run("http://127.0.0.1:1", example.name, folder=tmp_path)
    assert done.returncode == 1
    assert f"Usage: {example.name}" in done.stderr
