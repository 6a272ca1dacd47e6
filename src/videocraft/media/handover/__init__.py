"""Hands the synced cameras of a session to editing programs, as OTIO, EDL or FCPXML."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

import opentimelineio as otio

from videocraft.media.handover.edl import to_edl
from videocraft.media.handover.fcpxml import to_fcpxml
from videocraft.media.handover.layout import HandoverCamera, HandoverSession
from videocraft.media.handover.timeline import to_otio

__all__ = ["FORMATS", "Format", "HandoverCamera", "HandoverSession", "render", "to_otio", "write"]

Format = Literal["otio", "edl", "fcpxml"]
FORMATS: tuple[Format, ...] = get_args(Format)


def render(format: Format, session: HandoverSession) -> bytes:  # noqa: A002 -- the API's word
    """The file for an editing program, which is small: it only names the recordings.

    Raises:
        InvalidInput: a camera is shorter than a frame, or the format can't hold the session.
    """
    match format:
        case "otio":
            text = otio.adapters.write_to_string(to_otio(session), "otio_json")
            return str(text).encode()
        case "edl":
            return to_edl(session).encode()
        case "fcpxml":
            return to_fcpxml(session)


def write(format: Format, session: HandoverSession, path: Path) -> None:  # noqa: A002 -- the API's word
    """Write the file that `render` makes.

    Raises:
        InvalidInput: as `render`.
        OSError: it can't be written.
    """
    path.write_bytes(render(format, session))
