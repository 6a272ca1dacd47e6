"""One request and its answer over a checked connection, with every header that matters taken seriously."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, cast

from videocraft import __version__
from videocraft.core.storage.connection import Patience, Stream
from videocraft.core.storage.targets import Refusal, Target

if TYPE_CHECKING:
    import socket

CHUNK_BYTES = 64 * 1024

_STATUS_REASONS = {
    401: "the server wants credentials for it",
    403: "the server does not allow it",
    404: "there is no such file on the server",
    410: "there is no such file on the server any more",
    429: "the server has had too many requests",
}
_NO_FILE = "the server has no file for this URL"


class Answer:
    """What a server answered; its body has not been read yet."""

    def __init__(self, stream: Stream, response: HTTPResponse, *, is_conditional: bool) -> None:
        self._stream = stream
        self._response = response
        self._is_conditional = is_conditional

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._response.status

    @property
    def is_unchanged(self) -> bool:
        """304, to a request that asked for it."""
        return self._is_conditional and self.status == 304

    def header(self, name: str) -> str | None:
        """A header's value as text. Headers are Latin-1 by the standard, UTF-8 in practice."""
        value = self._response.headers.get(name)
        return None if value is None else value.encode("latin-1", "replace").decode("utf-8", "replace")

    def expected_bytes(self, at_most: int) -> int | None:
        """How many bytes the body is said to have; None where nothing is said.

        Raises:
            Refusal: the answer holds no file, more than ``at_most`` bytes, or contradicts itself.
        """
        if self.status != 200:
            other = "the server has an error of its own" if self.status >= 500 else _NO_FILE
            reason = _STATUS_REASONS.get(self.status, other)
            raise Refusal(f"{reason} (it answered {self.status})")
        if (self.header("Content-Encoding") or "identity").strip().lower() != "identity":
            # Asked for without: a few compressed bytes can be gigabytes.
            raise Refusal("the server compresses its answer although it was asked not to")
        transfer = self._response.headers.get_all("Transfer-Encoding") or []
        lengths = set(self._response.headers.get_all("Content-Length") or [])
        if transfer and (lengths or [value.lower() for value in transfer] != ["chunked"]):
            raise Refusal("the server contradicts itself about the length of its answer")
        if not lengths:
            return None
        if len(lengths) > 1 or not re.fullmatch(r"[0-9]{1,18}", text := lengths.pop()):
            raise Refusal("the server contradicts itself about the length of its answer")
        if int(text) > at_most:
            raise Refusal(f"it has {int(text)} bytes, more than the {at_most} that a source may have")
        return int(text)

    def body(self, expected: int | None, at_most: int) -> Iterator[bytes]:
        """The body in pieces, as they come.

        Raises:
            Refusal: it is longer than ``at_most``, not as long as ``expected``, or can't be read.
        """
        done = 0
        while True:
            with network_errors():
                chunk = self._response.read(CHUNK_BYTES)
            if not chunk:
                break
            done += len(chunk)
            if done > at_most:
                raise Refusal(f"it has more than the {at_most} bytes that a source may have")
            yield chunk
        if expected is not None and done != expected:
            raise Refusal(f"the server sent {done} of {expected} bytes")

    def close(self) -> None:
        """Give the connection back."""
        self._response.close()
        self._stream.close()


def ask(stream: Stream, target: Target, headers: Mapping[str, str], patience: Patience) -> Answer:
    """Send a GET request and read the head of the answer.

    Args:
        headers: beside the usual ones; they make the request conditional.

    Raises:
        Refusal: what came is no answer.
    """
    lines = {
        "Host": target.authority,
        "User-Agent": f"VideoCraft/{__version__}",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    with network_errors():
        stream.send_all(f"GET {target.path} HTTP/1.1\r\n{head}\r\n".encode("latin-1"))
        patience.start_waiting()
        # It reads from what makefile() gives, and asks for nothing else of a socket.
        response = HTTPResponse(cast("socket.socket", stream), method="GET")
        response.begin()
    return Answer(stream, response, is_conditional=bool(headers))


@contextmanager
def network_errors() -> Iterator[None]:
    """Turn what goes wrong on a connection into a refusal.

    Raises:
        Refusal: the connection broke, or what came over it is not HTTP.
    """
    try:
        yield
    except HTTPException as error:
        raise Refusal("the server's answer is broken off, or not HTTP") from error
    except OSError as error:
        raise Refusal("the connection to the server broke") from error
