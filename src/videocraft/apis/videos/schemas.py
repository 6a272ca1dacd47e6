"""The project that ``POST /generate-video`` takes, checked from end to end before anything is queued."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from videocraft.apis.videos.reading import Findings, Reader
from videocraft.apis.videos.templates import expand
from videocraft.errors import InvalidInput
from videocraft.media.captions.style import CaptionStyle
from videocraft.media.colours import parse_colour

MOST_SCENES: Final = 500
MOST_ELEMENTS: Final = 50
"""Of one scene, and of the film: each may be decoded at the same time."""
MOST_ELEMENTS_IN_ALL: Final = 2500
MOST_SECONDS: Final = 6 * 3600
MOST_PIXELS: Final = 4096
MOST_OFFSET: Final = 4 * MOST_PIXELS
MOST_TEXT: Final = 10_000
STILL_SECONDS: Final = 5.0
"""How long a scene of pictures and texts lasts where nothing is said."""
MOST_WORDS: Final = 20_000

TYPES: Final = ("audio", "image", "video", "subtitles", "text")
RESIZES: Final = ("cover", "contain", "fit", "stretch", "center")
TRANSITIONS: Final = ("cut", "fade", "dissolve", "wipe", "slide")
QUALITIES: Final = ("low", "medium", "high")
PANS: Final = (
    *("left", "right", "top", "bottom"),
    *("top-left", "top-right", "bottom-left", "bottom-right"),
)
RESOLUTIONS: Final[Mapping[str, tuple[int, int]]] = {
    "sd": (640, 360),
    "hd": (1280, 720),
    "full-hd": (1920, 1080),
    "4k": (3840, 2160),
    "squared": (1080, 1080),
    "instagram-feed": (1080, 1080),
    "instagram-story": (1080, 1920),
    "twitter-landscape": (1200, 676),
    "twitter-portrait": (1080, 1350),
}
DEFAULT_CANVAS: Final = (1920, 1080)

_SIZE = re.compile(r"([0-9]{1,5})[xX]([0-9]{1,5})")
_REFERENCE = re.compile(r"(asset|upload):([A-Za-z0-9][A-Za-z0-9._-]{0,63})")
_WITH_SOURCE = frozenset({"audio", "image", "video"})
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")

_PLAIN: Final = CaptionStyle()

CheckUrl = Callable[[str], None]
"""Raises InvalidInput with a short reason for a URL that would not be fetched anyway."""


@dataclass(frozen=True, slots=True)
class GivenWord:
    """A word with its times in seconds; ``end`` is None where only the beginning was given."""

    text: str
    start: float
    end: float | None


@dataclass(frozen=True, slots=True)
class Look:
    """How a ``text`` element looks; ``size`` counts lines of a canvas of 288, as in captions."""

    font: str = "Arial"
    size: float = 24.0
    colour: str = "#FFFFFF"
    outline_colour: str = "#000000"
    outline_width: float = 0.0
    box_colour: str | None = None
    align: str = "center"
    anchor: str = "middle"
    is_bold: bool = False
    is_italic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element; what does not belong to its type has its default. Times are seconds, sizes pixels."""

    path: str
    type: str
    id: str | None = None
    src: str | None = None
    x: int | None = None
    y: int | None = None
    width: int | None = None
    height: int | None = None
    z_index: int = 0
    resize: str | None = None
    volume: float | None = None
    start: float = 0.0
    offset: float = 0.0
    duration: float | None = None
    loop: bool | None = None
    fade_in: float = 0.0
    fade_out: float = 0.0
    zoom: float = 0.0
    pan: str | None = None
    language: str | None = None
    text: str | None = None
    words: tuple[GivenWord, ...] = ()
    style: CaptionStyle = _PLAIN
    look: Look = Look()


@dataclass(frozen=True, slots=True)
class Transition:
    """From a scene to the next one."""

    kind: str = "cut"
    seconds: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One scene."""

    path: str
    id: str | None
    elements: tuple[Element, ...]
    background: str | None
    duration: float | None
    transition: Transition

    def of_type(self, *types: str) -> list[Element]:
        """The elements of some types, in order."""
        return [element for element in self.elements if element.type in types]

    @property
    def still_seconds(self) -> float:
        """The length of a scene without sound and video: of what is on screen longest."""
        shown = self.of_type("image", "text")
        ends = [element.start + element.duration for element in shown if element.duration is not None]
        if len(ends) < len(shown) or not ends:
            ends.append(STILL_SECONDS)
        return max(ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A whole request."""

    scenes: tuple[Scene, ...]
    elements: tuple[Element, ...]
    width: int
    height: int
    quality: str
    background: str
    loudness: float | None
    """LUFS, None to leave the sound as loud as it is."""
    webhook_url: str | None
    is_dry_run: bool
    warnings: tuple[str, ...] = ()

    def of_type(self, *types: str) -> list[Element]:
        """The global elements of some types, in order."""
        return [element for element in self.elements if element.type in types]

    @property
    def all_elements(self) -> list[Element]:
        """The global elements, and those of the scenes in order."""
        return [*self.elements, *(element for scene in self.scenes for element in scene.elements)]

    @property
    def subtitles(self) -> Element | None:
        """The element that says how captions look: the first global one, else the first of a scene."""
        return next((element for element in self.all_elements if element.type == "subtitles"), None)


def unwrap(document: Any) -> Mapping[str, Any]:
    """The project in a request's body: the body itself, or the only entry of an array.

    Raises:
        InvalidInput: ``VALIDATION_ERROR``; it is neither.
    """
    if isinstance(document, list):
        if len(document) != 1:
            message = f"An array must hold exactly one project, this one holds {len(document)}"
            raise InvalidInput("Validation failed", details={"body": message})
        (document,) = document
    if not isinstance(document, Mapping):
        raise InvalidInput("Validation failed", details={"body": "The body must be an object"})
    return document


def parse(document: Mapping[str, Any], check_url: CheckUrl) -> Project:
    """A project, with its variables filled in.

    Raises:
        InvalidInput: ``VALIDATION_ERROR``; ``details`` have a message for each path that is wrong.
    """
    findings = Findings()
    reader = Reader(expand(document, findings), "", findings)
    width, height = _canvas(reader)
    context = _Context(check_url, findings)
    scenes = tuple(_scene(inner, context) for inner in reader.objects("scenes", MOST_SCENES, "scenes"))
    given = reader.raw("scenes")
    if given is None or given == []:
        reader.wrong("scenes", "At least one scene is required")
    elements = tuple(
        _element(inner, context) for inner in reader.objects("elements", MOST_ELEMENTS, "elements")
    )
    project = Project(
        scenes=scenes,
        elements=elements,
        width=width,
        height=height,
        quality=reader.choice("quality", QUALITIES) or "medium",
        background=reader.parsed("background-color", parse_colour) or "#000000",
        loudness=_loudness(reader),
        webhook_url=_webhook(reader, context),
        is_dry_run=reader.flag("dry-run") or False,
    )
    for known in ("variables", "id", "comment"):
        reader.raw(known)
    reader.end()
    _check_together(project, findings)
    findings.check()
    return replace(project, warnings=tuple(findings.warnings))


@dataclass(frozen=True, slots=True)
class _Context:
    check_url: CheckUrl
    findings: Findings


def _scene(reader: Reader, context: _Context) -> Scene:
    elements = tuple(
        _element(inner, context) for inner in reader.objects("elements", MOST_ELEMENTS, "elements")
    )
    background = reader.parsed("background-color", parse_colour)
    duration = reader.number("duration", 0, MOST_SECONDS, above=True)
    given = reader.raw("elements")
    if reader.is_object and (given is None or (given == [] and background is None and duration is None)):
        reader.wrong("elements", "At least one element is required")
    scene = Scene(
        path=reader.path,
        id=reader.text("id", 128),
        elements=elements,
        background=background,
        duration=duration,
        transition=_transition(reader),
    )
    for known in ("comment", "variables"):
        reader.raw(known)
    reader.end()
    return scene


def _transition(reader: Reader) -> Transition:
    value = reader.raw("transition")
    if value is None:
        return Transition()
    if isinstance(value, str):
        return Transition(reader.choice("transition", TRANSITIONS) or "cut")
    inner = Reader(value, reader.path_of("transition"), reader.findings)
    kind = inner.choice("type", TRANSITIONS) or inner.choice("style", TRANSITIONS)
    seconds = inner.number("duration", 0, 10, above=True)
    inner.end()
    return Transition(kind or "fade", 0.5 if seconds is None else seconds)


def _element(reader: Reader, context: _Context) -> Element:
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
        common["src"] = _source(reader, kind, context)
    fields = common | _READERS[kind](reader, context)
    reader.end()
    return Element(**fields)


def _audio(reader: Reader, _context: _Context) -> dict[str, Any]:
    return {
        "volume": reader.number("volume", 0, 1),
        "loop": reader.flag("loop"),
        "offset": reader.number("offset", 0, MOST_SECONDS) or 0.0,
        "language": reader.text("language", 35),
    }


def _place(reader: Reader, _context: _Context) -> dict[str, Any]:
    return {
        "x": reader.whole("x", -MOST_OFFSET, MOST_OFFSET),
        "y": reader.whole("y", -MOST_OFFSET, MOST_OFFSET),
        "width": reader.whole("width", 1, MOST_OFFSET),
        "height": reader.whole("height", 1, MOST_OFFSET),
        "z_index": reader.whole("z-index", -1000, 1000) or 0,
    }


def _image(reader: Reader, context: _Context) -> dict[str, Any]:
    return _place(reader, context) | {
        "resize": reader.choice("resize", RESIZES),
        "zoom": reader.number("zoom", -10, 10) or 0.0,
        "pan": reader.choice("pan", PANS),
    }


def _video(reader: Reader, context: _Context) -> dict[str, Any]:
    place = _place(reader, context) | _audio(reader, context)
    return place | {"resize": reader.choice("resize", RESIZES)}


def _subtitles(reader: Reader, context: _Context) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "language": reader.text("language", 35),
        "text": reader.text("text", MOST_TEXT * 10),
        "words": read_words(reader),
        "style": _style(reader),
    }
    if reader.raw("src") is not None:
        fields["src"] = _source(reader, "subtitles", context)
    given = [key for key in ("src", "words", "text") if reader.raw(key) is not None]
    if len(given) > 1:
        reader.wrong(given[1], f"{' and '.join(given)} can't be given together")
    return fields


def _text(reader: Reader, context: _Context) -> dict[str, Any]:
    text = reader.text("text", MOST_TEXT)
    if reader.raw("text") is None:
        reader.wrong("text", "text is required for text elements")
    return _place(reader, context) | {"text": text, "look": _look(reader)}


_READERS: Final[Mapping[str, Callable[[Reader, _Context], dict[str, Any]]]] = {
    "audio": _audio,
    "image": _image,
    "video": _video,
    "subtitles": _subtitles,
    "text": _text,
}


def _source(reader: Reader, kind: str, context: _Context) -> str | None:
    value = reader.raw("src")
    if value is None or value == "":
        reader.wrong("src", f"URL is required for {kind} elements")
    elif not isinstance(value, str):
        reader.wrong("src", "src must be a string")
    else:
        try:
            check_source(value, context.check_url)
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
        return _PLAIN
    path = reader.path_of("settings")
    if not isinstance(settings, Mapping):
        reader.wrong("settings", "settings must be an object")
        return _PLAIN
    try:
        style, unknown = CaptionStyle.from_settings(settings)
    except InvalidInput as error:
        for name, message in error.details.items():
            reader.findings.problem(f"{path}.{name}", str(message))
        return _PLAIN
    for name in unknown:
        reader.findings.warn(f"Unknown key {f'{path}.{name}'[:120]!a} is ignored")
    return style


def _look(reader: Reader) -> Look:
    settings = reader.raw("settings")
    if settings is None:
        return Look()
    inner = Reader(settings, reader.path_of("settings"), reader.findings)
    look = Look(
        font=inner.text("font-family", 100) or "Arial",
        size=inner.number("font-size", 6, 300) or 24.0,
        colour=inner.parsed("font-color", parse_colour) or inner.parsed("color", parse_colour) or "#FFFFFF",
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


def _canvas(reader: Reader) -> tuple[int, int]:
    width = _side(reader, "width")
    height = _side(reader, "height")
    named = reader.raw("resolution")
    given = {key for key in ("width", "height") if reader.raw(key) is not None}
    if len(given) == 1:
        missing = "height" if given == {"width"} else "width"
        reader.wrong(missing, f"{missing} is required when {given.pop()} is given")
    if named is None:
        return (width, height) if width and height else DEFAULT_CANVAS
    canvas = _resolution(named)
    if canvas is None:
        names = ", ".join(RESOLUTIONS)
        sides = f"with even sides of 16 to {MOST_PIXELS} pixels"
        reader.wrong("resolution", f"resolution must be WIDTHxHEIGHT {sides}, or one of {names}")
    return (width, height) if width and height else canvas or DEFAULT_CANVAS


def _side(reader: Reader, key: str) -> int | None:
    side = reader.whole(key, 16, MOST_PIXELS)
    if side is not None and side % 2:
        reader.wrong(key, f"{key} must be even")
        return None
    return side


def _resolution(named: Any) -> tuple[int, int] | None:
    if not isinstance(named, str):
        return None
    if named in RESOLUTIONS:
        return RESOLUTIONS[named]
    match = _SIZE.fullmatch(named)
    if match is None:
        return None
    width, height = int(match[1]), int(match[2])
    fits = all(16 <= side <= MOST_PIXELS and side % 2 == 0 for side in (width, height))
    return (width, height) if fits else None


def _loudness(reader: Reader) -> float | None:
    if reader.raw("loudness") == "off":
        return None
    value = reader.number("loudness", -40, -5)
    return -14.0 if value is None else value


def _webhook(reader: Reader, context: _Context) -> str | None:
    url = reader.text("webhook-url", 4096)
    if url is not None:
        try:
            context.check_url(url)
        except InvalidInput as error:
            reader.wrong("webhook-url", error.message)
    return url


def _check_together(project: Project, findings: Findings) -> None:
    count = len(project.all_elements)
    if count > MOST_ELEMENTS_IN_ALL:
        message = f"At most {MOST_ELEMENTS_IN_ALL} elements are allowed in all scenes together"
        findings.problem("scenes", f"{message}, these are {count}")
    backdrops = project.of_type("video")
    for element in backdrops[1:]:
        findings.problem(f"{element.path}.type", "Only one global video is possible: it lies behind the film")
    for element in project.of_type("image", "text"):
        findings.problem(f"{element.path}.type", f"{element.type} elements belong to a scene")
    subtitles = [element for element in project.all_elements if element.type == "subtitles"]
    for element in subtitles[1:]:
        if element.style != _PLAIN and element.style != subtitles[0].style:
            findings.warn(
                f"The settings of '{element.path}' are ignored: a film has one style of subtitles, "
                f"that of '{subtitles[0].path}'"
            )
    for element in project.of_type("subtitles")[1:]:
        findings.problem(f"{element.path}.type", "Only one global subtitles element is possible")
