"""Pipelines of the jobs family, run by hand: a run that is lost, recordings of sessions, ids that stay."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic import SecretStr

from tests.contract.jobs.world import World, open_world
from tests.support.fakes.openai_server import FakeOpenAI
from tests.support.fakes.server import KEY
from videocraft.apis import task_modules
from videocraft.apis.jobs import clipping, ingest
from videocraft.apis.jobs.ingest import run as run_ingest
from videocraft.core.database import clock
from videocraft.core.database.models import Asset, Clip, Job, LibraryAsset, RecordingSession
from videocraft.core.jobs import registry, sweeper
from videocraft.core.jobs.claims import Claim
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.leases import Lease
from videocraft.core.jobs.outcomes import completed
from videocraft.core.jobs.reports import Reporter
from videocraft.media.captions.transcript import Segment, Transcript, Word


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server without workers: jobs are claimed by hand."""
    registry.load_handlers(task_modules())
    with open_world(tmp_path_factory.mktemp("pipelines") / "data", mezzanine="off") as world:
        yield world


@pytest.fixture
def world(opened: World) -> World:
    """The same, with nothing queued."""
    opened.clear()
    return opened


def context_of(world: World, claimed: Claim, **settings: Any) -> JobContext:
    """What a worker gives to a handler."""
    return JobContext(
        lease=Lease(claimed.fence, 60, time.monotonic()),
        reporter=Reporter(0, "", [], on_news=lambda: None),
        request_id=None,
        settings=world.services.settings.model_copy(update=settings),
        database=world.services.database,
        storage=world.services.storage,
    )


def lose(world: World, claimed: Claim) -> None:
    """The worker is killed: its lease runs out, and the job is queued again."""
    with world.services.database.write() as session:
        row = session.query(Job).filter_by(id=claimed.fence.job_id).one()
        row.lease_until = 0.0
    with world.services.database.write() as session:
        swept = sweeper.sweep(session, at=clock.now(session))
    assert swept.requeued == (claimed.fence.job_id,)


def run(world: World, job_type: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Queue, claim, run and end a job; the job object."""
    job_id = world.submit(job_type, payload)["id"]
    claimed = world.claim()
    context = context_of(world, claimed)
    result = registry.find(claimed.kind)(claimed.payload, context)
    context.close()
    world.finish(claimed, completed(result))
    return world.job(job_id)


def test_what_a_lost_run_has_finished_is_not_made_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.submit("ingest", {"path": "film.mp4"})
    first = world.claim()
    monkeypatch.setattr(ingest, "_publish", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        run_ingest(first.payload, context_of(world, first))
    lose(world, first)
    monkeypatch.undo()

    def again(*_: object, **__: object) -> None:
        raise AssertionError("a finished stage was made again")

    monkeypatch.setattr("videocraft.media.derivatives.make", again)
    monkeypatch.setattr("videocraft.apis.jobs.analysis.find_scenes", again)
    monkeypatch.setattr("videocraft.apis.jobs.analysis.measure_sound", again)
    second = world.claim()
    assert second.fence.epoch == 2
    result = run_ingest(second.payload, context_of(world, second))
    world.finish(second, completed(result))
    with world.services.database.read() as session:
        assert session.query(LibraryAsset).filter_by(id=result["asset_id"]).count() == 1
    for made in result["derivatives"]:
        assert world.client.get(made["url"]).status_code == 200


def test_another_ingest_takes_the_place_of_the_files_of_the_one_before(world: World) -> None:
    first = run(world, "ingest", {"path": "film.mp4"})["result_payload"]
    second = run(world, "ingest", {"source_asset_id": first["asset_id"]})["result_payload"]
    assert second["asset_id"] == first["asset_id"]
    stored = {info.key for info in world.services.storage.list(f"assets/{first['asset_id']}")}
    assert len(stored) == len(second["derivatives"])
    for made in second["derivatives"]:
        assert world.client.get(made["url"]).status_code == 200


def test_a_recording_of_a_session_is_an_asset_too(world: World) -> None:
    common = {"created_at": 1.0, "updated_at": 1.0}
    with world.services.database.write() as session:
        session.add(RecordingSession(id="session-1", title="t", date="2026-02-03", project_id="p", **common))
        session.flush()
        session.add(
            Asset(
                id="asset-1", session_id="session-1", camera_label="A", filename="a.mp4",
                content_type="video/mp4", size_bytes=1, version=1, status="ready", original_key="film.mp4",
                media={"fps": 30}, derivatives=[{"kind": "proxy", "key": "film.mp4", "size_bytes": 5}],
                error=None, ingest_job_id=None, **common,
            )
        )  # fmt: skip
    shown = world.client.get("/assets/asset-1").json()
    assert (shown["session_id"], shown["status"]) == ("session-1", "ready")
    assert world.client.get(shown["derivatives"][0]["url"]).status_code == 200
    detail = world.detail(world.client.delete("/assets/asset-1"), 409)
    assert "session-1" in detail
    result = run(world, "ingest", {"source_asset_id": "asset-1"})["result_payload"]
    assert [made["kind"] for made in result["derivatives"]] == ["proxy"]
    assert world.client.get(result["thumbnails"]["url"]).headers["content-type"] == "image/jpeg"
    assert "asset-1" not in [asset["id"] for asset in world.client.get("/assets").json()["assets"]]


def test_the_clips_of_a_job_that_runs_twice_are_there_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipping, "transcript_of", lambda *_: Transcript(None, 1.0, ()))
    job_id = world.submit("generate_clip", {"path": "film.mp4"})["id"]
    first = world.claim()
    clipping.run(first.payload, context_of(world, first))
    lose(world, first)
    second = world.claim()
    result = clipping.run(second.payload, context_of(world, second))
    world.finish(second, completed(result))
    with world.services.database.read() as session:
        ids = [clip.id for clip in session.query(Clip).filter_by(job_id=job_id)]
    assert ids == [clip["clip_id"] for clip in result["clips"]]
    assert len(ids) == 1
    version = world.client.get(f"/clips/{ids[0]}").json()["versions"][0]
    assert version["status"] == "draft"


def test_a_clip_outside_of_its_recording_fails_with_a_sentence(world: World) -> None:
    with world.services.database.write() as session:
        at = clock.now(session)
        session.add(
            Clip(id="clip_1", source_key="film.mp4", start=5, end=6, created_at=at, updated_at=at, title="")
        )
    world.submit("export", {"clip_id": "clip_1"})
    claimed = world.claim()
    with pytest.raises(Exception, match=r"outside of the recording, which lasts 1\.0"):
        registry.find(claimed.kind)(claimed.payload, context_of(world, claimed))


LINES = ("Penguins dive in the cold sea.", "The bank lends money to farmers.")


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOpenAI]:
    """Two sentences are heard in every film, and there is a model that can rank them."""
    segments = tuple(
        Segment(line, at, at + 0.4, (Word(line, at, at + 0.4),))
        for at, line in zip((0.0, 0.5), LINES, strict=True)
    )
    monkeypatch.setattr(clipping, "transcript_of", lambda *_: Transcript("en", 1.0, segments))
    with FakeOpenAI() as fake:
        yield fake


def clips_of(world: World, fake: FakeOpenAI, claimed: Claim, **settings: Any) -> Mapping[str, Any]:
    """The job's result and its warnings, as a worker with that model makes them."""
    ours = {"ranker": "openai", "openai_base_url": fake.base_url, "openai_api_key": SecretStr(KEY)}
    context = context_of(world, claimed, **ours | settings)
    result = clipping.run(claimed.payload, context)
    report = context._reporter.take()
    return {**result, "warnings": report.warnings if report is not None else []}


def test_a_model_ranks_the_parts_and_is_asked_once_for_a_job(world: World, model: FakeOpenAI) -> None:
    def prefer_the_bank(body: dict[str, Any]) -> str:
        passages = json.loads(body["messages"][1]["content"])["passages"]
        return json.dumps(
            {
                "ranking": [
                    {
                        "number": each["number"],
                        "score": 90 * (LINES[1] in each["text"]),
                        "reason": "It is.",
                    }
                    for each in passages
                ]
            }
        )

    model.chat = prefer_the_bank
    world.submit("generate_clip", {"path": "film.mp4", "prompt": "finance", "count": 1})
    first = world.claim()
    result = clips_of(world, model, first)
    (clip,) = result["clips"]
    assert LINES[1] in clip["text"]
    assert (clip["score"], clip["reason"]) == (0.9, "It is.")
    assert "language model" in result["reason"]
    assert result["warnings"] == []
    lose(world, first)
    assert clips_of(world, model, world.claim())["clips"] == result["clips"]
    assert len(model.requests) == 1


def test_without_the_model_the_built_in_measure_chooses_and_a_warning_says_so(
    world: World, model: FakeOpenAI
) -> None:
    model.chat = lambda _body: "I would take the first one."
    world.submit("generate_clip", {"path": "film.mp4", "prompt": "penguins", "count": 1})
    claimed = world.claim()
    result = clips_of(world, model, claimed)
    assert "Penguins" in result["clips"][0]["text"]
    assert len(model.requests) == 3
    (warning,) = result["warnings"]
    assert warning == (
        "The clips were chosen by the built-in measure, since the model could not rank them: The ranking "
        "server gave no ranking that can be used: it is not JSON, or was cut off."
    )
    refused = clips_of(world, model, claimed, openai_api_key=SecretStr("wrong"))
    assert refused["clips"] == result["clips"]
    assert "refused the configured key" in refused["warnings"][0]
    assert "wrong" not in refused["warnings"][0]
