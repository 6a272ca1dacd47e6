"""Beyond the document: `narration`, `captions` and `music`, and that nobody else notices any of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.contract.storyboards.world import (
    DESCRIPTION,
    IMAGE_PROMPT,
    PRICE,
    PROMPT,
    World,
    open_world,
    refused,
)
from videocraft.generation.narrators import sound

LEAD, TAIL = 0.5, 0.6


@pytest.fixture(scope="module")
def _spoken_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("data"), narrator="espeak", csrf="off") as opened:
        yield opened


@pytest.fixture
def spoken(_spoken_world: World) -> Iterator[World]:
    """A server that can speak."""
    yield _spoken_world
    _spoken_world.narrator.failing.clear()
    _spoken_world.narrator.asked.clear()


@pytest.fixture(scope="module")
def tune(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds of a note, at about -20 LUFS."""
    path: Path = tmp_path_factory.mktemp("music") / "tune.wav"
    note = 4000 * np.sin(2 * np.pi * 440 * np.arange(2 * 24000) / 24000)
    sound.write_wav(note.astype(np.int16), 24000, path)
    return path.read_bytes()


def upload(world: World, data: bytes, **headers: str) -> str:
    answer = world.client.post("/api/v1/uploads", content=data, headers=headers or None)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["src"])


def letters(text: str) -> int:
    return sum(char.isalpha() for char in text)


def test_without_a_narrator_nothing_is_made_and_nothing_costs(world: World) -> None:
    message = (
        "Narration is not available: this server has no narrator. "
        "Whoever runs it sets VIDEOCRAFT_NARRATOR to espeak, piper or openai."
    )
    refused(world.post("/generate", json={"prompt": PROMPT, "narration": True}), 400, message)
    job_id = world.ready(duration=5, narration=False)
    refused(world.get(f"/jobs/{job_id}/scenes/1/speech"), 404, "This scene is not spoken")


def test_a_narrator_that_can_not_work_is_the_servers_fault(tmp_path: Path) -> None:
    with open_world(tmp_path / "data", narrator="piper") as world:
        message = (
            "Narration is not available: The narrator 'piper' needs a voice: the folder of an .onnx file and "
            "its .json."
        )
        refused(world.post("/generate", json={"prompt": PROMPT, "narration": True}), 503, message)


@pytest.mark.parametrize(
    "change",
    [
        {"narration": "true"},
        {"narration": 1},
        {"captions": "no"},
        {"music": "tune.mp3"},
        {"music": "upload:../../x"},
        {"music": 7},
    ],
)
def test_other_shapes_are_422(world: World, change: dict[str, Any]) -> None:
    answer = world.post("/generate", json={"prompt": PROMPT} | change)
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"][0]["loc"] == ["body", next(iter(change))]


def test_scenes_last_as_long_as_their_speech(spoken: World) -> None:
    job_id = spoken.completed(duration=5, seed=1, narration=True)
    job = spoken.job(job_id)
    characters = 0
    for each, planned in zip(job["storyboard"], spoken.films.films[-1].scenes, strict=True):
        text, seconds = each["scene"]["description"], each["narration"]["seconds"]
        characters += len(text)
        assert each["narration"]["status"] == "completed"
        assert seconds == pytest.approx(letters(text) / 10)
        assert each["scene"]["duration"] == pytest.approx(math.ceil((LEAD + seconds + TAIL) * 10) / 10)
        assert planned.frames == round(each["scene"]["duration"] * 30)
        (clip,) = planned.audio
        assert (float(clip.start), clip.is_ducked) == (LEAD, False)
        assert planned.captions is not None
        assert planned.captions.transcript.text == text
        heard = spoken.get(each["narration"]["url"].split("/api/v2")[1], headers={"Authorization": ""})
        assert (heard.status_code, heard.headers["content-type"]) == (200, "audio/wav")
        assert heard.content.startswith(b"RIFF")
    total = sum(each["scene"]["duration"] for each in job["storyboard"])
    parameters = spoken.metadata(job_id)["video"]["parameters"]
    assert parameters["duration"] == pytest.approx(total)
    assert (parameters["narration"], parameters["captions"]) == (True, True)
    assert job["actual_cost"] == pytest.approx(3 * PRICE + characters / 1000)


def test_a_scene_is_never_shorter_than_its_duration(spoken: World) -> None:
    job_id = spoken.ready(duration=300, seed=1)
    written = [each["scene"]["duration"] for each in spoken.job(job_id)["storyboard"]]
    narrated = spoken.job(spoken.ready(duration=300, seed=1, narration=True))
    lasting = [each["scene"]["duration"] for each in narrated["storyboard"]]
    assert all(after >= before for before, after in zip(written, lasting, strict=True))
    assert lasting != written


def test_captions_can_be_left_out(spoken: World) -> None:
    spoken.completed(duration=5, narration=True, captions=False)
    scenes = spoken.films.films[-1].scenes
    assert [scene.captions for scene in scenes] == [None] * 3
    assert all(scene.audio for scene in scenes)


def test_only_what_is_said_anew_is_spoken_anew(spoken: World) -> None:
    job_id = spoken.completed(duration=5, narration=True)
    assert len(spoken.narrator.asked) == 3
    cost = spoken.job(job_id)["actual_cost"]
    assert spoken.job(job_id)["estimated_cost"] == pytest.approx(3 * PRICE), "this narrator's are not planned"
    scene = spoken.refine(job_id, scene_number=2, new_description=DESCRIPTION).json()["storyboard"][1]
    assert scene["narration"] == {"status": "pending", "seconds": None, "url": None, "error": None}
    refused(spoken.get(f"/jobs/{job_id}/scenes/2/speech"), 404, "This scene is not spoken")
    spoken.refine(job_id, scene_number=1, new_image_prompt=IMAGE_PROMPT)
    spoken.reorder(job_id, 3, 2, 1)
    spoken.post(f"/jobs/{job_id}/approve")
    spoken.post(f"/jobs/{job_id}/render")
    job = spoken.until(job_id, "completed")
    assert spoken.narrator.asked[3:] == [DESCRIPTION]
    assert job["storyboard"][1]["narration"]["seconds"] == pytest.approx(letters(DESCRIPTION) / 10)
    assert job["actual_cost"] == pytest.approx(cost + PRICE + len(DESCRIPTION) / 1000)
    assert job["estimated_cost"] == pytest.approx(4 * PRICE + len(DESCRIPTION) / 1000)
    assert len([key for key in spoken.files(job_id) if "/speech/" in key]) == 3


def test_speech_is_tried_again_and_then_shown_as_failed(spoken: World) -> None:
    spoken.narrator.failing["e"] = 4
    job_id = spoken.approved(duration=5, narration=True)
    failed = [each for each in spoken.job(job_id)["storyboard"] if each["narration"]["status"] == "failed"]
    assert len(failed) <= 1, "four failures are one scene's tries at most"
    spoken.narrator.failing["e"] = 999
    other = spoken.approved(duration=5, narration=True)
    states = {(n["status"], n["error"]) for n in (s["narration"] for s in spoken.job(other)["storyboard"])}
    assert states == {("failed", "The voice is hoarse.")}
    spoken.post(f"/jobs/{other}/render")
    error = spoken.until(other, "failed")["error_message"]
    assert error == "Scene 1 could not be spoken: The voice is hoarse."
    spoken.narrator.failing.clear()
    spoken.post(f"/jobs/{other}/render")
    spoken.until(other, "completed")
    assert {s["narration"]["error"] for s in spoken.job(other)["storyboard"]} == {None}


def test_what_can_not_be_spoken_is_silent_and_said_so(spoken: World) -> None:
    job_id = spoken.ready(duration=5, narration=True)
    spoken.refine(job_id, scene_number=1, new_description="🐉🔥🏰🐉🔥🏰🐉🔥🏰🐉🔥")
    spoken.post(f"/jobs/{job_id}/approve")
    spoken.post(f"/jobs/{job_id}/render")
    scene = spoken.until(job_id, "completed")["storyboard"][0]
    assert scene["narration"] == {"status": "completed", "seconds": 0.0, "url": None, "error": None}
    assert spoken.films.films[-1].scenes[0].audio == ()


def test_music_lies_under_the_whole_film_and_gives_way_to_speech(spoken: World, tune: bytes) -> None:
    src = upload(spoken, tune)
    job_id = spoken.completed(duration=5, narration=True, music=src)
    film = spoken.films.films[-1]
    (bed,) = film.audio
    assert (bed.is_ducked, bed.loop, bed.duration) == (True, True, film.duration)
    assert bed.fade_out == min(3, film.duration / 4)
    assert 0.5 < bed.volume < 2, "brought to a level beside that of speech"
    assert film.loudness is not None
    assert spoken.metadata(job_id)["video"]["parameters"]["music"] == src
    # The storyboard keeps a copy.
    assert spoken.client.delete(f"/api/v1/uploads/{src.removeprefix('upload:')}").status_code in {200, 204}
    spoken.refine(job_id, scene_number=1, new_description=DESCRIPTION)
    spoken.post(f"/jobs/{job_id}/approve")
    spoken.post(f"/jobs/{job_id}/render")
    spoken.until(job_id, "completed")
    assert len(spoken.films.films[-1].audio) == 1
    spoken.client.delete(f"/api/v2/jobs/{job_id}")
    assert spoken.files(job_id) == []


def test_music_alone_is_not_ducked(spoken: World, tune: bytes) -> None:
    spoken.completed(duration=5, music=upload(spoken, tune))
    film = spoken.films.films[-1]
    assert [(bed.is_ducked, bed.volume) for bed in film.audio] == [(False, 1.0)]
    assert film.duration == 5


def test_music_must_be_there_be_ones_own_and_be_sound(spoken: World, tune: bytes) -> None:
    def refused_as(src: str, detail: str, **headers: str) -> None:
        body = {"prompt": PROMPT, "duration": 5, "music": src}
        refused(spoken.post("/generate", json=body, headers=headers or None), 400, detail)

    gone = "Music not found: {}. Send the file to /api/v1/uploads first."
    refused_as("upload:upl_0", gone.format("upload:upl_0"))
    src = upload(spoken, tune)
    refused_as(src, gone.format(src), **spoken.other)
    picture = upload(spoken, b"\x89PNG\r\n\x1a\n" + bytes(64))
    refused_as(picture, f"Music must be sound; {picture} is image/png.")
    damaged = upload(spoken, b"RIFF\x24\0\0\0WAVEjunk" + b"\xff" * 60)
    refused_as(damaged, "Music can't be read: The file is damaged or not a media file.")


def test_who_asks_for_none_of_it_sees_none_of_it(spoken: World) -> None:
    job_id = spoken.completed(duration=5)
    job, meta = spoken.job(job_id), spoken.metadata(job_id)
    assert all("narration" not in each for each in job["storyboard"])
    assert all("narration" not in each for each in meta["scenes"]["details"])
    assert not {"narration", "captions", "music"} & meta["video"]["parameters"].keys()
    film = spoken.films.films[-1]
    assert (film.audio, [scene.audio for scene in film.scenes]) == ((), [()] * 3)
