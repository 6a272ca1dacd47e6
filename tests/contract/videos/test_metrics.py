"""Prometheus metrics: the document's names, right over several processes and after restarts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.contract.videos.world import World, open_world
from videocraft.core.jobs import delete as delete_job


def scrape(world: World) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Samples by name and labels."""
    answer = world.client.get("/metrics", headers={"Authorization": ""})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def value(
    samples: Mapping[tuple[str, tuple[tuple[str, str], ...]], float], name: str, **labels: str
) -> float:
    """One sample; what is not there yet is 0."""
    return samples.get((name, tuple(sorted(labels.items()))), 0.0)


def test_the_documented_text(world: World) -> None:
    text = world.client.get("/metrics").text
    for line in (
        "# HELP videocraft_jobs_total Total number of jobs processed",
        "# TYPE videocraft_jobs_total counter",
        "# HELP videocraft_job_duration_seconds Job processing duration",
        "# TYPE videocraft_job_duration_seconds histogram",
        "# HELP videocraft_api_requests_total Total API requests",
        "# TYPE videocraft_api_requests_total counter",
    ):
        assert line in text.splitlines()
    for bound in ("10", "30", "60", "+Inf"):
        assert f'videocraft_job_duration_seconds_bucket{{le="{bound}"}}' in text


def test_jobs_are_counted_where_they_end(world: World) -> None:
    before = scrape(world)
    kept = world.job()
    for job_id in (world.job(), kept):
        world.finish(job_id)  # after ten seconds of work
    world.fail(world.job(), "FFMPEG_FAILED", "FFmpeg failed.")
    world.send("POST", f"/jobs/{world.job()}/cancel")
    after = scrape(world)

    def grown(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    assert grown("videocraft_jobs_total", status="completed") == 2
    assert grown("videocraft_jobs_total", status="failed") == 1
    assert grown("videocraft_jobs_total", status="cancelled") == 1
    assert grown("videocraft_job_duration_seconds_count") == 3
    assert grown("videocraft_job_duration_seconds_bucket", le="5") == 0
    assert grown("videocraft_job_duration_seconds_bucket", le="30") == 3
    assert 30 <= grown("videocraft_job_duration_seconds_sum") < 60
    # Deleting a job takes nothing back.
    with world.services.database.write() as session:
        delete_job(session, kept)
    assert value(scrape(world), "videocraft_jobs_total", status="completed") == value(
        after, "videocraft_jobs_total", status="completed"
    )


def test_requests_are_counted(world: World) -> None:
    before = scrape(world)
    for _ in range(3):
        world.get("/jobs")
    world.get("/videos/none")
    world.client.get("/health")
    world.client.request("BREW", "/api/v1/jobs")
    after = scrape(world)
    for labels, count in (
        ({"method": "GET", "status": "200"}, 3),
        ({"method": "GET", "status": "404"}, 1),
        ({"method": "OTHER", "status": "405"}, 1),
    ):
        name = "videocraft_api_requests_total"
        assert value(after, name, **labels) - value(before, name, **labels) == count, labels


def test_processes_share_and_outlive_their_counts(tmp_path: Path) -> None:
    name, labels = "videocraft_api_requests_total", {"method": "GET", "status": "200"}
    with open_world(tmp_path / "data") as first:
        with open_world(tmp_path / "data") as second:
            for _ in range(5):
                second.get("/jobs")
            assert value(scrape(second), name, **labels) == 5
            first.get("/jobs")
            assert value(scrape(first), name, **labels) == 6
            second.get("/jobs")
        # The second one added what it had when it stopped.
        assert value(scrape(first), name, **labels) == 7
        first.finish(first.job())
    with open_world(tmp_path / "data") as again:
        samples = scrape(again)
        assert value(samples, name, **labels) >= 7
        assert value(samples, "videocraft_jobs_total", status="completed") == 1


@pytest.mark.parametrize("state", ["queued", "running"])
def test_jobs_that_have_not_ended(world: World, state: str) -> None:
    before = value(scrape(world), "videocraft_jobs_in_progress", state=state)
    job_id = world.job()
    if state == "running":
        world.claim(job_id)
    assert value(scrape(world), "videocraft_jobs_in_progress", state=state) == before + 1


def test_what_operators_watch(world: World) -> None:
    before = scrape(world)
    first, second = world.job(), world.job()
    world.claim(first)
    after = scrape(world)

    def grown(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    kind = {"kind": "videos.generate"}
    assert (grown("videocraft_queue_depth", **kind), grown("videocraft_jobs_running", **kind)) == (1, 1)
    assert value(after, "videocraft_queue_oldest_seconds") > 0
    waits = [value(after, "videocraft_job_wait_seconds", quantile=share) for share in ("0.5", "0.95", "1")]
    assert waits == sorted(waits)
    for name, labels in (
        ("videocraft_leases_lost_total", {}),
        ("videocraft_stages_total", {"cache": "hit"}),
        ("videocraft_stages_total", {"cache": "miss"}),
    ):
        assert (name, tuple(sorted(labels.items()))) in after
    world.send("POST", f"/jobs/{second}/cancel")


def test_bytes_moved_by_all_processes_are_counted_and_stay(tmp_path: Path) -> None:
    name = "videocraft_storage_bytes_total"

    def put(world: World, data: bytes) -> None:
        (tmp_path / "file").write_bytes(data)
        world.services.storage.put_file(tmp_path / "file", "a/b")

    with open_world(tmp_path / "data") as first:
        with open_world(tmp_path / "data") as second:
            put(first, b"12345")
            put(second, b"1234567")
            assert b"".join(second.services.storage.open("a/b", 2)) == b"34567"
            assert value(scrape(first), name, direction="written") == 5
        # The second one added what it had when it stopped.
        assert value(scrape(first), name, direction="written") == 12
        assert value(scrape(first), name, direction="read") == 5
    with open_world(tmp_path / "data") as again:
        assert value(scrape(again), name, direction="written") == 12
