"""Text layers as ASS scripts: lines broken at measured widths, placed on the canvas, faded."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from videocraft.media import fonts
from videocraft.media.captions.ass import Event, Style, drawn, script
from videocraft.media.captions.escape import plain
from videocraft.media.captions.layout import SAFE_ENDS, SAFE_SIDES
from videocraft.media.captions.words import joiner, split_words
from videocraft.media.compose.film import Box, Film, TextLayer
from videocraft.media.compose.graph import LEAD
from videocraft.media.fonts import Font
from videocraft.media.time import round_half_up

BEYOND: Final = LEAD // 2
"""Frames before and behind a scene that a text is drawn in too, when it is there at the scene's end: those of
transitions."""

_MOST_CHARACTERS: Final = 20_000
_MOST_LINES: Final = 200
_COLUMNS: Final = {"left": 1, "center": 2, "right": 3}
_ROWS: Final = {"bottom": 0, "middle": 3, "top": 6}


def text_script(film: Film, layer: TextLayer, begin: int, end: int) -> str:
    """The script that draws a layer on the scene's clock.

    Args:
        begin, end: frames of the scene between which it is on screen.
    """
    canvas = (film.width, film.height)
    box = layer.box or _safe_box(film)
    font = Font(fonts.family_of(layer.font)[0], layer.bold, layer.italic)
    lines = wrap(layer.text, font, layer.size, box.width - 2 * layer.outline_width)
    alignment = _COLUMNS[layer.align] + _ROWS[layer.anchor]
    style = Style(
        name="Words",
        font=font,
        size=layer.size,
        colour=layer.colour,
        outline_colour=layer.outline_colour,
        outline=layer.outline_width,
        alignment=alignment,
    )
    overrides = _place(box, alignment) + _fade(layer)
    text = r"\N".join(drawn(line, font, layer.size) for line in lines)
    events = [Event(begin + LEAD, end + LEAD, "Words", f"{{{overrides}}}{text}", 1)]
    styles = [style]
    if layer.box_colour is not None:
        boxed = Style(
            name="Box",
            font=font,
            size=layer.size,
            colour=layer.colour,
            outline_colour=layer.box_colour,
            outline=layer.size / 8 + layer.outline_width,
            alignment=alignment,
            is_box=True,
        )
        styles.append(boxed)
        events.insert(0, Event(begin + LEAD, end + LEAD, "Box", rf"{{\1a&HFF&{overrides}}}{text}", 0))
    return script(canvas, styles, events, film.rate)


def wrap(text: str, font: Font, size: float, room: float) -> list[str]:
    """The lines of a text: its own, broken further where they are wider than ``room`` pixels."""
    lines: list[str] = []
    for paragraph in text[:_MOST_CHARACTERS].splitlines():
        lines += _broken(" ".join(plain(paragraph).split()), font, size, room)
    return lines[:_MOST_LINES] or [""]


def _broken(paragraph: str, font: Font, size: float, room: float) -> list[str]:
    lines, current = [], ""
    for word in split_words(paragraph):
        longer = current + joiner(current, word) + word
        if current and fonts.width(longer, font, size) > room:
            lines.append(current)
            longer = word
        *full, current = fonts.cut(longer, font, size, room)
        lines += full
    return [*lines, current]


def _safe_box(film: Film) -> Box:
    side, end = round(film.width * SAFE_SIDES), round(film.height * SAFE_ENDS)
    return Box(side, end, film.width - 2 * side, film.height - 2 * end)


def _place(box: Box, alignment: int) -> str:
    column, row = (alignment - 1) % 3, (alignment - 1) // 3
    x = box.x + box.width * column / 2
    y = box.y + box.height * (2 - row) / 2
    return rf"\an{alignment}\pos({x:.1f},{y:.1f})"


def _fade(layer: TextLayer) -> str:
    if not layer.fade_in and not layer.fade_out:
        return ""
    return rf"\fad({_milliseconds(layer.fade_in)},{_milliseconds(layer.fade_out)})"


def _milliseconds(seconds: Fraction) -> int:
    return round_half_up(seconds * 1000)
