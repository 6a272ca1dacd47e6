"""Reading elements: what each type has, what is asked of it, and what it says when something is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from videocraft.apis.videos.project import (
    MOST_OFFSET,
    MOST_SECONDS,
    MOST_SIDE,
    MOST_TEXT,
    MOST_WORDS,
    PLAIN_STYLE,
    Element,
    GivenWord,
    Look,
)
from videocraft.apis.videos.reading import Reader
from videocraft.errors import InvalidInput
from videocraft.media.captions.style import CaptionStyle
from videocraft.media.colours import parse_colour

TYPES: Final = ("audio", "image", "video", "subtitles", "text")
RESIZES: Final = ("cover", "contain", "fit", "stretch", "center")
PANS: Final = (
    *("left", "right", "top", "bottom"),
    *("top-left", "top-right", "bottom-left", "bottom-right"),
)

_REFERENCE = re.compile(r"(asset|upload):([A-Za-z0-9][A-Za-z0-9._-]{0,63})")
_WITH_SOURCE = frozenset({"audio", "image", "video"})
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")

CheckUrl = Callable[[str], None]
"""Raises InvalidInput with a short reason for a URL that would not be fetched anyway."""


def read_element(reader: Reader, check_url: CheckUrl) -> Element:
    """One element of any type; what is wrong with it is noted."""
    kind = reader.raw("type")
    if not isinstance(kind, str) or kind not in TYPES:
        if reader.is_object:
            message = "type is required" if kind is None else f"type must be one of {', '.join(TYPES)}"
            reader.wrong("type", message)
        return Element(path=reader.path, type="")
    common = {
        "path": reader.path,
        "type": kind,
        "id": reader.text("id", 128),
        "start": reader.number("start", 0, MOST_SECONDS) or 0.0,
        "duration": reader.number("duration", 0, MOST_SECONDS, above=True),
        "fade_in": reader.number("fade-in", 0, 60) or 0.0,
        "fade_out": reader.number("fade-out", 0, 60) or 0.0,
    }
    reader.raw("comment")
    if kind in _WITH_SOURCE:
        common["src"] = _source(reader, kind, check_url)
    fields = common | _READERS[kind](reader, check_url)
    reader.end()
    return Element(**fields)


def _audio(reader: Reader, _check_url: CheckUrl) -> dict[str, Any]:
    return {
        "volume": reader.number("volume", 0, 1),
        "loop": reader.flag("loop"),
        "offset": reader.number("offset", 0, MOST_SECONDS) or 0.0,
        "language": reader.language("language"),
    }


def _place(reader: Reader, _check_url: CheckUrl) -> dict[str, Any]:
    return {
        "x": reader.whole("x", -MOST_OFFSET, MOST_OFFSET),
        "y": reader.whole("y", -MOST_OFFSET, MOST_OFFSET),
        "width": reader.whole("width", 1, MOST_SIDE),
        "height": reader.whole("height", 1, MOST_SIDE),
        "z_index": reader.whole("z-index", -1000, 1000) or 0,
    }


def _image(reader: Reader, check_url: CheckUrl) -> dict[str, Any]:
    return _place(reader, check_url) | {
        "resize": reader.choice("resize", RESIZES),
        "zoom": reader.number("zoom", -10, 10) or 0.0,
        "pan": reader.choice("pan", PANS),
    }


def _video(reader: Reader, check_url: CheckUrl) -> dict[str, Any]:
    place = _place(reader, check_url) | _audio(reader, check_url)
    return place | {"resize": reader.choice("resize", RESIZES)}


def _subtitles(reader: Reader, check_url: CheckUrl) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "language": reader.language("language"),
        "text": reader.text("text", MOST_TEXT * 10),
        "words": read_words(reader),
        "style": _style(reader),
    }
    if reader.raw("src") is not None:
        fields["src"] = _source(reader, "subtitles", check_url)
    given = [key for key in ("src", "words", "text") if reader.raw(key) is not None]
    if len(given) > 1:
        reader.wrong(given[1], f"{' and '.join(given)} can't be given together")
    return fields


def _text(reader: Reader, check_url: CheckUrl) -> dict[str, Any]:
    text = reader.text("text", MOST_TEXT)
    if reader.raw("text") is None:
        reader.wrong("text", "text is required for text elements")
    return _place(reader, check_url) | {"text": text, "look": _look(reader)}


_READERS: Final[Mapping[str, Callable[[Reader, CheckUrl], dict[str, Any]]]] = {
    "audio": _audio,
    "image": _image,
    "video": _video,
    "subtitles": _subtitles,
    "text": _text,
}


def _source(reader: Reader, kind: str, check_url: CheckUrl) -> str | None:
    value = reader.raw("src")
    if value is None or value == "":
        reader.wrong("src", f"URL is required for {kind} elements")
    elif not isinstance(value, str):
        reader.wrong("src", "src must be a string")
    else:
        try:
            check_source(value, check_url)
        except InvalidInput as error:
            reader.wrong("src", error.message)
        else:
            return value
    return None


def check_source(source: str, check_url: CheckUrl) -> None:
    """Whether a source can be one at all.

    Raises:
        InvalidInput: with what is wrong.
    """
    if _REFERENCE.fullmatch(source):
        return
    if source.startswith(("asset:", "upload:")):
        raise InvalidInput("An asset: or upload: source must end in an id")
    if not _SCHEME.match(source) or source[1:3] in {":\\", ":/"}:
        raise InvalidInput("Local files can't be used; give an http(s) URL, upload:ID or asset:ID")
    check_url(source)


def reference_of(source: str) -> tuple[str, str] | None:
    """``("upload", id)`` or ``("asset", id)`` of such a source; None for a URL."""
    match = _REFERENCE.fullmatch(source)
    return (match[1], match[2]) if match else None


def read_words(reader: Reader) -> tuple[GivenWord, ...]:
    """``words``: ``{"text" or "word", "start", "end"?}`` each, in order of time."""
    words = []
    before = 0.0
    for inner in reader.objects("words", MOST_WORDS, "words"):
        text = inner.text("text", 200) or inner.text("word", 200)
        start = inner.number("start", 0, MOST_SECONDS)
        end = inner.number("end", 0, MOST_SECONDS)
        inner.number("confidence", 0, 1)
        inner.end()
        if text is None and inner.is_object:
            inner.wrong("text", "text is required")
        if start is None and inner.is_object:
            inner.wrong("start", "start is required")
        if text is None or start is None:
            continue
        if start < before:
            inner.wrong("start", "words must be in order of their start")
        if end is not None and end < start:
            inner.wrong("end", "end must not be before start")
        before = start
        words.append(GivenWord(text, start, end))
    if reader.raw("words") == []:
        reader.wrong("words", "At least one word is required")
    return tuple(words)


def _style(reader: Reader) -> CaptionStyle:
    settings = reader.raw("settings")
    if settings is None:
        return PLAIN_STYLE
    path = reader.path_of("settings")
    if not isinstance(settings, Mapping):
        reader.wrong("settings", "settings must be an object")
        return PLAIN_STYLE
    try:
        style, unknown = CaptionStyle.from_settings(settings)
    except InvalidInput as error:
        for name, message in error.details.items():
            reader.findings.problem(f"{path}.{name}", str(message))
        return PLAIN_STYLE
    for name in unknown:
        reader.findings.warn(f"Unknown key {f'{path}.{name}'[:120]!a} is ignored")
    return style


def _look(reader: Reader) -> Look:
    settings = reader.raw("settings")
    if settings is None:
        return Look()
    inner = Reader(settings, reader.path_of("settings"), reader.findings)
    # Clients write either; both are read, so that neither passes for an unknown key.
    colours = [inner.parsed(key, parse_colour) for key in ("font-color", "color")]
    look = Look(
        font=inner.text("font-family", 100) or "Arial",
        size=inner.number("font-size", 6, 300) or 24.0,
        colour=next(filter(None, colours), "#FFFFFF"),
        outline_colour=inner.parsed("outline-color", parse_colour) or "#000000",
        outline_width=inner.number("outline-width", 0, 20) or 0.0,
        box_colour=inner.parsed("box-color", parse_colour),
        align=inner.choice("align", ("left", "center", "right")) or "center",
        anchor=inner.choice("vertical-align", ("top", "middle", "bottom")) or "middle",
        is_bold=inner.flag("bold") or False,
        is_italic=inner.flag("italic") or False,
    )
    inner.end()
    return look
