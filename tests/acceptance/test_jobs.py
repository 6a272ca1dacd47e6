"""Each pipeline through HTTP, on a recording in which somebody speaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.media import tone
from tests.support.pipelines import Jobs, make_talk
from tests.support.server import Server
from tests.support.shots import TOOLS, info_of, luma, make_shots
from videocraft.media.loudness import measure_sound

LINES = [
    "Good morning everybody, and welcome to the garden.",
    "The penguin eats fish in the cold water every day.",
    "Tomorrow we will talk about money and banks.",
]


@pytest.fixture(scope="session")
def jobs(server: Server) -> Jobs:
    """A client for the shared server."""
    return Jobs(server.http)


@pytest.fixture(scope="session")
def talk(server: Server, jobs: Jobs, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The asset of a recording with three sentences, uploaded."""
    path = make_talk(tmp_path_factory.mktemp("talk") / "talk.mp4", LINES)
    answer = server.http.post("/assets", params={"filename": "talk.mp4"}, content=path.read_bytes())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def words(text: str) -> list[str]:
    return [word.strip(".,").lower() for word in text.split()]


def test_ingest(jobs: Jobs, talk: str, tmp_path: Path) -> None:
    result = jobs.run("ingest", {"source_asset_id": talk, "project_id": "proj_123", "transcript": True})
    assert result["progress"] == 1
    assert result["asset_id"] == talk
    assert result["metadata"]["resolution"] == "320x180"
    asset = jobs.http.get(f"/assets/{talk}").json()
    kinds = {made["kind"]: made for made in asset["derivatives"]}
    assert kinds.keys() == {"proxy", "mezzanine", "audio-wav", "waveform", "poster", "thumbnails"}
    assert asset["derivatives"] == result["derivatives"]
    for made in asset["derivatives"]:
        file = jobs.fetch(made["url"], tmp_path / made["kind"])
        assert file.stat().st_size == made["size_bytes"]
    assert len(result["scenes"]) == 3
    assert len(result["silences"]) >= 2
    assert -40 < result["loudness"]["integrated"] < -5
    assert "penguin" in words(result["transcript"]["text"])
    assert asset["project_id"] == "proj_123"


@pytest.mark.slow
def test_ingest_by_path_makes_an_asset(jobs: Jobs, server: Server) -> None:
    make_shots(server.media / "plain.mp4", (15, 15))
    result = jobs.run("ingest", {"path": "plain.mp4"})
    asset = jobs.http.get(f"/assets/{result['asset_id']}").json()
    assert asset["filename"] == "plain.mp4"
    assert [scene["start"] for scene in result["scenes"]] == [0.0, 0.6]
    assert result["loudness"] is None
    assert jobs.http.delete(f"/assets/{result['asset_id']}").status_code == 204
    assert (server.media / "plain.mp4").exists()
    assert not (server.media / "assets" / result["asset_id"]).exists()


def test_transcribe(jobs: Jobs, talk: str) -> None:
    result = jobs.run("transcribe", {"source_asset_id": talk})
    assert result["language"] == "en"
    heard = words(result["text"])
    assert "fish" in heard
    assert "money" in heard
    assert [word["text"] for word in result["words"]]
    times = [word["start"] for word in result["words"]]
    assert times == sorted(times)
    assert all(0 <= word["confidence"] <= 1 for word in result["words"])
    assert "-->" in jobs.http.get(result["srt_url"]).text
    assert jobs.http.get(result["vtt_url"]).text.startswith("WEBVTT")


def test_generate_clip_finds_what_the_prompt_asks_for(jobs: Jobs, talk: str, tmp_path: Path) -> None:
    asked: dict[str, Any] = {
        "source_asset_id": talk,
        "prompt": "penguins and fish",
        "count": 1,
        "max_duration": 6,
        "aspect_ratio": "9:16",
        "captions": True,
    }
    result = jobs.run("generate_clip", asked)
    (clip,) = result["clips"]
    assert "penguin" in clip["text"].lower()
    assert "penguin" in clip["reason"].lower()
    assert 0 < clip["score"] <= 1
    stored = jobs.http.get(f"/clips/{clip['clip_id']}").json()
    assert stored["start"] == clip["start"]
    (version,) = stored["versions"]
    assert version["id"] == clip["clip_version_id"]
    assert version["status"] == "ready"
    file = jobs.fetch(clip["download_url"], tmp_path / "clip.mp4")
    video = info_of(file).video
    assert video is not None
    assert (video.width, video.height) == (102, 180)
    pictures = luma(file, 102, 180)
    # Captions are white letters in the lower part: there are such pixels while somebody speaks.
    lower = [(picture[110:] > 220).mean() for picture in pictures]
    assert max(lower) > 0.003


@pytest.mark.slow
def test_generate_clip_without_a_match_is_empty_and_says_why(jobs: Jobs, talk: str) -> None:
    result = jobs.run("generate_clip", {"source_asset_id": talk, "prompt": "quantum chromodynamics"})
    assert result["clips"] == []
    assert "quantum chromodynamics" in result["reason"]


@pytest.mark.slow
def test_generate_clip_without_speech_uses_scenes_and_says_so(jobs: Jobs, server: Server) -> None:
    make_shots(server.media / "silent.mp4", (40, 100, 40))
    result = jobs.run("generate_clip", {"path": "silent.mp4", "max_duration": 5})
    assert result["clips"]
    assert "No speech" in result["reason"]
    assert any("No speech" in warning for warning in result["warnings"])


def test_render_and_export_of_a_clip_version(jobs: Jobs, talk: str, tmp_path: Path) -> None:
    body = {"source_asset_id": talk, "start": 1.0, "end": 3.0, "title": "A cut"}
    clip = jobs.http.post("/clips", json=body).json()
    version_id = clip["versions"][0]["id"]
    assert clip["versions"][0]["status"] == "draft"
    result = jobs.run("render", {"clip_version_id": version_id})
    assert result["duration"] == pytest.approx(2.0, abs=0.05)
    version = jobs.http.get(f"/clips/{clip['id']}").json()["versions"][0]
    assert version["status"] == "ready"
    assert version["size_bytes"] == result["size"]
    file = jobs.fetch(version["url"], tmp_path / "clip.mp4")
    assert info_of(file).audio
    result = jobs.run(
        "export",
        {"clip_id": clip["id"], "format": "mov", "resolution": "360p", "loudness": "podcast"},
        clip_version_id=version_id,
    )
    assert result["download_url"].endswith("/output.mov")
    file = jobs.fetch(result["download_url"], tmp_path / "clip.mov")
    info = info_of(file)
    assert info.video is not None
    assert (info.video.width, info.video.height) == (640, 360)
    assert file.stat().st_size == result["size"]
    assert any("enlarged" in warning for warning in result["warnings"])
    loudness, _ = measure_sound(file, info, workdir=tmp_path, tools=TOOLS, should_stop=lambda: False)
    assert loudness.integrated == pytest.approx(-16, abs=1)
    assert jobs.http.get(f"/clips/{clip['id']}").json()["versions"][0]["job_id"] is not None


@pytest.mark.slow
def test_render_a_timeline_of_several_recordings(jobs: Jobs, server: Server, tmp_path: Path) -> None:
    make_shots(server.media / "one.mp4", (25, 25), sound=tone(2))
    make_shots(server.media / "two.mp4", (50,))
    segments = [
        {"path": "one.mp4", "start": 0.6, "end": 1.4},
        {"timeline": {"segments": [{"path": "two.mp4", "start": 0, "end": 1}]}, "start": 0.2, "end": 0.8},
        {"path": "one.mp4", "start": 1.0},
    ]
    result = jobs.run("render", {"timeline": {"segments": segments}})
    file = jobs.fetch(result["download_url"], tmp_path / "film.mp4")
    info = info_of(file)
    assert info.video is not None
    assert info.video.frames == 20 + 15 + 25
    assert result["duration"] == pytest.approx(2.4, abs=0.001)
    pictures = luma(file, 320, 180)
    cuts = [at for at in range(1, len(pictures)) if _differs(pictures[at - 1], pictures[at])]
    assert cuts == [10, 20, 35]


@pytest.mark.slow
def test_export_to_webm(jobs: Jobs, server: Server, tmp_path: Path) -> None:
    make_shots(server.media / "short.mp4", (12,), sound=tone(1))
    result = jobs.run("export", {"path": "short.mp4", "format": "webm"})
    info = info_of(jobs.fetch(result["download_url"], tmp_path / "film.webm"))
    assert info.video is not None
    assert (info.video.codec, info.audio[0].codec, info.video.frames) == ("vp9", "opus", 12)


def test_a_recording_that_is_no_media_fails_with_a_sentence(jobs: Jobs, server: Server) -> None:
    (server.media / "text.mp4").write_text("not a film")
    job = jobs.ended(jobs.submit("transcribe", {"path": "text.mp4"})["id"])
    assert job["status"] == "failed"
    assert "media" in job["error_message"]
    assert job["result_payload"].keys() >= {"progress", "log"}


def _differs(one: np.ndarray, other: np.ndarray) -> bool:
    return float(np.abs(one.astype(int) - other).mean()) > 15
