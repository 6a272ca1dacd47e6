"""The worker: claims the best job, runs its handler, writes how it ended, claims the next one."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from videocraft import telemetry
from videocraft.core import counters
from videocraft.core.database import Database, clock
from videocraft.core.database.troubles import is_passing, sentence_of
from videocraft.core.jobs import claims, memory, registry
from videocraft.core.jobs.claims import Claim
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.dispatch.base import Bell, Dispatcher, Topic
from videocraft.core.jobs.heartbeat import Heartbeat
from videocraft.core.jobs.janitor import Janitor
from videocraft.core.jobs.leases import Lease, StopReason
from videocraft.core.jobs.outcomes import Failed, Outcome, Stopped, completed, failed
from videocraft.core.jobs.reports import Reporter
from videocraft.core.jobs.service import TRACE, JobsService
from videocraft.settings import Settings

if TYPE_CHECKING:
    from videocraft.core.storage import Storage

LOOK_SECONDS = 2.0
"""An idle worker looks for a job that often even if no bell rings."""
_LONG_SECONDS = 1.0
"""Who has worked for so long may have used much memory, and has a moment for giving it back."""
RETRY_SECONDS = 0.5
"""Wait before asking a database again that could not be reached."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Worker:
    """Runs one job after the other until it is told to stop.

    Args:
        settings: ``data_dir`` and ``job_lease_seconds`` are used here; handlers get all of them.
        database, storage: given to handlers.
        dispatcher: its bells.
        worker_id: a name for the operator; it is in the rows of the jobs that the worker runs.
        kinds: the kinds of jobs that it takes; None: all.
        cleans: whether it looks after lost workers; a second one in the same process need not.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        storage: Storage,
        dispatcher: Dispatcher,
        worker_id: str,
        *,
        kinds: Collection[str] | None = None,
        cleans: bool = True,
    ) -> None:
        self._kinds = kinds
        self._cleans = cleans
        self._settings = settings
        self._storage = storage
        self._jobs = JobsService(database, dispatcher)
        self._worker_id = worker_id
        self._lease_seconds = settings.job_lease_seconds
        self._heartbeat = Heartbeat(self._jobs, self._lease_seconds)
        self._is_stopping = False
        self._bell: Bell | None = None
        self._lease: Lease | None = None

    def run(self) -> None:
        """Work until SIGTERM, SIGINT or ``stop``; once for each worker.

        A job that runs then is handed back to the queue, and goes on where its stages were when another
        worker takes it.
        """
        with self._jobs.dispatcher.listen(Topic.WORK) as self._bell, self._signals(), self.opened():
            while not self._is_stopping:
                if not self.answer():
                    self._bell.wait(LOOK_SECONDS)

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Keep leases and clean up as long as the block runs; ``answer`` may be called inside it."""
        with ExitStack() as stack:
            if self._cleans:
                settings = self._settings
                stack.enter_context(Janitor(self._jobs, settings.data_dir, self._lease_seconds, settings))
            stack.enter_context(self._heartbeat)
            _log.info("worker started", worker_id=self._worker_id)
            yield
            _log.info("worker stopped", worker_id=self._worker_id)

    def answer(self) -> bool:
        """Run one job after the other until none waits, or the worker is to stop; whether there was one."""
        claimed = None if self._is_stopping else self._claim_first()
        was_one = claimed is not None
        began = time.monotonic()
        while claimed is not None:
            claimed = self._work(*claimed)
        if time.monotonic() - began > _LONG_SECONDS:
            memory.give_back()
        return was_one

    def stop(self) -> None:
        """Make ``run`` hand its job back and return; from any thread or a signal handler."""
        self._is_stopping = True
        if self._lease is not None:
            self._lease.stop(StopReason.SHUTDOWN)
        if self._bell is not None:
            self._bell.wake()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield  # only the main thread can have signal handlers; the owner of this one calls stop()
            return
        numbers = (signal.SIGTERM, signal.SIGINT)
        before = {number: signal.signal(number, lambda *_: self.stop()) for number in numbers}
        try:
            yield
        finally:
            for number, action in before.items():
                signal.signal(number, action)

    def _claim_first(self) -> tuple[Claim, Lease] | None:
        asked_at = time.monotonic()
        try:
            # A bell wakes every idle worker, and only a read costs the others nothing: a write transaction
            # that finds the job taken would keep whoever queues the next one waiting for SQLite's lock.
            with self._jobs.database.read() as session:
                if not claims.is_any_waiting(session, self._kinds):
                    return None
            with self._jobs.transaction() as session:
                claim = self._claim(session)
        except SQLAlchemyError as error:
            _tell("claim failed", error)
            return None
        return self._leased(claim, asked_at)

    def _claim(self, session: Session) -> Claim | None:
        at = clock.now(session)
        return claims.claim(
            session,
            worker_id=self._worker_id,
            lease_seconds=self._lease_seconds,
            at=at,
            kinds=self._kinds,
        )

    def _leased(self, claim: Claim | None, asked_at: float) -> tuple[Claim, Lease] | None:
        return (claim, Lease(claim.fence, self._lease_seconds, asked_at)) if claim else None

    def _work(self, claim: Claim, lease: Lease) -> tuple[Claim, Lease] | None:
        """Run a job that was just claimed, write its end, and return the next one."""
        with structlog.contextvars.bound_contextvars(
            job_id=claim.fence.job_id, epoch=claim.fence.epoch, request_id=claim.request_id
        ):
            self._lease = lease
            if self._is_stopping:  # looked at after the lease is in its place, where stop() finds it
                lease.stop(StopReason.SHUTDOWN)
            reporter = Reporter(claim.progress, claim.message, claim.log, on_news=self._heartbeat.wake)
            self._heartbeat.watch(lease, reporter)
            _log.info("job started", kind=claim.kind, lost=claim.lost)
            context = JobContext(
                lease=lease,
                reporter=reporter,
                request_id=claim.request_id,
                settings=self._settings,
                database=self._jobs.database,
                storage=self._storage,
            )
            try:
                outcome = self._traced_call(claim, context)
                context.close()  # while the lease is still renewed: large folders take their time
                read, written = self._storage.traffic.take()
                context.counted.update({counters.BYTES_READ: read, counters.BYTES_WRITTEN: written})
            finally:
                self._heartbeat.release()
                self._lease = None
            return self._finish(lease, outcome, reporter, context.counted)

    def _traced_call(self, claim: Claim, context: JobContext) -> Outcome:
        trace = claim.payload.pop(TRACE, None)
        facts: dict[str, telemetry.Attribute] = {
            "job.id": claim.fence.job_id,
            "job.kind": claim.kind,
            "job.epoch": claim.fence.epoch,
            "request.id": claim.request_id or "",
        }
        with telemetry.continued(trace, f"job {claim.kind}", facts) as span:
            outcome = self._call(claim, context)
            if isinstance(outcome, Failed):
                telemetry.fail(span, outcome.code)
        return outcome

    def _call(self, claim: Claim, context: JobContext) -> Outcome:
        if context.should_stop():
            return Stopped()
        try:
            context.open()
            return completed(registry.find(claim.kind)(claim.payload, context))
        except Exception as error:  # noqa: BLE001 - the job's border: whatever a handler raises ends its job alone
            # What was told to stop may raise anything: the FFmpeg that it waited for was ended as well.
            if context.should_stop():
                return Stopped()
            if is_passing(error):
                # Not the job's fault: it goes on where it was once the database is back.
                _log.warning("job interrupted: the database can't be reached")
                return Stopped()
            outcome = failed(error)
            if outcome.code == "INTERNAL_ERROR":
                _log.exception("handler failed")
            return outcome

    def _finish(
        self, lease: Lease, outcome: Outcome, reporter: Reporter, counted: Mapping[str, int]
    ) -> tuple[Claim, Lease] | None:
        """Write the end of one job and claim the next one in the same transaction: one commit a job."""
        report = reporter.take()
        while True:
            asked_at = time.monotonic()
            try:
                with self._jobs.transaction() as session:
                    at = clock.now(session)
                    state = claims.finish(session, lease.fence, outcome, at=at, report=report)
                    following = None if self._is_stopping else self._claim(session)
                    counters.add(session, counted)
            except SQLAlchemyError as error:
                _tell("writing the end of the job failed", error)
                if time.monotonic() >= lease.deadline:
                    return None  # the job is lost by now, and will be found and run again
                time.sleep(RETRY_SECONDS)
            else:
                break
        if state is None:
            _log.warning("lease lost", reason=lease.reason)
        else:
            _log.info("job ended", state=str(state), reason=lease.reason)
        return self._leased(following, asked_at)


def _tell(what: str, error: SQLAlchemyError) -> None:
    # A database that restarts is told in a line; a bug with all that is known of it.
    if is_passing(error):
        _log.warning(what, error=sentence_of(error))
    else:
        _log.error(what, exc_info=error)
