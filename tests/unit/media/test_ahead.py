"""What is made ahead in another thread, and taken in this one."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from videocraft.media.mono import ahead


def test_everything_comes_in_order_from_another_thread() -> None:
    makers = set()

    def make() -> Iterator[int]:
        for number in range(50):
            makers.add(threading.current_thread())
            yield number

    assert list(ahead(make(), 4)) == list(range(50))
    assert threading.current_thread() not in makers
    assert len(makers) == 1


def test_an_error_is_raised_behind_what_was_made_before_it() -> None:
    def make() -> Iterator[int]:
        yield 1
        yield 2
        raise OSError("the file is gone")

    items = ahead(make(), 4)
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(OSError, match="gone"):
        next(items)


def test_whoever_closes_it_early_leaves_nobody_at_work() -> None:
    made: list[int] = []

    def make() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    items = ahead(make(), 3)
    assert [next(items), next(items)] == [0, 1]
    items.close()
    count = len(made)
    assert 2 <= count <= 5
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]
    assert len(made) == count
