"""What every storage must do; a new backend is one more entry in ``BACKENDS``."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.support.s3_server import S3Server, open_bucket
from videocraft.core.storage import (
    InvalidKey,
    LocalStorage,
    ObjectExists,
    ObjectInfo,
    ObjectNotFound,
    Storage,
)
from videocraft.core.storage.keys import check_key, key_of
from videocraft.errors import Forbidden

SECRET = b"k" * 32


def local(folder: Path, _request: pytest.FixtureRequest) -> Storage:
    """A folder."""
    return LocalStorage(folder / "store", SECRET, "http://localhost:8000")


def local_elsewhere(folder: Path, _request: pytest.FixtureRequest) -> Storage:
    """A folder that is reached through a symbolic link."""
    (folder / "real").mkdir(exist_ok=True)
    if not (folder / "link").exists():
        (folder / "link").symlink_to(folder / "real")
    return LocalStorage(folder / "link", SECRET, "http://localhost:8000/")


def s3(folder: Path, request: pytest.FixtureRequest) -> Storage:
    """A bucket of a real server, below a prefix of the test's own."""
    server: S3Server = request.getfixturevalue("s3_server")
    return open_bucket(server, folder, prefix=f"tests/{folder.name}")


BACKENDS = (local, local_elsewhere, s3)

BAD_KEYS = [
    "",
    "/",
    "/etc/passwd",
    "..",
    "../x",
    "a/../b",
    "a//b",
    "a/",
    "./a",
    "a/./b",
    ".hidden",
    "a/.hidden",
    "a\0b",
    "a\nb",
    "a\x7fb",
    "a\\b",
    "a\u202eb",
    "\ud800",
    "x" * 256,
    "é" * 128,
    "/".join(["x" * 200] * 6),
]


@pytest.fixture(params=BACKENDS, ids=lambda backend: backend.__name__)
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Storage]]:
    """Open the storage as a process that starts now; each backend in turn."""
    opened: list[Storage] = []

    def open_it() -> Storage:
        opened.append(request.param(tmp_path, request))
        return opened[-1]

    yield open_it
    for storage in opened:
        storage.close()


@pytest.fixture
def storage(reopen: Callable[[], Storage]) -> Storage:
    """Each backend in turn."""
    return reopen()


@pytest.fixture
def put(storage: Storage, tmp_path: Path) -> Callable[[str, bytes], None]:
    """Store bytes under a key."""

    def store(key: str, data: bytes) -> None:
        source = tmp_path / "source"
        source.write_bytes(data)
        info = storage.put_file(source, key)
        assert (info.key, info.size) == (key, len(data))
        assert not source.exists()

    return store


Put = Callable[[str, bytes], None]


def keys_of(storage: Storage, prefix: str = "") -> list[str]:
    """The keys below a folder."""
    return [info.key for info in storage.list(prefix)]


def test_put_and_read(storage: Storage, put: Put) -> None:
    data = os.urandom(700_000)
    put("a/b/film.mp4", data)
    assert b"".join(storage.open("a/b/film.mp4")) == data
    info = storage.stat("a/b/film.mp4")
    assert info is not None
    assert info.size == len(data)
    assert info.modified > 1_500_000_000


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (0, None, b"0123456789"),
        (3, None, b"3456789"),
        (3, 4, b"3456"),
        (0, 0, b""),
        (8, 100, b"89"),
        (10, None, b""),
        (99, 5, b""),
    ],
)
def test_parts(storage: Storage, put: Put, start: int, length: int | None, expected: bytes) -> None:
    put("x", b"0123456789")
    assert b"".join(storage.open("x", start, length)) == expected


def test_negative_parts(storage: Storage, put: Put) -> None:
    put("x", b"0123456789")
    with pytest.raises(ValueError, match="negative"):
        storage.open("x", -1)
    with pytest.raises(ValueError, match="negative"):
        storage.open("x", 0, -1)


def test_replacing_changes_the_etag(storage: Storage, put: Put) -> None:
    put("x", b"one")
    before = storage.stat("x")
    put("x", b"two")
    after = storage.stat("x")
    assert before is not None
    assert after is not None
    assert before.etag != after.etag
    assert b"".join(storage.open("x")) == b"two"


def test_a_reader_keeps_the_version_that_it_began(storage: Storage, put: Put) -> None:
    put("x", b"1" * 600_000)
    chunks = storage.open("x")
    first = next(chunks)
    put("x", b"2" * 600_000)
    assert set(first + b"".join(chunks)) == {ord("1")}


def test_what_is_missing(storage: Storage) -> None:
    assert storage.stat("a/b") is None
    assert not storage.delete("a/b")
    storage.delete_prefix("a")
    assert keys_of(storage, "a") == []
    with pytest.raises(ObjectNotFound):
        storage.open("a/b")
    with pytest.raises(ObjectNotFound), storage.partial_file("a/b"):
        pass
    with pytest.raises(ObjectNotFound), storage.local_file("a/b"):
        pass


def test_a_folder_is_no_object(storage: Storage, put: Put) -> None:
    put("a/b", b"x")
    assert storage.stat("a") is None
    assert not storage.delete("a")
    with pytest.raises(ObjectNotFound):
        storage.open("a")
    assert storage.stat("a/b/c") is None


def test_an_object_is_no_folder(storage: Storage, put: Put, tmp_path: Path) -> None:
    put("a", b"x")
    put("d/e", b"x")
    for key in ("a/b", "d"):
        (tmp_path / "other").write_bytes(b"y")
        with pytest.raises(InvalidKey):
            storage.put_file(tmp_path / "other", key)
    assert keys_of(storage) == ["a", "d/e"]


def test_list_in_the_order_of_bytes(storage: Storage, put: Put) -> None:
    for key in ("b", "a/z", "a-b", "a/y/x", "é", "a/Z"):
        put(key, b"")
    assert keys_of(storage) == ["a-b", "a/Z", "a/y/x", "a/z", "b", "é"]
    assert keys_of(storage, "a") == ["a/Z", "a/y/x", "a/z"]


def test_delete(storage: Storage, put: Put) -> None:
    put("a/b/c", b"x")
    put("a/d", b"x")
    assert storage.delete("a/b/c")
    assert not storage.delete("a/b/c")
    assert keys_of(storage) == ["a/d"]


def test_delete_prefix_is_a_folder(storage: Storage, put: Put) -> None:
    for key in ("a/b/c", "a/b/d/e", "a/bc", "a/b.txt"):
        put(key, b"x")
    storage.delete_prefix("a/b")
    assert keys_of(storage) == ["a/b.txt", "a/bc"]
    with pytest.raises(InvalidKey):
        storage.delete_prefix("")
    assert keys_of(storage) == ["a/b.txt", "a/bc"]


def test_local_file(storage: Storage, put: Put) -> None:
    put("a/b", b"data")
    with storage.local_file("a/b") as path:
        assert path.read_bytes() == b"data"


def test_what_is_not_to_be_replaced_stays(storage: Storage, put: Put, tmp_path: Path) -> None:
    def try_to_put(data: bytes) -> ObjectInfo:
        (tmp_path / "new").write_bytes(data)
        return storage.put_file(tmp_path / "new", "a/b", replace=False)

    assert try_to_put(b"first").size == 5
    with pytest.raises(ObjectExists):
        try_to_put(b"second")
    assert b"".join(storage.open("a/b")) == b"first"
    assert (tmp_path / "new").read_bytes() == b"second"
    put("a/b", b"third")
    assert b"".join(storage.open("a/b")) == b"third"


def test_of_those_who_publish_at_once_one_does(storage: Storage, tmp_path: Path) -> None:
    def publish(number: int) -> bool:
        (tmp_path / f"{number}").write_bytes(f"{number}".encode())
        try:
            storage.put_file(tmp_path / f"{number}", "a/b", replace=False)
        except ObjectExists:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        published = list(pool.map(publish, range(6)))
    assert sum(published) == 1
    assert b"".join(storage.open("a/b")) == f"{published.index(True)}".encode()


def test_partial_file(storage: Storage, put: Put) -> None:
    put("a/b.mp4", b"some data")
    with storage.partial_file("a/b.mp4") as file:
        assert file.info == storage.stat("a/b.mp4")
        assert (file.path.stat().st_size, file.path.suffix) == (9, ".mp4")
        if file.fill is not None:
            file.fill(5, 9)
        assert file.path.read_bytes()[5:] == b"data"


def test_what_is_moved_is_counted(storage: Storage, put: Put) -> None:
    put("a", b"12345")
    assert b"".join(storage.open("a", 1, 3)) == b"234"
    upload = storage.create_upload("b", 7, 7)
    with storage.open_part(upload, 1, length=7) as part:
        part.write(b"7 bytes")
        etag = part.finish().etag
    storage.complete_upload(upload, [(1, etag)])
    assert storage.traffic.take() == (3, 12)
    assert storage.traffic.take() == (0, 0)


@pytest.mark.parametrize("key", BAD_KEYS)
def test_hostile_keys(storage: Storage, tmp_path: Path, key: str) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x")
    for use in (
        lambda: storage.put_file(source, key),
        lambda: storage.open(key),
        lambda: storage.stat(key),
        lambda: storage.delete(key),
        lambda: storage.delete_prefix(key),
        lambda: storage.local_file(key).__enter__(),
        lambda: storage.partial_file(key).__enter__(),
        lambda: storage.signed_url("GET", key, 60),
        lambda: storage.verify("GET", key, "1", "x"),
    ):
        with pytest.raises(InvalidKey):
            use()
    assert source.exists()


def test_what_is_put_must_be_a_regular_file(storage: Storage, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "a-link").symlink_to("/etc/hostname")
    for name in ("missing", "folder", "fifo", "a-link"):
        with pytest.raises(FileNotFoundError):
            storage.put_file(tmp_path / name, "x")
    assert keys_of(storage) == []


def test_putting_and_deleting_at_once(storage: Storage, tmp_path: Path) -> None:
    def churn(worker: int) -> None:
        for turn in range(40 if isinstance(storage, LocalStorage) else 4):
            source = tmp_path / f"source-{worker}"
            source.write_bytes(b"x" * turn)
            storage.put_file(source, f"shared/{worker}/file")
            assert storage.delete(f"shared/{worker}/file")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(churn, range(4)))
    assert keys_of(storage) == []


def test_a_folder_removed_while_it_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = LocalStorage(tmp_path / "root", b"s" * 32, "http://localhost:8000")
    (tmp_path / "source").write_bytes(b"x")
    make = Path.mkdir
    refusals = [FileExistsError, FileNotFoundError, FileExistsError]

    def mkdir(path: Path, *, parents: bool = False, exist_ok: bool = False) -> None:
        # What mkdir says where a folder was there, and then was not.
        if refusals:
            raise refusals.pop()
        make(path, parents=parents, exist_ok=exist_ok)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    storage.put_file(tmp_path / "source", "shared/file")
    assert not refusals
    assert keys_of(storage) == ["shared/file"]


def signed_parts(url: str) -> tuple[str, str, str]:
    """Key, expiry and signature of a signed URL."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    return unquote(parts.path.removeprefix("/files/")), query["expires"][0], query["signature"][0]


def test_signed_urls(storage: Storage) -> None:
    url = storage.signed_url("GET", "a b/é?.mp4", 60)
    assert url.startswith("http://localhost:8000/files/a%20b/")
    key, expires, signature = signed_parts(url)
    assert key == "a b/é?.mp4"
    storage.verify("GET", key, expires, signature)
    storage.verify("get", key, expires, signature)
    for method, other_key, other_expires, other_signature in (
        ("PUT", key, expires, signature),
        ("GET", "a b/other.mp4", expires, signature),
        ("GET", key, str(int(expires) + 1), signature),
        ("GET", key, expires, signature[:-1] + ("0" if signature[-1] != "0" else "1")),
        ("GET", key, expires, ""),
        ("GET", key, expires, "é\ud800"),
        ("GET", key, "", signature),
        ("GET", key, "-1", signature),
        ("GET", key, "1e9", signature),
        ("GET", key, "9" * 5000, signature),
    ):
        with pytest.raises(Forbidden) as caught:
            storage.verify(method, other_key, other_expires, other_signature)
        assert caught.value.code == "INVALID_SIGNATURE"


def test_signed_urls_expire(storage: Storage) -> None:
    with pytest.raises(Forbidden) as caught:
        storage.verify("GET", *signed_parts(storage.signed_url("GET", "a", -2)))
    assert caught.value.code == "LINK_EXPIRED"


def test_check(storage: Storage) -> None:
    storage.check()


class TestLocalOnly:
    """What only a folder can get wrong."""

    def test_a_folder_that_is_gone_is_noticed(self, folder: LocalStorage) -> None:
        shutil.rmtree(folder.root)
        with pytest.raises(OSError, match="can't be written"):
            folder.check()

    @pytest.fixture
    def folder(self, tmp_path: Path) -> LocalStorage:
        """An empty one."""
        return LocalStorage(tmp_path / "store", b"k" * 32, "http://localhost")

    def test_links_out_of_the_folder_lead_nowhere(self, folder: LocalStorage, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "secret").write_bytes(b"x")
        (folder.root / "door").symlink_to(outside)
        (folder.root / "file").symlink_to(outside / "secret")
        (tmp_path / "source").write_bytes(b"y")
        for use in (
            lambda: folder.stat("door/secret"),
            lambda: folder.open("door/secret"),
            lambda: folder.delete("door/secret"),
            lambda: folder.put_file(tmp_path / "source", "door/new"),
        ):
            with pytest.raises(InvalidKey):
                use()
        assert folder.stat("file") is None
        assert not folder.delete("file")
        folder.delete_prefix("door")
        assert [path.name for path in outside.iterdir()] == ["secret"]
        assert list(folder.list("")) == []

    def test_another_file_system(self, folder: LocalStorage, tmp_path: Path) -> None:
        elsewhere = Path("/dev/shm") / f"videocraft-test-{os.getpid()}"
        if elsewhere.parent.stat().st_dev == tmp_path.stat().st_dev:
            elsewhere = tmp_path / "same"
        elsewhere.write_bytes(b"z" * 600_000)
        try:
            assert folder.put_file(elsewhere, "a/b").size == 600_000
            assert not elsewhere.exists()
        finally:
            elsewhere.unlink(missing_ok=True)
        assert [path.name for path in (folder.root / "a").iterdir()] == ["b"]

    def test_files_that_are_no_objects_are_not_listed(self, folder: LocalStorage) -> None:
        (folder.root / ".tmp").write_bytes(b"")
        (folder.root / "a\nb").write_bytes(b"")
        (folder.root / os.fsdecode(b"\xff")).write_bytes(b"")
        os.mkfifo(folder.root / "fifo")
        (folder.root / "good").write_bytes(b"")
        assert [info.key for info in folder.list("")] == ["good"]

    def test_empty_folders_go_with_the_last_object(self, folder: LocalStorage, tmp_path: Path) -> None:
        (tmp_path / "source").write_bytes(b"")
        folder.put_file(tmp_path / "source", "a/b/c/d")
        folder.delete("a/b/c/d")
        assert list(folder.root.iterdir()) == []
        assert folder.root.exists()


def test_check_key_returns_good_keys() -> None:
    for key in ("a", "projects/p-1/20260203/originals/angle-001_v001.mp4", "é/ü 1.mp4", "x" * 255):
        assert check_key(key) == key


@pytest.mark.parametrize(
    "given", ["shoot/a.mp4", "./shoot/a.mp4", "shoot//a.mp4", "shoot/./a.mp4", "shoot/a.mp4/"]
)
def test_key_of_a_path_is_what_a_folder_would_find(given: str) -> None:
    assert key_of(given) == "shoot/a.mp4"


@pytest.mark.parametrize(
    "given", ["", ".", "/", "/shoot/a.mp4", "../a.mp4", "a/../b", ".hidden", "a\\b", "a\0b"]
)
def test_paths_that_mean_no_key(given: str) -> None:
    with pytest.raises(InvalidKey):
        key_of(given)
