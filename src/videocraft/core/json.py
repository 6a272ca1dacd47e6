"""Strict JSON for everything that comes in over HTTP, and compact JSON for what goes out.

Python's parser takes more than JSON (``NaN``, ``1e999`` as infinity, half a surrogate pair) and lets
through what databases, FFmpeg and other clients choke on (NUL characters, thousands of levels). All of
it is refused here, in one place, with a sentence that says what is wrong. The checks are regular
expressions and C functions over the whole text, and the usual body skips most of them, so that they
cost next to nothing beside the parsing itself.
"""

from __future__ import annotations

import json
import math
import re
from array import array
from itertools import accumulate
from typing import Any, NoReturn

import orjson

from videocraft.errors import InvalidInput

MAX_DEPTH = 64
MAX_INTEGER_DIGITS = 400

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
# As signed bytes: an opening bracket is +1, a closing one is -1.
_BRACKET_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
# Only a number with such a part can be an integer of too many digits or a float beyond 1.8e308.
_LONG_NUMBER = re.compile(rb"[eE][+-]?[0-9]{3}|[0-9]{200}")
_SUSPICIOUS_ESCAPE = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
_GOOD_TEXT = re.compile(
    r"(?:[^\\]++"
    r"|\\[^u]"
    r"|\\u(?!0000)(?![dD][89a-fA-F])[0-9a-fA-F]{4}"
    r"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r")*+"
)


class InvalidJson(InvalidInput):
    """The body is not JSON, or JSON that no part of this server accepts."""

    default_code = "INVALID_JSON"


def loads(data: bytes) -> Any:
    """Parse one JSON text in UTF-8.

    Raises:
        InvalidJson: broken syntax or encoding; ``NaN`` or ``Infinity``; a number too large for a float;
            an integer of more than 400 digits; more than 64 levels; half a surrogate pair; NUL.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidJson(f"The body is not valid JSON: it is not UTF-8 at byte {error.start}") from None
    _check_depth(data)
    try:
        if _LONG_NUMBER.search(data):
            value = json.loads(
                text, parse_constant=_refuse_constant, parse_int=_parse_int, parse_float=_parse_float
            )
        else:
            value = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise InvalidJson(
            f"The body is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from None
    if _SUSPICIOUS_ESCAPE.search(text):
        _check_escapes(text)
    return value


def dumps(value: Any) -> bytes:
    """Compact JSON in UTF-8; NaN and infinities, which JSON has no word for, become null."""
    try:
        return orjson.dumps(value)
    except TypeError:
        # An integer beyond 64 bits, or bytes of a file's name that are no text: neither may fail an answer.
        return _ENCODER.encode(value).encode("utf-8", "replace")


def _check_depth(data: bytes) -> None:
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return
    steps = array("b", _STRING.sub(b"", data).translate(_BRACKET_STEPS, _NOT_BRACKETS))
    if max(accumulate(steps), default=0) > MAX_DEPTH:
        raise InvalidJson(f"The body is nested deeper than {MAX_DEPTH} levels")


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidJson(f"The body is not valid JSON: {name} is not a JSON number")


def _parse_int(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_INTEGER_DIGITS:
        raise InvalidJson(f"The body holds an integer of more than {MAX_INTEGER_DIGITS} digits")
    return int(digits)


def _parse_float(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise InvalidJson(f"The body holds a number that is too large: {digits[:32]}")
    return value


def _check_escapes(text: str) -> None:
    good = _GOOD_TEXT.match(text)
    end = good.end() if good else 0
    if end == len(text):
        return
    line = text.count("\n", 0, end) + 1
    column = end - text.rfind("\n", 0, end)
    kind = "a NUL character" if text.startswith("\\u0000", end) else "half of a surrogate pair"
    raise InvalidJson(f"The body holds {kind} ({text[end : end + 6]}) at line {line}, column {column}")
