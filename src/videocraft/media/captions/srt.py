"""Captions as SubRip text (SRT)."""

from __future__ import annotations

import re

from videocraft.media.captions.layout import Cue, lay_out
from videocraft.media.captions.style import CaptionStyle
from videocraft.media.captions.transcript import Transcript
from videocraft.media.time import round_half_up, to_fraction

DEFAULT_STYLE = CaptionStyle(style="classic")
DEFAULT_CANVAS = (1920, 1080)

_WORD_JOINER = "\u2060"


def write_srt(
    transcript: Transcript, style: CaptionStyle | None = None, canvas: tuple[int, int] | None = None
) -> str:
    """The captions of a recording as an SRT file: whole lines, as they would be drawn."""
    cues = lay_out(transcript, style or DEFAULT_STYLE, canvas or DEFAULT_CANVAS)
    blocks = [
        f"{number}\n{clock(cue.start, ',')} --> {clock(cue.end, ',')}\n{_text(cue)}\n"
        for number, cue in enumerate(cues, start=1)
    ]
    return "\n".join(blocks)


def clock(seconds: float, point: str) -> str:
    """``HH:MM:SS`` and milliseconds behind ``point``."""
    milliseconds = max(0, round_half_up(to_fraction(seconds) * 1000))
    whole, rest = divmod(milliseconds, 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{point}{rest:03d}"


def _text(cue: Cue) -> str:
    # SRT knows no escape, and players read tags in angle brackets and braces, breaks behind backslashes: an
    # invisible word joiner behind the first character makes a text of them.
    return re.sub(r"[<{\\]|--(?=>)", lambda match: match[0] + _WORD_JOINER, cue.text)
