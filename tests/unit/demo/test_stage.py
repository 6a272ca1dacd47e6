"""The demo without a terminal: a few lines instead of a bar; and no setting of the user's in its server."""

from __future__ import annotations

import io
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from videocraft.demo.server import own_environment
from videocraft.demo.stage import DemoFailed, Stage


def test_progress_without_a_terminal_is_a_few_lines(tmp_path: Path) -> None:
    written = io.StringIO()
    with httpx.Client() as client:
        stage = Stage(Console(file=written, width=80), client, "", tmp_path, tmp_path, "")
        with stage.meter("Export") as meter:
            for step in range(101):
                meter.show(step / 100, f"segment {step}")
    assert written.getvalue().splitlines() == [
        "  Export: segment 25 25%",
        "  Export: segment 50 50%",
        "  Export: segment 75 75%",
        "  Export: segment 100 100%",
    ]


def test_progress_on_a_terminal_is_a_bar(tmp_path: Path) -> None:
    written = io.StringIO()
    with httpx.Client() as client:
        stage = Stage(
            Console(file=written, width=80, force_terminal=True), client, "", tmp_path, tmp_path, ""
        )
        with stage.meter("Export") as meter:
            meter.show(1.0, "done")
    assert "Export: done" in written.getvalue()
    assert "━" in written.getvalue()


def test_the_demos_server_gets_no_setting_of_the_user() -> None:
    mine = {
        "PATH": "/bin",
        "VIDEOCRAFT_DATABASE_URL": "postgresql://precious",
        "VIDEOCRAFT_STORAGE_URL": "/precious",
        "VIDEOCRAFT_FFMPEG": "/opt/ffmpeg",
    }
    assert own_environment(mine) == {"PATH": "/bin", "VIDEOCRAFT_FFMPEG": "/opt/ffmpeg"}


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (httpx.Response(200, content=b"half", headers={"Content-Length": "8"}), "4 bytes, 8 were announced"),
        (httpx.Response(404, text="gone"), "GET /film answered 404: gone"),
    ],
)
def test_a_download_refused_or_cut_short_is_found(
    tmp_path: Path, answer: httpx.Response, complaint: str
) -> None:
    transport = httpx.MockTransport(lambda _: answer)
    with httpx.Client(transport=transport, base_url="http://server") as client:
        stage = Stage(Console(file=io.StringIO()), client, "", tmp_path, tmp_path, "")
        with pytest.raises(DemoFailed, match=complaint):
            stage.fetch("/film", "film.mp4")
