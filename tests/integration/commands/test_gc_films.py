"""``videocraft gc`` on films and storyboards: what they leave behind goes, what somebody needs stays."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from videocraft.commands.gc import run
from videocraft.core.database.models import (
    Event,
    IdempotencyKey,
    Job,
    RateCount,
    Storyboard,
    StoryboardDownload,
    StoryboardExport,
    StoryboardRender,
    StoryboardScene,
    Video,
    VideoStep,
    VideoUpload,
    Webhook,
    WebhookAttempt,
)
from videocraft.core.fetching import SourceCache
from videocraft.core.garbage import Retention
from videocraft.core.jobs import JobsService, submit
from videocraft.core.storage.fetch import FetchedFile
from videocraft.services import Services
from videocraft.settings import Settings

NOW = time.time()
OLD = NOW - 60 * 86400


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    opened = Services.open(Settings(data_dir=tmp_path / "data"))
    yield opened
    opened.close()


def put(services: Services, key: str, at: float = OLD) -> str:
    """A file of five bytes in the storage; its key."""
    path = services.settings.media_root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"12345")
    os.utime(path, (at, at))
    return key


def keys(services: Services) -> set[str]:
    return {info.key for info in services.storage.list("")}


def collect(
    services: Services, capsys: pytest.CaptureFixture[str], keep: Retention, *, dry_run: bool = False
) -> dict[str, tuple[int, int]]:
    """What a run reports: count and bytes by kind."""
    run(services.settings, keep, dry_run=dry_run, as_json=True)
    report = json.loads(capsys.readouterr().out)
    assert report["failures"] == []
    return {row["kind"]: (row["count"], row["bytes"]) for row in report["removed"]}


def expect(
    services: Services,
    capsys: pytest.CaptureFixture[str],
    keep: Retention,
    expected: dict[str, tuple[int, int]],
) -> None:
    """A dry run says what goes and changes nothing; the run does it; another one finds nothing."""
    before = keys(services)
    assert collect(services, capsys, keep, dry_run=True) == expected
    assert keys(services) == before
    assert collect(services, capsys, keep) == expected
    assert collect(services, capsys, keep) == {}


def add(services: Services, *rows: Any) -> None:
    with services.database.write() as session:
        for row in rows:
            session.add(row)
            session.flush()


def count(services: Services, table: Any) -> int:
    with services.database.read() as session:
        return session.execute(select(func.count()).select_from(table)).scalar_one()


def film(video_id: str, job_id: str, at: float) -> Video:
    return Video(
        id=video_id,
        job_id=job_id,
        prefix=f"videos/{video_id}/{job_id}-1",
        file_size=5,
        duration=1.0,
        width=320,
        height=180,
        framerate=30.0,
        has_audio=False,
        subtitle_tracks=[],
        processing_stats={},
        config={},
        owner="key",
        created_at=at,
        completed_at=at,
    )


def sent(upload_id: str, at: float = OLD) -> VideoUpload:
    return VideoUpload(
        id=upload_id,
        key=f"uploads/{upload_id}/source",
        filename="a.png",
        content_type="image/png",
        size=5,
        sha256="0",
        owner="key",
        created_at=at,
    )


def webhook(name: str, state: str, at: float = OLD, job_id: str = "job") -> list[Any]:
    times = {"next_at": at, "created_at": at, "updated_at": at}
    return [
        Webhook(id=name, job_id=job_id, url="https://example.com/", state=state, attempts=1, **times),
        WebhookAttempt(webhook_id=name, number=1, at=at, status=200, seconds=0.1),
    ]


def test_files_without_a_row(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    add(services, film("video_kept", "job", OLD), sent("upl_kept"))
    kept = {
        put(services, "videos/video_kept/job-1/video.mp4"),
        put(services, "videos/video_kept/other-1/video.mp4", NOW),  # of a run that is about to publish
        put(services, "uploads/upl_kept/source"),
        put(services, "uploads/upl_new/source", NOW),
    }
    put(services, "videos/video_kept/job-0/video.mp4")
    put(services, "videos/video_gone/job-1/video.mp4")
    put(services, "uploads/upl_gone/source")
    broken = services.settings.data_dir / "incoming" / "old"
    broken.mkdir(parents=True)
    (broken / "upload").write_bytes(b"12345")
    os.utime(broken, (OLD, OLD))
    (broken.parent / "now").mkdir()
    expected = {
        "files of films without a row": (2, 10),
        "files sent for films without a row": (1, 5),
        "broken-off uploads": (1, 5),
    }
    expect(services, capsys, Retention(), expected)
    assert keys(services) == kept
    assert [path.name for path in broken.parent.iterdir()] == ["now"]


def test_rows_past_their_time(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    key = {"scope": "s", "digest": "d", "answer": {}}
    add(
        services,
        IdempotencyKey(key="old", created_at=NOW - 2 * 86400, **key),
        IdempotencyKey(key="older", created_at=OLD, **key),
        IdempotencyKey(key="new", created_at=NOW, **key),
        *webhook("wh_done", "delivered"),
        *webhook("wh_given_up", "failed"),
        *webhook("wh_lately", "failed", NOW),
        *webhook("wh_due", "due"),
        RateCount(bucket="api:k", second=int(OLD), requests=3),
        RateCount(bucket="api:k", second=int(NOW) + 86400, requests=3),
    )
    expected = {"idempotency keys": (2, 0), "webhook delivery logs": (2, 0), "spent rate counts": (1, 0)}
    expect(services, capsys, Retention(), expected)
    with services.database.read() as session:
        assert list(session.scalars(select(IdempotencyKey.key))) == ["new"]
        assert set(session.scalars(select(Webhook.id))) == {"wh_lately", "wh_due"}
        assert set(session.scalars(select(WebhookAttempt.webhook_id))) == {"wh_lately", "wh_due"}
    assert count(services, RateCount) == 1


def test_fetched_sources_that_nobody_has_used_for_long(
    services: Services, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    cache = SourceCache(services.settings.data_dir / "sources")

    def fetch(url: str, sha256: str, at: float) -> None:
        path = tmp_path / "fetched"
        path.write_bytes(b"12345")
        found = FetchedFile(path, "image/png", 5, sha256, etag='"1"')
        cache.keep(url, found)
        path.unlink()
        os.utime(cache.files / sha256, (at, at))

    fetch("https://example.com/a", "unused", OLD)
    fetch("https://example.com/b", "unused", OLD)
    fetch("https://example.com/c", "used", NOW - 10)
    fetch("https://example.com/d", "just used", NOW)
    (cache.files / ".part").write_bytes(b"1234567")
    os.utime(cache.files / ".part", (OLD, OLD))
    expect(services, capsys, Retention(), {"fetched sources": (1, 5), "broken-off downloads": (1, 7)})
    assert set(cache.notes_by_file()) == {"used", "just used"}
    expect(services, capsys, Retention(cache_bytes=5), {"fetched sources": (1, 5)})
    assert [path.name for path in cache.files.iterdir()] == ["just used"]
    assert cache.take("https://example.com/d", tmp_path / "taken") is not None
    assert cache.take("https://example.com/a", tmp_path / "gone") is None


def test_old_films_jobs_and_uploads_go_only_when_told(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs = JobsService(services.database, services.dispatcher)
    with jobs.transaction() as session:
        for name in ("old", "failed", "again", "running"):
            payload = {"config": {"scenes": [{"src": "upload:upl_used"}]}, "video_id": f"video_{name}"}
            submit(session, family="videos", kind="videos.generate", payload=payload, job_id=name)
            if name != "running":
                state = "failed" if name == "failed" else "completed"
                ended = update(Job).where(Job.id == name)
                session.execute(ended.values(state=state, completed_at=OLD))
    step = {"step": "download", "number": 1, "status": "completed", "at": OLD, "duration": 1.0}
    add(
        services,
        film("video_old", "old", OLD),
        film("video_again", "again", NOW),  # captioned again lately: its job shows how it was made
        *webhook("wh_old", "failed", NOW, "old"),
        VideoStep(job_id="old", **step),
        VideoStep(job_id="again", **step),
        sent("upl_used"),
        sent("upl_old"),
        sent("upl_new", NOW),
    )
    for key in ("video_old/old-1/video.mp4", "video_old/old-1/preview.mp4", "video_again/again-1/video.mp4"):
        put(services, f"videos/{key}")
    for upload_id in ("upl_used", "upl_old", "upl_new"):
        put(services, f"uploads/{upload_id}/source")
    expect(services, capsys, Retention(), {})
    expected = {
        "old films": (1, 10),
        "old jobs of films": (2, 0),
        "old files sent for films": (1, 5),
    }
    expect(services, capsys, Retention(result_days=30, upload_days=30), expected)
    assert keys(services) == {
        "videos/video_again/again-1/video.mp4",
        "uploads/upl_used/source",
        "uploads/upl_new/source",
    }
    with services.database.read() as session:
        assert set(session.scalars(select(Job.id))) == {"again", "running"}
        assert set(session.scalars(select(VideoStep.job_id))) == {"again"}
        assert set(session.scalars(select(Event.stream))) == {"job:again", "job:running"}
    assert (count(services, Webhook), count(services, WebhookAttempt)) == (0, 0)


def test_storyboards(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    times = {"created_at": OLD, "updated_at": OLD}
    scene = {
        "number": 1,
        "description": "d",
        "duration": 1.0,
        "image_prompt": "p",
        "shot": "wide",
        "camera_move": "static",
        "seed": 1,
        "image_status": "completed",
    }
    kept = {
        put(services, "storyboards/1/scenes/1-a.png"),
        put(services, "storyboards/1/renders/job/final.mp4"),
        put(services, "storyboards/1/exports/new.webm"),
        put(services, "storyboards/1/scenes/1-young.png", NOW),
        put(services, "storyboards/1/other/of-a-later-version.wav"),
    }
    put(services, "storyboards/1/scenes/1-replaced.png")
    put(services, "storyboards/2/renders/job/final.mp4")
    put(services, "storyboards/2/other/of-a-later-version.wav")
    put(services, "storyboards/1/exports/old.mov")
    add(
        services,
        Storyboard(
            id=1,
            prompt="p",
            style="s",
            duration=5.0,
            aspect_ratio="16:9",
            seed=1,
            status="completed",
            job_id="job",
            **times,
        ),
        StoryboardScene(storyboard_id=1, image_key="storyboards/1/scenes/1-a.png", **scene),
        StoryboardRender(
            id=1,
            storyboard_id=1,
            job_id="job",
            key="storyboards/1/renders/job/final.mp4",
            size_bytes=5,
            width=16,
            height=9,
            frames=1,
            rate=30,
            created_at=OLD,
        ),
        *(
            StoryboardExport(
                render_id=1,
                format=name.partition(".")[2],
                quality="low",
                job_id="job",
                key=f"storyboards/1/exports/{name}",
                size_bytes=5,
                used_at=at,
            )
            for name, at in (("old.mov", OLD), ("new.webm", NOW))
        ),
        StoryboardDownload(storyboard_id=1, file="f", client="old", fetched=[[0, 1]], updated_at=OLD),
        StoryboardDownload(storyboard_id=1, file="f", client="new", fetched=[[0, 1]], updated_at=NOW),
    )
    expected = {
        "files of storyboards without a row": (3, 15),
        "storyboard exports past their time": (1, 5),
        "half-fetched downloads": (1, 0),
    }
    expect(services, capsys, Retention(), expected)
    assert keys(services) == kept
    assert (count(services, StoryboardExport), count(services, StoryboardDownload)) == (1, 1)
