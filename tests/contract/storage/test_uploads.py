"""Multipart uploads: what every storage must do with parts, however they come."""

from __future__ import annotations

import hashlib
import mmap
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.storage.test_storage import SECRET, reopen, storage
from videocraft.core.storage import InvalidKey, LocalStorage, PartInfo, Storage, UploadFailed, UploadNotFound
from videocraft.core.storage.s3 import S3Storage
from videocraft.errors import Forbidden

__all__ = ["reopen", "storage"]

KEY = "projects/p/20260203/originals/angle-001_v001.mp4"
SMALL = bytes(range(256)) * 10
S3_SCALE = 5243
"""S3 joins no parts of less than 5 MiB, the last one aside."""


def scale(storage: Storage) -> int:
    return S3_SCALE if isinstance(storage, S3Storage) else 1


def part(storage: Storage, number: int) -> bytes:
    """The bytes of a part: 1000 (times the scale) of the first two, 560 of the third."""
    return SMALL[(number - 1) * 1000 : number * 1000] * scale(storage)


def whole(storage: Storage) -> bytes:
    return b"".join(part(storage, number) for number in (1, 2, 3))


def begin(storage: Storage) -> str:
    return storage.create_upload(KEY, len(SMALL) * scale(storage), 1000 * scale(storage))


def send(storage: Storage, upload: str, number: int, data: bytes | None = None) -> PartInfo:
    with storage.open_part(upload, number) as writer:
        writer.write(part(storage, number) if data is None else data)
        return writer.finish()


def send_all(storage: Storage, upload: str) -> list[tuple[int, str]]:
    return [(number, send(storage, upload, number).etag) for number in (1, 2, 3)]


def content(storage: Storage) -> bytes:
    return b"".join(storage.open(KEY))


def test_parts_become_the_object(storage: Storage) -> None:
    upload = begin(storage)
    assert storage.stat(KEY) is None
    listed = [(number, send(storage, upload, number).etag) for number in (3, 1, 2)]
    assert storage.stat(KEY) is None
    info = storage.complete_upload(upload, sorted(listed))
    assert (info.key, info.size) == (KEY, len(whole(storage)))
    assert content(storage) == whole(storage)
    # S3's own hash; a folder's is quicker.
    assert listed[1][1] in {by(part(storage, 1)).hexdigest() for by in (hashlib.md5, hashlib.sha256)}


def test_pieces_that_lie_on_the_blocks_of_a_disk_and_pieces_that_do_not(storage: Storage) -> None:
    pages = memoryview(mmap.mmap(-1, 1 << 20))
    pages[:] = bytes(range(256)) * 4096
    pieces = [pages, pages[: 1 << 16], pages[4096:12288], pages[:777], pages[777:5000], pages, pages[3:9]]
    data = b"".join(pieces)
    upload = storage.create_upload(KEY, len(data), len(data))
    with storage.open_part(upload, 1) as writer:
        for piece in pieces:
            writer.write(piece)
        etag = writer.finish().etag
    storage.complete_upload(upload, [(1, etag)])
    assert content(storage) == data


def test_completing_again_has_the_same_answer_until_it_is_forgotten(storage: Storage) -> None:
    upload = begin(storage)
    listed = send_all(storage, upload)
    info = storage.complete_upload(upload, listed)
    assert storage.complete_upload(upload, listed) == info
    with pytest.raises(UploadFailed):
        storage.complete_upload(upload, listed[:2])
    with pytest.raises(UploadNotFound):
        storage.open_part(upload, 1)
    assert storage.abort_upload(upload)
    assert content(storage) == whole(storage)
    with pytest.raises(UploadNotFound):
        storage.complete_upload(upload, listed)


def test_parts_are_listed_and_survive_the_process(storage: Storage, reopen: Callable[[], Storage]) -> None:
    upload = begin(storage)
    third, first = send(storage, upload, 3), send(storage, upload, 1)
    assert storage.parts(upload) == [first, third]
    again = reopen()
    assert again.parts(upload) == [first, third]
    second = send(again, upload, 2)
    again.complete_upload(upload, [(part.number, part.etag) for part in (first, second, third)])
    assert content(again) == whole(storage)


def test_a_broken_off_retry_leaves_no_mixture(storage: Storage, reopen: Callable[[], Storage]) -> None:
    upload = begin(storage)
    listed = send_all(storage, upload)
    with storage.open_part(upload, 2) as writer:
        writer.write(b"x" * 10)
    if isinstance(storage, S3Storage):
        # Nothing of it has reached the bucket: the part is the earlier one.
        storage.complete_upload(upload, listed)
        assert content(storage) == whole(storage)
        return
    for seen in (storage, reopen()):
        assert [part.number for part in seen.parts(upload)] == [1, 3]
        with pytest.raises(UploadFailed) as caught:
            seen.complete_upload(upload, listed)
        assert caught.value.details["missingParts"] == [2]


def test_a_part_sent_again_replaces(storage: Storage) -> None:
    upload = begin(storage)
    listed = send_all(storage, upload)
    other = send(storage, upload, 2, b"y" * 1000 * scale(storage))
    # SeaweedFS keeps both until the list says which one is meant.
    if not isinstance(storage, S3Storage):
        with pytest.raises(UploadFailed) as caught:
            storage.complete_upload(upload, listed)
        assert caught.value.details == {"wrongEtags": [2]}
    storage.complete_upload(upload, [listed[0], (2, other.etag), listed[2]])
    assert content(storage) == part(storage, 1) + b"y" * 1000 * scale(storage) + part(storage, 3)


def test_a_later_writer_takes_the_part_from_one_that_hangs(storage: Storage) -> None:
    upload = begin(storage)
    with storage.open_part(upload, 1) as hanging:
        hanging.write(b"z" * 500)
        listed = send_all(storage, upload)
        with pytest.raises(UploadFailed):
            hanging.write(b"z" * 500)
        with pytest.raises(UploadFailed):
            hanging.finish()
    storage.complete_upload(upload, listed)
    assert content(storage) == whole(storage)


def test_nobody_writes_into_what_was_aborted(storage: Storage) -> None:
    upload = begin(storage)
    with storage.open_part(upload, 1) as writer:
        assert storage.abort_upload(upload)
        with pytest.raises(UploadFailed):
            writer.write(part(storage, 1))
    for call in (storage.parts, lambda known: storage.open_part(known, 1)):
        with pytest.raises(UploadNotFound):
            call(upload)
    assert not storage.abort_upload(upload)
    assert storage.uploads() == []
    assert storage.stat(KEY) is None


@pytest.mark.parametrize(
    ("number", "data"), [(1, b"x" * 999), (1, b"x" * 1001), (3, b"x" * 1000), (3, b""), (2, b"")]
)
def test_a_part_has_its_length(storage: Storage, number: int, data: bytes) -> None:
    upload = storage.create_upload(KEY, len(SMALL), 1000)
    with pytest.raises(UploadFailed):
        send(storage, upload, number, data)
    with pytest.raises(UploadFailed):
        storage.open_part(upload, number, length=len(data))
    assert storage.parts(upload) == []


def test_an_announced_length_that_is_wrong_keeps_the_earlier_part(storage: Storage) -> None:
    upload = begin(storage)
    kept = send(storage, upload, 1)
    with pytest.raises(UploadFailed):
        storage.open_part(upload, 1, length=5)
    assert storage.parts(upload) == [kept]


def test_a_wrong_md5_is_refused(storage: Storage) -> None:
    upload = begin(storage)
    right = hashlib.md5(part(storage, 3)).hexdigest()
    with storage.open_part(upload, 3, md5="0" * 32) as writer:
        writer.write(part(storage, 3))
        with pytest.raises(UploadFailed) as caught:
            writer.finish()
    assert caught.value.details == {"partNumber": 3, "md5": right}
    assert storage.parts(upload) == []
    with storage.open_part(upload, 3, md5=right) as writer:
        writer.write(part(storage, 3))
        assert writer.finish() in storage.parts(upload)


@pytest.mark.parametrize("number", [0, -1, 4, 10_001])
def test_parts_that_the_upload_does_not_have(storage: Storage, number: int) -> None:
    upload = begin(storage)
    listed = send_all(storage, upload)
    with pytest.raises(UploadFailed):
        storage.open_part(upload, number)
    with pytest.raises(UploadFailed):
        storage.complete_upload(upload, sorted([*listed, (number, "0" * 32)]))


@pytest.mark.parametrize("order", [(2, 1, 3), (1, 1, 2, 3), (3, 2, 1), (1, 2), (), (1, 3)])
def test_lists_that_are_not_all_parts_in_order(storage: Storage, order: tuple[int, ...]) -> None:
    upload = begin(storage)
    etags = dict(send_all(storage, upload))
    with pytest.raises(UploadFailed):
        storage.complete_upload(upload, [(number, etags[number]) for number in order])
    assert storage.stat(KEY) is None


@pytest.mark.parametrize("upload", ["", "..", "0" * 32, "../../x", "a/b", "\0", "é" * 32, "0" * 5000])
def test_uploads_that_nobody_began(storage: Storage, upload: str) -> None:
    for call in (
        lambda: storage.parts(upload),
        lambda: storage.open_part(upload, 1),
        lambda: storage.complete_upload(upload, []),
    ):
        with pytest.raises(UploadNotFound):
            call()
    assert not storage.abort_upload(upload)


def test_uploads_are_no_objects(storage: Storage) -> None:
    upload = begin(storage)
    send(storage, upload, 1)
    assert list(storage.list("")) == []
    (pending,) = storage.uploads()
    assert pending.upload_id == upload
    with pytest.raises(InvalidKey):
        storage.create_upload("../x", 1, 1)


def test_parts_at_once(storage: Storage) -> None:
    count, size = (4, 1000 * S3_SCALE) if isinstance(storage, S3Storage) else (32, 4096)
    workers = count // 4 if count > 4 else 4
    upload = storage.create_upload(KEY, count * size, size)
    together = threading.Barrier(workers)

    def one(worker: int) -> list[tuple[int, str]]:
        together.wait(10)
        return [
            (number, send(storage, upload, number, bytes([number]) * size).etag)
            for number in range(worker + 1, count + 1, workers)
        ]

    with ThreadPoolExecutor(workers) as pool:
        listed = sorted(sent for found in pool.map(one, range(workers)) for sent in found)
    storage.complete_upload(upload, listed)
    assert content(storage) == b"".join(bytes([number]) * size for number in range(1, count + 1))


def test_signed_urls_of_parts(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path, SECRET, "http://x")

    def query(url: str) -> tuple[str, str]:
        found = parse_qs(urlsplit(url).query)
        return found["expires"][0], found["signature"][0]

    upload = begin(storage)
    url = storage.part_url(upload, 2, 60)
    assert urlsplit(url).path.endswith(f"/{upload}/2")
    storage.verify_part(upload, 2, *query(url))
    expires, signature = query(url)
    for altered in (
        (upload, 3, expires, signature),
        ("0" * 32, 2, expires, signature),
        (upload, 2, str(int(expires) + 1), signature),
        (upload, 2, expires, signature[:-1] + ("0" if signature[-1] != "0" else "1")),
        (upload, 2, *query(storage.part_url(upload, 2, -5))),
        (upload, 2, *query(storage.signed_url("PUT", f"{upload}/2", 60))),
    ):
        with pytest.raises(Forbidden):
            storage.verify_part(*altered)


@given(junk=st.binary(max_size=60))
def test_a_torn_journal_costs_only_what_is_torn(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes
) -> None:
    store = LocalStorage(tmp_path_factory.mktemp("torn"), SECRET, "http://x")
    upload = begin(store)
    first = send(store, upload, 1)
    (journal,) = (store.root / ".uploads").glob("*/journal")
    with journal.open("ab") as file:
        file.write(b"2 " + junk.replace(b" .", b""))
    again = LocalStorage(store.root, SECRET, "http://x")
    third = send(again, upload, 3)
    fresh = LocalStorage(store.root, SECRET, "http://x")
    assert fresh.parts(upload) == [first, third]
