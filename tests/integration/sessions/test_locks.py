"""Two that change one session at once on PostgreSQL, which locks rows one by one: nobody waits in a ring."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.contract.sessions.world import World, open_world
from tests.support.databases import until_blocked
from tests.support.postgres import Postgres
from videocraft.apis.sessions import service, settling, stream, uploads
from videocraft.core.database import clock
from videocraft.core.database.models import Asset, Job, RecordingSession, Upload
from videocraft.core.jobs import JobState, claims


@pytest.fixture(scope="module")
def world(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    url = postgres.make_database()
    data_dir: Path = tmp_path_factory.mktemp("locks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "LET_GO_SECONDS", 0.0)
        with open_world(data_dir, patch, database_url=url) as opened:
            yield opened
    postgres.drop_database(url)


def meanwhile(
    world: World, first: Callable[[Session], None], other: Callable[[], Any], then: Callable[[Session], None]
) -> Any:
    """What ``other`` returns, which begins between two steps of one transaction and must wait for its end."""
    with ThreadPoolExecutor(1) as pool:
        with world.services.database.write() as session:
            first(session)
            running: Future[Any] = pool.submit(other)
            until_blocked(world.services.database)
            then(session)
            assert not running.done()
        return running.result(30)


def test_a_session_is_deleted_while_a_worker_publishes(world: World) -> None:
    session_id = world.session()
    asset_id = world.uploaded(session_id)["assetId"]
    with world.services.database.write() as session:
        at = clock.now(session)
        claim = claims.claim(session, worker_id="w", lease_seconds=60, at=at, kinds=["sessions.ingest"])
    assert claim is not None

    def hold(session: Session) -> None:
        assert claims.hold_still(session, claim.fence, at=clock.now(session))

    def publish(session: Session) -> None:
        session.get_one(Asset, asset_id).status = "ready"
        session.flush()
        stream.announce(session, session_id, "asset.ready", {})

    meanwhile(world, hold, lambda: service.delete(world.services, session_id), publish)
    with world.services.database.read() as session:
        assert session.get(RecordingSession, session_id) is None
    assert not [key for key in world.files() if "angle-001" in key]


def expire(world: World, asset_id: str) -> None:
    with world.services.database.write() as session:
        session.query(Upload).filter_by(asset_id=asset_id).one().expires_at = 1.0


def take(session: Session, asset_id: str) -> None:
    session.get_one(Asset, asset_id, with_for_update=True)


def drop(session: Session, session_id: str, asset_id: str) -> None:
    """What aborting does."""
    session.delete(session.query(Upload).filter_by(asset_id=asset_id).one())
    session.flush()
    session.delete(session.get_one(Asset, asset_id))
    session.flush()
    stream.announce(session, session_id, "session.status", {})


def test_a_camera_is_begun_anew_while_its_expired_upload_is_aborted(world: World) -> None:
    session_id = world.session()
    asset_id = world.begun(session_id)["assetId"]
    expire(world, asset_id)
    body = {"cameraLabel": "A", "filename": "a.mp4", "contentType": "video/mp4", "sizeBytes": 10}
    begun = meanwhile(
        world,
        lambda session: take(session, asset_id),
        lambda: uploads.begin(world.services, session_id, body),
        lambda session: drop(session, session_id, asset_id),
    )
    assert begun["assetId"] != asset_id


def test_an_expired_upload_is_swept_while_it_is_aborted(world: World) -> None:
    session_id = world.session()
    asset_id = world.begun(session_id)["assetId"]
    expire(world, asset_id)
    assert not meanwhile(
        world,
        lambda session: take(session, asset_id),
        lambda: uploads.forget_expired(world.services, session_id, asset_id),
        lambda session: drop(session, session_id, asset_id),
    )


def test_what_a_lost_job_left_is_closed_while_the_session_is_deleted(world: World) -> None:
    session_id = world.session()
    asset_id = world.uploaded(session_id)["assetId"]
    world.ready(session_id, "B")
    assert world.init(session_id, "C").status_code == 200
    with world.services.database.write() as session:
        for job in session.query(Job).filter(Job.state == JobState.QUEUED):
            job.state = JobState.FAILED
    settling.settle(world.services)
    assert world.status(session_id)["assets"] == {"total": 3, "ingested": 2, "ready": 1, "failed": 1}
    meanwhile(
        world,
        lambda session: take(session, asset_id),
        lambda: service.delete(world.services, session_id),
        lambda session: stream.touch(session, session_id),
    )


def test_26_cameras_begin_at_once_and_one_of_two_gets_each(world: World) -> None:
    session_id = world.session()
    labels = [chr(ord("A") + number % 26) for number in range(52)]
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda label: world.init(session_id, label).status_code, sorted(labels)))
    assert sorted(codes) == [200] * 26 + [409] * 26
    assert world.status(session_id)["assets"]["total"] == 26
