"""The cache of copies: filled where they are read, bounded, and shared by processes."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.core.storage import ObjectNotFound
from videocraft.core.storage.scratch import BLOCK_BYTES, MOST_BLOCKS, Copy, Fetch, ScratchCache
from videocraft.errors import StorageFull

SIZE = 3 * BLOCK_BYTES + 100


def content(seed: int = 0, size: int = SIZE) -> bytes:
    """Bytes without holes that differ from block to block."""
    return b"".join(
        bytes([1 + (seed + block) % 255]) * min(BLOCK_BYTES, size - block * BLOCK_BYTES)
        for block in range(-(-size // BLOCK_BYTES))
    )


class Source:
    """An object that notes which ranges of it are fetched."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.asked: list[tuple[int, int]] = []

    def __call__(self, start: int, stop: int) -> Iterator[bytes]:
        self.asked.append((start, stop))
        for at in range(start, stop, 100_000):
            yield self.data[at : min(stop, at + 100_000)]

    @property
    def fetched(self) -> int:
        """Bytes."""
        return sum(stop - start for start, stop in self.asked)


@pytest.fixture
def cache(tmp_path: Path) -> ScratchCache:
    """Of at most two copies and a half."""
    return ScratchCache(tmp_path / "cache", SIZE * 5 // 2)


def read(copy: Copy, start: int, stop: int) -> bytes:
    copy.fill(start, stop)
    with copy.path.open("rb") as file:
        file.seek(start)
        return file.read(stop - start)


def kept(tmp_path: Path) -> list[str]:
    return sorted(path.suffix for path in (tmp_path / "cache").glob("[0-9a-f]*"))


def test_a_block_is_fetched_once_whoever_reads_it(cache: ScratchCache) -> None:
    source = Source(content())
    for _ in range(2):
        with cache.hold("a.mp4\n1", SIZE, source) as copy:
            assert copy.path.suffix == ".mp4"
            assert copy.path.stat().st_size == SIZE
            assert read(copy, SIZE - 10, SIZE) == source.data[-10:]
            assert read(copy, SIZE - 300, SIZE) == source.data[-300:]
    assert source.asked == [(3 * BLOCK_BYTES, SIZE), (2 * BLOCK_BYTES, 3 * BLOCK_BYTES)]
    with cache.hold("a.mp4\n1", SIZE, source) as copy:
        assert read(copy, 0, SIZE) == source.data
    assert source.fetched == SIZE


@given(st.lists(st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)), max_size=6))
def test_whatever_is_read_is_there_and_nothing_twice(
    tmp_path_factory: pytest.TempPathFactory, ranges: list[tuple[int, int]]
) -> None:
    source = Source(content())
    cache = ScratchCache(tmp_path_factory.mktemp("any"), 2**30)
    with cache.hold("a", SIZE, source) as copy:
        for start, stop in ranges:
            assert read(copy, start, max(start, stop)) == source.data[start : max(start, stop)]
    assert source.fetched <= SIZE


def test_who_reads_on_is_given_more_at_once(cache: ScratchCache) -> None:
    size = 40 * BLOCK_BYTES
    source = Source(content(size=size))
    with cache.hold("a", size, source) as copy:
        for at in range(0, size, 32768):
            copy.fill(at, at + 32768)
        copy.fill(0, size)
    assert [(stop - start) // BLOCK_BYTES for start, stop in source.asked] == [1, 2, 4, 8, 16, 9]


def test_a_whole_file_comes_in_steps(tmp_path: Path) -> None:
    size = (MOST_BLOCKS + 1) * BLOCK_BYTES
    source = Source(content(size=size))
    with ScratchCache(tmp_path, 2**30).hold("a", size, source) as copy:
        assert read(copy, 0, size) == source.data
    assert len(source.asked) == 2


def test_copies_go_in_the_order_of_use_by_what_is_on_disk(cache: ScratchCache, tmp_path: Path) -> None:
    def use(name: str, stop: int = SIZE) -> int:
        source = Source(content())
        with cache.hold(name, SIZE, source) as copy:
            assert read(copy, 0, stop) == source.data[:stop]
            os.utime(copy.path, ns=(0, next(clock)))
        return source.fetched

    clock = iter(range(100))
    fetched = [use(name) for name in ("a.1", "b.2", "a.1", "c.3", "a.1", "b.2")]
    assert fetched == [SIZE, SIZE, 0, SIZE, 0, SIZE]
    assert kept(tmp_path) == [".1", ".2"]
    # Holes cost nothing.
    use("d.4", 1)
    assert kept(tmp_path) == [".1", ".2", ".4"]


def test_what_is_in_use_stays_and_goes_later(cache: ScratchCache, tmp_path: Path) -> None:
    with ExitStack() as stack:
        copies = [stack.enter_context(cache.hold(f"{n}", SIZE, Source(content(n)))) for n in range(3)]
        for number, copy in enumerate(copies):
            assert read(copy, 0, SIZE) == content(number)
        assert [read(copy, 0, 9) for copy in copies] == [content(n)[:9] for n in range(3)]
    assert len(kept(tmp_path)) == 2
    assert len(list((tmp_path / "cache").glob(".map-*"))) == 2


def test_those_who_want_the_same_bytes_at_once_fetch_them_once(cache: ScratchCache) -> None:
    source = Source(content())
    together = threading.Barrier(4)

    def use() -> None:
        with cache.hold("a", SIZE, source) as copy:
            together.wait(10)
            copy.fill(0, SIZE)

    users = [threading.Thread(target=use) for _ in range(4)]
    for user in users:
        user.start()
    for user in users:
        user.join()
    assert source.fetched == SIZE


def test_a_full_disk_costs_the_idle_copies_first(cache: ScratchCache, tmp_path: Path) -> None:
    with cache.hold("old", SIZE, Source(content())) as copy:
        copy.fill(0, 1)
    seen: list[int] = []

    def fetch(start: int, stop: int) -> Iterator[bytes]:
        seen.append(len(kept(tmp_path)))
        yield b"half"
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(StorageFull), cache.hold("new", SIZE, fetch) as copy:
        copy.fill(0, 1)
    assert seen == [2, 1]


@pytest.mark.parametrize("break_off", [ObjectNotFound("gone"), ConnectionError("reset")])
def test_what_was_broken_off_does_not_count(cache: ScratchCache, break_off: Exception) -> None:
    source = Source(content())

    def fetch(start: int, stop: int) -> Iterator[bytes]:
        yield b"half"
        raise break_off

    with pytest.raises(type(break_off)), cache.hold("a", SIZE, fetch) as copy:
        copy.fill(0, SIZE)
    with cache.hold("a", SIZE, source) as copy:
        assert read(copy, 0, SIZE) == source.data


def remove_file(copy: Copy) -> None:
    copy.path.unlink()


def remove_map(copy: Copy) -> None:
    copy.path.with_name(f".map-{copy.path.stem}").unlink()


@pytest.mark.parametrize("remove", [remove_file, remove_map])
def test_an_operator_may_remove_any_of_it(cache: ScratchCache, remove: Callable[[Copy], None]) -> None:
    fetch: Fetch = Source(content())
    with cache.hold("a", SIZE, fetch) as copy:
        copy.fill(0, SIZE)
    remove(copy)
    with cache.hold("a", SIZE, fetch) as copy:
        assert read(copy, 0, SIZE) == content()


def test_an_object_without_bytes(cache: ScratchCache) -> None:
    source = Source(b"")
    with cache.hold("a", 0, source) as copy:
        assert read(copy, 0, 10) == b""
    assert source.asked == []
