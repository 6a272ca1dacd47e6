"""Captions as ASS: one event for each state of the words, drawn by libass with the shipped fonts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, Self

from videocraft.media import fonts
from videocraft.media.captions.escape import ass_text
from videocraft.media.captions.layout import SAFE_ENDS, SAFE_SIDES, Cue, lay_out
from videocraft.media.captions.style import FONT_LINES, CaptionStyle
from videocraft.media.captions.transcript import Transcript
from videocraft.media.captions.words import joiner
from videocraft.media.colours import ass_colour
from videocraft.media.fonts import Font
from videocraft.media.time import round_half_up

DEFAULT_RATE: Final = Fraction(30)

_PAUSE_SECONDS = 0.25
"""A word stays marked as the one being spoken through gaps up to this long."""
_HIGHLIGHT = "#FFD60A"
_WORD_BOX = "#2563EB"
_POP_MS = 90
_ALIGNMENTS: Final = {
    ("left", "bottom"): 1, ("center", "bottom"): 2, ("right", "bottom"): 3,
    ("left", "center"): 4, ("center", "center"): 5, ("right", "center"): 6,
    ("left", "top"): 7, ("center", "top"): 8, ("right", "top"): 9,
}  # fmt: skip

STYLE_FORMAT: Final = (
    "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, "
    "Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, "
    "MarginL, MarginR, MarginV, Encoding"
)
EVENT_FORMAT: Final = "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the script: frames [first, end) of the clock it is written for, and text with overrides."""

    first: int
    end: int
    style: str
    text: str
    layer: int = 0

    def numbered(self, number: int) -> Self:
        """The event with the styles of track ``number`` (`Style.numbered`)."""
        text = re.sub(r"\\r(Words|Box)", rf"\g<0>{number}", self.text)
        return replace(self, style=f"{self.style}{number}", text=text)


@dataclass(frozen=True, slots=True)
class Style:
    """One style of a script; sizes in pixels of the canvas.

    ``is_box``: an opaque box of the outline's colour and width instead of an outline.
    """

    name: str
    font: Font
    size: float
    colour: str
    outline_colour: str
    outline: float
    shadow_colour: str = "#000000"
    shadow: float = 0.0
    alignment: int = 2
    margin_side: int = 0
    margin_end: int = 0
    is_box: bool = False

    def numbered(self, number: int) -> Self:
        """The style under a name of its own, for a script that holds several tracks."""
        return replace(self, name=f"{self.name}{number}")

    def line(self) -> str:
        """As the script writes it. Encoding -1: libass finds each line's direction by its text."""
        colours = ",".join(
            ass_colour(colour)
            for colour in (self.colour, self.colour, self.outline_colour, self.shadow_colour)
        )
        bold, italic = (-1 if flag else 0 for flag in (self.font.bold, self.font.italic))
        return (
            f"Style: {self.name},{self.font.family},{self.size:.2f},{colours},{bold},{italic},0,0,100,100,"
            f"0,0,{3 if self.is_box else 1},{self.outline:.2f},{self.shadow:.2f},{self.alignment},"
            f"{self.margin_side},{self.margin_side},{self.margin_end},-1"
        )


def write_ass(
    transcript: Transcript, style: CaptionStyle, canvas: tuple[int, int], rate: Fraction = DEFAULT_RATE
) -> str:
    """The captions of a recording as an ASS file, in seconds of the recording, for a canvas of that size."""
    cues = lay_out(transcript, style, canvas)
    return script(canvas, styles_of(style, canvas), events_of(cues, style, canvas, rate), rate)


def script(canvas: tuple[int, int], styles: Sequence[Style], events: Iterable[Event], rate: Fraction) -> str:
    """A whole ASS script; its times lie half a frame before the frames, so that rounding can't move one."""
    lines = [
        "[Script Info]",
        "ScriptType: v4.00+",
        f"PlayResX: {canvas[0]}",
        f"PlayResY: {canvas[1]}",
        "WrapStyle: 2",
        "ScaledBorderAndShadow: yes",
        "YCbCr Matrix: TV.709",
        "",
        "[V4+ Styles]",
        STYLE_FORMAT,
        *(style.line() for style in styles),
        "",
        "[Events]",
        EVENT_FORMAT,
    ]
    for event in events:
        begin, end = (_clock(Fraction(2 * frame - 1, 2) / rate) for frame in (event.first, event.end))
        lines.append(f"Dialogue: {event.layer},{begin},{end},{event.style},,0,0,0,,{event.text}")
    return "\n".join(lines) + "\n"


def _clock(seconds: Fraction) -> str:
    """``H:MM:SS.cc``; nothing is before 0."""
    hundredths = max(0, round_half_up(seconds * 100))
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest // 100:02d}.{rest % 100:02d}"


def styles_of(style: CaptionStyle, canvas: tuple[int, int]) -> list[Style]:
    """The styles that the events of ``events_of`` use: of words, and of boxes."""
    unit = canvas[1] / FONT_LINES
    word = Style(
        name="Words",
        font=Font(fonts.family_of(style.font_family)[0]),
        size=style.font_size * unit,
        colour=style.word_color,
        outline_colour=style.outline_color,
        outline=style.outline_width * unit,
        shadow_colour=style.shadow_color,
        shadow=style.shadow_offset * unit,
        alignment=_ALIGNMENTS[style.horizontal, style.vertical],
        margin_side=round(SAFE_SIDES * canvas[0]),
        margin_end=round(SAFE_ENDS * canvas[1]),
    )
    padding = max(style.outline_width, style.font_size / 8) * unit
    boxed = style.box_color or (_WORD_BOX if style.style == "boxed" else style.outline_color)
    return [word, _box_of(word, boxed, padding)]


def _box_of(word: Style, colour: str, padding: float) -> Style:
    return Style(
        name="Box",
        font=word.font,
        size=word.size,
        colour=word.colour,
        outline_colour=colour,
        outline=padding,
        alignment=word.alignment,
        margin_side=word.margin_side,
        margin_end=word.margin_end,
        is_box=True,
    )


def events_of(
    cues: Iterable[Cue], style: CaptionStyle, canvas: tuple[int, int], rate: Fraction
) -> list[Event]:
    """Events on the frame grid: a word is on screen from the frame nearest to its start on."""
    writer = _Writer(style, canvas, rate)
    return [event for cue in cues for event in writer.events(cue)]


def shifted(events: Iterable[Event], by: int, length: int) -> list[Event]:
    """The events ``by`` frames later, cut to the frames [0, length)."""
    moved = (
        Event(max(0, event.first + by), min(length, event.end + by), event.style, event.text, event.layer)
        for event in events
    )
    return [event for event in moved if event.first < event.end]


class _Writer:
    def __init__(self, style: CaptionStyle, canvas: tuple[int, int], rate: Fraction) -> None:
        self._style = style
        self._rate = rate
        self._main = styles_of(style, canvas)[0]

    def events(self, cue: Cue) -> list[Event]:
        first, end = self._frame(cue.start), self._frame(cue.end)
        events = []
        if self._style.box_color is not None and self._style.style != "boxed":
            hidden = r"{\1a&HFF&}"
            events.append(Event(first, end, "Box", hidden + self._lines(cue, lambda _: ("", "")), 0))
        for start, stop, current in self._states(cue, first, end):
            events.append(Event(start, stop, "Words", self._text(cue, current), 1))
        return events

    def _frame(self, seconds: float) -> int:
        return round_half_up(Fraction(seconds) * self._rate)

    def _states(self, cue: Cue, first: int, end: int) -> list[tuple[int, int, tuple[int, bool]]]:
        """(first frame, end, (last word said, whether it is being spoken)) of each state of a cue."""
        if self._style.style in {"classic", "pop"}:
            return [(first, end, (len(cue.words) - 1, True))] if first < end else []
        states = []
        words = cue.words
        for number, word in enumerate(words):
            start = self._frame(word.start)
            stop = self._frame(words[number + 1].start) if number + 1 < len(words) else end
            following = words[number + 1].start if number + 1 < len(words) else cue.end
            silent = self._frame(word.end) if following - word.end > _PAUSE_SECONDS else stop
            silent = max(silent, min(stop, start + 1))
            states.append((start, min(stop, silent), (number, True)))
            states.append((min(stop, silent), stop, (number, False)))
        return [state for state in states if state[0] < state[1]]

    def _text(self, cue: Cue, state: tuple[int, bool]) -> str:
        last, is_spoken = state
        name = self._style.style
        if name == "pop":
            size = round(100 * cue.scale)
            grow = rf"{{\fscx{size * 7 // 10}\fscy{size * 7 // 10}\t(0,{_POP_MS},\fscx{size}\fscy{size})}}"
            return grow + self._lines(replace(cue, scale=1.0), lambda _: ("", ""))
        if name == "classic":
            return self._lines(cue, lambda _: ("", ""))
        quiet, loud = self._colours()
        scaled = _scaled(cue)

        def tags(number: int) -> tuple[str, str]:
            spoken = number == last and is_spoken
            if name == "progressive" and number > last:
                return r"{\alpha&HFF&}", ""
            if name == "boxed" and spoken:
                # A style is the only way to another kind of border in the middle of a line.
                return rf"{{\rBox\1c{loud}}}{scaled}", rf"{{\rWords\1c{quiet}}}{scaled}"
            return rf"{{\1c{loud if spoken else quiet}}}", ""

        return self._lines(cue, tags)

    def _colours(self) -> tuple[str, str]:
        """Of words that are not spoken now, and of the one that is, as override colours."""
        style = self._style
        quiet, loud = style.quiet_color, style.word_color
        if style.style == "highlight" and style.line_color is None:
            quiet = "#FFFFFF"
            loud = _HIGHLIGHT if loud.upper() == quiet else loud
        return override_colour(quiet), override_colour(loud)

    def _lines(self, cue: Cue, tags: Callable[[int], tuple[str, str]]) -> str:
        number, lines = 0, []
        for line in cue.lines:
            text, before = "", ""
            for word in line:
                opening, closing = tags(number)
                letters = drawn(word.text, self._main.font, self._main.size)
                text += joiner(before, word.text) + opening + letters + closing
                before = word.text
                number += 1
            lines.append(text)
        return _scaled(cue) + r"\N".join(lines)


def _scaled(cue: Cue) -> str:
    size = f"{100 * cue.scale:.1f}"
    return rf"{{\fscx{size}\fscy{size}}}" if cue.scale < 1 else ""


def override_colour(colour: str) -> str:
    """``&HBBGGRR&`` of ``#RRGGBB``, as overrides write it."""
    return f"&H{ass_colour(colour)[4:]}&"


def drawn(text: str, font: Font, size: float) -> str:
    """``text`` escaped, with the fonts named that draw what ``font`` does not have.

    They get the size at which their em square is as large as that of the font, which the sum of ascent and
    descent, ASS's measure, is not.
    """
    found = []
    for run in fonts.runs(text, font):
        letters = ass_text(run.text)
        if run.is_fallback:
            other, own = rf"\fn{run.face.family}\fs{size * run.scale:.2f}", rf"\fn{font.family}\fs{size:.2f}"
            letters = f"{{{other}}}{letters}{{{own}}}"
        found.append(letters)
    return "".join(found)
