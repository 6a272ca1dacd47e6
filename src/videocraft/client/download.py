"""A file from the server to the disk: whole under its name, or not there."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from videocraft.client.errors import ConnectionFailed, DownloadFailed
from videocraft.client.exchange import Call, Exchange
from videocraft.client.wire import Reply, Steps

_CONTENT_RANGE = re.compile(r"bytes ([0-9]+)-[0-9]+/([0-9]+)", re.ASCII)


def download(exchange: Exchange, call: Call, destination: Path) -> Steps[Path]:
    """Fetch into a temporary file beside ``destination`` and rename it when it is whole.

    A connection that breaks is taken up again where it broke, as long as the server has the same file.

    Raises:
        OSError: the folder can't be written to.
        VideoCraftAPIError: the server's error, or no connection; nothing is left behind.
        DownloadFailed: what came is not what was announced.
    """
    temporary = destination.with_name(f".{destination.name}.{secrets.token_hex(4)}.part")
    try:
        with temporary.open("xb") as file:
            yield from exchange.perform(call, transfer=_Download(file))
        temporary.replace(destination)
    finally:
        temporary.unlink(missing_ok=True)
    return destination


class _Download:
    """A ``Transfer`` into a file; checks every byte's place."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._etag = ""
        self._size: int | None = None

    @property
    def received(self) -> int:
        """Bytes that are in the file."""
        return self._file.tell()

    @property
    def complete(self) -> bool:
        """Whether as much is in the file as was announced."""
        return self.received == self._size

    def headers(self) -> Mapping[str, str]:
        """Asks for the rest, if what is there is known to belong to it."""
        # Places in the file are those on the wire only if nothing in between compresses it.
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if self.received and self._etag:
            headers |= {"Range": f"bytes={self.received}-", "If-Range": self._etag}
        return headers

    def accept(self, reply: Reply) -> BinaryIO | None:
        """Put the file in place for the reply's body."""
        if reply.status == 206:
            self._go_on(reply)
        elif reply.status == 200:
            self._start_again(reply)
        else:
            return None
        return self._file

    def check(self) -> None:
        """Raise ``ConnectionFailed`` if bytes are missing, so that the rest is asked for."""
        if self._size is not None and self.received < self._size:
            raise ConnectionFailed(f"The download broke off after {self.received} of {self._size} bytes")
        if self._size is not None and self.received > self._size:
            raise DownloadFailed(
                f"{self.received} bytes came where {self._size} were announced", code="DOWNLOAD_TOO_LONG"
            )

    def _start_again(self, reply: Reply) -> None:
        self._file.seek(0)
        self._file.truncate()
        length = reply.headers.get("content-length", "")
        self._size = int(length) if re.fullmatch("[0-9]{1,18}", length) else None
        etag = reply.headers.get("etag", "")
        # A weak one promises the same meaning, not the same bytes.
        self._etag = etag if etag.startswith('"') else ""

    def _go_on(self, reply: Reply) -> None:
        match = _CONTENT_RANGE.fullmatch(reply.headers.get("content-range", ""))
        if match is None or int(match[1]) != self.received or int(match[2]) != self._size:
            raise DownloadFailed("The server sent another part than was asked for", code="DOWNLOAD_RANGE")
        self._file.seek(0, os.SEEK_END)
