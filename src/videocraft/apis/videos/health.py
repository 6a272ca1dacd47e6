"""``/health/detailed``: what the parts of this server and its machine are like, measured now."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import psutil
import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from videocraft import __version__
from videocraft.apis.errors import utc_timestamp
from videocraft.apis.videos.status import FAMILY
from videocraft.core.database import clock
from videocraft.core.database.models import ApiKey, Job
from videocraft.core.jobs import JobState
from videocraft.core.jobs.states import HELD, UNCLAIMED
from videocraft.errors import VideoCraftError
from videocraft.media.ffmpeg import binary
from videocraft.services import Services
from videocraft.speech.models import locate

HEALTHY = "healthy"
UNHEALTHY = "unhealthy"
_SPEECH_KEEP_SECONDS = 300
"""The speech model is some 75 MB whose hash is checked; not for every look."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(source="videocraft.health")


class Monitor:
    """Readings of one process, from when it was made on."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._started = time.monotonic()
        # The first reading would be 0: it is the share since the one before.
        psutil.cpu_percent()

    def detailed(self) -> dict[str, Any]:
        """The body's ``data``."""
        services = {
            "database": self._state("database", self._check_database),
            "whisper_daemon": self._state("whisper_daemon", self._check_speech),
            "ffmpeg": self._state("ffmpeg", self._check_ffmpeg),
            "storage": self._state("storage", self._services.storage.check),
        }
        jobs = self._jobs() if services["database"] == HEALTHY else None
        return {
            "status": HEALTHY if set(services.values()) == {HEALTHY} else UNHEALTHY,
            "timestamp": utc_timestamp(),
            "version": __version__,
            "uptime": uptime_text(time.monotonic() - self._started),
            "services": services,
            "system": self._system(),
            "jobs": jobs,
        }

    def _state(self, name: str, check: Callable[[], object]) -> str:
        try:
            check()
        except (OSError, SQLAlchemyError, VideoCraftError) as error:
            _log.warning("not healthy", part=name, error=f"{type(error).__name__}: {error}")
            return UNHEALTHY
        return HEALTHY

    def _check_database(self) -> None:
        with self._services.database.read() as session:
            session.execute(select(ApiKey.id).limit(1))

    def _check_speech(self) -> None:
        _locate_speech(self._services.settings.whisper_model, int(time.monotonic() / _SPEECH_KEEP_SECONDS))

    def _check_ffmpeg(self) -> None:
        path = binary(self._services.settings.ffmpeg)
        if not os.access(path, os.X_OK):
            raise PermissionError(f"{path} can't be run")

    def _system(self) -> dict[str, Any]:
        memory = psutil.virtual_memory()
        disk = psutil.disk_usage(str(self._services.settings.data_dir))
        used = memory.total - memory.available
        threads = threading.active_count()
        return {
            "memory": {
                "used": used,
                "total": memory.total,
                "usage_percent": round(100 * used / memory.total, 1),
            },
            "disk": {
                "used": disk.used,
                "available": disk.free,
                # Of what users may have, as `df` counts: some systems keep a reserve.
                "usage_percent": round(100 * disk.used / (disk.used + disk.free), 1),
            },
            "cpu": {
                "usage_percent": round(psutil.cpu_percent(), 1),
                "load_average": [round(load, 2) for load in os.getloadavg()],
            },
            "goroutines": threads,
            "threads": threads,
        }

    def _jobs(self) -> dict[str, int]:
        with self._services.database.read() as session:
            midnight = _midnight(clock.now(session))
            counts = _counts(session, *UNCLAIMED, *HELD)
            counts |= _counts(session, JobState.COMPLETED, JobState.FAILED, since=midnight)
        return {
            "active": sum(counts.get(state, 0) for state in HELD),
            "pending": sum(counts.get(state, 0) for state in UNCLAIMED),
            "completed_today": counts.get(JobState.COMPLETED, 0),
            "failed_today": counts.get(JobState.FAILED, 0),
        }


def uptime_text(seconds: float) -> str:
    """``72h35m12s``."""
    whole = int(seconds)
    return f"{whole // 3600}h{whole // 60 % 60}m{whole % 60}s"


@lru_cache(maxsize=1)
def _locate_speech(model: str, _period: int) -> None:
    locate(model)


def _counts(session: Session, *states: JobState, since: float | None = None) -> dict[str, int]:
    query = select(Job.state, func.count()).where(Job.family == FAMILY, Job.state.in_(sorted(states)))
    if since is not None:
        query = query.where(Job.completed_at >= since)
    return dict(session.execute(query.group_by(Job.state)).all())


def _midnight(now: float) -> float:
    return datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
