"""What a handler gets beside its payload."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from videocraft import telemetry
from videocraft.core import counters
from videocraft.core.database import Database, clock
from videocraft.core.jobs import claims, stages, workdirs
from videocraft.core.jobs.leases import Lease, StopReason
from videocraft.core.jobs.outcomes import JobStopped
from videocraft.core.jobs.reports import Reporter
from videocraft.settings import Settings

if TYPE_CHECKING:
    from videocraft.core.storage import Storage


class JobContext:
    """One run of a job. Every method may be called from any thread of the handler.

    Attributes:
        job_id: of the job.
        epoch: number of this run; what it leaves outside of ``workdir`` is named after it, or published.
        request_id: of the request that asked for the job.
        settings, database, storage: the worker's.
        counted: what this run adds to the counters when it ends.
    """

    def __init__(
        self,
        *,
        lease: Lease,
        reporter: Reporter,
        request_id: str | None,
        settings: Settings,
        database: Database,
        storage: Storage,
    ) -> None:
        self._work = workdirs.default_root(settings.data_dir)
        self.job_id = lease.fence.job_id
        self.epoch = lease.fence.epoch
        self.request_id = request_id
        self.settings = settings
        self.database = database
        self.storage = storage
        self._workdir: Path | None = None
        self._lease = lease
        self._reporter = reporter
        self._parts: dict[Path, Path] = {}
        self.counted: Counter[str] = Counter()
        self._folders_lock = threading.Lock()

    @property
    def workdir(self) -> Path:
        """A folder of this run alone, ``data_dir/work/{job_id}/{epoch}``; removed when the run ends.

        It is made when it is first asked for: many jobs need none.
        """
        with self._folders_lock:
            if self._workdir is None:
                self._workdir = workdirs.prepare(self._work, self.job_id, self.epoch)
            return self._workdir

    def progress(self, fraction: float, message: str | None = None) -> None:
        """Tell how far the job is, 0 to 1, and what it does; less than before counts as before.

        Cheap: the row is written by another thread, at most five times a second, and the last one always is.
        """
        self._reporter.progress(fraction, message)

    def log(self, message: str) -> None:
        """Add a line to the job's log, which keeps the last 200."""
        self._reporter.log(message)

    def warn(self, message: str) -> None:
        """Add a sentence to the job's warnings, which the user gets; the same one is kept once."""
        self._reporter.warn(message)

    def should_stop(self) -> bool:
        """Whether to end now: the job is cancelled, the lease is lost, or the worker shuts down. Cheap."""
        return self._lease.should_stop()

    def check(self) -> None:
        """Raise JobStopped if the job is to end now."""
        reason = self._lease.reason
        if reason is not None:
            raise JobStopped(f"The job is to stop: {reason}.")

    def stage(
        self, name: str, key: Mapping[str, Any], make: Callable[[Path], None], *, root: Path | None = None
    ) -> Path:
        """The file of a stage, from an earlier run or another job if they made the same one, else made now.

        Args:
            name: of the stage; a suffix in it (``segment.mp4``) becomes the file's.
            key: everything that the output depends on, as JSON.
            make: writes the file at the path that it gets; it appears under its final name only when whole.
            root: the folder that keeps the files; default ``data_dir/stages``, where unused ones are removed
                after a week.

        Raises:
            JobStopped: the job is to end now.
        """
        self.check()
        root = root or stages.default_root(self.settings.data_dir)
        is_made = False

        def counted(path: Path) -> None:
            nonlocal is_made
            is_made = True
            make(path)

        with telemetry.span(f"stage {name}") as span:
            path = stages.produce(root, name, key, counted, parts=self._parts_of(root))
            if span is not None:
                span.set_attribute("stage.cache", "miss" if is_made else "hit")
        with self._folders_lock:
            self.counted[counters.STAGES_MADE if is_made else counters.STAGES_FOUND] += 1
        return path

    @contextmanager
    def publish(self) -> Iterator[Session]:
        """Hold the claim still while the caller makes its result visible, by one rename, or by rows.

        Nobody can cancel the job or take it over inside the block, so keep it short: it holds the database's
        write lock on SQLite. Inside it, ``progress``, ``log`` and ``warn`` work; other writing transactions
        would wait for each other. What is written with the session that the block gets is committed at its
        end; who tails an event that it appends hears of it with the job's next report.

        Raises:
            JobStopped: the claim is over or the job was cancelled; nothing may be published.
        """
        with self.database.write() as session:
            if not claims.hold_still(session, self._lease.fence, at=clock.now(session)):
                self._lease.stop(StopReason.LOST)
                raise JobStopped("The job is to stop: it is no longer this worker's, or it was cancelled.")
            yield session

    def open(self) -> None:
        """Remove what earlier runs left that were lost."""
        if self.epoch > 1:
            workdirs.remove_before(self._work, self.job_id, self.epoch)

    def close(self) -> None:
        """Remove the folder of this run, and what its stages left half-made."""
        if self._workdir is not None:
            workdirs.remove(self._work, self.job_id, self.epoch)
        for parts_root in self._parts:
            workdirs.remove(parts_root / stages.PARTS, self.job_id, self.epoch)

    def _parts_of(self, root: Path) -> Path:
        with self._folders_lock:
            if root not in self._parts:
                self._parts[root] = workdirs.prepare(root / stages.PARTS, self.job_id, self.epoch)
            return self._parts[root]
