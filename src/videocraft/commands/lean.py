"""A quicker start: libraries import and build things at once that this process needs late or never."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


def import_structlog() -> None:
    """Without rich, which it would use for tracebacks of another look than ours."""
    with _absent("rich"):
        import structlog  # noqa: F401


def import_fastapi() -> None:
    """Without pydantic's first version, and without what checks the models of an OpenAPI document.

    Both are only looked at for the document, which is made when somebody reads it.
    """
    from pydantic import BaseModel

    sys.modules.setdefault("pydantic.v1", None)  # type: ignore[arg-type] # "there is none", to import
    BaseModel.model_config["defer_build"] = True
    try:
        import fastapi  # noqa: F401
    finally:
        del BaseModel.model_config["defer_build"]


@contextmanager
def _absent(name: str) -> Iterator[None]:
    # None makes an import fail as if nobody had installed it.
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]
