"""``Range`` headers, against the RFC's words and against a slow reading of them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from videocraft.apis.ranges import ByteRange, parse_range
from videocraft.errors import RangeNotSatisfiable


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-499", 0, 500),
        ("bytes=500-", 500, 1000),
        ("bytes=-1", 999, 1000),
        ("bytes=-5000", 0, 1000),
        ("bytes=999-5000", 999, 1000),
        ("bytes=0-99999999999999999999999999", 0, 1000),
        ("BYTES = 10-19 ", 10, 20),
        ("bytes=0000000000000000000000000010-19", 10, 20),
    ],
)
def test_one_range(header: str, start: int, stop: int) -> None:
    assert parse_range(header, 1000) == ByteRange(start, stop)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-4",
        "bytes=1000-999",
        "bytes=0-1,5-6",
        "bytes=0-1,",
        "items=0-1",
        "bytes=0x1-2",
        "bytes=+1-2",
        "bytes=1-2-3",
        "bytes=--1",
        "bytes=²-³",
        "bytes=1 - 2",
        "bytes=0-1\n",
    ],
)
def test_the_whole_file(header: str | None) -> None:
    assert parse_range(header, 1000) is None


@pytest.mark.parametrize(
    "header", ["bytes=1000-", "bytes=1000-2000", "bytes=-0", "bytes=" + "9" * 5000 + "-"]
)
def test_not_satisfiable(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable) as caught:
        parse_range(header, 1000)
    assert caught.value.headers == {"Content-Range": "bytes */1000"}


def test_an_empty_file() -> None:
    assert parse_range("bytes=-5", 0) is None
    with pytest.raises(RangeNotSatisfiable):
        parse_range("bytes=0-", 0)
    with pytest.raises(RangeNotSatisfiable):
        parse_range("bytes=-0", 0)


_number = st.integers(0, 60) | st.integers(0, 10**30)


@given(_number, _number, st.integers(0, 50))
@example(0, 0, 1)
def test_first_and_last(first: int, last: int, size: int) -> None:
    """The bytes are those that stand at the positions first … last."""
    content = list(range(size))
    expected = content[first : last + 1]
    try:
        found = parse_range(f"bytes={first}-{last}", size)
    except RangeNotSatisfiable:
        assert first <= last
        assert expected == []
        return
    if found is None:
        assert last < first
    else:
        assert content[found.start : found.stop] == expected
        assert found.length == len(expected) > 0


@given(_number, st.integers(0, 50))
def test_first_to_the_end(first: int, size: int) -> None:
    content = list(range(size))
    try:
        found = parse_range(f"bytes={first}-", size)
    except RangeNotSatisfiable:
        assert content[first:] == []
        return
    assert found is not None
    assert content[found.start : found.stop] == content[first:]


@given(_number, st.integers(1, 50))
def test_the_last_bytes(suffix: int, size: int) -> None:
    content = list(range(size))
    if suffix == 0:
        with pytest.raises(RangeNotSatisfiable):
            parse_range("bytes=-0", size)
        return
    found = parse_range(f"bytes=-{suffix}", size)
    assert found is not None
    assert content[found.start : found.stop] == content[-suffix:]


@given(st.text(max_size=30) | st.text("bytes=-0123456789, ", max_size=30), st.integers(0, 100))
def test_any_header(header: str, size: int) -> None:
    try:
        found = parse_range(header, size)
    except RangeNotSatisfiable:
        return
    assert found is None or 0 <= found.start < found.stop <= size
