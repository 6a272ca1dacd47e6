"""Structured logs: one JSON object a line, or coloured text on a terminal; secrets never get in."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO
from urllib.parse import unquote_plus

import orjson
import structlog

REDACTED = "[redacted]"
_SECRET_NAMES = frozenset(
    {
        "authorization",
        "proxy_authorization",
        "cookie",
        "set_cookie",
        "x_api_key",
        "api_key",
        "apikey",
        "x_csrf_token",
        "csrf_token",
        "token",
        "access_token",
        "ticket",
        "signature",
        "x_amz_signature",
        "x_amz_credential",
        "x_amz_security_token",
        "secret",
        "secret_key",
        "password",
    }
)
_QUERY_NAMES = "|".join(
    sorted((name.replace("_", "(?:[_-]|%2d|%5f)") for name in _SECRET_NAMES), key=len, reverse=True)
)
_IN_TEXT = (
    # A query parameter, also within a URL in a traceback.
    (re.compile(rf"(?i)(?<![a-z0-9])((?:{_QUERY_NAMES})=)[^&\s\"'#]+"), rf"\1{REDACTED}"),
    (re.compile(r"(?i)\b(bearer|basic)(\s+)[a-z0-9._~+/=-]{8,}"), rf"\1\2{REDACTED}"),
    (
        re.compile(r"(?i)\b(authorization|x-api-key)(['\"]?\s*[:=]\s*['\"]?)(?!bearer|basic)[^\s'\",]+"),
        rf"\1\2{REDACTED}",
    ),
    (re.compile(r"\bvc_[A-Za-z0-9_-]{20,}"), REDACTED),
    # The password in a URL: postgresql://user:password@host
    (re.compile(r"(://[^/\s:@]*:)[^/\s@]+@"), rf"\1{REDACTED}@"),
)
_HINT = re.compile(r"(?i)=|://|vc_|bearer|basic|authorization|x-api-key")
_MAX_DEPTH = 6


def redact_text(text: str) -> str:
    """The text without keys, tokens, signatures and passwords."""
    if not _HINT.search(text):
        return text
    for pattern, replacement in _IN_TEXT:
        text = pattern.sub(replacement, text)
    return text


def redact_query(query: str) -> str:
    """A query string without secrets. Percent-encoded names hide nothing: they are compared decoded."""
    parts = []
    for part in query.split("&"):
        name, separator, _ = part.partition("=")
        is_secret = separator and _normal(unquote_plus(name)) in _SECRET_NAMES
        parts.append(f"{name}={REDACTED}" if is_secret else part)
    return "&".join(parts)


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor: by the names of fields and by what texts look like, at any depth."""
    for name, value in event.items():
        event[name] = _redact_value(name, value, _MAX_DEPTH)
    return event


def configure_logging(
    level: str = "info", stream: TextIO | None = None, *, as_json: bool | None = None
) -> None:
    """Send everything, also what libraries log through ``logging``, to ``stream`` (standard error).

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``.
        as_json: JSON lines; by default unless the stream is a terminal.
    """
    target = sys.stderr if stream is None else stream
    if as_json is None:
        as_json = not target.isatty()
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor]
    if as_json:
        last = [structlog.processors.format_exc_info, redact, _render_json]
    else:
        # A plain traceback: the redaction has to see it, and locals may hold secrets.
        last = [structlog.processors.format_exc_info, redact, structlog.dev.ConsoleRenderer()]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(target),
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                *shared,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                _drop_colours,
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    # The border writes the access line; uvicorn's own would say the same without request id.
    logging.getLogger("uvicorn.access").disabled = True
    # Its line for each request holds the whole URL and tells nothing that ours don't.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        # What an earlier command of the same process has set does not count.
        logger.setLevel(logging.NOTSET)


def access_logger() -> structlog.typing.FilteringBoundLogger:
    """A logger for the line of each request, past the steps that its fields don't need.

    Whoever writes with it has redacted what it writes, and names the request's id.
    """
    config = structlog.get_config()
    steps: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        config["processors"][-1],
    ]
    logger: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        config["logger_factory"](), steps, config["wrapper_class"]
    )
    return logger.bind(source="videocraft.http")


def _drop_colours(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    # uvicorn sends its message a second time, with terminal colours.
    event.pop("color_message", None)
    return event


def _render_json(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    with suppress(TypeError):  # names that are no text, integers beyond 64 bits
        line = orjson.dumps(event, default=str)
        if line.isascii():
            return line.decode()
    # Anything but ASCII is escaped: it must not steer a terminal, and may meet any encoding.
    return json.dumps(event, default=str)


def _redact_value(name: str, value: Any, depth: int) -> Any:
    if _normal(name) in _SECRET_NAMES:
        return REDACTED
    if isinstance(value, str):
        return redact_text(value)
    if depth and isinstance(value, dict):
        return {key: _redact_value(str(key), item, depth - 1) for key, item in value.items()}
    if depth and isinstance(value, list | tuple):
        return [_redact_value("", item, depth - 1) for item in value]
    return value


def _normal(name: str) -> str:
    return name.lower().replace("-", "_")
