"""A worker and its jobs, in one process: what handlers get, and what becomes of what they do."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from tests.support.bells import RecordingDispatcher
from tests.support.databases import copy_of
from tests.unit.jobs.test_claims import row
from videocraft.core import events
from videocraft.core.database import Database
from videocraft.core.database.models import Job
from videocraft.core.jobs import JobsService, JobState, cancel, claims, registry, runner, submit
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.dispatch.base import Topic
from videocraft.core.jobs.outcomes import JobStopped
from videocraft.core.jobs.runner import Worker
from videocraft.core.storage.traffic import Traffic
from videocraft.errors import InvalidInput
from videocraft.settings import Settings

WAIT = 60.0


class Bench:
    """A worker in a thread, with handlers of the test's own."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.settings = Settings(data_dir=folder, job_lease_seconds=30)
        self.database = database
        self.dispatcher = RecordingDispatcher()
        self.jobs = JobsService(database, self.dispatcher)
        self.storage = Mock(name="storage", traffic=Traffic())
        self.worker = Worker(self.settings, database, self.storage, self.dispatcher, "w-1")
        self._thread = threading.Thread(target=self.worker.run)

    def submit(self, job_id: str = "job", kind: str = "test.run", **more: Any) -> None:
        with self.jobs.transaction() as session:
            submit(session, family="test", kind=kind, payload={"n": 1}, job_id=job_id, **more)

    def cancel(self, job_id: str = "job") -> None:
        with self.jobs.transaction() as session:
            cancel(session, job_id)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.worker.stop()
        if self._thread.ident is not None:
            self._thread.join(WAIT)
            assert not self._thread.is_alive()

    def ended(self, job_id: str = "job") -> Job:
        job = self.jobs.wait_until_terminal(job_id, WAIT)
        assert job is not None
        return job

    def run(self, **more: Any) -> Job:
        self.submit(**more)
        self.start()
        return self.ended()


@pytest.fixture
def bench(tmp_path: Path, template: Path | str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(registry, "_handlers", {})
    database = copy_of(template, tmp_path)
    bench = Bench(tmp_path, database)
    yield bench
    bench.stop()
    database.dispose()


def handle(function: Callable[[JobContext], Mapping[str, Any] | None]) -> None:
    registry.handler("test.run")(lambda payload, context: function(context) or {})


def wait_for_stop(context: JobContext) -> None:
    stopped = threading.Event()
    for _ in range(int(WAIT * 100)):
        context.check()
        stopped.wait(0.01)
    raise AssertionError("the handler was not told to stop")


def test_a_handler_gets_payload_and_context_and_its_result_is_kept(bench: Bench) -> None:
    seen: dict[str, Any] = {}

    @registry.handler("test.run")
    def run(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
        seen.update(vars(context), payload=payload, workdir=context.workdir)
        assert context.workdir == bench.settings.data_dir / "work" / "job" / "1"
        (context.workdir / "file").touch()
        return {"answer": 42}

    job = bench.run(request_id="r-9")
    assert (job.state, job.result, job.progress) == (JobState.COMPLETED, {"answer": 42}, 1.0)
    assert seen["payload"] == {"n": 1}
    assert (seen["job_id"], seen["epoch"], seen["request_id"]) == ("job", 1, "r-9")
    assert (seen["settings"], seen["database"], seen["storage"]) == (
        bench.settings,
        bench.database,
        bench.storage,
    )
    assert not seen["workdir"].parent.exists()


def test_what_a_handler_reports_last_always_lands(bench: Bench) -> None:
    def run(context: JobContext) -> None:
        for step in range(100):
            context.progress(step / 100, f"Step {step}")
        context.log("a line")
        context.warn("Odd.")
        raise InvalidInput("No.")

    handle(run)
    job = bench.run()
    assert (job.progress, job.message, job.warnings) == (0.99, "Step 99", ["Odd."])
    assert [line["message"] for line in job.log] == ["a line"]


def test_progress_can_be_seen_while_the_handler_is_silent(bench: Bench) -> None:
    go_on = threading.Event()

    def run(context: JobContext) -> None:
        context.progress(0.5, "Half")
        assert go_on.wait(WAIT)

    handle(run)
    bench.submit()
    with bench.dispatcher.listen(Topic.EVENTS) as bell:
        bench.start()
        while row(bench.database, "job").progress == 0:
            assert bell.wait(WAIT)
    assert row(bench.database, "job").message == "Half"
    go_on.set()
    assert bench.ended().progress == 1.0
    with bench.database.read() as session:
        story = [event.type for event in events.read_after(session, "job:job", 0, 99)]
    assert story == ["job.queued", "job.running", "job.progress", "job.completed"]


def test_many_reports_become_few_writes(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    renewals = Mock(wraps=claims.renew)
    monkeypatch.setattr(claims, "renew", renewals)

    def run(context: JobContext) -> None:
        for step in range(10_000):
            context.progress(step / 10_000)

    handle(run)
    assert bench.run().state == JobState.COMPLETED
    assert renewals.call_count < 100


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (InvalidInput("The cut is empty."), "VALIDATION_ERROR", "The cut is empty."),
        (KeyError("secret"), "INTERNAL_ERROR", "An internal error stopped this job."),
        (JobStopped("by itself"), "INTERNAL_ERROR", "An internal error stopped this job."),
    ],
)
def test_what_a_handler_raises_fails_its_job_and_no_other(
    bench: Bench, error: Exception, code: str, message: str
) -> None:
    def run(context: JobContext) -> None:
        if context.job_id == "job":
            raise error

    handle(run)
    bench.submit("next")
    job = bench.run(priority=1)
    assert (job.state, job.error_code, job.error_message) == (JobState.FAILED, code, message)
    assert bench.ended("next").state == JobState.COMPLETED


def test_a_kind_without_a_handler_fails(bench: Bench) -> None:
    job = bench.run(kind="test.unknown")
    assert (job.state, job.error_code) == (JobState.FAILED, "INTERNAL_ERROR")
    assert job.error_details is not None
    assert "test.unknown" in job.error_details["traceback"]


def test_a_result_that_is_not_json_fails(bench: Bench) -> None:
    handle(lambda context: {"path": context.workdir})
    assert bench.run().error_code == "INTERNAL_ERROR"


def test_a_cancelled_job_stops_and_ends_as_cancelled(bench: Bench) -> None:
    begun = threading.Event()

    def run(context: JobContext) -> None:
        begun.set()
        wait_for_stop(context)

    handle(run)
    bench.submit()
    bench.start()
    assert begun.wait(WAIT)
    bench.cancel()
    assert bench.ended().state == JobState.CANCELLED
    assert not (bench.settings.data_dir / "work" / "job").exists()


def test_a_cancel_whose_bell_is_lost_is_noticed_all_the_same(bench: Bench) -> None:
    begun = threading.Event()

    def run(context: JobContext) -> None:
        begun.set()
        wait_for_stop(context)

    handle(run)
    bench.submit()
    bench.start()
    assert begun.wait(WAIT)
    with bench.database.write() as session:  # rings nothing
        cancel(session, "job")
    assert bench.ended().state == JobState.CANCELLED


def test_whatever_is_raised_by_what_was_told_to_stop_is_no_failure(bench: Bench) -> None:
    def run(context: JobContext) -> None:
        bench.cancel()
        with contextlib.suppress(JobStopped):
            wait_for_stop(context)
        raise OSError("FFmpeg was killed")

    handle(run)
    job = bench.run()
    assert (job.state, job.error_code) == (JobState.CANCELLED, None)


def test_a_worker_that_shuts_down_hands_its_job_back_at_no_cost(bench: Bench) -> None:
    begun = threading.Event()

    def run(context: JobContext) -> None:
        context.progress(0.5, "Half")
        begun.set()
        wait_for_stop(context)

    handle(run)
    bench.submit()
    bench.submit("next")
    bench.start()
    assert begun.wait(WAIT)
    bench.stop()
    job = row(bench.database, "job")
    assert (job.state, job.epoch, job.lost, job.progress) == (JobState.QUEUED, 1, 0, 0.5)
    assert row(bench.database, "next").state == JobState.QUEUED


def test_a_worker_that_is_told_to_stop_before_it_begins_claims_nothing(bench: Bench) -> None:
    bench.submit()
    bench.worker.stop()
    bench.worker.run()
    assert row(bench.database, "job").epoch == 0


def test_a_job_that_was_claimed_in_the_moment_of_shutdown_is_handed_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, ran = claims.claim, Mock(return_value={})

    def claim_and_be_stopped(*arguments: Any, **named: Any) -> Any:
        claimed = claim(*arguments, **named)
        bench.worker.stop()
        return claimed

    monkeypatch.setattr(claims, "claim", claim_and_be_stopped)
    handle(ran)
    bench.submit()
    bench.worker.run()
    job = row(bench.database, "job")
    assert (job.state, job.epoch, job.lost) == (JobState.QUEUED, 1, 0)
    ran.assert_not_called()


def test_a_result_that_is_ready_at_shutdown_is_kept(bench: Bench) -> None:
    def run(context: JobContext) -> None:
        bench.worker.stop()
        assert context.should_stop()

    handle(run)
    assert bench.run().state == JobState.COMPLETED


def test_publishing_needs_the_claim(bench: Bench) -> None:
    published: list[str] = []

    def run(context: JobContext) -> None:
        with context.publish():
            context.progress(0.9, "Publishing")
            published.append(context.job_id)
        bench.cancel()
        with context.publish():
            published.append("too late")

    handle(run)
    assert bench.run().state == JobState.CANCELLED
    assert published == ["job"]


def test_stages_survive_the_run_and_parts_do_not(bench: Bench) -> None:
    made: list[Path] = []

    def make(path: Path) -> None:
        made.append(path)
        path.write_text("whole")

    def run(context: JobContext) -> Mapping[str, Any]:
        path = context.stage("cut.mp4", {"n": 1}, make)
        own = context.stage("cut.mp4", {"n": 1}, make, root=bench.settings.data_dir / "own")
        return {"paths": [str(path), str(own)]}

    handle(run)
    first = bench.run()
    bench.submit("again")
    again = bench.ended("again")
    assert first.result is not None
    assert first.result == again.result
    assert len(made) == 2
    assert [Path(path).read_text() for path in first.result["paths"]] == ["whole", "whole"]
    left = {path.name for path in bench.settings.data_dir.rglob("*") if "parts" in path.as_posix()}
    assert left == {".parts"}


def test_a_stage_is_not_begun_by_what_is_to_stop(bench: Bench) -> None:
    def run(context: JobContext) -> None:
        bench.cancel()
        with contextlib.suppress(JobStopped):
            wait_for_stop(context)
        context.stage("a", {}, lambda path: path.touch())

    handle(run)
    assert bench.run().state == JobState.CANCELLED
    assert not (bench.settings.data_dir / "stages").exists()


def test_a_run_removes_the_folders_of_earlier_ones(bench: Bench) -> None:
    left = bench.settings.data_dir / "work" / "job" / "0" / "file"
    left.parent.mkdir(parents=True)
    left.touch()
    handle(lambda context: {"left": left.exists(), "own": context.workdir.is_dir()})
    with bench.database.write() as session:
        submit(session, family="test", kind="test.run", payload={}, job_id="job")
        claim = claims.claim(session, worker_id="dead", lease_seconds=-1, at=1.0)
        assert claim is not None
    bench.start()
    assert bench.ended().result == {"left": False, "own": True}
    assert not left.parent.parent.exists()


def test_a_database_that_is_away_for_a_moment_costs_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(runner, "LOOK_SECONDS", 0.01)
    away = OperationalError("SELECT", {}, Exception("away"))

    for name in ("claim", "finish"):
        monkeypatch.setattr(claims, name, fails_once(getattr(claims, name), away))
    handle(lambda context: {"n": 1})
    job = bench.run()
    assert (job.state, job.epoch, job.lost) == (JobState.COMPLETED, 1, 0)


def test_a_handler_that_finds_the_database_away_goes_back_to_the_queue(bench: Bench) -> None:
    away = OperationalError("SELECT", {}, Exception("away"), connection_invalidated=True)

    def run(context: JobContext) -> Mapping[str, Any]:
        if context.epoch == 1:
            raise away
        return {"epoch": context.epoch}

    handle(run)
    job = bench.run()
    assert (job.state, job.result, job.lost) == (JobState.COMPLETED, {"epoch": 2}, 0)


def fails_once(function: Callable[..., Any], error: Exception) -> Callable[..., Any]:
    errors = [error]

    def call(*arguments: Any, **named: Any) -> Any:
        if errors:
            raise errors.pop()
        return function(*arguments, **named)

    return call


def test_the_logs_of_a_job_name_it(bench: Bench) -> None:
    bound: dict[str, Any] = {}
    handle(lambda context: bound.update(structlog.contextvars.get_contextvars()))
    bench.run(request_id="r-1")
    assert bound == {"job_id": "job", "epoch": 1, "request_id": "r-1"}


def test_handlers_are_found_by_kind_and_registered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_handlers", {})

    def run(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
        return {}

    assert registry.handler("a.b")(run) is run
    registry.handler("a.b")(run)
    assert registry.find("a.b") is run
    with pytest.raises(ValueError, match="Two handlers"):
        registry.handler("a.b")(lambda payload, context: {})
    with pytest.raises(LookupError, match=r"c\.d"):
        registry.find("c.d")
    with pytest.raises(ModuleNotFoundError):
        registry.load_handlers(["videocraft.no_such_module"])
