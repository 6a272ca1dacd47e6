"""The thread that keeps a worker's claim, whatever the handler does meanwhile.

It renews the lease, writes what the handler reports, and notices a cancel.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

import structlog

from videocraft.core.database import clock
from videocraft.core.database.troubles import is_passing, sentence_of
from videocraft.core.jobs import claims
from videocraft.core.jobs.dispatch.base import Bell, Topic
from videocraft.core.jobs.leases import Lease, StopReason
from videocraft.core.jobs.reports import Reporter
from videocraft.core.jobs.service import JobsService
from videocraft.core.jobs.states import JobState

REPORT_SECONDS = 0.2
"""What a handler reports is written no more often than this."""
LOOK_SECONDS = 1.0
"""A cancel whose bell got lost is noticed after so long."""
LOOKS_PER_LEASE = 15
"""The least number of looks while a lease lasts, however short it is."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Heartbeat:
    """One thread for a worker's life; ``watch`` and ``release`` tell it which claim to keep.

    Args:
        jobs: the database and the bells.
        lease_seconds: how long a lease lasts; it is renewed when a third of that has passed.
    """

    def __init__(self, jobs: JobsService, lease_seconds: float) -> None:
        self._jobs = jobs
        self._lease_seconds = lease_seconds
        self._look_seconds = min(LOOK_SECONDS, lease_seconds / LOOKS_PER_LEASE)
        self._lock = threading.Lock()
        self._claim: _Watched | None = None
        self._bell: Bell | None = None
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_closing = True
        self.wake()
        self._thread.join()

    def wake(self) -> None:
        """Make the thread look at once; there is something to write."""
        if self._bell is not None:
            self._bell.wake()

    def watch(self, lease: Lease, reporter: Reporter) -> None:
        """Keep this claim from now on."""
        with self._lock:
            self._claim = _Watched(lease, reporter, since=time.monotonic())

    def release(self) -> None:
        """Let go of the claim: when this returns, the thread writes nothing for it any more."""
        with self._lock:
            self._claim = None

    def _run(self) -> None:
        with self._jobs.dispatcher.listen(Topic.CANCEL) as self._bell:
            while not self._is_closing:
                self._bell.wait(self._pause())
                try:
                    self._beat()
                except Exception as error:  # noqa: BLE001 - the thread's border: later leases must be renewed
                    # Most likely the database can't be reached. The lease ends by itself if that lasts.
                    if is_passing(error):
                        _log.warning("heartbeat failed", error=sentence_of(error))
                    else:
                        _log.exception("heartbeat failed")

    def _pause(self) -> float:
        claim = self._claim
        if claim is None or not claim.reporter.has_news:
            return self._look_seconds
        return min(self._look_seconds, max(0.0, claim.report_at - time.monotonic()))

    def _beat(self) -> None:
        with self._lock:
            if self._claim is None or self._claim.lease.reason == StopReason.LOST:
                return
            state = self._claim.write(self._jobs) if self._claim.is_due() else self._claim.look(self._jobs)
            if state is None:
                self._claim.lease.stop(StopReason.LOST)
            elif state == JobState.STOPPING:
                self._claim.lease.stop(StopReason.CANCELLED)


class _Watched:
    """A claim that is being kept."""

    def __init__(self, lease: Lease, reporter: Reporter, since: float) -> None:
        self.lease = lease
        self.reporter = reporter
        self.report_at = since + REPORT_SECONDS
        self._renew_at = since + lease.seconds / 3

    def is_due(self) -> bool:
        """Whether there is something to write now."""
        now = time.monotonic()
        return now >= self._renew_at or (self.reporter.has_news and now >= self.report_at)

    def write(self, jobs: JobsService) -> JobState | None:
        """Renew the lease and write the news."""
        report = self.reporter.take()
        asked_at = time.monotonic()
        try:
            with jobs.transaction() as session:
                state = claims.renew(
                    session,
                    self.lease.fence,
                    lease_seconds=self.lease.seconds,
                    at=clock.now(session),
                    report=report,
                )
        except BaseException:
            if report is not None:
                self.reporter.put_back()
            raise
        finally:
            self.report_at = time.monotonic() + REPORT_SECONDS
        if state is not None:
            self.lease.extend(asked_at)
            self._renew_at = asked_at + self.lease.seconds / 3
        return state

    def look(self, jobs: JobsService) -> JobState | None:
        """Only see how the claim stands."""
        with jobs.database.read() as session:
            return claims.look(session, self.lease.fence, at=clock.now(session))
