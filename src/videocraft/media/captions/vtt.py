"""Captions as WebVTT."""

from __future__ import annotations

from videocraft.media.captions.layout import lay_out
from videocraft.media.captions.srt import DEFAULT_CANVAS, DEFAULT_STYLE, clock
from videocraft.media.captions.style import CaptionStyle
from videocraft.media.captions.transcript import Transcript

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\u200e": "&lrm;", "\u200f": "&rlm;"})


def write_vtt(
    transcript: Transcript, style: CaptionStyle | None = None, canvas: tuple[int, int] | None = None
) -> str:
    """The captions of a recording as a WebVTT file: whole lines, as they would be drawn."""
    cues = lay_out(transcript, style or DEFAULT_STYLE, canvas or DEFAULT_CANVAS)
    blocks = [
        f"{clock(cue.start, '.')} --> {clock(cue.end, '.')}\n{cue.text.translate(_ESCAPES)}\n" for cue in cues
    ]
    return "\n".join(["WEBVTT\n", *blocks])
