"""A file arrives whole, however often its connection breaks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.client.script import Stage, broken, header, refusal
from videocraft.client.download import download
from videocraft.client.errors import ConnectionFailed, DownloadFailed, NotFound
from videocraft.client.exchange import Call
from videocraft.client.wire import Effect, Receive, Reply

CALL = Call("GET", "/videos/1/download")
FILM = bytes(range(256)) * 4


class _Server:
    """Answers ranges; breaks each connection after as many bytes as it is told."""

    def __init__(self, *breaks: int, etags: tuple[str, ...] = ('"a"',), film: bytes = FILM) -> None:
        self.breaks = list(breaks)
        self.etags = list(etags)
        self.film = film

    def __call__(self, effect: Effect) -> Reply:
        assert isinstance(effect, Receive)
        etag = self.etags.pop(0) if len(self.etags) > 1 else self.etags[0]
        headers = effect.request.headers
        asked = re.fullmatch(r"bytes=(\d+)-", headers.get("Range", ""))
        start = int(asked[1]) if asked and headers.get("If-Range") == etag else 0
        described = {"content-length": str(len(self.film) - start), "etag": etag}
        if start:
            described["content-range"] = f"bytes {start}-{len(self.film) - 1}/{len(self.film)}"
        reply = Reply(206 if start else 200, described)
        file = effect.accept(reply)
        assert file is not None
        if self.breaks:
            file.write(self.film[start : start + self.breaks.pop(0)])
            raise ConnectionFailed("broken")
        file.write(self.film[start:])
        return reply


def _download(stage: Stage, path: Path) -> bytes:
    try:
        stage.run(download(stage.exchange, CALL, path))
        return path.read_bytes()
    finally:
        assert not list(path.parent.glob(".*.part")), "a temporary file was left"


def test_a_broken_connection_is_taken_up_where_it_broke(tmp_path: Path) -> None:
    server = _Server(100, 50)
    stage = Stage(server, server, server)
    assert _download(stage, tmp_path / "film.mp4") == FILM
    assert header(stage.requests, "Range") == [None, "bytes=100-", "bytes=150-"]
    assert header(stage.requests, "Accept-Encoding") == ["identity"] * 3


def test_a_file_that_has_changed_is_fetched_anew(tmp_path: Path) -> None:
    server = _Server(100, etags=('"a"', '"b"'))
    assert _download(Stage(server, server), tmp_path / "film.mp4") == FILM


@pytest.mark.parametrize("etag", ["", 'W/"a"'])
def test_without_a_strong_etag_nothing_is_pieced_together(tmp_path: Path, etag: str) -> None:
    server = _Server(100, etags=(etag,))
    stage = Stage(server, server)
    assert _download(stage, tmp_path / "film.mp4") == FILM
    assert header(stage.requests, "Range") == [None, None]


@settings(max_examples=40)
@given(breaks=st.lists(st.integers(0, 300), max_size=12), changes=st.lists(st.sampled_from("ab"), min_size=1))
def test_any_sequence_of_breaks_gives_the_file_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, breaks: list[int], changes: list[str]
) -> None:
    path = tmp_path_factory.mktemp("download") / "film.mp4"
    server = _Server(*breaks, etags=tuple(f'"{name}"' for name in changes))
    stage = Stage(*[server] * (len(breaks) + 1))
    stage.exact = False
    try:
        assert _download(stage, path) == FILM
    except ConnectionFailed:
        assert breaks.count(0) > 4 or len(changes) > 1, "it gave up although bytes came"
        assert not path.exists()


def test_a_connection_that_breaks_after_the_last_byte_is_good_enough(tmp_path: Path) -> None:
    assert _download(Stage(_Server(len(FILM))), tmp_path / "film.mp4") == FILM


def test_progress_counts_as_a_new_beginning(tmp_path: Path) -> None:
    server = _Server(*[10] * 50)
    stage = Stage(*[server] * 51)
    assert _download(stage, tmp_path / "film.mp4") == FILM
    assert set(stage.waits) == {0.5}


def test_no_progress_is_an_error_in_the_end(tmp_path: Path) -> None:
    server = _Server(*[0] * 50)
    with pytest.raises(ConnectionFailed):
        _download(Stage(*[server] * 51), tmp_path / "film.mp4")
    assert not list(tmp_path.iterdir())


def test_a_body_that_ends_early_without_an_error_is_noticed(tmp_path: Path) -> None:
    short = Reply(200, {"content-length": "10"}, b"12345")
    stage = Stage(short, Reply(200, {"content-length": "10"}, b"1234567890"))
    assert _download(stage, tmp_path / "film.mp4") == b"1234567890"


def test_more_than_was_announced_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed):
        _download(Stage(Reply(200, {"content-length": "3"}, b"12345")), tmp_path / "film.mp4")


@pytest.mark.parametrize("content_range", ["", "bytes 0-9/10", "bytes 5-9/11", "bytes */10", "bytes 4-9/10"])
def test_another_part_than_was_asked_for_is_an_error(tmp_path: Path, content_range: str) -> None:
    first = Reply(200, {"content-length": "10", "etag": '"a"'}, b"12345")
    second = Reply(206, {"content-length": "5", "content-range": content_range}, b"67890")
    with pytest.raises(DownloadFailed):
        _download(Stage(first, second), tmp_path / "film.mp4")


def test_what_was_there_stays_until_the_new_film_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"old")
    with pytest.raises(NotFound):
        _download(Stage(refusal(404)), path)
    assert path.read_bytes() == b"old"
    _download(Stage(broken(), Reply(200, {"content-length": "3"}, b"new")), path)
    assert path.read_bytes() == b"new"


def test_a_folder_that_is_not_there_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    stage = Stage()
    with pytest.raises(FileNotFoundError):
        stage.run(download(stage.exchange, CALL, tmp_path / "missing" / "film.mp4"))
