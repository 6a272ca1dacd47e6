"""A PUT that breaks before its first byte must leave nothing: SeaweedFS would keep an empty object."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.s3_server import S3Server, open_bucket
from tests.support.tampering import TamperingProxy
from videocraft.core.storage import StorageUnavailable, s3_client


@pytest.mark.parametrize("size", [10, 200_000])
def test_no_empty_object_is_left(
    tmp_path: Path, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(s3_client, "READ_SECONDS", 1)
    monkeypatch.setattr(s3_client, "ATTEMPTS", 2)
    source = tmp_path / "source"
    source.write_bytes(b"x" * size)
    with TamperingProxy(urlsplit(s3_server.endpoint).port or 0) as proxy:
        broken = open_bucket(s3_server, tmp_path / "a", prefix=tmp_path.name, endpoint=proxy.url)
        sound = open_bucket(s3_server, tmp_path / "b", prefix=tmp_path.name)
        # The client waits for the server's "100 Continue" before it sends the body: that is where it breaks.
        proxy.cut_after("PUT", 0, times=99)
        with pytest.raises(StorageUnavailable):
            broken.put_file(source, "objects/lost")
        assert sound.stat("objects/lost") is None
        proxy.forgive()
        assert broken.put_file(source, "objects/lost").size == size
        broken.close()
        sound.close()
