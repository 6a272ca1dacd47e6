"""The ``Range`` header (RFC 9110, section 14), as far as downloads need it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from videocraft.errors import RangeNotSatisfiable

_ONE_RANGE = re.compile(r"bytes[ \t]*=[ \t]*(?:([0-9]+)-([0-9]*)|-([0-9]+))[ \t]*", re.IGNORECASE | re.ASCII)
_BEYOND_ANY_FILE = 2**63


@dataclass(frozen=True)
class ByteRange:
    """Bytes ``start`` to ``stop - 1``; never empty."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.stop - self.start


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """What a ``Range`` header asks of a file of ``size`` bytes.

    Returns:
        None for the whole file: no header, another unit, several ranges, or nonsense, which the RFC
        says to ignore.

    Raises:
        RangeNotSatisfiable: one range, and none of it lies in the file.
    """
    match = _ONE_RANGE.fullmatch(header.strip(" \t")) if header else None
    if match is None:
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        length = min(_number(suffix), size)
        if length == 0:
            if size == 0 and _number(suffix) > 0:
                return None  # all of nothing, which Content-Range has no way to say
            raise _unsatisfiable(size)
        return ByteRange(size - length, size)
    start = _number(first)
    stop = _number(last) + 1 if last else size
    if last and stop <= start:
        return None  # last before first: not a valid range
    if start >= size:
        raise _unsatisfiable(size)
    return ByteRange(start, min(stop, size))


def _number(digits: str) -> int:
    # Not int() at once: thousands of digits would be refused with another error.
    digits = digits.lstrip("0")
    return _BEYOND_ANY_FILE if len(digits) > 18 else int(digits or "0")


def _unsatisfiable(size: int) -> RangeNotSatisfiable:
    return RangeNotSatisfiable(
        f"The range lies outside the file of {size} bytes", headers={"Content-Range": f"bytes */{size}"}
    )
