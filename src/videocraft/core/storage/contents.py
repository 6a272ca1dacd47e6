"""What a fetched file is, by its content alone: what a server calls it counts for nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from videocraft.core.storage.targets import Refusal
from videocraft.media.sniff import is_playlist, sniff

Kind = Literal["video", "audio", "image", "captions"]

HEAD_BYTES = 64 * 1024
"""So much of a file is looked at; what is less is the whole file."""

_BOTH: frozenset[Kind] = frozenset({"video", "audio"})
_SOUND: frozenset[Kind] = frozenset({"audio"})
_PICTURE: frozenset[Kind] = frozenset({"image"})

# Whether a container with room for both has pictures is for the probe to find.
_BY_DEMUXER: dict[str, tuple[frozenset[Kind], str]] = {
    "mov": (_BOTH, "video/mp4"),
    "matroska": (_BOTH, "video/x-matroska"),
    "mpegts": (_BOTH, "video/mp2t"),
    "avi": (_BOTH, "video/x-msvideo"),
    "flv": (_BOTH, "video/x-flv"),
    "mxf": (_BOTH, "application/mxf"),
    "ogg": (_BOTH, "application/ogg"),
    "wav": (_SOUND, "audio/wav"),
    "mp3": (_SOUND, "audio/mpeg"),
    "aac": (_SOUND, "audio/aac"),
    "flac": (_SOUND, "audio/flac"),
    "png_pipe": (_PICTURE, "image/png"),
    "jpeg_pipe": (_PICTURE, "image/jpeg"),
    "webp_pipe": (_PICTURE, "image/webp"),
}
_CAPTION_MARKS = {"WEBVTT": "text/vtt", "[Script Info]": "text/x-ass", "-->": "application/x-subrip"}
_NAMES: dict[Kind, str] = {"video": "a video", "audio": "sound", "image": "a picture", "captions": "captions"}


def content_type(head: bytes, kinds: Collection[Kind]) -> str:
    """The media type of a file that begins with ``head``, when it is one of ``kinds``.

    Raises:
        Refusal: it is something else.
    """

    def read(offset: int, length: int) -> bytes:
        return head[offset : offset + length]

    if not head:
        raise Refusal("the file is empty")
    if "captions" in kinds and (captions := _captions_type(head)):
        return captions
    demuxer = sniff(read)
    if demuxer in _BY_DEMUXER:
        found, name = _BY_DEMUXER[demuxer]
        if found.isdisjoint(kinds):
            held = " or ".join(_NAMES[kind] for kind in sorted(found, reverse=True))
            raise Refusal(f"it is {held}, not {_wanted(kinds)}")
        return _refined(name, head)
    if is_playlist(read):
        raise Refusal("it is a playlist, not a media file")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:14].lower().startswith((b"<!doctype html", b"<html")):
        raise Refusal("it is a web page, not a media file")
    raise Refusal(f"its content is not {_wanted(kinds)} of a kind that can be used")


def _refined(name: str, head: bytes) -> str:
    if name == "video/mp4" and head[4:8] == b"ftyp":
        return {b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"qt  ": "video/quicktime"}.get(head[8:12], name)
    if name == "video/x-matroska" and b"webm" in head[:64]:
        return "video/webm"
    return name


def _captions_type(head: bytes) -> str | None:
    """Of SRT, VTT or ASS; the text may be cut within a character."""
    if b"\0" in head:
        return None
    text = head.decode("utf-8-sig", "replace")
    return next((name for mark, name in _CAPTION_MARKS.items() if mark in text), None)


def _wanted(kinds: Collection[Kind]) -> str:
    return " or ".join(_NAMES[kind] for kind in _NAMES if kind in kinds)
