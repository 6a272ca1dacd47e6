"""Reading the one file of a ``multipart/form-data`` body while it comes in (RFC 7578).

A form that a browser sends is a stream with the file somewhere in it. Nothing is kept here but the few bytes
in which a boundary might begin.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import unquote

from videocraft.errors import InvalidInput

_MOST_HEADER_BYTES = 16 * 1024
_MOST_FIELD_BYTES = 64 * 1024
_BOUNDARY = re.compile(r'boundary=(?:"([^"\r\n]{1,70})"|([^\s;,"]{1,70}))', re.IGNORECASE)
_FILENAME = re.compile(r'filename="((?:[^"\\\r\n]|\\.)*)"', re.IGNORECASE)
_EXTENDED = re.compile(r"filename\*=(?:utf-8|UTF-8)'[^']*'([^;\s]+)")


@dataclass(frozen=True, slots=True)
class FormFile:
    """The first file of a form: its name as the client has it, and its bytes to come."""

    filename: str
    chunks: AsyncIterator[bytes]


def boundary_of(content_type: str) -> bytes | None:
    """The boundary of a form's body; None when the body is no form.

    Raises:
        InvalidInput: it is one, without a boundary.
    """
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        return None
    match = _BOUNDARY.search(content_type)
    if match is None:
        raise _broken("it has no boundary")
    return (match[1] or match[2]).encode("latin-1", "replace")


async def open_file(stream: AsyncIterator[bytes], boundary: bytes) -> FormFile:
    """Read a form up to its first file; fields before it are passed over.

    Raises:
        InvalidInput: it is broken, or holds no file.
    """
    buffer = _Buffer(stream)
    delimiter = b"\r\n--" + boundary
    # The first boundary begins the body, the others a line.
    buffer.push_front(b"\r\n")
    await buffer.skip_past(delimiter, _MOST_FIELD_BYTES)
    while True:
        if await buffer.starts_with(b"--"):
            raise InvalidInput("The form holds no file", code="NO_FILE")
        head = await buffer.take_until(b"\r\n\r\n", _MOST_HEADER_BYTES)
        filename = _filename_in(head.decode("utf-8", "replace"))
        if filename is not None:
            return FormFile(filename, buffer.chunks_until(delimiter))
        await buffer.skip_past(delimiter, _MOST_FIELD_BYTES)


def _filename_in(head: str) -> str | None:
    for line in head.split("\r\n"):
        if line.lower().startswith("content-disposition:"):
            extended = _EXTENDED.search(line)
            if extended:
                return unquote(extended[1])
            match = _FILENAME.search(line)
            return re.sub(r"\\(.)", r"\1", match[1]) if match else None
    return None


class _Buffer:
    """The bytes that have come and were not used yet."""

    def __init__(self, stream: AsyncIterator[bytes]) -> None:
        self._stream = stream
        self._data = b""

    def push_front(self, data: bytes) -> None:
        """Put bytes before all others."""
        self._data = data + self._data

    async def starts_with(self, mark: bytes) -> bool:
        """Whether the next bytes are ``mark``."""
        while len(self._data) < len(mark):
            await self._more()
        return self._data.startswith(mark)

    async def take_until(self, mark: bytes, most: int) -> bytes:
        """The bytes before ``mark``, which is used up too."""
        while (at := self._data.find(mark)) < 0:
            if len(self._data) > most:
                raise _broken("a part's head is too long")
            await self._more()
        taken, self._data = self._data[:at], self._data[at + len(mark) :]
        return taken

    async def skip_past(self, mark: bytes, most: int) -> None:
        """Drop everything up to ``mark`` and with it."""
        dropped = 0
        while (at := self._data.find(mark)) < 0:
            keep = len(mark) - 1
            dropped += max(0, len(self._data) - keep)
            self._data = self._data[-keep:]
            if dropped > most:
                raise _broken("a field is too long, or the file does not come first")
            await self._more()
        self._data = self._data[at + len(mark) :]

    async def chunks_until(self, mark: bytes) -> AsyncIterator[bytes]:
        """The bytes before ``mark``, as they come; those in which it may begin are held back."""
        while (at := self._data.find(mark)) < 0:
            ready = len(self._data) - (len(mark) - 1)
            if ready > 0:
                chunk, self._data = self._data[:ready], self._data[ready:]
                yield chunk
            await self._more()
        if at:
            yield self._data[:at]
        self._data = self._data[at + len(mark) :]

    async def _more(self) -> None:
        async for chunk in self._stream:
            if chunk:
                self._data += chunk
                return
        raise _broken("it ends in the middle")


def _broken(why: str) -> InvalidInput:
    return InvalidInput(f"The form can't be read: {why}", code="INVALID_FORM")
