"""Reading captions that somebody brings: SRT, WebVTT and ASS, as phrases with times."""

from __future__ import annotations

import html
import re
import warnings
from typing import Final, Literal

import pysubs2
from pysubs2.exceptions import Pysubs2Error

from videocraft.errors import InvalidInput
from videocraft.media.captions.escape import plain
from videocraft.media.captions.transcript import Segment

CaptionFormat = Literal["srt", "vtt", "ass"]

MOST_CHARACTERS: Final = 4_000_000
MOST_CUES: Final = 20_000
_LONGEST_CUE: Final = 5_000
_MOST_SECONDS: Final = 48 * 3600

_WORD_JOINER = "\u2060"
# What our writers have escaped stands for itself, and is put where no parser of tags sees it.
_LITERALS = {
    "\\" + _WORD_JOINER: "\ue003",
    "{" + _WORD_JOINER: "\ue000",
    "<" + _WORD_JOINER: "\ue002",
    "\\{": "\ue000",
    "\\}": "\ue001",
}
# In WebVTT only angle brackets and ampersands mean anything; the parser would take the rest for ASS.
_VTT_LITERALS = {"{": "\ue000", "}": "\ue001", "\\": "\ue003"}
_BACK = str.maketrans({"\ue000": "{", "\ue001": "}", "\ue002": "<", "\ue003": "\\", _WORD_JOINER: None})
_TAG = re.compile(r"<[^<>]{0,200}>")


def read_captions(text: str, format: CaptionFormat) -> list[Segment]:  # noqa: A002 -- the word for it
    """The phrases of a caption file in the order of their start, without any of its formatting.

    Raises:
        InvalidInput: it is too large, is not of that format, or has no caption.
    """
    if len(text) > MOST_CHARACTERS:
        raise InvalidInput(f"The captions are longer than {MOST_CHARACTERS} characters.")
    for escaped, literal in (_VTT_LITERALS if format == "vtt" else _LITERALS).items():
        text = text.replace(escaped, literal)
    try:
        with warnings.catch_warnings():
            # The parser goes on with a default where a field of ASS can't be read, and says so.
            warnings.simplefilter("ignore")
            script = pysubs2.SSAFile.from_string(text.lstrip("\ufeff"), format_=format)
    # A hostile file meets parsers that expect numbers, known names and whole lines.
    except (
        Pysubs2Error,
        ValueError,
        KeyError,
        IndexError,
        AttributeError,
        TypeError,
        OverflowError,
    ) as error:
        raise InvalidInput(f"The captions can't be read as {format.upper()}.") from error
    segments = [segment for event in script.events[: MOST_CUES + 1] if (segment := _segment(event, format))]
    if len(segments) > MOST_CUES:
        raise InvalidInput(f"The captions have more than {MOST_CUES} entries.")
    if not segments:
        raise InvalidInput(f"The captions have no entry that can be read as {format.upper()}.")
    return sorted(segments, key=lambda segment: segment.start)


def _segment(event: pysubs2.SSAEvent, format: CaptionFormat) -> Segment | None:  # noqa: A002 -- as above
    """The phrase of an entry; None for a comment, a drawing, and what has no text or no time."""
    if event.is_comment or event.is_drawing:
        return None
    text = event.plaintext[:_LONGEST_CUE]
    if format != "ass":
        text = html.unescape(_TAG.sub("", text)) if format == "vtt" else _TAG.sub("", text)
    text = " ".join(plain(text.translate(_BACK)).split())
    start, end = event.start / 1000, event.end / 1000
    if not text or not 0 <= start <= end <= _MOST_SECONDS:
        return None
    return Segment(text, start, end)
