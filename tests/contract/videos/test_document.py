"""Every request of the document, and the answer that it shows: keys, their order, types and values."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

import videocraft
from tests.contract.videos.world import AUDIO_URL, CAPTIONS, EXAMPLE, World, error
from videocraft.core.database.models import Job, Video, VideoStep

pytestmark = pytest.mark.main_path

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def test_create(world: World) -> None:
    answer = world.post()
    assert answer.status_code == 202
    body = answer.json()
    assert list(body) == ["success", "data", "message", "request_id"]
    assert body["success"] is True
    assert body["message"] == "Video generation job created successfully"
    assert body["request_id"] == answer.headers["x-request-id"]
    data = body["data"]
    assert list(data) == ["job_id", "status", "progress", "created_at", "status_url"]
    assert UUID.fullmatch(data["job_id"])
    assert (data["status"], data["progress"]) == ("pending", 0)
    assert TIMESTAMP.fullmatch(data["created_at"])
    assert data["status_url"] == f"/api/v1/jobs/{data['job_id']}/status"


def test_an_array_holding_one_project_is_taken(world: World) -> None:
    assert world.post([EXAMPLE]).status_code == 202
    for wrong in ([], [EXAMPLE, EXAMPLE]):
        body = error(world.post(wrong), 400, "VALIDATION_ERROR")
        assert body["details"].keys() == {"body"}


def test_list_videos(world: World) -> None:
    video_ids = [world.finish(world.job()) for _ in range(3)]
    answer = world.get("/videos?limit=2&offset=0&status=completed")
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["success", "data", "request_id"]
    assert list(body["data"]) == ["videos", "pagination"]
    first = body["data"]["videos"][0]
    assert list(first) == [
        "id",
        "job_id",
        "status",
        "file_size",
        "duration",
        "resolution",
        "created_at",
        "completed_at",
        "download_url",
    ]
    assert first["id"].startswith("video_")
    assert (first["status"], first["file_size"], first["duration"]) == ("completed", 1000, 45.2)
    assert first["resolution"] == "1920x1080"
    assert first["download_url"] == f"/api/v1/videos/{first['id']}/download"
    pages = body["data"]["pagination"]
    assert list(pages) == ["limit", "offset", "total", "has_more"]
    assert (pages["limit"], pages["offset"], pages["has_more"]) == (2, 0, True)
    assert pages["total"] >= 3
    newest = world.get("/videos").json()["data"]
    assert newest["pagination"]["limit"] == 20
    assert [video["id"] for video in newest["videos"]][:3] == video_ids[::-1]


def test_videos_by_time_and_status(world: World) -> None:
    world.finish(world.job())
    ahead = "2100-01-01T00:00:00Z"
    assert world.get("/videos", params={"created_after": ahead}).json()["data"]["videos"] == []
    found = world.get(
        "/videos", params={"created_before": ahead, "created_after": "2020-01-01T00:00:00+02:00"}
    )
    assert found.json()["data"]["videos"]
    for status in ("pending", "processing", "failed", "cancelled"):
        data = world.get(f"/videos?status={status}").json()["data"]
        assert (data["videos"], data["pagination"]["total"]) == ([], 0)
    for url in ("/videos", "/jobs"):
        assert world.get(f"{url}?status=all").json()["data"] == world.get(url).json()["data"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=ten",
        "offset=-1",
        "status=ready",
        "created_after=yesterday",
        "created_before=99999999999999999999",
    ],
)
def test_wrong_queries(world: World, query: str) -> None:
    body = error(world.get(f"/videos?{query}"), 400, "VALIDATION_ERROR")
    name = query.partition("=")[0]
    assert body["details"].keys() == {name}
    assert body["details"][name].startswith(f"{name} must be ")


def test_the_language_of_a_subtitle_track_is_a_string_also_when_unknown(world: World) -> None:
    video_id = world.finish(world.job())
    with world.services.database.write() as session:
        video = session.scalars(select(Video).where(Video.id == video_id)).one()
        video.subtitle_tracks = [video.subtitle_tracks[0] | {"language": None}]
    (track,) = world.get(f"/videos/{video_id}").json()["data"]["subtitle_tracks"]
    assert track == {"language": "und", "style": "progressive", "word_count": 127}


def test_video_details(world: World) -> None:
    job_id = world.job()
    video_id = world.finish(job_id)
    answer = world.get(f"/videos/{video_id}")
    assert answer.status_code == 200
    data = answer.json()["data"]
    documented = [
        "id",
        "job_id",
        "status",
        "file_size",
        "file_format",
        "duration",
        "resolution",
        "framerate",
        "audio_codec",
        "video_codec",
        "subtitle_tracks",
        "processing_stats",
        "created_at",
        "completed_at",
        "download_url",
        "preview_url",
    ]
    assert [key for key in data if key in documented] == documented
    assert (data["id"], data["job_id"], data["status"]) == (video_id, job_id, "completed")
    assert (data["file_format"], data["audio_codec"], data["video_codec"]) == ("mp4", "aac", "h264")
    assert data["framerate"] == 30
    assert isinstance(data["framerate"], int)
    assert data["subtitle_tracks"] == [{"language": "en", "style": "progressive", "word_count": 127}]
    assert list(data["processing_stats"]) == [
        "audio_analysis_time",
        "transcription_time",
        "subtitle_generation_time",
        "video_encoding_time",
    ]
    assert data["preview_url"] == f"/api/v1/videos/{video_id}/preview"
    assert answer.json()["request_id"]


def test_download(world: World) -> None:
    video_id = world.finish(world.job())
    answer = world.get(f"/videos/{video_id}/download")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-disposition"] == f'attachment; filename="{video_id}.mp4"'
    assert answer.headers["content-length"] == "1000"
    assert answer.content == b"film" * 250
    part = world.get(f"/videos/{video_id}/download", headers={"Range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, b"lmfi")


def test_preview_thumbnail_and_subtitles(world: World) -> None:
    video_id = world.finish(world.job())
    preview = world.get(f"/videos/{video_id}/preview")
    assert (preview.content, preview.headers["content-type"]) == (b"small", "video/mp4")
    assert preview.headers["content-disposition"].startswith("inline")
    picture = world.get(f"/videos/{video_id}/thumbnail")
    assert (picture.content, picture.headers["content-type"]) == (b"picture", "image/jpeg")
    for name, text in CAPTIONS.items():
        assert world.get(f"/videos/{video_id}/subtitles.{name}").text == text
    assert world.get(f"/videos/{video_id}/subtitles.exe").status_code == 404


def test_delete(world: World) -> None:
    video_id = world.finish(world.job())
    answer = world.send("DELETE", f"/videos/{video_id}")
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["success", "message", "request_id"]
    assert (body["success"], body["message"]) == (True, "Video deleted successfully")
    assert not list(world.services.storage.list(f"videos/{video_id}"))
    for path in ("", "/download", "/preview", "/thumbnail", "/subtitles.srt"):
        assert (
            error(world.get(f"/videos/{video_id}{path}"), 404, "VIDEO_NOT_FOUND")["error"]
            == "Video not found"
        )
    error(world.send("DELETE", f"/videos/{video_id}"), 404, "VIDEO_NOT_FOUND")


@pytest.mark.parametrize("video_id", ["video_123", "nothing", "%00", "a" * 300, "..%2f..%2fetc", "é"])
def test_no_such_video(world: World, video_id: str) -> None:
    body = world.get(f"/videos/{video_id}").json()
    assert (body["error"], body["code"]) in {
        ("Video not found", "VIDEO_NOT_FOUND"),
        ("Not Found", "NOT_FOUND"),
    }


def test_list_jobs(world: World) -> None:
    job_id = world.job()
    world.claim(job_id, 0.75, "Generating video with FFmpeg")
    answer = world.get("/jobs?status=processing&limit=20")
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["success", "data"]
    assert list(body["data"]["pagination"]) == ["limit", "offset", "total"]
    first = body["data"]["jobs"][0]
    assert list(first) == ["id", "status", "progress", "current_step", "created_at", "updated_at"]
    assert first["id"] == job_id
    assert (first["status"], first["progress"]) == ("processing", 75)
    assert first["current_step"] == "Generating video with FFmpeg"


def test_jobs_are_newest_first_by_pages(world: World) -> None:
    ids = [world.job() for _ in range(3)]
    assert [job["id"] for job in world.get("/jobs?limit=3").json()["data"]["jobs"]] == ids[::-1]
    assert [job["id"] for job in world.get("/jobs?limit=1&offset=1").json()["data"]["jobs"]] == [ids[1]]
    error(world.get("/jobs?status=queued"), 400, "VALIDATION_ERROR")


def test_job_details(world: World) -> None:
    job_id = world.job()
    world.claim(job_id, 0.75, "Generating video with FFmpeg")
    with world.services.database.write() as session:
        for number, (step, status, took) in enumerate(
            [("audio_analysis", "completed", 2.14), ("video_generation", "in_progress", None)]
        ):
            session.add(
                VideoStep(
                    job_id=job_id, step=step, number=number, status=status, at=1704110405.0, duration=took
                )
            )
    data = world.get(f"/jobs/{job_id}").json()["data"]
    documented = [
        "id",
        "status",
        "progress",
        "current_step",
        "estimated_completion",
        "video_config",
        "processing_log",
        "created_at",
        "updated_at",
    ]
    assert [key for key in data if key in documented] == documented
    assert data["video_config"] == EXAMPLE
    assert TIMESTAMP.fullmatch(data["estimated_completion"])
    assert data["processing_log"] == [
        {
            "timestamp": "2024-01-01T12:00:05Z",
            "step": "audio_analysis",
            "status": "completed",
            "duration": 2.1,
        },
        {
            "timestamp": "2024-01-01T12:00:05Z",
            "step": "video_generation",
            "status": "in_progress",
            "progress": 75,
        },
    ]


def test_job_status(world: World) -> None:
    job_id = world.job()
    answer = world.get(f"/jobs/{job_id}/status")
    assert answer.json()["data"] | {"updated_at": ""} == {
        "job_id": job_id,
        "status": "pending",
        "progress": 0,
        "current_step": "Waiting for a worker",
        "updated_at": "",
    }
    video_id = world.finish(job_id)
    body = world.get(f"/jobs/{job_id}/status").json()
    assert list(body) == ["success", "data"]
    assert list(body["data"]) == ["job_id", "status", "progress", "current_step", "result", "updated_at"]
    assert body["data"]["current_step"] == "Video generation completed"
    assert (body["data"]["status"], body["data"]["progress"]) == ("completed", 100)
    assert body["data"]["result"] == {
        "video_id": video_id,
        "download_url": f"/api/v1/videos/{video_id}/download",
        "file_size": 1000,
        "duration": 45.2,
    }


def test_a_failed_job_says_why(world: World) -> None:
    job_id = world.job()
    world.fail(job_id, "DOWNLOAD_FAILED", "The source could not be fetched.")
    for path in ("", "/status"):
        data = world.get(f"/jobs/{job_id}{path}").json()["data"]
        assert (data["status"], data["error"]) == ("failed", "The source could not be fetched.")
        assert data["code"] == "DOWNLOAD_FAILED"
        assert "secret" not in str(data)


@pytest.mark.parametrize("path", ["", "/status", "/webhooks"])
@pytest.mark.parametrize("job_id", ["550e8400-e29b-41d4-a716-446655440000", "x%00y", "-"])
def test_no_such_job(world: World, job_id: str, path: str) -> None:
    body = error(world.get(f"/jobs/{job_id}{path}"), 404, "JOB_NOT_FOUND")
    assert body["error"] == "Job not found"


def test_jobs_of_other_families_are_not_seen(world: World) -> None:
    job_id = world.job()
    with world.services.database.write() as session:
        session.scalars(select(Job).where(Job.id == job_id)).one().family = "exports"
    assert world.get(f"/jobs/{job_id}/status").status_code == 404
    assert world.send("POST", f"/jobs/{job_id}/cancel").status_code == 404


def test_cancel(world: World) -> None:
    job_id = world.job()
    answer = world.send("POST", f"/jobs/{job_id}/cancel")
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["success", "data", "message"]
    assert list(body["data"]) == ["job_id", "status", "cancelled_at"]
    assert (body["data"]["job_id"], body["data"]["status"]) == (job_id, "cancelled")
    assert TIMESTAMP.fullmatch(body["data"]["cancelled_at"])
    assert body["message"] == "Job cancelled successfully"
    # Asked again, the answer is the same: nothing has to be done any more.
    assert world.send("POST", f"/jobs/{job_id}/cancel").json() == body
    assert world.get(f"/jobs/{job_id}/status").json()["data"]["status"] == "cancelled"


def test_what_has_ended_can_not_be_cancelled(world: World) -> None:
    completed, failed = world.job(), world.job()
    world.finish(completed)
    world.fail(failed, "FFMPEG_FAILED", "FFmpeg failed.")
    for job_id in (completed, failed):
        body = error(world.send("POST", f"/jobs/{job_id}/cancel"), 409, "JOB_NOT_CANCELLABLE")
        assert body["error"] == "cannot cancel completed or failed job"
    error(world.send("POST", "/jobs/nothing/cancel"), 404, "JOB_NOT_FOUND")


def test_a_job_that_is_told_to_stop_is_shown_as_cancelled(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("videocraft.apis.videos.service.LET_GO_SECONDS", 0.0)
    job_id = world.job()
    world.claim(job_id)
    answer = world.send("POST", f"/jobs/{job_id}/cancel")
    assert answer.json()["data"]["status"] == "cancelled"
    assert world.get(f"/jobs/{job_id}/status").json()["data"]["status"] == "cancelled"


def test_csrf_token(world: World) -> None:
    answer = world.client.get("/api/v1/csrf-token", headers={"Authorization": ""})
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["success", "data"]
    assert list(body["data"]) == ["csrf_token", "expires_at"]
    expires = datetime.strptime(body["data"]["expires_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert 3590 <= expires.timestamp() - time.time() <= 3601
    assert world.token() != world.token()


@pytest.mark.parametrize("path", ["/health/detailed", "/api/v1/health/detailed"])
def test_detailed_health(world: World, path: str) -> None:
    answer = world.client.get(path)
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["success", "data"]
    data: dict[str, Any] = body["data"]
    assert list(data) == ["status", "timestamp", "version", "uptime", "services", "system", "jobs"]
    assert (data["status"], data["version"]) == ("healthy", videocraft.__version__)
    assert re.fullmatch(r"\d+h[0-5]?\dm[0-5]?\ds", data["uptime"])
    assert data["services"] == dict.fromkeys(("database", "whisper_daemon", "ffmpeg", "storage"), "healthy")
    system = data["system"]
    assert list(system["memory"]) == ["used", "total", "usage_percent"]
    assert 0 < system["memory"]["used"] < system["memory"]["total"]
    assert list(system["disk"]) == ["used", "available", "usage_percent"]
    assert list(system["cpu"]) == ["usage_percent", "load_average"]
    assert len(system["cpu"]["load_average"]) == 3
    assert system["goroutines"] == system["threads"] >= 1
    assert list(data["jobs"]) == ["active", "pending", "completed_today", "failed_today"]
    error(world.client.get(path, headers={"Authorization": ""}), 401, "INVALID_AUTH_FORMAT")


def test_detailed_health_counts_jobs(world: World) -> None:
    before = world.client.get("/health/detailed").json()["data"]["jobs"]
    world.job()
    world.claim(world.job())
    world.finish(world.job())
    world.fail(world.job(), "FFMPEG_FAILED", "FFmpeg failed.")
    after = world.client.get("/health/detailed").json()["data"]["jobs"]
    assert {key: after[key] - before[key] for key in after} == {
        "active": 1,
        "pending": 1,
        "completed_today": 1,
        "failed_today": 1,
    }


def test_detailed_health_says_what_is_broken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose() -> None:
        raise OSError("gone")

    monkeypatch.setattr(world.services.storage, "check", lose)
    data = world.client.get("/health/detailed").json()["data"]
    assert (data["status"], data["services"]["storage"]) == ("unhealthy", "unhealthy")
    assert data["services"]["database"] == "healthy"


def test_warnings_name_unknown_keys(world: World) -> None:
    body = EXAMPLE | {
        "colour": "red",
        "scenes": [{"elements": [{"type": "audio", "src": AUDIO_URL, "speed": 2}], "name": "x"}],
    }
    data = world.post(body).json()["data"]
    assert sorted(data["warnings"]) == [
        "Unknown key 'colour' is ignored",
        "Unknown key 'scenes[0].elements[0].speed' is ignored",
        "Unknown key 'scenes[0].name' is ignored",
    ]
    assert world.get(f"/jobs/{data['job_id']}").json()["data"]["warnings"] == data["warnings"]
