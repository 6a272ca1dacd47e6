"""``/jobs``: keys, statuses and messages as the document has them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.contract.jobs.world import JOB_KEYS, World
from videocraft.core.diagnostics import QueueState
from videocraft.core.jobs.outcomes import Completed, Failed, Stopped

pytestmark = pytest.mark.main_path

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")


def test_post_answers_the_documented_object(world: World) -> None:
    payload = {"project_id": "proj_123", "path": "film.mp4", "transcript": False, "mine": [1, None]}
    answer = world.client.post("/jobs/?job_type=ingest&priority=5", json=payload)
    assert answer.status_code == 202
    job = answer.json()
    assert job.keys() == JOB_KEYS
    assert re.fullmatch(r"job_[0-9a-f]{32}", job["id"])
    assert TIME.fullmatch(job["created_at"])
    assert job["updated_at"] == job["created_at"]
    assert {key: job[key] for key in JOB_KEYS - {"id", "created_at", "updated_at"}} == {
        "clip_version_id": None,
        "job_type": "ingest",
        "status": "queued",
        "queue_name": "ai-video-editor-jobs",
        "priority": 5,
        "payload": payload,
        "result_payload": None,
        "error_message": None,
        "started_at": None,
        "completed_at": None,
    }
    assert world.job(job["id"]) == job


def test_priority_is_zero_unless_given(world: World) -> None:
    assert world.submit()["priority"] == 0
    assert world.submit(priority=-3)["priority"] == -3


@pytest.mark.parametrize("path", ["/jobs", "/jobs/", "/v1/jobs", "/v1/jobs/"])
def test_every_spelling_answers_alike(world: World, path: str) -> None:
    answer = world.client.post(path, params={"job_type": "ingest"}, json={"path": "film.mp4"})
    assert answer.status_code == 202
    job_id = answer.json()["id"]
    assert world.client.get(path).json()["jobs"][0]["id"] == job_id
    prefix = path.rstrip("/")
    assert world.client.get(f"{prefix}/{job_id}").json()["id"] == job_id
    assert world.client.post(f"{prefix}/{job_id}/cancel").json()["status"] == "cancelled"


def test_a_running_job_has_progress_and_log(world: World) -> None:
    world.clear()
    job_id = world.submit()["id"]
    claimed = world.claim()
    assert world.job(job_id)["result_payload"] == {"progress": 0, "log": []}
    world.report(claimed, 0.42, "Transcoding chunk 3/7")
    job = world.job(job_id)
    assert job["status"] == "in_progress"
    assert TIME.fullmatch(job["started_at"])
    assert job["completed_at"] is None
    assert job["result_payload"] == {
        "progress": 0.42,
        "log": [{"timestamp": "2024-10-30T12:46:11.219384+00:00", "message": "Transcoding chunk 3/7"}],
    }
    world.finish(claimed, Completed({"text": "hello", "srt_url": f"/jobs/{job_id}/files/t.srt"}))
    job = world.job(job_id)
    assert job["status"] == "completed"
    assert TIME.fullmatch(job["completed_at"])
    assert job["result_payload"]["progress"] == 1
    assert job["result_payload"]["text"] == "hello"
    assert job["result_payload"]["srt_url"] == f"http://localhost:8000/jobs/{job_id}/files/t.srt".replace(
        "localhost", "127.0.0.1"
    )
    assert job["error_message"] is None


def test_a_failed_job_says_why(world: World) -> None:
    world.clear()
    job_id = world.submit()["id"]
    world.finish(world.claim(), Failed("MEDIA_ERROR", "The file is damaged.", {"stderr": "secret"}))
    job = world.job(job_id)
    assert (job["status"], job["error_message"]) == ("failed", "The file is damaged.")
    assert "secret" not in str(job)


def test_unknown_jobs_are_404(world: World) -> None:
    for job_id in ("job_789", "x" * 100, "%00"):
        detail = world.detail(world.client.get(f"/jobs/{job_id}"), 404)
        assert detail.startswith("Job ")
        assert detail.endswith(" not found")
    assert world.detail(world.client.get("/jobs/job_789"), 404) == "Job job_789 not found"
    assert world.detail(world.client.post("/jobs/job_789/cancel"), 404) == "Job job_789 not found"


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ({}, {"path": "film.mp4"}),
        ({"job_type": "explode"}, {"path": "film.mp4"}),
        ({"job_type": "ingest", "priority": "high"}, {"path": "film.mp4"}),
        ({"job_type": "ingest", "priority": 2**40}, {"path": "film.mp4"}),
        ({"job_type": "ingest"}, ["path", "film.mp4"]),
        ({"job_type": "ingest"}, "film.mp4"),
        ({"job_type": "ingest"}, None),
        ({"job_type": "ingest"}, {}),
        ({"job_type": "ingest"}, {"path": "film.mp4", "url": "http://example.org/film.mp4"}),
        ({"job_type": "ingest"}, {"path": 5}),
        ({"job_type": "ingest"}, {"path": "film.mp4", "transcript": "yes"}),
        ({"job_type": "transcribe"}, {"path": "film.mp4", "language": "English"}),
        ({"job_type": "generate_clip"}, {"path": "film.mp4", "count": 0}),
        ({"job_type": "generate_clip"}, {"path": "film.mp4", "aspect_ratio": "9x16"}),
        ({"job_type": "generate_clip"}, {"path": "film.mp4", "min_duration": 50, "max_duration": 5}),
        ({"job_type": "generate_clip"}, {"path": "film.mp4", "captions": {"font-size": 5000}}),
        ({"job_type": "export"}, {"path": "film.mp4", "format": "avi"}),
        ({"job_type": "export"}, {"path": "film.mp4", "resolution": "999p"}),
        ({"job_type": "export"}, {"path": "film.mp4", "loudness": 3}),
        ({"job_type": "export"}, {"path": "film.mp4", "clip_id": "clip_1"}),
        ({"job_type": "export"}, {}),
        ({"job_type": "render"}, {}),
        ({"job_type": "render"}, {"timeline": {"segments": []}}),
    ],
)
def test_what_makes_no_sense_is_422_and_queues_nothing(
    world: World, query: dict[str, Any], body: Any
) -> None:
    before = world.client.get("/jobs/").json()["total"]
    answer = world.client.post("/jobs/", params=query, json=body)
    assert world.detail(answer, 422)
    assert world.client.get("/jobs/").json()["total"] == before


@pytest.mark.parametrize(
    ("job_type", "body", "detail"),
    [
        ("ingest", {"source_asset_id": "asset_456"}, "Asset asset_456 not found"),
        ("ingest", {"path": "missing.mp4"}, "File not found: missing.mp4"),
        ("ingest", {"path": "../secret"}, "File not found: ../secret"),
        ("transcribe", {"path": "/etc/passwd"}, "File not found: /etc/passwd"),
        ("transcribe", {"path": "."}, "File not found: ."),
        ("export", {"clip_id": "clip_1"}, "Clip clip_1 not found"),
        ("render", {"clip_version_id": "version_1"}, "Clip version version_1 not found"),
    ],
)
def test_what_there_is_not_is_422(world: World, job_type: str, body: Any, detail: str) -> None:
    answer = world.client.post("/jobs/", params={"job_type": job_type}, json=body)
    assert world.detail(answer, 422) == detail


def test_an_unknown_clip_version_of_the_query_is_422(world: World) -> None:
    query = {"job_type": "ingest", "clip_version_id": "version_1"}
    answer = world.client.post("/jobs/", params=query, json={"path": "film.mp4"})
    assert world.detail(answer, 422) == "Clip version version_1 not found"


def test_urls_that_can_never_be_fetched_are_422(world: World) -> None:
    for url in ("ftp://example.org/a.mp4", "file:///etc/passwd", "http://"):
        answer = world.client.post("/jobs/", params={"job_type": "ingest"}, json={"url": url})
        assert world.detail(answer, 422)


@pytest.mark.laptop("a bucket has no absolute paths")
def test_absolute_paths_inside_the_media_root_are_files(world: World) -> None:
    path = world.services.settings.media_root / "film.mp4"
    assert world.submit("ingest", {"path": str(path)})["status"] == "queued"


def test_a_payload_of_a_megabyte_is_taken_and_more_is_413(world: World) -> None:
    job = world.submit("ingest", {"path": "film.mp4", "note": "x" * 1_000_000})
    assert len(job["payload"]["note"]) == 1_000_000
    answer = world.client.post("/jobs/?job_type=ingest", json={"path": "film.mp4", "note": "x" * 5_000_000})
    world.detail(answer, 413)


def test_broken_json_is_refused(world: World) -> None:
    for text in (b"{", b'{"path": NaN}', b'{"a":' * 100 + b"1" + b"}" * 100):
        answer = world.client.post("/jobs/?job_type=ingest", content=text)
        # As FastAPI has it, whose errors these are: a body that is no JSON is one of the wrong shape.
        assert answer.status_code == 422
        (problem,) = answer.json()["detail"]
        assert (problem["type"], problem["loc"]) == ("json_invalid", ["body"])


def test_lists_are_newest_first_filtered_and_paged(world: World) -> None:
    world.clear()
    made = [world.submit(priority=number)["id"] for number in range(4)]
    ingest = world.submit("ingest")["id"]
    body = world.client.get("/jobs/", params={"status": "queued"}).json()
    assert [job["id"] for job in body["jobs"]] == [ingest, *reversed(made)]
    assert (body["total"], body["limit"], body["offset"]) == (5, 20, 0)
    page = world.client.get("/jobs/", params={"status": "queued", "limit": 2, "offset": 1}).json()
    assert [job["id"] for job in page["jobs"]] == [made[3], made[2]]
    assert [job["id"] for job in world.client.get("/jobs/?job_type=ingest&status=queued").json()["jobs"]] == [
        ingest
    ]
    claimed = world.claim()
    assert claimed.fence.job_id == made[3]
    running = world.client.get("/jobs/?status=in_progress").json()
    assert [job["id"] for job in running["jobs"]] == [made[3]]
    world.client.post(f"/jobs/{made[0]}/cancel")
    assert world.client.get("/jobs/?status=cancelled").json()["jobs"][0]["status"] == "cancelled"


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "offset=-1", "status=running", "job_type=x", "limit=a"]
)
def test_list_parameters_are_checked(world: World, query: str) -> None:
    assert world.detail(world.client.get(f"/jobs/?{query}"), 422)


def test_cancel_of_what_waits_is_at_once(world: World) -> None:
    job_id = world.submit()["id"]
    answer = world.client.post(f"/jobs/{job_id}/cancel")
    assert answer.status_code == 200
    job = answer.json()
    assert job["status"] == "cancelled"
    assert TIME.fullmatch(job["completed_at"])
    assert job["result_payload"] is None
    assert world.client.post(f"/jobs/{job_id}/cancel").json() == job


def test_a_job_that_is_told_to_stop_is_in_progress_until_it_has(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("videocraft.apis.jobs.service.LET_GO_SECONDS", 0.0)
    world.clear()
    job_id = world.submit()["id"]
    claimed = world.claim()
    assert world.client.post(f"/jobs/{job_id}/cancel").json()["status"] == "in_progress"
    world.finish(claimed, Stopped())
    assert world.job(job_id)["status"] == "cancelled"


def test_what_has_ended_can_not_be_cancelled(world: World) -> None:
    world.clear()
    job_id = world.submit()["id"]
    world.finish(world.claim(), Completed({}))
    detail = world.detail(world.client.post(f"/jobs/{job_id}/cancel"), 409)
    assert detail == f"Job {job_id} has already completed"


def test_files_of_a_job_are_there_when_it_has_ended(world: World) -> None:
    world.clear()
    job_id = world.submit()["id"]
    claimed = world.claim()
    path = world.services.settings.data_dir / "captions"
    path.write_text("WEBVTT")
    world.services.storage.put_file(path, f"jobs/{job_id}/1/t.vtt")
    world.detail(world.client.get(f"/jobs/{job_id}/files/t.vtt"), 404)
    world.finish(claimed, Completed({}))
    answer = world.client.get(f"/jobs/{job_id}/files/t.vtt", headers={"Range": "bytes=0-2"})
    assert (answer.status_code, answer.text) == (206, "WEB")
    assert 'filename="t.vtt"' in answer.headers["content-disposition"]
    for name in ("other.vtt", "..%2F1%2Ft.vtt", ".hidden"):
        world.detail(world.client.get(f"/jobs/{job_id}/files/{name}"), 404)


def test_jobs_of_other_families_are_unknown_here(world: World) -> None:
    from videocraft.core.jobs import submit
    from videocraft.core.jobs.service import JobsService

    with JobsService(world.services.database, world.services.dispatcher).transaction() as session:
        job = submit(session, family="exports", kind="exports.export", payload={})
    assert world.detail(world.client.get(f"/jobs/{job.id}"), 404) == f"Job {job.id} not found"


def test_health_and_diagnostics_of_the_embedded_queue(world: World) -> None:
    health = world.client.get("/health/").json()
    assert health == {"status": "ok", "app": "VideoCraft", "environment": "development"}
    body = world.client.get("/health/diagnostics").json()
    assert body == {**health, "queue": {"connected": True, "broker_url": "embedded"}}


@pytest.mark.parametrize(
    ("state", "status", "queue"),
    [
        (
            QueueState(True, "localhost:6379/0", "7.2.5", 12),
            "ok",
            {
                "connected": True,
                "broker_url": "localhost:6379/0",
                "redis_version": "7.2.5",
                "connected_clients": 12,
            },
        ),
        (
            QueueState(False, "localhost:6379/0", error="Error 111 connecting to localhost:6379"),
            "degraded",
            {
                "connected": False,
                "broker_url": "localhost:6379/0",
                "error": "Error 111 connecting to localhost:6379",
            },
        ),
    ],
)
def test_diagnostics_tell_what_redis_says(
    world: World, monkeypatch: pytest.MonkeyPatch, state: QueueState, status: str, queue: dict[str, Any]
) -> None:
    monkeypatch.setattr("videocraft.apis.jobs.diagnostics.queue_state", lambda _services: state)
    answer = world.client.get("/health/diagnostics")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["queue"]) == (status, queue)


def test_a_queue_that_can_not_be_reached_is_503_and_nothing_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from videocraft.errors import Unavailable

    world.clear()

    def ring(*_arguments: object) -> None:
        raise Unavailable("Queue connection error: Error 111 connecting to localhost:6379.")

    monkeypatch.setattr(world.services.dispatcher, "ring", ring, raising=False)
    answer = world.client.post("/jobs/?job_type=ingest", json={"path": "film.mp4"})
    assert (
        world.detail(answer, 503)
        == "Failed to enqueue job: Queue connection error: Error 111 connecting to localhost:6379."
    )
    monkeypatch.undo()
    assert world.client.get("/jobs/?status=queued").json()["total"] == 0
