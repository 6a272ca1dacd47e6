"""What only a bucket does: links to itself, lost answers, connections that break, and a bounded cache."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.s3_server import S3Server, open_bucket
from tests.support.tampering import TamperingProxy
from videocraft.core.storage import (
    ObjectExists,
    ObjectInfo,
    ObjectNotFound,
    StorageUnavailable,
    UploadFailed,
    UploadNotFound,
    s3_client,
)
from videocraft.core.storage.s3 import TRANSFER_BYTES, S3Storage
from videocraft.core.storage.scratch import BLOCK_BYTES

PART = 5 * 2**20
WHOLE = bytes(range(250)) * 28_000
"""7 MB: a part and a rest."""
KEY = "a/film.mp4"


@pytest.fixture
def storage(s3_server: S3Server, tmp_path: Path) -> Iterator[S3Storage]:
    """A bucket that sends downloads to itself."""
    opened = open_bucket(s3_server, tmp_path, prefix=tmp_path.name, redirect=True)
    yield opened
    opened.close()


@pytest.fixture
def proxy(s3_server: S3Server) -> Iterator[TamperingProxy]:
    """Stands between us and the server, and does to its answers what a test says."""
    with TamperingProxy(urlsplit(s3_server.endpoint).port or 0) as proxy:
        yield proxy


@pytest.fixture
def tampered(
    s3_server: S3Server, tmp_path: Path, proxy: TamperingProxy, monkeypatch: pytest.MonkeyPatch
) -> Iterator[S3Storage]:
    """A bucket behind ``proxy``, with little patience."""
    monkeypatch.setattr(s3_client, "READ_SECONDS", 0.5)
    monkeypatch.setattr(s3_client, "ATTEMPTS", 2)
    opened = open_bucket(s3_server, tmp_path, prefix=tmp_path.name, endpoint=proxy.url)
    yield opened
    opened.close()


def put(storage: S3Storage, folder: Path, data: bytes, key: str = KEY) -> ObjectInfo:
    source = folder / "source"
    source.write_bytes(data)
    return storage.put_file(source, key)


def send_parts(storage: S3Storage, upload: str) -> list[tuple[int, str]]:
    listed = []
    for number, data in ((1, WHOLE[:PART]), (2, WHOLE[PART:])):
        answer = httpx.put(storage.part_url(upload, number, 60), content=data)
        assert answer.status_code == 200, answer.text
        listed.append((number, answer.headers["ETag"].strip('"')))
    return listed


def test_parts_go_straight_to_the_bucket_with_their_length_only(storage: S3Storage) -> None:
    upload = storage.create_upload(KEY, len(WHOLE), PART)
    refused = httpx.put(storage.part_url(upload, 1, 60), content=WHOLE[: PART - 1])
    assert refused.status_code == 403
    listed = send_parts(storage, upload)
    assert [(part.number, part.size) for part in storage.parts(upload)] == [(1, PART), (2, len(WHOLE) - PART)]
    info = storage.complete_upload(upload, listed)
    assert info.size == len(WHOLE)
    assert b"".join(storage.open(KEY, PART - 10, 20)) == WHOLE[PART - 10 : PART + 10]


def test_links_lead_to_the_bucket_itself(storage: S3Storage, tmp_path: Path) -> None:
    info = put(storage, tmp_path, b"0123456789")
    assert httpx.get(storage.signed_url("GET", KEY, 60), headers={"Range": "bytes=3-4"}).content == b"34"
    url = storage.direct_url(info, 'Fëte "1".mp4', "video/mp4", inline=False)
    assert url is not None
    answer = httpx.get(url)
    assert (answer.content, answer.headers["Content-Type"]) == (b"0123456789", "video/mp4")
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''F%C3%ABte%20%221%22.mp4"


def test_without_redirects_links_lead_through_this_server(s3_server: S3Server, tmp_path: Path) -> None:
    storage = open_bucket(s3_server, tmp_path, prefix=tmp_path.name)
    assert storage.signed_url("GET", KEY, 60).startswith("http://localhost:8000/files/a/film.mp4?expires=")
    info = put(storage, tmp_path, b"x")
    assert storage.direct_url(info, "film.mp4", "video/mp4", inline=True) is None
    storage.close()


def test_a_completion_whose_answer_was_lost_is_found_done(
    storage: S3Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = storage.create_upload(KEY, len(WHOLE), PART)
    listed = send_parts(storage, upload)
    uploads = storage._uploads
    with monkeypatch.context() as patched:
        # The process dies after S3 has joined the parts and before it has noted that.
        patched.setattr(uploads, "_save", raise_lost)
        with pytest.raises(ConnectionResetError):
            uploads.complete(upload, listed, storage.stat)
    with pytest.raises(UploadNotFound):
        storage.complete_upload(upload, [(1, listed[0][1]), (2, "0" * 32)])
    assert storage.complete_upload(upload, listed).size == len(WHOLE)
    assert storage.complete_upload(upload, listed).size == len(WHOLE)


def raise_lost(*_arguments: object) -> None:
    raise ConnectionResetError


def test_an_error_that_comes_as_200_is_an_error(tampered: S3Storage, proxy: TamperingProxy) -> None:
    upload = tampered.create_upload(KEY, len(WHOLE), PART)
    listed = send_parts(tampered, upload)
    error = b"<?xml version='1.0'?><Error><Code>InternalError</Code><Message>try again</Message></Error>"
    complete = f"POST /{proxy_path(tampered)}"
    proxy.answer_instead(complete, 200, error, times=2)
    with pytest.raises(StorageUnavailable):
        tampered.complete_upload(upload, listed)
    assert tampered.stat(KEY) is None
    proxy.answer_instead(complete, 200, error, times=1)
    assert tampered.complete_upload(upload, listed).size == len(WHOLE)


def proxy_path(storage: S3Storage) -> str:
    return f"{storage._bucket}/{storage._prefix}{KEY}"


@pytest.mark.parametrize(
    ("request_line", "size"), [("PUT /{}", 20), ("POST /{}?uploadId", TRANSFER_BYTES + 20)]
)
def test_a_publication_whose_answer_was_lost_is_found_done(
    tampered: S3Storage, proxy: TamperingProxy, tmp_path: Path, request_line: str, size: int
) -> None:
    (tmp_path / "made").write_bytes(b"1" * size)
    # The server stores it, and the last byte of its answer is lost; what is sent again is refused.
    proxy.lose_answer(request_line.format(proxy_path(tampered)))
    assert tampered.put_file(tmp_path / "made", KEY, replace=False).size == size
    assert not (tmp_path / "made").exists()


def test_a_large_file_goes_in_parts_and_over_nothing(storage: S3Storage, tmp_path: Path) -> None:
    large = bytes(range(200)) * (2 * TRANSFER_BYTES // 200 + 1)
    info = put(storage, tmp_path, large)
    assert (info.size, info.etag[-2:]) == (len(large), "-3")
    assert b"".join(storage.open(KEY)) == large
    (tmp_path / "other").write_bytes(large[::-1])
    with pytest.raises(ObjectExists):
        storage.put_file(tmp_path / "other", KEY, replace=False)
    assert storage.stat(KEY) == info
    left = storage._client.list_multipart_uploads(Bucket=storage._bucket, Prefix=storage._prefix)
    assert not left.get("Uploads")


def test_a_download_goes_on_where_its_connection_broke(
    storage: S3Storage, tampered: S3Storage, proxy: TamperingProxy, tmp_path: Path
) -> None:
    put(storage, tmp_path, WHOLE)
    proxy.cut_after(f"GET /{proxy_path(tampered)}", 3_000_000, times=2)
    assert b"".join(tampered.open(KEY)) == WHOLE
    proxy.cut_after(f"GET /{proxy_path(tampered)}", 1_000_000, times=99)
    with pytest.raises(StorageUnavailable):
        list(tampered.open(KEY))


def test_a_server_that_stalls_or_is_gone_is_told_as_503(
    tampered: S3Storage, proxy: TamperingProxy, tmp_path: Path
) -> None:
    put(tampered, tmp_path, b"x")
    proxy.stall(f"GET /{proxy_path(tampered)}")
    with pytest.raises(StorageUnavailable) as caught:
        tampered.open(KEY)
    assert (caught.value.status, caught.value.headers["Retry-After"]) == (503, "5")
    proxy.close()
    (tmp_path / "source").write_bytes(b"kept")
    for use in (
        lambda: tampered.put_file(tmp_path / "source", "b"),
        lambda: tampered.stat(KEY),
        lambda: list(tampered.list("")),
        lambda: tampered.create_upload(KEY, 1, 1),
    ):
        with pytest.raises(StorageUnavailable):
            use()
    assert (tmp_path / "source").read_bytes() == b"kept"
    with pytest.raises(ConnectionError):
        tampered.check()


def test_a_refused_key_is_told_without_it(s3_server: S3Server, tmp_path: Path) -> None:
    storage = open_bucket(s3_server, tmp_path, secret_key="wrong-and-hush")
    with pytest.raises(StorageUnavailable, match="refuses this server") as caught:
        storage.open("a/b")
    assert "hush" not in str(caught.value.details)
    storage.close()


def test_only_what_is_read_is_fetched(storage: S3Storage, tmp_path: Path) -> None:
    put(storage, tmp_path, WHOLE)
    storage.traffic.take()
    with storage.partial_file(KEY) as file:
        assert file.fill is not None
        file.fill(5_000_000, 5_000_010)
        with file.path.open("rb") as copy:
            copy.seek(5_000_000)
            assert copy.read(10) == WHOLE[5_000_000:5_000_010]
    read, _ = storage.traffic.take()
    assert read == BLOCK_BYTES
    with storage.local_file(KEY) as path:
        assert path.read_bytes() == WHOLE
    read, _ = storage.traffic.take()
    assert read == len(WHOLE) - BLOCK_BYTES


def test_what_is_read_is_one_version(storage: S3Storage, tmp_path: Path) -> None:
    put(storage, tmp_path, WHOLE)
    with storage.partial_file(KEY) as file:
        assert file.fill is not None
        file.fill(0, 1)
        put(storage, tmp_path, WHOLE[::-1])
        with pytest.raises(ObjectNotFound, match="replaced or deleted"):
            file.fill(5_000_000, 5_000_001)
    with storage.local_file(KEY) as path:
        assert path.read_bytes() == WHOLE[::-1]


def test_parts_of_a_wrong_length_do_not_count(s3_server: S3Server, storage: S3Storage) -> None:
    upload = storage.create_upload(KEY, len(WHOLE), PART)
    record = storage._uploads._running(upload)
    client = s3_server.client()
    short = client.upload_part(**storage._uploads._part(record, 1), Body=b"short")
    client.close()
    assert storage.parts(upload) == []
    with pytest.raises(UploadFailed) as caught:
        storage.complete_upload(upload, [(1, short["ETag"].strip('"'))])
    assert caught.value.details["missingParts"] == [1, 2]
