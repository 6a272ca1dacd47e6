"""Strict JSON: what Python's parser lets through and this server does not."""

from __future__ import annotations

import json as python_json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.core import json
from videocraft.core.json import InvalidJson


def refused(data: bytes) -> str:
    """The message with which ``data`` is refused."""
    with pytest.raises(InvalidJson) as caught:
        json.loads(data)
    assert caught.value.status == 400
    assert caught.value.code == "INVALID_JSON"
    return caught.value.message


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_constants_that_are_no_numbers(name: str) -> None:
    assert refused(f'{{"a": {name}}}'.encode()) == f"The body is not valid JSON: {name} is not a JSON number"


@pytest.mark.parametrize(
    "number", ["1e999", "-1e999", "1E+400", "9" * 300 + "e99", "1" + "0" * 250 + ".0e99"]
)
def test_numbers_beyond_a_float(number: str) -> None:
    assert refused(f"[{number}]".encode()).startswith("The body holds a number that is too large: ")


@pytest.mark.parametrize("number", ["1e308", "1e-999", "1.5e0000001", "0." + "1" * 500, "-0.0", "9" * 400])
def test_numbers_that_fit(number: str) -> None:
    assert json.loads(f"[{number}]".encode()) == python_json.loads(f"[{number}]")


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("digits", [401, 5000, 100_000])
def test_integers_of_too_many_digits(sign: str, digits: int) -> None:
    assert refused(f"[{sign}{'7' * digits}]".encode()) == "The body holds an integer of more than 400 digits"


def test_digits_in_strings_are_text() -> None:
    text = "7" * 5000 + "e999"
    assert json.loads(python_json.dumps([text]).encode()) == [text]


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_depth(opening: str) -> None:
    closing = {"[": "]", '{"a":': "}"}[opening]
    assert json.loads((opening * 64 + "1" + closing * 64).encode())
    for levels in (65, 2000, 200_000):
        data = (opening * levels + "1" + closing * levels).encode()
        assert refused(data) == "The body is nested deeper than 64 levels"


def test_many_brackets_are_not_depth() -> None:
    value = [[{"a": ['[[[["{{{', []]}] * 100, "\\"] * 5
    assert json.loads(python_json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (rb'["\ud800"]', r"The body holds half of a surrogate pair (\ud800) at line 1, column 3"),
        (rb'["\udc00"]', r"The body holds half of a surrogate pair (\udc00) at line 1, column 3"),
        (rb'["\uD83D\uD83D\uDE00"]', r"The body holds half of a surrogate pair (\uD83D) at line 1, column 3"),
        (rb'["a\\\ud83dx"]', r"The body holds half of a surrogate pair (\ud83d) at line 1, column 6"),
        (b'{\n "k\\u0000": 1}', r"The body holds a NUL character (\u0000) at line 2, column 4"),
    ],
)
def test_half_pairs_and_nul(data: bytes, message: str) -> None:
    assert refused(data) == message


@pytest.mark.parametrize("text", ["😀", r"\ud800", r"\u0000", "\\", "é\u2028", "a" * 10])
def test_escapes_that_are_fine(text: str) -> None:
    assert json.loads(python_json.dumps([text]).encode()) == [text]


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b'{"a": 1,}', "at line 1, column"),
        (b"", "at line 1, column 1"),
        (b"\xff\xfe", "it is not UTF-8 at byte 0"),
        (b'"\xed\xa0\x80"', "it is not UTF-8 at byte 1"),
        (b'"\x00"', "Invalid control character"),
        (b"[1] [2]", "Extra data"),
        (b"[" * 64, "at line 1"),
        (b"[01]", "at line 1"),
    ],
)
def test_broken_syntax(data: bytes, part: str) -> None:
    message = refused(data)
    assert message.startswith("The body is not valid JSON: ")
    assert part in message


def test_a_byte_order_mark_is_ignored() -> None:
    assert json.loads(b"\xef\xbb\xbf[1]") == [1]


def test_large_bodies_do_not_exhaust_the_checks() -> None:
    pairs = rb"\ud83d\ude00" * 100_000
    assert json.loads(b'["' + pairs + b'"]') == ["😀" * 100_000]
    assert "surrogate" in refused(b'["' + pairs + rb"\ud83d" + b'"]')
    assert len(json.loads(b"[" + b"[[]]," * 100_000 + b"1]")) == 100_001


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def _holds_nul(value: object) -> bool:
    return "\\u0000" in re.sub(r"\\\\", "", python_json.dumps(value))


@given(_values, st.booleans())
def test_reads_what_python_writes(value: object, ascii_only: bool) -> None:
    data = python_json.dumps(value, ensure_ascii=ascii_only).encode()
    if _holds_nul(value):
        assert "NUL" in refused(data)
    else:
        assert json.loads(data) == value
        assert json.loads(json.dumps(value)) == value


_pieces = st.sampled_from(
    ["\\ud83d", "\\ude00", "\\u0000", "\\\\", "\\u00e9", "u", "d83d", "\\n", '\\"', "é"]
)


@given(st.lists(_pieces, max_size=12))
def test_escapes_against_the_plain_reading(pieces: list[str]) -> None:
    text = '"' + "".join(pieces) + '"'
    value = python_json.loads(text)
    bad = "\0" in value or any("\ud800" <= character <= "\udfff" for character in value)
    if bad:
        refused(text.encode())
    else:
        assert json.loads(text.encode()) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        json.loads(data)
    except InvalidJson as error:
        assert error.message  # noqa: PT017 - either way is right, and nothing else may be raised


def test_dumps_is_compact_utf8() -> None:
    assert json.dumps({"a": [1, "é"]}) == '{"a":[1,"é"]}'.encode()
    assert json.dumps("x\udcff") == b'"x?"'
    assert json.dumps([10**30, 2**64]) == b"[1000000000000000000000000000000,18446744073709551616]"
    assert json.dumps([float("nan"), float("-inf")]) == b"[null,null]"
