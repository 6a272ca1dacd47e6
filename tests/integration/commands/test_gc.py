"""``videocraft gc``: what it finds, what it leaves, and that a dry run changes nothing."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from tests.support.s3_server import ACCESS_KEY, SECRET_KEY, S3Server
from videocraft.commands import CommandFailed
from videocraft.commands.gc import run
from videocraft.core.database.models import Asset, Export, Job, RecordingSession, Upload
from videocraft.core.garbage import Retention, folder_bytes
from videocraft.core.jobs import JobsService, submit
from videocraft.services import Services
from videocraft.settings import Settings

OLD = time.time() - 30 * 86400


@pytest.fixture(params=["local", "s3"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A data directory, with files on the disk or in a bucket."""
    if request.param == "local":
        return Settings(data_dir=tmp_path / "data")
    server: S3Server = request.getfixturevalue("s3_server")
    return Settings(
        data_dir=tmp_path / "data",
        storage_url=f"s3://{server.shared_bucket()}/{tmp_path.name}",
        s3_endpoint_url=server.endpoint,
        s3_access_key=ACCESS_KEY,
        s3_secret_key=SECRET_KEY,
    )


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    opened = Services.open(settings)
    yield opened
    opened.close()


def put(services: Services, key: str, *, is_old: bool = True) -> None:
    source = services.settings.data_dir / "source"
    source.write_bytes(b"12345")
    services.storage.put_file(source, key)
    if is_old and not services.settings.is_s3:
        os.utime(services.settings.media_root / key, (OLD, OLD))


def removed(
    settings: Settings, capsys: pytest.CaptureFixture[str], keep: Retention, **how: Any
) -> dict[str, int]:
    """What a run reports, by kind."""
    run(settings, keep, dry_run=how.get("dry_run", False), as_json=True)
    report = json.loads(capsys.readouterr().out)
    assert report["failures"] == []
    return {row["kind"]: row["count"] for row in report["removed"]}


def fill(services: Services) -> None:
    """Something of every sort, needed and not."""
    data_dir = services.settings.data_dir
    for folder, name in (("stages", "used.mp4"), ("stages", "unused.mp4"), ("work/gone/1", "file")):
        path = data_dir / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")
    os.utime(data_dir / "stages" / "unused.mp4", (OLD, OLD))
    put(services, "projects/p/20260203/originals/angle-001_v001.mp4")
    put(services, "projects/p/20260203/originals/angle-009_v001.mp4")
    put(services, "projects/p/20260203/originals/angle-002_v001.mp4", is_old=False)
    put(services, "jobs/gone/result.mp4")
    common = {"created_at": 1.0, "updated_at": 1.0}
    asset = {"session_id": "s", "filename": "a", "content_type": "video/mp4", "size_bytes": 5, "version": 1}
    with services.database.write() as session:
        session.add(RecordingSession(id="s", title="t", date="2026-02-03", project_id="p", **common))
        session.flush()
        for label, status in (("A", "ready"), ("B", "uploading")):
            key = f"projects/p/20260203/originals/angle-00{1 if label == 'A' else 7}_v001.mp4"
            session.add(
                Asset(
                    id=label,
                    camera_label=label,
                    status=status,
                    original_key=key,
                    derivatives=[],
                    **asset,
                    **common,
                )
            )
        session.flush()
        stored = services.storage.create_upload("projects/p/20260203/originals/angle-007_v001.mp4", 5, 5)
        session.add(
            Upload(id="u", asset_id="B", storage_upload_id=stored, part_size=5, parts_count=1, expires_at=1.0)
        )


def test_what_nobody_needs_goes_and_the_rest_stays(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(services)
    settings = services.settings
    before = sorted(info.key for info in services.storage.list(""))
    expected = {"finished stages": 1, "folders of ended jobs": 1, "expired uploads": 1}
    if not settings.is_s3:  # a bucket's times can't be set: everything in it is young
        expected |= {"files without a row": 1, "files of jobs that are gone": 1}
    assert removed(settings, capsys, Retention(), dry_run=True) == expected
    assert sorted(info.key for info in services.storage.list("")) == before
    assert removed(settings, capsys, Retention()) == expected
    assert removed(settings, capsys, Retention()) == {}
    kept = {info.key for info in services.storage.list("")}
    assert {f"projects/p/20260203/originals/angle-00{n}_v001.mp4" for n in (1, 2)} <= kept
    assert services.storage.uploads() == []
    assert [path.name for path in (settings.data_dir / "stages").iterdir()] == ["used.mp4"]


def test_caches_and_results_are_kept_as_long_as_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data_dir=tmp_path)
    services = Services.open(settings)
    (tmp_path / "stages").mkdir()
    for number in range(4):
        path = tmp_path / "stages" / f"{number}.mp4"
        path.write_bytes(b"12345")
        os.utime(path, (time.time() - 100 + number, time.time() - 100 + number))
    jobs = JobsService(services.database, services.dispatcher)
    with jobs.transaction() as session:
        for name in ("old", "running"):
            job = submit(session, family="exports", kind="exports.export", payload={})
            is_over = name == "old"
            if is_over:
                ended = update(Job).where(Job.id == job.id).values(state="completed", completed_at=OLD)
                session.execute(ended)
            facts = {"config_sha256": "0", "project_name": "p", "format": "mp4", "created_at": OLD}
            session.add(Export(id=name, job_id=job.id, **facts))
            (settings.media_root / "exports" / name).mkdir(parents=True)
    assert folder_bytes(tmp_path / "stages") == 20
    assert removed(settings, capsys, Retention(cache_bytes=11)) == {"finished stages": 2}
    assert sorted(path.name for path in (tmp_path / "stages").iterdir()) == ["2.mp4", "3.mp4"]
    assert removed(settings, capsys, Retention(result_days=7)) == {"old exports": 1}
    assert [path.name for path in (settings.media_root / "exports").iterdir()] == ["running"]
    with services.database.read() as session:
        assert [job.state for job in session.query(Job)] == ["queued"]
    services.close()


def test_files_are_not_measured_against_an_empty_database(tmp_path: Path) -> None:
    (tmp_path / "media" / "exports" / "kept").mkdir(parents=True)
    with pytest.raises(CommandFailed, match="There is no database there yet"):
        run(Settings(data_dir=tmp_path), Retention(), dry_run=False, as_json=False)
    assert (tmp_path / "media" / "exports" / "kept").exists()
