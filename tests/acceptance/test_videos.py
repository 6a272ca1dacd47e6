"""Films through HTTP, from sources on a web server: recognised speech becomes captions in the picture."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.support.film_client import Films
from tests.support.media import make_av
from tests.support.server import Server, running_server, wait_until
from tests.support.speech_samples import say, write_wav
from tests.support.web import Exchange
from tests.support.web import web as serving

SPOKEN = "The quick brown fox jumps over the lazy dog"
WIDTH, HEIGHT = 320, 180


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Serves a spoken sentence, a picture and a moving picture."""
    folder = tmp_path_factory.mktemp("web")
    say(SPOKEN).padded(0.2, 0.3).write(folder / "speech.wav")
    Image.new("RGB", (64, 64), (200, 0, 0)).save(folder / "red.png")
    make_av(folder / "test.mp4")
    write_wav(folder / "silence.wav", np.zeros(8000, np.int16), 16000)
    (folder / "empty.wav").touch()
    (folder / "broken.wav").write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(100))
    (folder / "captions.srt").write_text("1\n00:00:00,100 --> 00:00:00,400\nFrom a file\n")
    etag = '"1"'

    def answer(exchange: Exchange) -> None:
        path = folder / Path(exchange.path).name
        if not path.is_file():
            exchange.respond(status="404 Not Found")
        elif exchange.header("If-None-Match") == etag:
            exchange.respond(status="304 Not Modified", ETag=etag)
        else:
            exchange.respond(path.read_bytes(), ETag=etag)

    with serving(answer) as started:
        yield started


@pytest.fixture(scope="module")
def films_server(tmp_path_factory: pytest.TempPathFactory, web: Any) -> Iterator[Server]:
    """A server that may fetch from the web server."""
    environment = {"VIDEOCRAFT_FETCH_ALLOW": f"127.0.0.1:{web.port}", "VIDEOCRAFT_RATE_LIMIT": "0"}
    data_dir = tmp_path_factory.mktemp("films") / "data"
    with running_server(data_dir, environment=environment) as started:
        yield started


@pytest.fixture
def films(films_server: Server, tmp_path: Path) -> Films:
    """A client."""
    return Films(films_server, tmp_path)


def frame(path: Path, seconds: float) -> NDArray[np.uint8]:
    """The picture shown at a time, of shape (height, width, 3)."""
    with av.open(str(path)) as container:
        last = None
        for decoded in container.decode(video=0):
            if last is not None and float(decoded.time or 0) > seconds:
                break
            last = decoded
        assert last is not None
        return last.to_ndarray(format="rgb24")


def whiteness(picture: NDArray[np.uint8]) -> float:
    """Share of pixels that are nearly white."""
    return float((picture.min(axis=2) > 180).mean())


def project(web: Any, **changes: Any) -> dict[str, Any]:
    """A scene with speech over a colour, and one with a picture."""
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "quality": "low",
        "scenes": [
            {
                "background-color": "#004080",
                "elements": [{"type": "audio", "src": f"http://127.0.0.1:{web.port}/speech.wav"}],
            },
            {
                "duration": 1,
                "elements": [
                    {
                        "type": "image",
                        "src": f"http://127.0.0.1:{web.port}/red.png",
                        "x": 20,
                        "y": 20,
                        "width": 100,
                        "height": 100,
                    }
                ],
            },
        ],
        "elements": [{"type": "subtitles", "settings": {"style": "classic", "font-size": 30}}],
        **changes,
    }


def test_a_film_with_recognised_speech(films: Films, web: Any) -> None:
    job_id = films.create(project(web))
    found = films.wait(job_id)
    assert found["status"] == "completed", (found, films.server.log[-4000:])
    video_id = found["result"]["video_id"]
    log = films.job(job_id)["processing_log"]
    assert [step["step"] for step in log] == [
        "download",
        "audio_analysis",
        "transcription",
        "subtitle_generation",
        "video_generation",
    ]
    assert {step["status"] for step in log} == {"completed"}
    assert all(step["duration"] >= 0 for step in log)

    details = films.details(video_id)
    spoken = say(SPOKEN).padded(0.2, 0.3)
    assert details["duration"] == pytest.approx(spoken.duration + 1, abs=0.05)
    assert details["resolution"] == f"{WIDTH}x{HEIGHT}"
    (track,) = details["subtitle_tracks"]
    assert (track["language"], track["style"], track["word_count"]) == ("en", "classic", 9)

    words = films.call("GET", f"/videos/{video_id}/subtitles.json").json()
    texts = [word["text"].strip(" .,").lower() for segment in words["segments"] for word in segment["words"]]
    # The smallest model may take a word of a synthesiser for another one.
    assert sum(heard == said for heard, said in zip(texts, SPOKEN.lower().split(), strict=True)) >= 7, texts
    assert "-->" in films.call("GET", f"/videos/{video_id}/subtitles.srt").text

    film = films.download(video_id)
    fox = next(word for word in spoken.words if word.text == "fox")
    shown = frame(film, (fox.start + fox.end) / 2)
    assert whiteness(shown[HEIGHT // 2 :]) > 0.005
    assert np.abs(shown[10, 10].astype(int) - (0, 0x40, 0x80)).max() < 12
    later = frame(film, spoken.duration + 0.5)
    assert np.abs(later[70, 70].astype(int) - (200, 0, 0)).max() < 16
    assert whiteness(later) < 0.001

    preview = films.download(video_id, "preview", "preview.mp4")
    assert frame(preview, 0.1).shape[0] <= 480
    with Image.open(films.download(video_id, "thumbnail", "thumbnail.jpg")) as picture:
        assert picture.size == (WIDTH, HEIGHT)

    # Other words: captioned again without listening again.
    edited = [
        {"text": "Edited", "start": 0.3, "end": 0.8},
        {"text": "words", "start": 0.8, "end": spoken.duration},
    ]
    again = films.create({"words": edited}, f"/videos/{video_id}/subtitles")
    assert films.wait(again)["result"]["video_id"] == video_id
    assert [step["step"] for step in films.job(again)["processing_log"]] == [
        "download",
        "audio_analysis",
        "subtitle_generation",
        "video_generation",
    ]
    assert "Edited words" in films.call("GET", f"/videos/{video_id}/subtitles.srt").text
    assert films.details(video_id)["subtitle_tracks"][0]["word_count"] == 2
    changed = frame(films.download(video_id, name="edited.mp4"), (fox.start + fox.end) / 2)
    assert np.abs(changed.astype(int) - shown.astype(int)).max() > 100

    assert films.call("DELETE", f"/videos/{video_id}").status_code == 200
    assert not (films.server.media / "videos" / video_id).exists()


def test_uploads_video_and_text(films: Films, web: Any, tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), (0, 200, 0)).save(tmp_path / "green.png")
    source = films.upload(tmp_path / "green.png")
    video_id = films.finished(
        {
            "width": WIDTH,
            "height": HEIGHT,
            "quality": "low",
            "scenes": [
                {"elements": [{"type": "image", "src": source, "duration": 0.5}], "duration": 0.5},
                {
                    "elements": [
                        {"type": "video", "src": f"http://127.0.0.1:{web.port}/test.mp4", "volume": 0.5},
                        {
                            "type": "text",
                            "text": r"{\an8}%{n} '\\' <b>",
                            "z-index": 2,
                            "settings": {"font-size": 48, "box-color": "#FFFFFF", "font-color": "#000000"},
                        },
                    ],
                    "duration": 0.5,
                },
            ],
        }
    )
    details = films.details(video_id)
    assert (details["duration"], details["subtitle_tracks"]) == (1.0, [])
    film = films.download(video_id)
    assert np.abs(frame(film, 0.2)[90, 160].astype(int) - (0, 200, 0)).max() < 16
    assert whiteness(frame(film, 0.8)[60:120]) > 0.005


@pytest.mark.parametrize(
    ("change", "code", "sentence"),
    [
        ("missing.wav", "DOWNLOAD_FAILED", "there is no such file on the server"),
        ("red.png", "DOWNLOAD_FAILED", "a picture"),
        ("empty.wav", "DOWNLOAD_FAILED", "the file is empty"),
        ("broken.wav", "FFMPEG_FAILED", "broken.wav: "),
    ],
)
def test_sources_that_can_not_be_used(films: Films, web: Any, change: str, code: str, sentence: str) -> None:
    body = project(web)
    body["scenes"][0]["elements"][0]["src"] = f"http://127.0.0.1:{web.port}/{change}"
    job_id = films.create(body)
    found = films.wait(job_id)
    assert (found["status"], found["code"]) == ("failed", code)
    assert sentence in found["error"]
    last = films.job(job_id)["processing_log"][-1]
    assert last["step"] == ("download" if code == "DOWNLOAD_FAILED" else "audio_analysis")
    assert last["status"] == "failed"


def test_silence_has_no_captions_and_says_so(films: Films, web: Any) -> None:
    body = project(web, width=160, height=90)
    body["scenes"] = body["scenes"][:1]
    body["scenes"][0]["elements"][0]["src"] = f"http://127.0.0.1:{web.port}/silence.wav"
    job_id = films.create(body)
    found = films.wait(job_id)
    assert found["status"] == "completed", found
    assert found["result"]["duration"] == 0.5
    assert "There are no subtitles: no speech was found." in films.job(job_id)["warnings"]
    video_id = found["result"]["video_id"]
    assert films.details(video_id)["subtitle_tracks"] == []
    answer = films.call("GET", f"/videos/{video_id}/subtitles.srt")
    assert (answer.status_code, answer.json()["code"]) == (404, "SUBTITLES_NOT_FOUND")


def test_words_that_are_given(films: Films, web: Any) -> None:
    address = f"http://127.0.0.1:{web.port}"
    audio = {"type": "audio", "src": f"{address}/speech.wav"}
    own_words = {
        "type": "subtitles",
        "words": [{"text": "Given", "start": 0.1}, {"text": "words", "start": 0.3}],
    }
    own_file = {"type": "subtitles", "src": f"{address}/captions.srt"}
    own_text = {"type": "subtitles", "text": "A fast brown fox jumped over some lazy dogs"}
    video_id = films.finished(
        {
            "width": 160,
            "height": 90,
            "quality": "low",
            "scenes": [
                {"duration": 0.5, "elements": [audio, own_words]},
                {"duration": 0.5, "elements": [own_file], "background-color": "#202020"},
                {"elements": [audio, own_text]},
            ],
            "elements": [{"type": "subtitles", "settings": {"style": "progressive"}}],
        }
    )
    words = [
        word
        for segment in films.call("GET", f"/videos/{video_id}/subtitles.json").json()["segments"]
        for word in segment["words"]
    ]
    assert [word["text"] for word in words] == [
        *("Given", "words", "From", "a", "file"),
        *own_text["text"].split(),
    ]
    assert words[0]["start"] == pytest.approx(0.1)
    assert words[1]["end"] == pytest.approx(0.5)
    assert words[2]["start"] == pytest.approx(0.6)
    fox = next(word for word in say(SPOKEN).padded(0.2, 0.3).words if word.text == "fox")
    assert words[5 + own_text["text"].split().index("fox")]["start"] == pytest.approx(1 + fox.start, abs=0.3)

    # Another look for the same words.
    job_id = films.create({"settings": {"style": "boxed"}}, f"/videos/{video_id}/subtitles")
    assert films.wait(job_id)["status"] == "completed", films.job(job_id)
    assert films.details(video_id)["subtitle_tracks"] == [
        {"language": "en", "style": "boxed", "word_count": len(words)}
    ]
    again = films.call("GET", f"/videos/{video_id}/subtitles.json").json()
    assert [word for segment in again["segments"] for word in segment["words"]] == words


def test_cancel_ends_the_work_at_once(films: Films, web: Any) -> None:
    body = project(web, width=1920, height=1080, quality="high")
    del body["elements"]
    for scene in body["scenes"]:
        scene["duration"] = 600
    body["scenes"][1]["elements"] = [
        {"type": "video", "src": f"http://127.0.0.1:{web.port}/test.mp4", "loop": True}
    ]
    job_id = films.create(body)
    deadline = time.monotonic() + 60
    while not films.server.media_processes() or films.status(job_id)["status"] != "processing":
        assert time.monotonic() < deadline, films.status(job_id)
        time.sleep(0.02)
    answer = films.call("POST", f"/jobs/{job_id}/cancel")
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["status"] == "cancelled"
    wait_until(lambda: not films.server.media_processes(), 2, "the end of FFmpeg")
    assert films.status(job_id)["status"] == "cancelled"
    assert not (films.server.media / "videos").exists() or not list(
        (films.server.media / "videos").glob(f"*/{job_id}-*")
    )


@pytest.mark.slow
def test_without_a_speech_model(tmp_path: Path, web: Any) -> None:
    environment = {
        "VIDEOCRAFT_FETCH_ALLOW": f"127.0.0.1:{web.port}",
        "VIDEOCRAFT_WHISPER_MODEL": str(tmp_path / "none"),
    }
    with running_server(tmp_path / "data", environment=environment) as server:
        films = Films(server, tmp_path)
        found = films.wait(films.create(project(web)))
        assert (found["status"], found["code"]) == ("failed", "TRANSCRIPTION_FAILED")
        health = films.call("GET", "/health/detailed").json()["data"]
        assert (health["status"], health["services"]["whisper_daemon"]) == ("unhealthy", "unhealthy")


@pytest.mark.slow
def test_cancel_at_random_moments(films: Films, web: Any) -> None:
    body = project(web, width=640, height=360)
    random = np.random.default_rng(4)
    for _ in range(8):
        job_id = films.create(body)
        time.sleep(float(random.uniform(0, 4)))
        answer = films.call("POST", f"/jobs/{job_id}/cancel")
        found = films.wait(job_id)
        if found["status"] == "completed":  # it was quicker
            assert answer.status_code == 409
            continue
        assert answer.json()["data"]["status"] == found["status"] == "cancelled"
        wait_until(lambda: not films.server.media_processes(), 2, "the end of FFmpeg")
        # A worker that is just loading the speech model lets go when that is done; nobody waits for it.
        wait_until(partial(_is_clear, films, job_id), 60, "the removal of the job's files")


def _is_clear(films: Films, job_id: str) -> bool:
    has_files = any(films.server.media.glob(f"videos/*/{job_id}-*"))
    return not has_files and not (films.server.data_dir / "work" / job_id).exists()
