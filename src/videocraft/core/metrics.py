"""Prometheus metrics that are right over several processes and after restarts.

Everything is derived from the database. Jobs are counted in the transaction that ends them
(``core.jobs.totals``), so it does not matter which worker did the work. Requests are counted in memory,
because a write for each would cost more than the request, and added to the database every few seconds,
before every scrape of this process, and when it stops. Two API processes therefore never disagree by more
than that pause, a counter never goes back, and only a process that is killed loses what it had not added yet.

Prometheus's own multi-process mode keeps files for each process id on one machine: it knows nothing of
workers elsewhere, and forgets when the files go.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import bindparam, select

from videocraft.core import counters
from videocraft.core.database import Database
from videocraft.core.database.models import JobTotal, RequestTotal
from videocraft.core.database.upserts import Upsert
from videocraft.core.jobs import TERMINAL
from videocraft.core.jobs.totals import BOUNDS
from videocraft.core.readings import Readings, read_all
from videocraft.core.storage.traffic import Traffic

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FLUSH_SECONDS = 5.0

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _adding(upsert: Any) -> Any:
    return (
        upsert(RequestTotal.__table__)
        .values(method=bindparam("method"), status=bindparam("status"), requests=bindparam("requests"))
        .on_conflict_do_update(
            index_elements=["method", "status"],
            set_={"requests": RequestTotal.requests + bindparam("requests")},
        )
    )


_ADD = Upsert(_adding)


class RequestCounts:
    """Answers of this process, and what it moved through its storage, that are not in the database yet.

    Attributes:
        traffic: the storage's.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, int]] = Counter()
        self.traffic = Traffic()

    def add(self, method: str, status: int) -> None:
        """Count one answer. A client may invent methods; those count as one."""
        key = (method if method in _METHODS else "OTHER", status)
        with self._lock:
            self._counts[key] += 1

    def flush(self, database: Database) -> None:
        """Add what was counted to the database; it is kept when that fails."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        read, written = self.traffic.take()
        if not (counts or read or written):
            return
        try:
            with database.write() as session:
                connection = session.connection()
                # In one order everywhere: two processes that flush at once wait instead of deadlocking.
                for (method, status), requests in sorted(counts.items()):
                    row = {"method": method, "status": status, "requests": requests}
                    connection.execute(_ADD.on(connection), row)
                counters.add(session, {counters.BYTES_READ: read, counters.BYTES_WRITTEN: written})
        except BaseException:
            self.traffic.add(read=read, written=written)
            with self._lock:
                self._counts.update(counts)
            raise


def scrape(database: Database, family: str) -> bytes:
    """The text for Prometheus.

    Args:
        family: whose jobs the document's two job metrics are about; those of all families have metrics of
            their own.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(_metrics(database, family)))
    return generate_latest(registry)


class _Collected(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> list[Metric]:
        """See ``Collector``."""
        return self._metrics


def _metrics(database: Database, family: str) -> Iterator[Metric]:
    with database.read() as session:
        totals = session.execute(
            select(JobTotal.family, JobTotal.state, JobTotal.bucket, JobTotal.jobs, JobTotal.seconds)
        ).all()
        requests = session.execute(
            select(RequestTotal.method, RequestTotal.status, RequestTotal.requests).order_by(
                RequestTotal.method, RequestTotal.status
            )
        ).all()
        seen = read_all(session)
    by_state: Counter[tuple[str, str]] = Counter()
    buckets = [0] * (len(BOUNDS) + 1)
    seconds = 0.0
    for row in totals:
        by_state[row.family, row.state] += row.jobs
        # How long work takes is asked of work that was done: not of what was cancelled.
        if row.family == family and row.state in {"completed", "failed"}:
            buckets[row.bucket] += row.jobs
            seconds += row.seconds
    ended = sorted(str(state) for state in TERMINAL)
    jobs = CounterMetricFamily("videocraft_jobs_total", "Total number of jobs processed", labels=["status"])
    for state in ended:
        jobs.add_metric([state], by_state[family, state])
    yield jobs
    yield _durations(buckets, seconds)
    api = CounterMetricFamily(
        "videocraft_api_requests_total", "Total API requests", labels=["method", "status"]
    )
    for method, status, count in requests:
        api.add_metric([method, str(status)], count)
    yield api
    every = CounterMetricFamily(
        "videocraft_family_jobs_total", "Jobs that have ended, of every API", labels=["family", "status"]
    )
    for (owner, state), count in sorted(by_state.items()):
        every.add_metric([owner, state], count)
    yield every
    waiting = GaugeMetricFamily(
        "videocraft_jobs_in_progress", "Jobs that have not ended, of every API", labels=["state"]
    )
    for state in _OPEN:
        waiting.add_metric([state], seen.by_state.get(state, 0))
    yield waiting
    yield from _operations(seen)


_OPEN = ("pending", "queued", "running", "stopping")


def _operations(seen: Readings) -> Iterator[Metric]:
    """What tells an operator whether there are enough workers, and whether they do well."""
    waiting = GaugeMetricFamily("videocraft_queue_depth", "Jobs that wait for a worker", labels=["kind"])
    running = GaugeMetricFamily("videocraft_jobs_running", "Jobs that a worker holds", labels=["kind"])
    for gauge, depths in ((waiting, seen.waiting), (running, seen.running)):
        for kind, count in sorted(depths.items()):
            gauge.add_metric([kind], count)
        yield gauge
    yield GaugeMetricFamily(
        "videocraft_queue_oldest_seconds",
        "How long the job that waits longest has waited; 0 when none waits",
        value=seen.oldest_wait,
    )
    waits = GaugeMetricFamily(
        "videocraft_job_wait_seconds",
        "From submission to the first start, of the jobs that started within the last hour",
        labels=["quantile"],
    )
    for quantile, value in (("0.5", seen.wait_p50), ("0.95", seen.wait_p95), ("1", seen.wait_max)):
        waits.add_metric([quantile], value)
    yield waits
    yield CounterMetricFamily(
        "videocraft_leases_lost_total", "Claims on jobs whose worker was lost", value=seen.leases_lost
    )
    stages = CounterMetricFamily(
        "videocraft_stages_total", "Stages of jobs: found finished, or made", labels=["cache"]
    )
    stages.add_metric(["hit"], seen.stages_found)
    stages.add_metric(["miss"], seen.stages_made)
    yield stages
    moved = CounterMetricFamily(
        "videocraft_storage_bytes_total",
        "Bytes that servers and workers moved out of the storage and into it",
        labels=["direction"],
    )
    moved.add_metric(["read"], seen.bytes_read)
    moved.add_metric(["written"], seen.bytes_written)
    yield moved


def _durations(buckets: list[int], seconds: float) -> Metric:
    cumulated: list[tuple[str, float]] = []
    count = 0
    for bound, inside in zip((*BOUNDS, "+Inf"), buckets, strict=True):
        count += inside
        cumulated.append((str(bound), count))
    histogram = HistogramMetricFamily("videocraft_job_duration_seconds", "Job processing duration")
    histogram.add_metric([], buckets=cumulated, sum_value=seconds)
    return histogram
