"""What a film is asked to be: a project with scenes and elements, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from videocraft.media.captions.style import CaptionStyle

MOST_SCENES: Final = 500
MOST_ELEMENTS: Final = 50
"""Of one scene, and of the film: each may be decoded at the same time."""
MOST_ELEMENTS_IN_ALL: Final = 2500
MOST_SECONDS: Final = 6 * 3600
MOST_PIXELS: Final = 4096
MOST_SIDE: Final = 2 * MOST_PIXELS
"""Of an element, which may stick out of the canvas."""
MOST_OFFSET: Final = 4 * MOST_PIXELS
MOST_TEXT: Final = 10_000
STILL_SECONDS: Final = 5.0
"""How long a scene of pictures and texts lasts where nothing is said."""
MOST_WORDS: Final = 20_000

PLAIN_STYLE: Final = CaptionStyle()


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
    style: CaptionStyle = PLAIN_STYLE
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

    @property
    def known_seconds(self) -> float | None:
        """The length of the scene if it can be told without its files."""
        if self.duration is not None:
            return self.duration
        lengths: list[float] = []
        for element in self.of_type("audio", "video"):
            if element.duration is None:
                return None
            lengths.append(element.start + element.duration)
        return max(lengths, default=self.still_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A whole request."""

    scenes: tuple[Scene, ...]
    elements: tuple[Element, ...]
    width: int
    height: int
    quality: str
    background: str
    loudness: float | Literal["off"] | None
    """LUFS; ``off`` leaves the sound as loud as it is; None is the usual loudness, under the volumes."""
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
