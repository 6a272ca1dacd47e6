"""The project that ``POST /generate-video`` takes, checked from end to end before anything is queued."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from videocraft.apis.videos.elements import CheckUrl, read_element
from videocraft.apis.videos.project import (
    MOST_ELEMENTS,
    MOST_ELEMENTS_IN_ALL,
    MOST_PIXELS,
    MOST_SCENES,
    MOST_SECONDS,
    PLAIN_STYLE,
    Project,
    Scene,
    Transition,
)
from videocraft.apis.videos.reading import Findings, Reader
from videocraft.apis.videos.templates import expand
from videocraft.errors import InvalidInput
from videocraft.media.colours import parse_colour

TRANSITIONS: Final = ("cut", "fade", "dissolve", "wipe", "slide")
QUALITIES: Final = ("low", "medium", "high")
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
    scenes = tuple(_scene(inner, check_url) for inner in reader.objects("scenes", MOST_SCENES, "scenes"))
    given = reader.raw("scenes")
    if given is None or given == []:
        reader.wrong("scenes", "At least one scene is required")
    elements = tuple(
        read_element(inner, check_url) for inner in reader.objects("elements", MOST_ELEMENTS, "elements")
    )
    project = Project(
        scenes=scenes,
        elements=elements,
        width=width,
        height=height,
        quality=reader.choice("quality", QUALITIES) or "medium",
        background=reader.parsed("background-color", parse_colour) or "#000000",
        loudness=_loudness(reader),
        webhook_url=read_webhook(reader, check_url),
        is_dry_run=reader.flag("dry-run") or False,
    )
    for known in ("variables", "id", "comment"):
        reader.raw(known)
    reader.end()
    _check_together(project, findings)
    findings.check()
    return replace(project, warnings=tuple(findings.warnings))


def _scene(reader: Reader, check_url: CheckUrl) -> Scene:
    elements = tuple(
        read_element(inner, check_url) for inner in reader.objects("elements", MOST_ELEMENTS, "elements")
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
    if not isinstance(value, Mapping):
        return Transition(reader.choice("transition", TRANSITIONS) or "cut")
    inner = Reader(value, reader.path_of("transition"), reader.findings)
    kind = inner.choice("type", TRANSITIONS) or inner.choice("style", TRANSITIONS)
    seconds = inner.number("duration", 0, 10, above=True)
    inner.end()
    return Transition(kind or "fade", 0.5 if seconds is None else seconds)


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


def _loudness(reader: Reader) -> float | Literal["off"] | None:
    return "off" if reader.raw("loudness") == "off" else reader.number("loudness", -40, -5)


def read_webhook(reader: Reader, check_url: CheckUrl) -> str | None:
    """``webhook_url``: who is to be told of the job's end."""
    url = reader.text("webhook-url", 4096)
    if url is not None:
        try:
            check_url(url)
        except InvalidInput as error:
            reader.wrong("webhook-url", error.message)
    return url


def _check_together(project: Project, findings: Findings) -> None:
    count = len(project.all_elements)
    if count > MOST_ELEMENTS_IN_ALL:
        message = f"At most {MOST_ELEMENTS_IN_ALL} elements are allowed in all scenes together"
        findings.problem("scenes", f"{message}, these are {count}")
    seconds = sum(scene.known_seconds or 0.0 for scene in project.scenes)
    if seconds > MOST_SECONDS:
        hours = f"{seconds / 3600:.2f}".rstrip("0").rstrip(".")
        message = f"A film may last at most {MOST_SECONDS // 3600} hours, these scenes last {hours}"
        findings.problem("scenes", message)
    backdrops = project.of_type("video")
    for element in backdrops[1:]:
        findings.problem(f"{element.path}.type", "Only one global video is possible: it lies behind the film")
    for element in project.of_type("image", "text"):
        findings.problem(f"{element.path}.type", f"{element.type} elements belong to a scene")
    subtitles = [element for element in project.all_elements if element.type == "subtitles"]
    for element in subtitles[1:]:
        if element.style != PLAIN_STYLE and element.style != subtitles[0].style:
            findings.warn(
                f"The settings of '{element.path}' are ignored: a film has one style of subtitles, "
                f"that of '{subtitles[0].path}'"
            )
    for element in project.of_type("subtitles")[1:]:
        findings.problem(f"{element.path}.type", "Only one global subtitles element is possible")
