"""Brokers and workers that die again and again while jobs are submitted and run."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from pathlib import Path

from tests.chaos.load import Load
from tests.support.farm import Farm
from tests.support.redis_server import running_redis

Report = Callable[[str, Load], None]
LEASE = 4.0


def disturbed(
    load: Load,
    seconds: float,
    fault: Callable[[], None],
    pauses: tuple[float, float],
    *,
    before_settling: Callable[[], None] = lambda: None,
) -> None:
    """Submit jobs for so long while ``fault`` happens after random pauses; then let all of them end."""
    # Faults happen in this thread: a server dies with the thread that started it.
    loading = threading.Thread(target=load.run, args=(seconds, 8.0))
    loading.start()
    while loading.is_alive():
        loading.join(load.chance.uniform(*pauses))
        if loading.is_alive():
            fault()
            load.faults += 1
    before_settling()
    load.settle()
    load.check()


def test_redis_is_killed_again_and_again(
    tmp_path: Path, seconds: float, chance: random.Random, report: Report
) -> None:
    with running_redis() as server:
        farm = Farm(tmp_path / "data", queue_url=server.url)
        try:
            for _ in range(2):
                farm.start(lease_seconds=LEASE)
            load = Load(farm, chance)

            def restart() -> None:
                server.daemon.kill()
                threading.Event().wait(chance.uniform(0, 1))
                server.daemon.start()

            disturbed(load, seconds, restart, (1.5, max(4.0, seconds / 7.5)))
            report("redis_killed", load)
        finally:
            farm.close()


def test_workers_are_killed_again_and_again(
    tmp_path: Path, seconds: float, chance: random.Random, report: Report
) -> None:
    farm = Farm(tmp_path / "data")
    try:
        for _ in range(2):
            farm.start(lease_seconds=LEASE)
        load = Load(farm, chance)

        def kill_one() -> None:
            victim = chance.choice([worker for worker in farm.workers if worker.poll() is None])
            victim.kill()
            victim.wait()
            farm.start(lease_seconds=LEASE)

        disturbed(load, seconds, kill_one, (1.5, max(4.0, seconds / 7.5)))
        report("workers_killed", load)
    finally:
        farm.close()
