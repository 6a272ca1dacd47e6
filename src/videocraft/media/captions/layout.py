"""From timed words to what is on screen when: lines that fit, broken at phrases, for as long as needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from videocraft.media import fonts
from videocraft.media.captions.escape import plain
from videocraft.media.captions.style import FONT_LINES, CaptionStyle
from videocraft.media.captions.transcript import Transcript, Word
from videocraft.media.captions.words import joiner, timed_words
from videocraft.media.fonts import Font

SAFE_SIDES: Final = 0.05
"""Share of the width that stays free at either side; of the height, ``SAFE_ENDS`` above and below."""
SAFE_ENDS: Final = 0.06

LEAST_SECONDS: Final = 0.8
MOST_SECONDS: Final = 7.0
READING_SPEED: Final = 20.0
"""Characters a second that a viewer reads with ease (the usual house rules: 17 to 20)."""
LINGER_SECONDS: Final = 0.5
"""A caption stays this long after its last word, unless the next one comes."""

_PAUSE_SECONDS = 0.6
_SENTENCE_END = (".", "!", "?", "\u2026", "\u3002", "\uff01", "\uff1f", "\u061f", "\u0964")
_CLAUSE_END = (",", ";", ":", "\u3001", "\uff0c", "\u060c", "\u2013", "\u2014")
_CLOSING = "\"')]\u201d\u2019\u00bb\u300d\u300f"
_MOST_WORDS = 16
_PROGRESSIVE_WORDS = 7


@dataclass(frozen=True, slots=True)
class Cue:
    """Lines that are on screen together, from ``start`` to ``end`` (seconds).

    ``scale`` is below 1 where a single word is wider than the line.
    """

    lines: tuple[tuple[Word, ...], ...]
    start: float
    end: float
    scale: float = 1.0

    @property
    def words(self) -> tuple[Word, ...]:
        """The words of all lines."""
        return tuple(word for line in self.lines for word in line)

    @property
    def text(self) -> str:
        """The lines as they are read, with line feeds between."""
        return "\n".join(line_text(line) for line in self.lines)


def line_text(words: tuple[Word, ...]) -> str:
    """A line as it is read."""
    text = ""
    for word in words:
        text += joiner(text, word.text) + word.text
    return text


def lay_out(transcript: Transcript, style: CaptionStyle, canvas: tuple[int, int]) -> list[Cue]:
    """The captions of a recording in order; none overlaps the next.

    Args:
        canvas: width and height in pixels.
    """
    words = [replace(word, text=" ".join(plain(word.text).split())) for word in timed_words(transcript)]
    words = [word for word in words if word.text]
    setter = _Setter(style, canvas)
    pieces = [piece for word in words for piece in setter.pieces(word)]
    groups: list[tuple[tuple[Word, ...], ...]]
    if style.style == "pop":
        groups = [((word,),) for word in pieces]
    else:
        most_lines = 1 if style.style == "progressive" else 2
        groups = [group for phrase in phrases(pieces) for group in _grouped(setter.lines(phrase), most_lines)]
    return _timed(
        [Cue(group, group[0][0].start, _end(group)) for group in groups], transcript.duration, setter
    )


def phrases(words: list[Word]) -> list[list[Word]]:
    """Words cut behind the end of a sentence or of a caption that was given as one, and at pauses."""
    found: list[list[Word]] = []
    for word in words:
        before = found[-1][-1] if found else None
        if (
            before is None
            or before.is_last
            or _ends(before, _SENTENCE_END)
            or word.start - before.end > _PAUSE_SECONDS
        ):
            found.append([word])
        else:
            found[-1].append(word)
    return found


def _ends(word: Word, marks: tuple[str, ...]) -> bool:
    return word.text.rstrip(_CLOSING).endswith(marks)


def _grouped(lines: list[tuple[Word, ...]], most: int) -> list[tuple[tuple[Word, ...], ...]]:
    return [tuple(lines[at : at + most]) for at in range(0, len(lines), most)]


def _end(lines: tuple[tuple[Word, ...], ...]) -> float:
    return max(word.end for line in lines for word in line)


class _Setter:
    """Measures words and breaks lines for one style on one canvas."""

    def __init__(self, style: CaptionStyle, canvas: tuple[int, int]) -> None:
        self._font = Font(fonts.family_of(style.font_family)[0])
        self._size = style.font_size * canvas[1] / FONT_LINES
        around = 2 * style.outline_width * canvas[1] / FONT_LINES
        self._room = max(1.0, canvas[0] * (1 - 2 * SAFE_SIDES) - around)
        self._most_words = _PROGRESSIVE_WORDS if style.style == "progressive" else _MOST_WORDS

    def width(self, text: str) -> float:
        return fonts.width(text, self._font, self._size)

    def scale(self, lines: tuple[tuple[Word, ...], ...]) -> float:
        """How much smaller the widest line must be drawn to stay inside the safe area; 1 when it fits."""
        widest = max(self.width(line_text(line)) for line in lines)
        return min(1.0, self._room / widest) if widest else 1.0

    def pieces(self, word: Word) -> list[Word]:
        """A word that is wider than two lines cut into ones that fit, with their share of its time."""
        if len(word.text) < 24 or self.width(word.text) <= 2 * self._room:
            return [word]
        texts = fonts.cut(word.text, self._font, self._size, self._room)
        length, before, pieces = word.end - word.start, 0, []
        for text in texts:
            start = word.start + length * before / len(word.text)
            before += len(text)
            end = word.start + length * before / len(word.text)
            is_last = word.is_last and before == len(word.text)
            pieces.append(replace(word, text=text, start=start, end=end, is_last=is_last))
        return pieces

    def lines(self, phrase: list[Word]) -> list[tuple[Word, ...]]:
        """A phrase broken into lines that fit, of like length, preferably behind a comma.

        The best breaks are found as in Knuth and Plass's paragraphs: least sum of squared empty shares.
        """
        widths = [self.width(word.text) for word in phrase]
        spaces = [0.0] + [
            self.width(joiner(before.text, word.text) or "") for before, word in pairwise(phrase)
        ]
        best = [0.0] + [float("inf")] * len(phrase)
        back = [0] * (len(phrase) + 1)
        for end in range(1, len(phrase) + 1):
            used = 0.0
            for start in range(end - 1, max(-1, end - 1 - self._most_words), -1):
                used += widths[start] + (spaces[start + 1] if start + 1 < end else 0)
                if used > self._room and start < end - 1:
                    break
                empty = max(0.0, 1 - used / self._room)
                cost = best[start] + 0.3 + empty * empty
                if end < len(phrase) and _ends(phrase[end - 1], _CLAUSE_END):
                    cost -= 0.15
                if cost < best[end]:
                    best[end], back[end] = cost, start
        lines: list[tuple[Word, ...]] = []
        end = len(phrase)
        while end:
            lines.append(tuple(phrase[back[end] : end]))
            end = back[end]
        return lines[::-1]


def _timed(cues: list[Cue], duration: float, setter: _Setter) -> list[Cue]:
    """Cues that stay long enough to be read, or as long as was given, and end before the next one starts."""
    timed: list[Cue] = []
    for at, cue in enumerate(cues):
        limit = cues[at + 1].start if at + 1 < len(cues) else max(duration, cue.start)
        wanted = max(LEAST_SECONDS, len(cue.text) / READING_SPEED, cue.end - cue.start + LINGER_SECONDS)
        if cue.words[-1].is_last and cue.end > cue.start:
            wanted = cue.end - cue.start
        end = min(limit, cue.start + min(wanted, max(MOST_SECONDS, cue.end - cue.start)))
        timed.append(replace(cue, end=end, scale=setter.scale(cue.lines)))
    return timed
