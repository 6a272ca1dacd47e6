"""How captions look, from the settings of a request."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Self, get_args

from videocraft.errors import InvalidInput
from videocraft.media.colours import parse_colour

StyleName = Literal["progressive", "classic", "highlight", "boxed", "pop"]
"""``progressive``: each word appears when it is spoken. ``classic``: whole lines. ``highlight``: whole lines,
the word being spoken in another colour. ``boxed``: whole lines, a box behind the word being spoken. ``pop``:
one word at a time."""

FONT_LINES: Final = 288
"""``font_size`` counts lines of a canvas that is this high."""

HORIZONTAL: Final = ("left", "center", "right")
VERTICAL: Final = ("bottom", "center", "top")

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,4}")


@dataclass(frozen=True, slots=True)
class CaptionStyle:
    """Settings of captions; sizes are shares of ``FONT_LINES`` lines of height, colours ``#RRGGBB``.

    Attributes:
        word_color: of the word being spoken (of all words, in ``classic``).
        line_color: of the words beside it; None is the same as ``word_color``.
        shadow_offset, outline_width: how far they reach.
        box_color: a box behind the lines is drawn when it is given.
        horizontal, vertical: where the lines stand on the canvas.
        language: ISO 639-1, of what is spoken; None: found out.
    """

    style: StyleName = "progressive"
    font_family: str = "Arial"
    font_size: float = 24.0
    word_color: str = "#FFFFFF"
    line_color: str | None = None
    shadow_color: str = "#808080"
    shadow_offset: float = 1.0
    box_color: str | None = None
    outline_color: str = "#000000"
    outline_width: float = 2.0
    horizontal: Literal["left", "center", "right"] = "center"
    vertical: Literal["bottom", "center", "top"] = "bottom"
    language: str | None = None

    @property
    def quiet_color(self) -> str:
        """Of words that are not being spoken."""
        return self.line_color or self.word_color

    @property
    def position(self) -> str:
        """As the settings write it: ``center-bottom``."""
        return f"{self.horizontal}-{self.vertical}"

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> tuple[Self, tuple[str, ...]]:
        """The style that settings with names like ``font-size`` ask for, and the names that nobody knows.

        A setting that is null counts as not given.

        Raises:
            InvalidInput: its ``details`` have a message for each setting that is wrong, by the name as given.
        """
        wrong: dict[str, object] = {}
        unknown: list[str] = []
        values: dict[str, Any] = {}
        for name, value in settings.items():
            read = _READERS.get(name.replace("_", "-")) if isinstance(name, str) else None
            if read is None:
                unknown.append(str(name))
            elif value is not None:
                try:
                    values |= read(value)
                except (InvalidInput, _Refused) as error:
                    wrong[name] = str(error)
        if wrong:
            raise InvalidInput(next(str(message) for message in wrong.values()), details=wrong)
        return cls(**values), tuple(unknown)

    def to_settings(self) -> dict[str, Any]:
        """The settings that give this style again, complete."""
        return {
            "style": self.style,
            "font-family": self.font_family,
            "font-size": self.font_size,
            "word-color": self.word_color,
            "line-color": self.quiet_color,
            "shadow-color": self.shadow_color,
            "shadow-offset": self.shadow_offset,
            "box-color": self.box_color,
            "position": self.position,
            "outline-color": self.outline_color,
            "outline-width": self.outline_width,
            "language": self.language,
        }


class _Refused(Exception):
    """A setting is wrong; the message says what it must be."""


_Reader = Callable[[Any], dict[str, Any]]


def _style(value: Any) -> dict[str, Any]:
    if value not in get_args(StyleName):
        # The contract's words; the three styles beyond it are in the documentation of the settings.
        raise _Refused("style must be 'progressive' or 'classic'")
    return {"style": value}


def _position(value: Any) -> dict[str, Any]:
    horizontal, _, vertical = value.partition("-") if isinstance(value, str) else ("", "", "")
    if horizontal not in HORIZONTAL or vertical not in VERTICAL:
        raise _Refused("invalid position value")
    return {"horizontal": horizontal, "vertical": vertical}


def _number(name: str, least: int, most: int) -> _Reader:
    def read(value: Any) -> dict[str, Any]:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not least <= value <= most:
            raise _Refused(f"{name} must be between {least} and {most}")
        return {name.replace("-", "_"): float(value)}

    return read


def _colour(name: str) -> _Reader:
    def read(value: Any) -> dict[str, Any]:
        parse_colour(value if isinstance(value, str) else "")
        return {name.replace("-", "_"): value.upper()}

    return read


def _text(name: str, longest: int) -> _Reader:
    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, str) or not 1 <= len(value) <= longest:
            raise _Refused(f"{name} must be a text of 1 to {longest} characters")
        return {name.replace("-", "_"): value}

    return read


def language_tag(value: Any) -> str | None:
    """A language as requests name it, ``en`` or ``pt-BR``; None: to be found out, which ``auto`` asks for.

    Raises:
        InvalidInput: it is something else.
    """
    if isinstance(value, str) and value.strip().lower() == "auto":
        return None
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise InvalidInput("language must be a code like en or pt-BR, or auto")
    return value


_READERS: Final[Mapping[str, _Reader]] = {
    "style": _style,
    "font-family": _text("font-family", 100),
    "font-size": _number("font-size", 6, 300),
    "word-color": _colour("word-color"),
    "line-color": _colour("line-color"),
    "shadow-color": _colour("shadow-color"),
    "shadow-offset": _number("shadow-offset", 0, 20),
    "box-color": _colour("box-color"),
    "position": _position,
    "outline-color": _colour("outline-color"),
    "outline-width": _number("outline-width", 0, 20),
    "language": lambda value: {"language": language_tag(value)},
}
