"""Exports from and to a bucket that refuses, stalls, resets and answers errors as 200."""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.chaos.test_s3 import misbehave
from tests.support.cameras import make_camera
from tests.support.exports import ENDED, Exports, assert_right, config, segment
from tests.support.s3_server import ACCESS_KEY, SECRET_KEY, S3Server, open_bucket
from tests.support.server import running_server, wait_until
from tests.support.tampering import TamperingProxy
from videocraft.core.storage.s3 import S3Storage

FAULT_SECONDS = (0.2, 2.5)
EXPORT_EVERY_SECONDS = 2.0
SETTLE_SECONDS = 240.0
PATIENCE_SECONDS = 200.0
"""A server that waits for a bucket without a word asks it five times, for 30 s each."""
UNAVAILABLE = {200, 503}


@contextmanager
def disturbed(proxy: TamperingProxy, chance: random.Random) -> Iterator[Counter[str]]:
    """Let the bucket misbehave all the time, now in one way and then in another."""
    over = threading.Event()
    faults: Counter[str] = Counter()

    def disturb() -> None:
        while not over.is_set():
            misbehave(proxy, chance)
            faults["faults"] += 1
            over.wait(chance.uniform(*FAULT_SECONDS))

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        yield faults
    finally:
        over.set()
        thread.join()
        proxy.forgive()


def test_exports_wait_and_finish_or_say_what_failed(
    tmp_path: Path, seconds: float, chance: random.Random, s3_server: S3Server
) -> None:
    prefix = tmp_path.name
    sound = open_bucket(s3_server, tmp_path / "machine", prefix=prefix)
    camera = make_camera(tmp_path / "camera.mp4", seconds=Fraction(4))
    sound.put_file(camera.path, "camera.mp4")
    outcomes: Counter[str] = Counter()
    with TamperingProxy(urlsplit(s3_server.endpoint).port or 0) as proxy:
        settings = {
            "VIDEOCRAFT_STORAGE_URL": f"s3://{s3_server.shared_bucket()}/{prefix}",
            "VIDEOCRAFT_S3_ENDPOINT_URL": proxy.url,
            "VIDEOCRAFT_S3_ACCESS_KEY": ACCESS_KEY,
            "VIDEOCRAFT_S3_SECRET_KEY": SECRET_KEY,
        }
        with running_server(tmp_path / "data", workers=2, environment=settings) as server:
            exports = Exports(server, tmp_path)
            wanted: list[dict[str, Any]] = []
            with disturbed(proxy, chance) as faults:
                end = time.monotonic() + seconds
                while time.monotonic() < end:
                    start = chance.randrange(0, 20) / 10
                    one = config([camera], [segment(0, start, start + 1.5)])
                    answer = server.http.post("/api/export", json=one, timeout=PATIENCE_SECONDS)
                    outcomes[f"create {answer.status_code}"] += 1
                    assert answer.status_code in UNAVAILABLE, answer.text
                    if answer.is_success:
                        wanted.append(one)
                    time.sleep(EXPORT_EVERY_SECONDS)
            states = {one["id"]: exports.status(one["id"])["status"] for one in wanted}
            outcomes["still at work when the bucket was well again"] += sum(
                state not in ENDED for state in states.values()
            )
            for one in wanted:
                wait_until(
                    lambda one=one: exports.status(one["id"])["status"] in ENDED,  # type: ignore[misc]
                    SETTLE_SECONDS,
                    "the end",
                )
            finished = _check(exports, wanted, outcomes)
            for one, _ in finished[:3]:
                assert_right(exports.finish(one["id"], one), [camera])
        print(f"s3 jobs: {dict(faults)}, {dict(outcomes)}")
        _check_objects(sound, wanted, finished)
    sound.close()
    assert outcomes["completed"] > 0


def _check(
    exports: Exports, wanted: list[dict[str, Any]], outcomes: Counter[str]
) -> list[tuple[dict[str, Any], str]]:
    """What was completed, with the digest of its file; what failed says that the storage failed it."""
    finished = []
    for one in wanted:
        status = exports.status(one["id"])
        outcomes[status["status"]] += 1
        if status["status"] == "completed":
            finished.append((one, _digest(exports.download(one["id"], ".mp4").read_bytes())))
        else:
            assert status["status"] == "failed", status
            assert "storage" in status["error"].lower(), status
    return finished


def _check_objects(
    storage: S3Storage, wanted: list[dict[str, Any]], finished: list[tuple[dict[str, Any], str]]
) -> None:
    """The same cut is the same file, in every object of the bucket: none is there by half."""
    whole: dict[str, set[str]] = {}
    for one, digest in finished:
        whole.setdefault(_cut(one), set()).add(digest)
    assert {cut: digests for cut, digests in whole.items() if len(digests) > 1} == {}
    cuts = {one["id"]: _cut(one) for one in wanted}
    for info in storage.list("exports"):
        owner = next(export_id for export_id in cuts if export_id in info.key)
        if info.key.endswith(".mp4") and cuts[owner] in whole:
            assert _digest(b"".join(storage.open(info.key))) in whole[cuts[owner]], info.key


def _cut(wanted: dict[str, Any]) -> str:
    return json.dumps(wanted["segments"], sort_keys=True)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
