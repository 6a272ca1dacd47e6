"""How much of a request's body may come in, counted as it arrives."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive

CHEAP_BYTES = 64 * 1024
"""So much of an unread body is cheaper to read than a new connection."""


class BodyMeter:
    """Stands between the server and whoever reads one request's body."""

    __slots__ = ("_receive", "_received", "answering", "declared", "finished", "limit")

    def __init__(self, receive: Receive, headers: Sequence[tuple[bytes, bytes]], limit: int) -> None:
        self._receive = receive
        self._received = 0
        self.limit = limit
        self.declared = 0
        self.finished = True
        self.answering = False
        for name, value in headers:
            if name == b"content-length" and value.isdigit():
                self.declared = int(value)
                self.finished = self.declared == 0
            elif name == b"transfer-encoding":
                self.finished = False

    async def receive(self) -> Message:
        """The next message of the server.

        Raises:
            HTTPException: 413; the announced or the real size is over the limit. It is no
                ``VideoCraftError``, because FastAPI lets nothing else pass while it reads a body.
        """
        if self.declared > self.limit:
            return self._refuse()
        message = await self._receive()
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            if self._received > self.limit:
                return self._refuse()
            self.finished = not message.get("more_body", False)
        return message

    @property
    def must_close(self) -> bool:
        """Whether the connection has to go, because much of the body was never read."""
        if self.finished:
            return False
        return not self.declared or self.declared - self._received > CHEAP_BYTES

    def _refuse(self) -> Message:
        if self.answering:
            # Nobody can be told any more; for a stream that waits for the end this is one.
            return {"type": "http.disconnect"}
        raise HTTPException(413, f"The request body is larger than {self.limit} bytes")


def raise_body_limit(request: Request, limit: int) -> None:
    """Let this request's body have ``limit`` bytes; call it before anything reads the body."""
    request.scope["videocraft"].body.limit = limit
