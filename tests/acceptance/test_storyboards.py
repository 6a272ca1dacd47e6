"""The documented workflow, ten steps, through HTTP against a real server with the built-in providers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support.server import Server, running_server, wait_until
from videocraft.core.tools import media_tools
from videocraft.media.ffmpeg import capture
from videocraft.media.probe import MediaInfo, probe
from videocraft.media.process import Limits
from videocraft.settings import Settings

pytestmark = pytest.mark.slow
PATIENCE = 300.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(
        tmp_path_factory.mktemp("serve") / "data", environment={"VIDEOCRAFT_API_KEY": "key"}
    ) as running:
        running.http.headers["Authorization"] = "Bearer key"
        running.http.timeout = PATIENCE
        yield running


def until(server: Server, job: str, status: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def reached() -> bool:
        found.update(server.http.get(job).json())
        assert found["status"] != "failed", found["error_message"]
        return bool(found["status"] == status)

    wait_until(reached, PATIENCE, status)
    return found


def info_of(data: bytes, path: Path) -> MediaInfo:
    path.write_bytes(data)
    (info,) = probe([path])
    assert isinstance(info, MediaInfo)
    return info


def frame(path: Path, second: float) -> Any:
    raw = capture(
        ["-loglevel", "error", "-ss", str(second), "-i", str(path), "-frames:v", "1", "-vf", "scale=320:180",
         "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"],
        binary=media_tools(Settings()).ffmpeg,
        limits=Limits(wall_seconds=60),
    ).stdout  # fmt: skip
    return np.frombuffer(raw, np.uint8).reshape(180, 320, 3).astype(float)


def test_from_a_prompt_to_a_film_in_every_format(server: Server, tmp_path: Path) -> None:
    http = server.http
    created = http.post(
        "/api/v2/generate",
        json={
            "prompt": "A hero discovers a hidden treasure in ancient ruins",
            "duration": 5,
            "style": "cinematic",
            "aspect_ratio": "16:9",
        },
    ).json()
    job = f"/api/v2/jobs/{created['job_id']}"
    board = until(server, job, "storyboard_ready")["storyboard"]
    assert len(board) == 3
    pictures = [Image.open(io.BytesIO(http.get(scene["image_url"]).content)) for scene in board]
    assert {picture.size for picture in pictures} == {(1920, 1080)}
    assert all(np.asarray(picture.convert("L")).std() > 10 for picture in pictures), "something is drawn"

    refined = http.post(
        f"{job}/refine",
        params={"scene_number": 2, "new_image_prompt": "Dramatic wide shot of ancient temple"},
    ).json()
    assert refined["storyboard"][1]["image_url"] != board[1]["image_url"]
    order = [("scene_order", number) for number in (3, 2, 1)]
    assert http.post(f"{job}/reorder", params=order).json()["status"] == "storyboard_ready"
    assert http.post(f"{job}/approve").json()["approved"] is True
    assert http.post(f"{job}/render").json()["status"] == "rendering"
    until(server, job, "completed")

    film = info_of(http.get(f"{job}/video").content, tmp_path / "film.mp4")
    assert film.video is not None
    assert (film.video.codec, film.video.width, film.video.height, film.video.frames) == (
        "h264",
        1920,
        1080,
        150,
    )
    assert [track.codec for track in film.audio] == ["aac"]
    # The film begins with what was the last scene: nearer to its picture than to any other.
    shown = frame(tmp_path / "film.mp4", 0.1)
    small = [np.asarray(picture.convert("RGB").resize((320, 180))).astype(float) for picture in pictures]
    distances = [float(np.abs(shown - picture).mean()) for picture in small]
    assert distances.index(min(distances)) == 2

    for container, quality, codecs, height in (
        ("mp4", "high", ("h264", "aac"), 1080),
        ("webm", "low", ("vp9", "opus"), 480),
        ("mov", "medium", ("h264", "aac"), 720),
    ):
        answer = http.get(f"{job}/export", params={"format": container, "quality": quality})
        assert answer.status_code == 200
        export = info_of(answer.content, tmp_path / f"export.{container}")
        assert export.video is not None
        assert (export.video.codec, export.audio[0].codec, export.video.height) == (*codecs, height)

    metadata = http.get(f"{job}/metadata").json()
    assert metadata["metrics"] == {"refinement_count": 1, "download_count": 4}
    assert metadata["scenes"]["completed"] == 3
    assert metadata["costs"] == {"estimated": 0.08, "actual": 0.08, "currency": "USD"}
