"""Settings from flags and the environment: a flag wins, and a child process inherits it."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from videocraft.commands import CommandFailed, lean

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from videocraft.settings import Settings

PREFIX = "VIDEOCRAFT_"
SECRETS = frozenset({"api_key", "database_url", "queue_url", "s3_secret_key", "secret"})
"""Settings whose wrong value is not repeated in a message."""


def apply_flags(flags: Mapping[str, object | None]) -> None:
    """Put the flags that were given (those not None) into this process's environment.

    Settings have one source then, and the worker processes, which inherit the environment, get exactly
    the settings of their server.
    """
    for name, value in flags.items():
        if value is not None:
            os.environ[PREFIX + name.upper()] = str(value)


def load_settings(**flags: object | None) -> Settings:
    """The settings of this process after ``flags``, named as the fields of `Settings`.

    Raises:
        CommandFailed: a value is wrong (exit code 2); the sentence names the setting and the reason.
    """
    from pydantic import ValidationError

    from videocraft.settings import Settings

    apply_flags(flags)
    given = {name for name, value in flags.items() if value is not None}
    try:
        return Settings()
    except ValidationError as error:
        sentences = [_sentence(entry, given) for entry in error.errors()]
        raise CommandFailed("; ".join(sentences), exit_code=2) from None


def start_logging(settings: Settings) -> None:
    """Log to standard error; libraries that talk about themselves only with debug, or from warnings on."""
    lean.import_structlog()
    from videocraft.logs import configure_logging

    configure_logging(settings.log_level)
    if settings.log_level != "debug":
        for name in ("alembic", "uvicorn"):
            logging.getLogger(name).setLevel(logging.WARNING)


def _sentence(entry: ErrorDetails, given: Collection[str]) -> str:
    name = str(entry["loc"][0])
    variable = PREFIX + name.upper()
    reason = entry["msg"].removeprefix("Value error, ")
    if reason.startswith(variable):
        return reason
    shown = f"--{name.replace('_', '-')}" if name in given else variable
    reason = reason[:1].lower() + reason[1:]
    if name in SECRETS:
        return f"{shown} is wrong: {reason}"
    return f"{shown} is wrong: {reason}, but it is {entry['input']!r}"
