"""Wire shapes of the sessions family: what comes in, and how it is checked.

Unknown keys are ignored, and a key whose value is ``null`` counts as not given.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationError,
    WithJsonSchema,
)

from videocraft.apis.errors import Problem
from videocraft.apis.sessions.render import RENDERER
from videocraft.apis.shapes import CamelWire
from videocraft.errors import InvalidInput

MAX_TEXT = 10_000
MAX_LISTED_PARTS = 10_000
"""As many as the document allows; we ask for fewer (``uploads.MAX_PARTS``)."""
MAX_OFFSET_MS = 10**12
"""About 31 years: far beyond any recording, and exact as a float."""

_NO_DATE = "must be a date like 2026-02-03"
_LABEL = re.compile(r"[A-Z]", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MEDIA_TYPE = re.compile(r"(?:video|audio)/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}(?:[ \t]*;.*)?", re.ASCII)


def _whole(value: object) -> object:
    # JSON has one kind of number: 1024.0 is as whole as 1024.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _iso_date(value: str) -> str:
    if not _DATE.fullmatch(value):
        raise ValueError(_NO_DATE)
    try:
        date.fromisoformat(value)
    except ValueError:
        raise ValueError(_NO_DATE) from None
    return value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _media_type(value: str) -> str:
    if not _MEDIA_TYPE.fullmatch(value):
        raise ValueError("must be video/* or audio/*")
    return value


Text = Annotated[str, Field(max_length=MAX_TEXT)]
Name = Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(_not_blank)]


class NewSession(CamelWire):
    """The body of ``POST /v2/sessions``."""

    title: Name
    date: Annotated[str, AfterValidator(_iso_date)]
    project_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z")]
    location: Text | None = None
    notes: Text | None = None


class NewUpload(CamelWire):
    """The body of ``init-upload``; the label has an error code of its own and is checked apart."""

    camera_label: Annotated[Any, WithJsonSchema({"type": "string", "pattern": "^[A-Z]$"})]
    filename: Annotated[str, Field(min_length=1, max_length=4096)]
    """Anything; no more than its extension is used."""
    content_type: Annotated[str, Field(max_length=255), AfterValidator(_media_type)]
    size_bytes: Annotated[int, Field(ge=1), BeforeValidator(_whole)]


class ListedPart(CamelWire):
    """A part as its sender knows it."""

    part_number: Annotated[int, BeforeValidator(_whole)]
    etag: Annotated[str, Field(max_length=1024)]


class FinishedUpload(CamelWire):
    """The body of ``complete``."""

    upload_id: Annotated[str, Field(max_length=1024)]
    parts: Annotated[list[ListedPart], Field(max_length=MAX_LISTED_PARTS)]


class SyncRequest(CamelWire):
    """The body of ``sync/compute``; without a master camera it is A, else the first."""

    master_camera: str | None = None
    method: str = "xcorr"


class Approval(CamelWire):
    """The body of ``sync/approve``."""

    approved_by: Name
    notes: Text | None = None


Milliseconds = Annotated[float, Field(ge=-MAX_OFFSET_MS, le=MAX_OFFSET_MS, allow_inf_nan=False)]


class Correction(CamelWire):
    """The body of ``sync/correct``; a camera that it leaves out keeps its measured offset."""

    corrected_by: Name
    offsets: dict[str, Milliseconds]
    notes: Text | None = None


Shape = TypeVar("Shape", bound=BaseModel)


def parse(shape: type[Shape], document: Any) -> Shape:
    """A body as one of the shapes above.

    Raises:
        InvalidInput: it is not; ``details`` say for each key what is wrong.
    """
    try:
        return shape.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise RENDERER.invalid([Problem.from_pydantic(_in_body(problem)) for problem in found]) from None


def _in_body(problem: Any) -> dict[str, Any]:
    return {**problem, "loc": ("body", *problem["loc"])}


def camera_label(value: Any) -> str:
    """A camera's label, of any JSON value.

    Raises:
        InvalidInput: it is not one capital letter.
    """
    if not isinstance(value, str) or not _LABEL.fullmatch(value):
        raise InvalidInput(
            "A camera label is one capital letter, A to Z",
            code="INVALID_CAMERA_LABEL",
            details={"cameraLabel": str(value)[:100]},
        )
    return value


def timestamp(seconds: float) -> str:
    """Seconds since 1970 as ``2026-02-03T10:00:00Z``."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19] + "Z"
