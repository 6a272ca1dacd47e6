"""Servers that are honest, slow, endless, broken and lying, over real connections."""

from __future__ import annotations

import errno
import gzip
import hashlib
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.fetching.conftest import HASTY, LIMITS, PNG, Fetch, Resolver
from tests.support.web import Exchange, Handler, Web, web
from videocraft.core.storage.fetch import DownloadFailed
from videocraft.media.process import Stopped

HOST = "media.test"
HEAD = b"HTTP/1.1 200 OK\r\n"


def url_of(server: Web, path: str = "/a.png", scheme: str = "http") -> str:
    return f"{scheme}://{HOST}:{server.port}{path}"


def allowed(*servers: Web) -> dict[str, object]:
    """Arguments that let ``HOST`` at these servers through."""
    return {
        "resolver": Resolver(media_test="127.0.0.1"),
        "allow": tuple((HOST, server.port) for server in servers),
    }


def refusal(fetch: Fetch, handler: Handler, **arguments: object) -> str:
    """Why a fetch from a server with this handler fails."""
    with web(handler) as server:
        with pytest.raises(DownloadFailed) as caught:
            fetch(url_of(server), **(allowed(server) | arguments))
        return caught.value.reason


def test_a_file_comes_whole_with_its_facts(fetch: Fetch, tmp_path: Path) -> None:
    with web(lambda e: e.respond(PNG, ETag='"one"', Last_Modified="Mon, 01 Jan 2024 00:00:00 GMT")) as server:
        found = fetch(url_of(server, "/pictures/a b".replace(" ", "%20") + "?size=1#part"), **allowed(server))
        request = server.requests[0]
    assert found.path.read_bytes() == PNG
    assert (found.size, found.sha256) == (len(PNG), hashlib.sha256(PNG).hexdigest())
    assert (found.content_type, found.etag) == ("image/png", '"one"')
    assert found.last_modified == "Mon, 01 Jan 2024 00:00:00 GMT"
    assert request.path == "/pictures/a%20b?size=1"
    assert request.header("Host") == f"{HOST}:{server.port}"
    assert request.header("Accept-Encoding") == "identity"


def test_chunked_and_unbounded_answers_are_read(fetch: Fetch, tmp_path: Path) -> None:
    def chunked(exchange: Exchange) -> None:
        parts = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (PNG[:100], PNG[100:]))
        exchange.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + parts + b"0\r\n\r\n")

    for handler in (chunked, lambda e: e.send(b"HTTP/1.0 200 OK\r\n\r\n" + PNG)):
        with web(handler) as server:
            found = fetch(url_of(server), **allowed(server))
            assert found.path.read_bytes() == PNG
            found.path.unlink()


def has_ipv6() -> bool:
    """Whether this machine has the loopback address of IPv6."""
    with socket.socket(socket.AF_INET6) as probe:
        return probe.connect_ex(("::1", 9)) != errno.EADDRNOTAVAIL


def test_ipv6_is_connected_to(fetch: Fetch) -> None:
    if not has_ipv6():
        with pytest.raises(DownloadFailed):
            fetch("http://[::1]:9/", allow=(("::1", 9),))
        return
    with web(lambda e: e.respond(PNG), address="::1") as server:
        assert fetch(f"http://[::1]:{server.port}/", allow=(("::1", server.port),)).size == len(PNG)


def test_the_next_address_is_tried_when_one_does_not_answer(fetch: Fetch) -> None:
    with web(lambda e: e.respond(PNG)) as server:
        arguments = allowed(server) | {"resolver": Resolver(media_test="::1 127.0.0.1")}
        assert fetch(url_of(server), **arguments).size == len(PNG)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("404 Not Found", "there is no such file on the server (it answered 404)"),
        ("403 Forbidden", "the server does not allow it (it answered 403)"),
        ("500 Oops", "the server has an error of its own (it answered 500)"),
        ("204 No Content", "the server has no file for this URL (it answered 204)"),
        ("206 Partial Content", "the server has no file for this URL (it answered 206)"),
        ("304 Not Modified", "the server has no file for this URL (it answered 304)"),
    ],
)
def test_answers_without_a_file_say_so(fetch: Fetch, tmp_path: Path, status: str, reason: str) -> None:
    assert refusal(fetch, lambda e: e.respond(PNG, status=status)) == reason
    assert not list(tmp_path.iterdir())


def _endless(exchange: Exchange) -> None:
    exchange.send(HEAD + b"\r\n" + PNG)
    while exchange.send(bytes(10_000)):
        pass


def _trickling(exchange: Exchange) -> None:
    exchange.send(HEAD + b"\r\n" + PNG)
    while exchange.send(b"x"):
        time.sleep(0.05)


def _trickling_head(exchange: Exchange) -> None:
    exchange.send(HEAD)
    while exchange.send(b"X-More: x\r\n"):
        time.sleep(0.05)


def _silent(exchange: Exchange) -> None:
    exchange.wait_for_close()


def _stalling(exchange: Exchange) -> None:
    exchange.send(HEAD + b"Content-Length: 5000\r\n\r\n" + PNG)
    exchange.wait_for_close()


def _endless_continue(exchange: Exchange) -> None:
    while exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 500):
        pass


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        (_endless, "it has more than the 200000 bytes that a source may have"),
        (_trickling, "the server sends too slowly"),
        (_trickling_head, "the server sends too slowly"),
        (_silent, "the server sent nothing for 0.6 seconds"),
        (_stalling, "the server sent nothing for 0.6 seconds"),
        (
            lambda e: e.send(HEAD + b"Content-Length: 5000\r\n\r\n" + PNG),
            "the server sent 1032 of 5000 bytes",
        ),
        (
            lambda e: e.send(HEAD + b"Content-Length: 200001\r\n\r\n"),
            "it has 200001 bytes, more than the 200000 that a source may have",
        ),
        (lambda e: e.send(HEAD + b"\r\n"), "the file is empty"),
        (lambda e: e.respond(b""), "the file is empty"),
        (lambda e: None, "the server's answer is broken off, or not HTTP"),
        (lambda e: e.send(b"SSH-2.0-x\r\n"), "the server's answer is broken off, or not HTTP"),
        (lambda e: e.send(HEAD + b"X: " + b"x" * 70_000), "the server's answer is broken off, or not HTTP"),
        (
            lambda e: e.send(HEAD + b"X: y\r\n" * 200 + b"\r\n"),
            "the server's answer is broken off, or not HTTP",
        ),
        (
            lambda e: e.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc"),
            "the server's answer is broken off, or not HTTP",
        ),
        (
            lambda e: e.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
            "the server's answer is broken off, or not HTTP",
        ),
    ],
)
def test_bad_servers_are_given_up(fetch: Fetch, tmp_path: Path, handler: Handler, reason: str) -> None:
    slow = {_trickling, _trickling_head, _silent, _stalling}
    assert refusal(fetch, handler, limits=HASTY if handler in slow else LIMITS) == reason
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 1032\r\nContent-Length: 1033\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 0x408\r\n",
        b"Content-Length: 1032\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: identity\r\n",
    ],
)
def test_answers_that_contradict_themselves_are_refused(fetch: Fetch, headers: bytes) -> None:
    expected = "the server contradicts itself about the length of its answer"
    assert refusal(fetch, lambda e: e.send(HEAD + headers + b"\r\n" + PNG)) == expected


def test_compressed_answers_are_not_unpacked(fetch: Fetch) -> None:
    bomb = gzip.compress(PNG + bytes(10**6))
    expected = "the server compresses its answer although it was asked not to"
    assert refusal(fetch, lambda e: e.respond(bomb, Content_Encoding="gzip")) == expected


def test_the_whole_fetch_has_a_time_limit(fetch: Fetch) -> None:
    limits = replace(LIMITS, seconds=0.4, idle_seconds=60, window_seconds=60)
    assert refusal(fetch, _endless_continue, limits=limits) == "it took longer than 0.4 seconds"
    assert refusal(fetch, _trickling, limits=limits) == "it took longer than 0.4 seconds"


@pytest.mark.parametrize(
    ("body", "kinds", "reason"),
    [
        (b"<!DOCTYPE html><p>Hi", ("image",), "it is a web page, not a media file"),
        (b"#EXTM3U\nhttp://127.0.0.1/", ("video",), "it is a playlist, not a media file"),
        (PNG, ("audio",), "it is a picture, not sound"),
        (b"RIFF\0\0\0\0WAVEfmt ", ("video",), "it is sound, not a video"),
        (b"\0\0\0\x18ftypisom" + bytes(100), ("image",), "it is a video or sound, not a picture"),
        (b"<svg xmlns='x'/>", ("image",), "its content is not a picture of a kind that can be used"),
        (
            b"#!/bin/sh\n",
            ("video", "audio"),
            "its content is not a video or sound of a kind that can be used",
        ),
        (PNG, ("captions",), "it is a picture, not captions"),
    ],
)
def test_content_decides_what_a_file_is(fetch: Fetch, body: bytes, kinds: object, reason: str) -> None:
    found = refusal(fetch, lambda e: e.respond(body, Content_Type="video/mp4"), kinds=kinds)
    assert found == reason


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n", "text/vtt"),
        (b"\xef\xbb\xbf1\n00:00:01,000 --> 00:00:02,000\nHi\n", "application/x-subrip"),
        (b"[Script Info]\nTitle: x\n", "text/x-ass"),
    ],
)
def test_captions_are_told_by_their_text(fetch: Fetch, body: bytes, content_type: str) -> None:
    with web(lambda e: e.respond(body)) as server:
        assert fetch(url_of(server), kinds=("captions",), **allowed(server)).content_type == content_type


def test_a_wrong_file_is_given_up_before_it_has_come_whole(fetch: Fetch) -> None:
    def page(exchange: Exchange) -> None:
        exchange.send(HEAD + b"\r\n<html>" + bytes(64 * 1024))
        exchange.wait_for_close()

    assert refusal(fetch, page) == "it is a web page, not a media file"


class TestRedirects:
    """Every step is checked like the first."""

    @pytest.fixture
    def hops(self) -> Iterator[Web]:
        """``/N`` redirects to ``/N-1``, relative or absolute; ``/0`` is a picture."""

        def answer(exchange: Exchange) -> None:
            left = int(exchange.path[1:])
            if not left:
                exchange.respond(PNG)
                return
            base = f"http://{exchange.header('Host')}" if left % 2 else ""
            status = ("301 A", "302 B", "303 C", "307 D", "308 E")[left % 5]
            exchange.respond(status=status, Location=f"{base}/{left - 1}")

        with web(answer) as server:
            yield server

    def test_five_are_followed(self, fetch: Fetch, hops: Web) -> None:
        assert fetch(url_of(hops, "/5"), **allowed(hops)).size == len(PNG)

    def test_a_sixth_is_not(self, fetch: Fetch, hops: Web) -> None:
        with pytest.raises(DownloadFailed, match="redirects more than 5 times"):
            fetch(url_of(hops, "/6"), **allowed(hops))
        assert len(hops.requests) == 6

    @pytest.mark.parametrize(
        ("location", "reason"),
        [
            (
                "file:///etc/passwd",
                "the server redirects to file:///etc/passwd, and only http and https can be",
            ),
            ("http://u:secret@media.test/", "a URL with a user name or password in it is not fetched"),
            ("//127.0.0.1/", "its address is not a public one (loopback)"),
            ("http://2130706433/", "its host is a number that is not written as an address"),
            ("http://[bad/", "the server redirects to something that is not a URL"),
            ("http://media.test:22/", "port 22 is not one that sources may be fetched from"),
        ],
    )
    def test_what_could_not_be_named_can_not_be_redirected_to(
        self, fetch: Fetch, location: str, reason: str
    ) -> None:
        found = refusal(fetch, lambda e: e.respond(status="302 Found", Location=location))
        assert reason in found
        assert "secret" not in found

    def test_without_a_location(self, fetch: Fetch) -> None:
        assert refusal(fetch, lambda e: e.respond(status="302 F")) == "the server redirects to nowhere"


class TestSecure:
    """https proves who answers."""

    def test_the_name_is_asked_for_and_proved(self, fetch: Fetch) -> None:
        with web(lambda e: e.respond(PNG), tls=True) as server:
            assert fetch(url_of(server, scheme="https"), **allowed(server)).size == len(PNG)
            assert server.names == [HOST]

    def test_another_name_is_refused(self, fetch: Fetch) -> None:
        with web(lambda e: e.respond(PNG), tls=True) as server:
            with pytest.raises(DownloadFailed, match="certificate is not valid: Hostname mismatch"):
                fetch(
                    f"https://other.test:{server.port}/",
                    resolver=Resolver(other_test="127.0.0.1"),
                    allow=(("other.test", server.port),),
                )
            assert not server.requests

    def test_a_server_that_does_not_speak_it(self, fetch: Fetch) -> None:
        with (
            web(lambda e: e.respond(PNG)) as server,
            pytest.raises(DownloadFailed, match="no secure connection could be made"),
        ):
            fetch(url_of(server, scheme="https"), **allowed(server))

    def test_a_server_that_leaves_the_handshake_hanging(self, fetch: Fetch) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:  # connects, and nobody ever answers
            url = f"https://{HOST}:{listener.getsockname()[1]}/"
            arguments = {
                "limits": replace(LIMITS, connect_seconds=0.3),
                "resolver": Resolver(media_test="127.0.0.1"),
                "allow": ((HOST, listener.getsockname()[1]),),
            }
            with pytest.raises(DownloadFailed, match="the server did not answer in time"):
                fetch(url, **arguments)

    def test_a_redirect_may_not_give_it_up(self, fetch: Fetch) -> None:
        with web(lambda e: e.respond(PNG)) as plain:
            location = url_of(plain)
            with (
                web(lambda e: e.respond(status="302 F", Location=location), tls=True) as secure,
                pytest.raises(DownloadFailed, match="redirects from https to http"),
            ):
                fetch(url_of(secure, scheme="https"), **allowed(plain, secure))
            assert not plain.connections


@pytest.mark.parametrize("handler", [_silent, _stalling, _trickling], ids=["silent", "stalling", "trickling"])
def test_it_stops_when_told_wherever_it_waits(fetch: Fetch, tmp_path: Path, handler: Handler) -> None:
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 4

    patient = replace(LIMITS, seconds=60, idle_seconds=60, window_seconds=60)
    with web(handler) as server, pytest.raises(Stopped):
        fetch(url_of(server), should_stop=should_stop, limits=patient, **allowed(server))
    assert not list(tmp_path.iterdir())


def test_a_resolver_that_hangs_is_not_waited_for(fetch: Fetch) -> None:
    class Hanging(Resolver):
        def __call__(self, host: str, port: int) -> list[str]:
            time.sleep(1.5)
            return []

    with pytest.raises(DownloadFailed, match="could not be resolved in time"):
        fetch("http://media.test/", resolver=Hanging(), limits=replace(LIMITS, connect_seconds=0.3))


def test_errors_show_neither_credentials_nor_queries(fetch: Fetch) -> None:
    for url in ("http://me:pass-word@media.test/a?token=abc", "http://127.0.0.1/a?token=abc#abc"):
        with pytest.raises(DownloadFailed) as caught:
            fetch(url)
        told = f"{caught.value.message} {caught.value.details}"
        assert "/a could not be fetched: " in told
        assert not any(secret in told for secret in ("pass-word", "abc", "token"))
