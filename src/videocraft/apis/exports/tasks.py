"""What a worker does for an export: read the plan, make the file, put it in its place."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from videocraft.apis.exports import files, remote
from videocraft.apis.exports.files import WorkingDirectory
from videocraft.apis.exports.plan import build_edit
from videocraft.apis.exports.remote import OpenSource
from videocraft.apis.exports.schemas import ExportConfig
from videocraft.apis.exports.status import (
    CANCELLED,
    COMPLETED,
    FAILED,
    PENDING,
    PROCESSING,
    encode,
    read_status,
    status_body,
)
from videocraft.core.jobs import JobState, get
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.outcomes import JobStopped, failed
from videocraft.core.jobs.registry import Lost, cleaner, handler
from videocraft.core.probing import probe_files
from videocraft.core.storage import ObjectNotFound
from videocraft.core.tools import media_tools
from videocraft.errors import MediaError, NotFound, StorageFull, VideoCraftError
from videocraft.media.edit import ExportReport
from videocraft.media.export import make_export
from videocraft.media.probe import MediaInfo

Engine = Callable[..., ExportReport]

_STATUS_SECONDS = 0.25
_DRAFTS = ".status-"


@handler("exports.export")
def export(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    """Make the file of one export. ``payload`` is what `service.create` wrote."""
    return run_export(payload, context, make_export)


@cleaner("exports.export")
def clean_up(lost: Lost) -> None:
    """After the last worker of an export was lost: nothing temporary stays, and the status file says it."""
    export_id = lost.payload["exportId"]
    root = files.exports_root(lost.settings.media_root)
    body = read_status(lost.database, export_id)
    try:
        with files.open_directory(root, export_id) as directory:
            directory.discard_all(f"work-{lost.job_id}", f"pieces-{lost.job_id}", _DRAFTS)
            if body is not None:
                draft = f"{_DRAFTS}lost.json"
                directory.write(draft, encode(body))
                directory.rename(draft, files.STATUS)
    except (FileNotFoundError, NotADirectoryError):
        return  # deleted since


def run_export(payload: Mapping[str, Any], context: JobContext, engine: Engine) -> Mapping[str, Any]:
    """`export` with the engine as a parameter.

    Raises:
        JobStopped: cancelled, handed back, or the lease is gone.
        MediaError: the sources or the work on them failed.
        StorageFull: the disk ran full on the way.
    """
    export_id = payload["exportId"]
    if context.settings.is_s3:
        root = remote.make_directory(context, export_id, payload["config"])
    else:
        root = files.exports_root(context.settings.media_root)
    with _opened(root, export_id, context) as directory:
        status = StatusFile(directory, context)
        run = _Run(payload, context, directory, status)
        goes_on = False
        try:
            with _disk_full_is_clear():
                return run.make(engine)
        except Exception as error:
            # What is told to stop may raise anything.
            if isinstance(error, JobStopped) or context.should_stop():
                goes_on = status.stopped()
            else:
                status.failed(failed(error).message)
            raise
        finally:
            directory.discard(run.work)
            directory.unlink(status.draft_name)
            if not goes_on:
                directory.discard(run.pieces)
            if context.settings.is_s3:
                remote.store_status(directory, context)
            elif not directory.is_in_place():
                files.forget(root, export_id, run.pieces)


class _Run:
    """One run of one job in the directory of its export."""

    def __init__(
        self, payload: Mapping[str, Any], context: JobContext, directory: WorkingDirectory, status: StatusFile
    ) -> None:
        self._context = context
        self._directory = directory
        self._status = status
        self._config = ExportConfig.model_validate(payload["config"])
        self._fingerprints: Sequence[Mapping[str, Any]] = payload["files"]
        # Names of this job alone: a new export of the same id can't meet what a late worker leaves here.
        self.pieces = f"pieces-{context.job_id}"
        """Stages: they outlive a killed worker, and go when the job ends."""
        self.work = f"work-{context.job_id}-{context.epoch}"
        """Temporary files of this run."""

    def make(self, engine: Engine) -> dict[str, Any]:
        """The whole way from the plan to the published file; returns the job's result."""
        config, context = self._config, self._context
        self._require_unchanged_sources()
        with remote.opened(context, self._fingerprints) as sources:
            return self._make(engine, sources, config, context)

    def _make(
        self, engine: Engine, sources: Sequence[OpenSource], config: ExportConfig, context: JobContext
    ) -> dict[str, Any]:
        self._directory.discard_all(f"work-{context.job_id}-", _DRAFTS)  # of runs that were killed
        folder = self._directory.make(self.work)
        if config.output.format == "webm" and config.output.codec not in {"copy", "vp9"}:
            self._status.warn(
                f"WebM is encoded as VP9 and Opus; the codec {config.output.codec} was not used."
            )
        try:
            report = engine(
                build_edit(config, sources, self._probe()),
                folder / files.output_name(config.output.format),
                workdir=folder,
                tools=media_tools(context.settings),
                stage=self._stage(),
                should_stop=context.should_stop,
                on_progress=self._status.progress,
                warn=self._status.warn,
            )
        except (MediaError, ObjectNotFound):
            # A source that changes while it is read fails in a hundred ways; this is the true reason.
            self._require_unchanged_sources()
            raise
        self._require_unchanged_sources()
        for warning in report.warnings:
            self._status.warn(warning)
        return self._publish(report)

    def _stage(self) -> Callable[..., Path]:
        if self._context.settings.is_s3:
            return self._context.stage  # the directory is this run's alone
        return partial(self._context.stage, root=self._directory.keep(self.pieces))

    def _publish(self, report: ExportReport) -> dict[str, Any]:
        config, directory = self._config, self._directory
        name = files.output_name(config.output.format)
        made = f"{self.work}/{name}"
        result = {
            "file": f"exports/{config.id}/{name}",
            "size": directory.size(made),
            "duration": float(report.duration),
            "frames": report.frames,
            "framesCopied": report.frames_copied,
            "framesEncoded": report.frames_encoded,
            "warnings": self._status.warnings,
        }
        self._status.progress(1.0, " ".join(("Export completed.", *self._status.warnings)))
        # All that needs space on the disk comes before the first rename.
        directory.sync(made)
        if self._context.settings.is_s3:
            return self._publish_stored(directory.path / made, result)
        self._status.draft(COMPLETED, result=result)
        with self._context.publish():
            directory.rename(made, name)
            directory.rename(self._status.draft_name, files.STATUS)
            directory.sync()
        return result

    def _publish_stored(self, made: Path, result: dict[str, Any]) -> dict[str, Any]:
        """Into the bucket, before the claim is held, since that takes its time; the row says where it is."""
        context = self._context
        # Of this run alone, and over nothing: a late worker can't reach what another one has published.
        key = f"{remote.folder(self._config.id, context.job_id)}/{context.epoch}/{made.name}"
        context.storage.put_file(made, key, replace=False)
        try:
            with context.publish():
                # Nobody cancelled or took over: what was stored is the result.
                self._status.draft(COMPLETED, result=result)
                self._directory.rename(self._status.draft_name, files.STATUS)
        except JobStopped:
            remote.forget_if_deleted(context, key)
            raise
        except OSError:
            context.storage.delete(key)  # the job fails here, and no row will name it
            raise
        return result | {"file": key}

    def _probe(self) -> list[MediaInfo]:
        database, names = self._context.database, [source.file_path for source in self._config.sources]
        if self._context.settings.is_s3:
            probed = remote.probe(database, self._context.storage, self._fingerprints, names)
        else:
            probed = probe_files(database, [Path(found["path"]) for found in self._fingerprints])
        infos = []
        for source, found in zip(self._config.sources, probed, strict=True):
            if isinstance(found, MediaError):
                raise MediaError(
                    f"{source.file_path}: {found.message}", code=found.code, details=found.details
                )
            infos.append(found)
        return infos

    def _require_unchanged_sources(self) -> None:
        for source, fingerprint in zip(self._config.sources, self._fingerprints, strict=True):
            if "key" in fingerprint:
                remote.require_unchanged(self._context.storage, fingerprint, source.file_path)
                continue
            try:
                now = files.fingerprint(Path(fingerprint["path"]))
            except OSError:
                now = None
            if now != fingerprint:
                raise MediaError(
                    f"Source file changed or vanished while exporting: {source.file_path}",
                    code="SOURCE_CHANGED",
                )


class StatusFile:
    """What the run tells the job, and ``status.json``, which says the same to who looks at the folder."""

    def __init__(self, directory: WorkingDirectory, context: JobContext) -> None:
        self._directory = directory
        self._context = context
        self._next = 0.0
        self.draft_name = f"{_DRAFTS}{context.epoch}.json"
        """Of this run alone: a late worker must not write into what another one is about to publish."""
        # An earlier run may have come further; progress never goes back.
        row = read_status(context.database, directory.export_id)
        self._fraction: float = row["progress"] if row else 0.0
        self._message = ""
        self.warnings: list[str] = []

    def progress(self, fraction: float, message: str) -> None:
        """How far the run is, 0 to 1, and what it does."""
        self._context.progress(fraction, message)
        self._fraction = max(self._fraction, min(fraction, 1.0))
        self._message = message
        if time.monotonic() >= self._next and not self._context.should_stop():
            self._next = time.monotonic() + _STATUS_SECONDS
            self._replace(PROCESSING)

    def warn(self, warning: str) -> None:
        """What the user ought to know, once."""
        if warning not in self.warnings:
            self.warnings.append(warning)
            self._context.warn(warning)

    def stopped(self) -> bool:
        """The job stops here: say so, and tell whether it will go on (handed back or taken over)."""
        with self._context.database.read() as session:
            job = get(session, self._context.job_id)
        if job is None or job.epoch != self._context.epoch:
            # Deleted, or another worker has it: its files are not ours any more.
            return job is not None
        goes_on = job.state in {JobState.RUNNING, JobState.QUEUED}
        self._replace(PENDING if goes_on else CANCELLED)
        return goes_on

    def failed(self, sentence: str) -> None:
        """The job fails with ``sentence``."""
        self._replace(FAILED, error=sentence)

    def draft(
        self, status: str, *, error: str | None = None, result: Mapping[str, Any] | None = None
    ) -> None:
        """Write the body beside the file, on disk, to be renamed over it."""
        body = status_body(
            self._directory.export_id,
            status,
            progress=self._fraction,
            message=self._message,
            warnings=self.warnings,
            error=error,
            result=result,
        )
        self._directory.write(self.draft_name, encode(body))

    def _replace(self, status: str, *, error: str | None = None) -> None:
        # The row is the truth and this a copy of it: no job fails because the copy can't be written.
        with suppress(OSError):
            self.draft(status, error=error)
            self._directory.rename(self.draft_name, files.STATUS)


@contextmanager
def _opened(root: Path, export_id: str, context: JobContext) -> Iterator[WorkingDirectory]:
    with ExitStack() as stack:
        try:
            directory = stack.enter_context(files.open_directory(root, export_id))
        except (FileNotFoundError, NotADirectoryError):
            context.check()  # a delete comes with a cancel
            raise NotFound("The working directory of this export is gone.") from None
        yield directory


@contextmanager
def _disk_full_is_clear() -> Iterator[None]:
    try:
        yield
    except (OSError, SQLAlchemyError, MediaError, StorageFull) as error:
        if not isinstance(error, StorageFull) and not files.is_disk_full(error):
            raise
        details = error.details if isinstance(error, VideoCraftError) else None
        raise StorageFull("Not enough disk space to finish this export.", details=details) from error
