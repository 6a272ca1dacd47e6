"""`render`, `video`, `export` and `metadata`: answers, errors, their order, ranges and counts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.contract.storyboards import world as worlds
from tests.contract.storyboards.world import DESCRIPTION, FILM, World, refused
from videocraft.core.database.models import Storyboard, StoryboardDownload, StoryboardExport, StoryboardRender
from videocraft.errors import MediaError

BUSY = "This job is being rendered. Try again when that is done."


def count(world: World, job_id: int) -> int:
    return int(world.metadata(job_id)["metrics"]["download_count"])


@pytest.mark.main_path
def test_an_approved_storyboard_becomes_a_film(world: World) -> None:
    job_id = world.approved()
    answer = world.post(f"/jobs/{job_id}/render")
    assert (answer.status_code, answer.json()["status"]) == (200, "rendering")
    job = world.until(job_id, "completed")
    assert job["video_url"] == f"/data/videos/{job_id}/final.mp4"
    assert job["approved"]
    film = world.films.films[-1]
    assert (film.width, film.height, film.frames, len(film.scenes)) == (1920, 1080, 900, 6)
    for path in (f"/api/v2/jobs/{job_id}/video", job["video_url"]):
        video = world.client.get(path, headers={"Authorization": ""})
        assert (video.status_code, video.headers["content-type"]) == (200, "video/mp4")
        assert video.content.startswith(FILM)
        assert video.headers["content-disposition"] == f'attachment; filename="video_{job_id}.mp4"'


@pytest.mark.parametrize(
    ("ratio", "size"),
    [("16:9", (1920, 1080)), ("9:16", (1080, 1920)), ("1:1", (1080, 1080)), ("4:3", (1440, 1080))],
)
def test_films_keep_the_aspect_ratio(world: World, ratio: str, size: tuple[int, int]) -> None:
    job_id = world.completed(duration=5, aspect_ratio=ratio)
    parameters = world.metadata(job_id)["video"]["parameters"]
    assert (parameters["width"], parameters["height"], parameters["duration"]) == (*size, 5.0)


def test_metadata_is_as_documented(world: World) -> None:
    job_id = world.completed()
    meta = world.metadata(job_id)
    assert meta.keys() == {
        "job_id",
        "status",
        "created_at",
        "updated_at",
        "approved",
        "approved_at",
        "scenes",
        "costs",
        "metrics",
        "video",
        "error",
    }
    assert (meta["job_id"], meta["status"], meta["approved"], meta["error"]) == (
        job_id,
        "completed",
        True,
        None,
    )
    assert {key: meta["scenes"][key] for key in ("total", "completed", "failed")} == {
        "total": 6,
        "completed": 6,
        "failed": 0,
    }
    assert len(meta["scenes"]["details"]) == 6
    assert meta["costs"] == {"estimated": 0.12, "actual": 0.12, "currency": "USD"}
    assert meta["metrics"] == {"refinement_count": 0, "download_count": 0}
    assert (meta["video"]["available"], meta["video"]["url"]) == (True, f"/data/videos/{job_id}/final.mp4")
    for name in ("created_at", "updated_at", "approved_at"):
        assert len(meta[name]) == len("2025-11-15T10:00:00")


def test_only_what_is_approved_can_be_rendered(world: World) -> None:
    refused(world.post("/jobs/999999/render"), 404, "Job not found")
    job_id = world.ready(duration=5)
    message = "Storyboard must be approved before rendering. Current status: storyboard_ready"
    refused(world.post(f"/jobs/{job_id}/render"), 400, message)
    refused(world.get(f"/jobs/{job_id}/video"), 404, "Video not ready. Current status: storyboard_ready")
    refused(
        world.get(f"/jobs/{job_id}/export"),
        400,
        "Video not ready for export. Current status: storyboard_ready",
    )
    meta = world.metadata(job_id)["video"]
    assert (meta["available"], meta["url"]) == (False, None)


def test_while_it_is_rendered_nothing_else_may_happen(world: World) -> None:
    job_id = world.approved()
    world.films.gate.close()
    assert world.post(f"/jobs/{job_id}/render").status_code == 200
    assert world.films.gate.reached.wait(30)
    refused(world.post(f"/jobs/{job_id}/render"), 409, BUSY)
    refused(world.reorder(job_id, 6, 5, 4, 3, 2, 1), 409, BUSY)
    refused(world.refine(job_id, scene_number=1, new_description=DESCRIPTION), 409, BUSY)
    refused(
        world.post(f"/jobs/{job_id}/approve"),
        400,
        "Storyboard not ready for approval. Current status: rendering",
    )
    refused(world.get(f"/jobs/{job_id}/video"), 404, "Video not ready. Current status: rendering")
    refused(world.get(f"/jobs/{job_id}/export"), 400, "Video not ready for export. Current status: rendering")
    progress = world.job(job_id)["progress"]
    assert progress["current_stage"] == "rendering"
    assert progress["estimated_completion_seconds"] >= 0
    world.films.gate.open()
    world.until(job_id, "completed")


@pytest.mark.main_path
def test_eight_renders_at_once_are_one(world: World) -> None:
    job_id = world.approved()
    made = len(world.films.films)
    world.films.gate.close()
    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(lambda _: world.post(f"/jobs/{job_id}/render").status_code, range(8)))
    assert statuses == [200] + [409] * 7
    world.films.gate.open()
    world.until(job_id, "completed")
    assert len(world.films.films) == made + 1
    # Again, when it is there already: nothing is left to do.
    again = world.post(f"/jobs/{job_id}/render")
    assert (again.status_code, again.json()["status"]) == (200, "completed")
    assert len(world.films.films) == made + 1


def test_after_a_change_the_film_is_no_longer_it(world: World) -> None:
    job_id = world.completed()
    old = world.get(f"/jobs/{job_id}/export").content
    assert (
        world.refine(job_id, scene_number=1, new_description=DESCRIPTION).json()["status"]
        == "storyboard_ready"
    )
    refused(world.get(f"/jobs/{job_id}/video"), 404, "Video not ready. Current status: storyboard_ready")
    refused(
        world.get(f"/jobs/{job_id}/export"),
        400,
        "Video not ready for export. Current status: storyboard_ready",
    )
    refused(
        world.post(f"/jobs/{job_id}/render"),
        400,
        "Storyboard must be approved before rendering. Current status: storyboard_ready",
    )
    assert world.post(f"/jobs/{job_id}/approve").status_code == 200
    assert world.post(f"/jobs/{job_id}/render").status_code == 200
    world.until(job_id, "completed")
    assert world.get(f"/jobs/{job_id}/export").content != old, "never an old export of a new film"
    assert len([key for key in world.files(job_id) if "/renders/" in key]) == 1
    assert len([key for key in world.files(job_id) if "/exports/" in key]) == 1


def test_a_failed_render_can_be_tried_again(world: World) -> None:
    job_id = world.approved(duration=5)
    world.films.error = MediaError("FFmpeg failed with exit code 1.")
    world.post(f"/jobs/{job_id}/render")
    job = world.until(job_id, "failed")
    assert (job["error_message"], job["approved"]) == ("FFmpeg failed with exit code 1.", True)
    world.films.error = None
    assert world.post(f"/jobs/{job_id}/render").status_code == 200
    assert world.until(job_id, "completed")["error_message"] is None


def test_a_missing_picture_is_asked_for_once_more(world: World) -> None:
    world.illustrator.fail("Close", "The server is down.", times=4)
    job_id = world.approved(seed=1)
    assert world.metadata(job_id)["scenes"]["failed"] == 1
    world.post(f"/jobs/{job_id}/render")
    world.until(job_id, "completed")
    assert world.metadata(job_id)["scenes"]["failed"] == 0
    assert len(world.films.films[-1].scenes) == 6


def test_without_a_picture_there_is_no_film(world: World) -> None:
    world.illustrator.fail("Close", "The prompt was refused.", retryable=False)
    job_id = world.approved(seed=1)
    world.post(f"/jobs/{job_id}/render")
    error = world.until(job_id, "failed")["error_message"]
    assert error.endswith("has no picture, and none could be drawn: The prompt was refused.")


@pytest.mark.parametrize("stage", ["generating_storyboard", "rendering"])
def test_canceled_is_canceled_and_stays_so(world: World, stage: str) -> None:
    if stage == "rendering":
        job_id = world.approved(duration=5)
        world.films.gate.close()
        world.post(f"/jobs/{job_id}/render")
        assert world.films.gate.reached.wait(30)
    else:
        world.illustrator.gate.close()
        job_id = world.generate(duration=5)
        assert world.illustrator.gate.reached.wait(30)
    for _ in range(2):
        answer = world.post(f"/jobs/{job_id}/cancel")
        assert (answer.status_code, answer.json()["status"]) == (200, "canceled")
    world.illustrator.gate.open()
    world.films.gate.open()
    world.ready(duration=5)  # the worker is free again
    assert world.job(job_id)["status"] == "canceled"
    if stage == "rendering":
        assert world.post(f"/jobs/{job_id}/render").status_code == 200
        world.until(job_id, "completed")


def test_where_nothing_goes_on_nothing_is_canceled(world: World) -> None:
    job_id = world.ready(duration=5)
    refused(
        world.post(f"/jobs/{job_id}/cancel"),
        409,
        "There is nothing to cancel. Current status: storyboard_ready",
    )


@pytest.mark.parametrize("state", ["pending", "generating", "ready", "rendering", "completed"])
@pytest.mark.main_path
def test_delete_works_in_every_state(world: World, state: str) -> None:
    if state in {"pending", "generating"}:
        world.illustrator.gate.close()
        job_id = world.generate(duration=5)
        if state == "generating":
            assert world.illustrator.gate.reached.wait(30)
    elif state == "rendering":
        job_id = world.approved(duration=5)
        world.films.gate.close()
        world.post(f"/jobs/{job_id}/render")
        assert world.films.gate.reached.wait(30)
    else:
        job_id = world.ready(duration=5) if state == "ready" else world.completed(duration=5)
        world.get(f"/jobs/{job_id}/export")
        world.get(f"/jobs/{job_id}/video", headers={"Range": "bytes=0-9"})
    assert world.client.delete(f"/api/v2/jobs/{job_id}").status_code == 204
    world.illustrator.gate.open()
    world.films.gate.open()
    refused(world.get(f"/jobs/{job_id}"), 404, "Job not found")
    world.ready(duration=5)
    assert world.files(job_id) == []


@pytest.mark.main_path
def test_exports_in_every_format_are_made_once(world: World) -> None:
    job_id = world.completed(duration=5)
    made = len(world.films.encoded)
    kinds = {"mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm"}
    for _ in range(2):
        for container, kind in kinds.items():
            for quality in ("low", "medium", "high"):
                answer = world.get(f"/jobs/{job_id}/export", params={"format": container, "quality": quality})
                assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
                assert answer.content.startswith(f"{container} {quality} ".encode())
                assert answer.headers["content-disposition"] == (
                    f'attachment; filename="video_{job_id}.{container}"'
                )
    assert len(world.films.encoded) == made + 9
    assert world.get(f"/jobs/{job_id}/export").content.startswith(b"mp4 medium ")
    assert count(world, job_id) == 19


@pytest.mark.main_path
def test_ten_first_requests_encode_once(world: World) -> None:
    job_id = world.completed(duration=5)
    made = len(world.films.encoded)
    world.films.gate.close()
    with ThreadPoolExecutor(10) as pool:
        waiting = [
            pool.submit(world.get, f"/jobs/{job_id}/export?format=webm&quality=low") for _ in range(10)
        ]
        assert world.films.gate.reached.wait(30)
        world.films.gate.open()
        answers = [each.result(30) for each in waiting]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(world.films.encoded) == made + 1
    assert count(world, job_id) == 10


def test_a_failed_export_is_500_and_can_be_tried_again(world: World) -> None:
    job_id = world.completed(duration=5)
    world.films.error = MediaError("FFmpeg failed with exit code 1.")
    refused(
        world.get(f"/jobs/{job_id}/export"), 500, "Failed to export video: FFmpeg failed with exit code 1"
    )
    world.films.error = None
    assert world.get(f"/jobs/{job_id}/export").status_code == 200


@pytest.mark.parametrize("query", ["format=avi", "quality=ultra", "format=", "format=MP4"])
def test_unknown_formats_are_422(world: World, query: str) -> None:
    assert world.get(f"/jobs/1/export?{query}").status_code == 422


def test_errors_of_exports_come_in_their_order(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = world.completed(duration=5)
    with world.services.database.read() as session:
        row = session.get_one(Storyboard, job_id)
        key = session.get_one(StoryboardRender, row.render_id).key
    world.services.storage.delete(key)
    refused(world.get(f"/jobs/{job_id}/export"), 404, "Source video file not found")
    refused(world.get(f"/jobs/{job_id}/video"), 404, "Video file not found")
    refused(world.get("/jobs/999999/export"), 404, "Job not found")
    monkeypatch.setattr(worlds.export_module(), "binary", _no_ffmpeg)
    gone = "Video export service unavailable (ffmpeg not installed)"
    refused(world.get("/jobs/999999/export"), 503, gone)
    monkeypatch.undo()
    # Rendering again heals it.
    assert world.post(f"/jobs/{job_id}/render").json()["status"] == "rendering"
    world.until(job_id, "completed")
    assert world.get(f"/jobs/{job_id}/export").status_code == 200


def _no_ffmpeg(_setting: str = "") -> str:
    raise MediaError("There is no FFmpeg.")


@pytest.mark.main_path
def test_only_whole_downloads_count(world: World) -> None:
    job_id = world.completed(duration=5)
    path = f"/jobs/{job_id}/video"
    size = len(world.get(path).content)
    assert count(world, job_id) == 1

    def ranged(value: str) -> Any:
        return world.get(path, headers={"Range": value})

    assert world.client.head(f"/api/v2{path}").headers["content-length"] == str(size)
    assert ranged("bytes=0-99").status_code == 206
    assert ranged("bytes=0-99").content == FILM[:100]
    assert ranged(f"bytes={size}-").status_code == 416
    etag = world.client.head(f"/api/v2{path}").headers["etag"]
    assert world.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert count(world, job_id) == 1
    assert ranged(f"bytes=400000-{size - 1}").status_code == 206
    assert count(world, job_id) == 1
    assert ranged("bytes=50-500000").status_code == 206
    assert count(world, job_id) == 2, "the pieces make the whole"
    assert ranged("bytes=0-").status_code == 206
    assert count(world, job_id) == 3
    assert world.get(f"/jobs/{job_id}/export").status_code == 200
    assert count(world, job_id) == 4
    with world.services.database.read() as session:
        left = session.query(StoryboardDownload).filter_by(storyboard_id=job_id).all()
    assert left == []


def test_pieces_of_two_clients_are_not_one_download(world: World) -> None:
    job_id = world.completed(duration=5)
    path, half = f"/jobs/{job_id}/video", len(FILM) // 2
    world.get(path, headers={"Range": f"bytes=0-{half}", "User-Agent": "one"})
    world.get(path, headers={"Range": f"bytes={half}-", "User-Agent": "two"})
    assert count(world, job_id) == 0


def test_an_export_that_was_removed_is_made_again(world: World) -> None:
    job_id = world.completed(duration=5)
    first = world.get(f"/jobs/{job_id}/export").content
    with world.services.database.read() as session:
        key = (
            session.query(StoryboardExport)
            .filter(StoryboardExport.key.like(f"storyboards/{job_id}/%"))
            .one()
            .key
        )
    assert key is not None
    world.services.storage.delete(key)
    assert world.get(f"/jobs/{job_id}/export").content == first
