"""Logs: one JSON object a line, and no secret in any of them."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from tests.support.logs import logging_as_before
from videocraft.logs import REDACTED, configure_logging, redact_query, redact_text

SECRET = "hunter2hunter2"
KEY = "vc_Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the lines go; what was set before comes back."""
    with logging_as_before():
        yield io.StringIO()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """The lines, parsed."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_json_lines_where_nobody_watches(stream: io.StringIO) -> None:
    configure_logging("info", stream)
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        structlog.get_logger().info("hello", number=1, path="/a\nb")
        logging.getLogger("some.library").warning("careful %s", "now")
    structlog.get_logger().debug("not this")
    first, second = lines(stream)
    assert first.items() >= {"event": "hello", "level": "info", "number": 1, "request_id": "r-1"}.items()
    assert first["timestamp"].endswith("Z")
    assert first["path"] == "/a\nb"
    expected = {"event": "careful now", "level": "warning", "request_id": "r-1", "logger": "some.library"}
    assert second.items() >= expected.items()


def test_text_on_a_terminal(stream: io.StringIO) -> None:
    configure_logging("info", stream, as_json=False)
    structlog.get_logger().info("hello", token=SECRET)
    assert "hello" in stream.getvalue()
    assert SECRET not in stream.getvalue()


def fail() -> None:
    """Raise with secrets about."""
    password = SECRET
    raise ValueError(f"GET https://host/x?token={password} failed")


@pytest.mark.parametrize("as_json", [True, False])
def test_tracebacks(stream: io.StringIO, as_json: bool) -> None:
    configure_logging("info", stream, as_json=as_json)
    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("broken")
        logging.getLogger("library").exception("broken too")
    text = stream.getvalue()
    assert text.count("ValueError") >= 2
    assert text.count("in fail") >= 2
    assert SECRET not in text


SENT = f"sent Authorization: Bearer {SECRET}"
HEADERS = f"headers: {{'x-api-key': '{SECRET}'}}"
LEAKS: list[Callable[[Any], Any]] = [
    lambda log: log.info("x", authorization=f"Bearer {SECRET}"),
    lambda log: log.info("x", headers={"Authorization": f"Bearer {SECRET}", "X-API-Key": SECRET}),
    lambda log: log.info("x", headers=[{"Set-Cookie": SECRET}]),
    lambda log: log.info("x", **{"X-Api-Key": SECRET}),
    lambda log: log.info("x", api_key=SECRET, token=SECRET, signature=SECRET, password=SECRET),
    lambda log: log.info("x", url=f"https://host/a?b=1&signature={SECRET}&c=2"),
    lambda log: log.info("x", url=f"https://host/a?X-Amz-Signature={SECRET}"),
    lambda log: log.info("x", url=f"https://host/a?x-api%2Dkey={SECRET}"),
    lambda log: log.info("x", url=f"postgresql://user:{SECRET}@host/db"),
    lambda log: log.info(SENT),
    lambda log: log.info(HEADERS),
    lambda log: log.info("x", argv=["curl", f"Authorization: Bearer {SECRET}"]),
    lambda log: log.info("x", deep={"a": [{"b": {"secret": SECRET}}]}),
]


@pytest.mark.parametrize("leak", LEAKS)
def test_secrets_stay_out(stream: io.StringIO, leak: Callable[[Any], Any]) -> None:
    configure_logging("info", stream)
    leak(structlog.get_logger())
    assert SECRET not in stream.getvalue()
    assert REDACTED in stream.getvalue()


def test_libraries_are_redacted_too(stream: io.StringIO) -> None:
    configure_logging("info", stream)
    logging.getLogger("library").info(
        "GET https://host/?token=%s with %s", SECRET, KEY, extra={"password": SECRET}
    )
    assert SECRET not in stream.getvalue()
    assert KEY not in stream.getvalue()


def test_colours_of_libraries_stay_out(stream: io.StringIO) -> None:
    # As a command that ran before in this process may have left it.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    configure_logging("info", stream)
    logging.getLogger("uvicorn.error").info("started", extra={"color_message": "\x1b[1mstarted", "port": 1})
    (line,) = lines(stream)
    assert line.keys() == {"event", "port", "level", "timestamp", "logger"}


def test_our_keys_are_known_anywhere() -> None:
    assert redact_text(f"the key {KEY}.") == f"the key {REDACTED}."


@pytest.mark.parametrize(
    "text",
    ["", "/api/export/x", "limit=3&offset=1", "a=b", "bearer of news", "http://host:8000/x", "tokens=3"],
)
def test_other_text_stays(text: str) -> None:
    assert redact_text(text) == text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=1&token=abc", f"limit=1&token={REDACTED}"),
        ("%74oken=abc", f"%74oken={REDACTED}"),
        ("Api-Key=abc&api_key=", f"Api-Key={REDACTED}&api_key={REDACTED}"),
        ("token", "token"),
        ("&&=", "&&="),
    ],
)
def test_queries(query: str, expected: str) -> None:
    assert redact_query(query) == expected


def test_configuring_twice_writes_once(stream: io.StringIO) -> None:
    configure_logging("info", stream)
    configure_logging("warning", stream)
    logging.getLogger("library").info("no")
    logging.getLogger("library").warning("yes")
    structlog.get_logger().info("no")
    assert [line["event"] for line in lines(stream)] == ["yes"]


def test_the_default_is_standard_error(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logging()
    structlog.get_logger().info("hello")
    assert lines(stream)[0]["event"] == "hello"
