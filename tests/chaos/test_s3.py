"""A bucket that refuses, stalls, resets and answers errors as 200: objects are whole or not there."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.s3_server import S3Server, open_bucket
from tests.support.tampering import TamperingProxy
from videocraft.core.storage import StorageUnavailable, UploadNotFound, s3_client
from videocraft.core.storage.s3 import S3Storage

PART = 5 * 2**20
ERROR = b"<?xml version='1.0'?><Error><Code>InternalError</Code><Message>try again</Message></Error>"


def test_no_half_object_is_ever_seen(
    tmp_path: Path,
    seconds: float,
    chance: random.Random,
    s3_server: S3Server,
    monkeypatch: pytest.MonkeyPatch,
    record_testsuite_property: Callable[[str, object], None],
) -> None:
    monkeypatch.setattr(s3_client, "READ_SECONDS", 0.5)
    monkeypatch.setattr(s3_client, "ATTEMPTS", 3)
    counts: Counter[str] = Counter()
    with TamperingProxy(urlsplit(s3_server.endpoint).port or 0) as proxy:
        prefix = tmp_path.name
        broken = open_bucket(s3_server, tmp_path / "a", prefix=prefix, endpoint=proxy.url)
        sound = open_bucket(s3_server, tmp_path / "b", prefix=prefix)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            misbehave(proxy, chance)
            number = counts["tries"]
            counts["tries"] += 1
            key = f"objects/{number}"
            data = chance.randbytes(chance.choice([10, 100_000, PART + 1000]))
            store = put_whole if chance.random() < 0.5 or len(data) < PART else put_in_parts
            try:
                store(broken, tmp_path / "source", key, data)
            except (StorageUnavailable, UploadNotFound):
                counts["told as errors"] += 1
                found = sound.stat(key)
                assert found is None or b"".join(sound.open(key)) == data, "half an object"
            else:
                counts["stored"] += 1
                assert b"".join(sound.open(key)) == data
            try:
                if sound.stat(key) is not None:
                    assert b"".join(broken.open(key)) == data
                    counts["read"] += 1
            except StorageUnavailable:
                counts["told as errors"] += 1
        broken.close()
        sound.close()
    record_testsuite_property("chaos_s3", dict(counts))
    print(f"s3: {dict(counts)}")
    assert counts["stored"] > 0


def misbehave(proxy: TamperingProxy, chance: random.Random) -> None:
    """Let the next answers to one method go wrong in one way."""
    proxy.forgive()
    method, times = chance.choice(["GET", "PUT", "POST", "HEAD"]), chance.randint(1, 4)
    match chance.randrange(6):
        case 0:
            proxy.stall(method, times=times)
        case 1:
            proxy.cut_after(method, chance.choice([0, 10, 1000, 3_000_000]), times=times)
        case 2:
            proxy.answer_instead(method, chance.choice([500, 503]), ERROR, times=times)
        case 3:
            proxy.answer_instead("POST", 200, ERROR, times=times)
        case 4:
            proxy.refuse()
        case _:
            return  # a good moment


def put_whole(storage: S3Storage, source: Path, key: str, data: bytes) -> None:
    source.write_bytes(data)
    storage.put_file(source, key)


def put_in_parts(storage: S3Storage, _source: Path, key: str, data: bytes) -> None:
    upload = storage.create_upload(key, len(data), PART)
    listed = []
    for number, start in enumerate(range(0, len(data), PART), start=1):
        with storage.open_part(upload, number) as writer:
            writer.write(data[start : start + PART])
            listed.append((number, writer.finish().etag))
    storage.complete_upload(upload, listed)
