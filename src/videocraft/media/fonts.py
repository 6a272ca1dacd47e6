"""The fonts that are shipped: which one draws a character, and how wide a text gets.

libass draws, uharfbuzz measures; both get the same files, and which file draws which character is decided
here and written into the script, so the two agree. Sizes are as ASS means them: ascent plus descent.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import uharfbuzz as hb

FOLDER: Final = Path(__file__).parents[1] / "fonts"
FILES: Final = FOLDER / "files"

SANS, SERIF, MONO = "Liberation Sans", "Liberation Serif", "Liberation Mono"

_FALLBACKS: Final = (
    "NotoSans", "NotoSansArabic", "NotoSansHebrew", "NotoSansDevanagari", "NotoSansThai", "NotoSansBengali",
    "NotoSansTamil", "NotoSansTelugu", "NotoSansGujarati", "NotoSansGurmukhi", "NotoSansKannada",
    "NotoSansMalayalam", "NotoSansSinhala", "NotoSansKhmer", "NotoSansLao", "NotoSansMyanmar",
    "NotoSansGeorgian", "NotoSansArmenian", "NotoSansEthiopic", "DroidSansFallbackFull", "NanumSquareR",
    "NotoEmoji", "NotoSansSymbols2",
)  # fmt: skip
"""Files asked in this order for what a family of Liberation does not have."""

_SAME_AS: Final = {
    SANS: ("liberation sans", "arial", "helvetica", "helvetica neue", "arimo", "sans", "sans-serif"),
    SERIF: ("liberation serif", "times", "times new roman", "tinos", "georgia", "serif"),
    MONO: ("liberation mono", "courier", "courier new", "cousine", "consolas", "monospace"),
}
_KNOWN: Final = {alias: family for family, aliases in _SAME_AS.items() for alias in aliases}

_EMOJI_STYLE, _JOINER = "\ufe0f", "\u200d"


@dataclass(frozen=True, slots=True)
class Face:
    """One font file: the family by which libass finds it."""

    path: Path
    family: str


@dataclass(frozen=True, slots=True)
class Font:
    """A family of Liberation with its weight and slant."""

    family: str
    bold: bool = False
    italic: bool = False

    @property
    def face(self) -> Face:
        """Its file; the nearest one where this combination is not shipped."""
        slant = ("Bold" if self.bold else "") + ("Italic" if self.italic else "")
        stem = self.family.replace(" ", "")
        path = FILES / f"{stem}-{slant or 'Regular'}.ttf"
        if not path.exists():
            path = FILES / f"{stem}-{'Bold' if self.bold else 'Regular'}.ttf"
        return Face(path, self.family)


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a text that one face draws; ``scale`` brings its letters to the size of the font's own."""

    text: str
    face: Face
    scale: float
    is_fallback: bool


def environment() -> dict[str, str]:
    """What a media process needs in its environment to see the shipped fonts and no others."""
    return {"FONTCONFIG_FILE": str(FOLDER / "fonts.conf")}


def family_of(name: str) -> tuple[str, bool]:
    """The shipped family for a name, and whether it is that family or one of the same widths."""
    family = _KNOWN.get(name.strip().casefold())
    return family or SANS, family is not None


@lru_cache(maxsize=2048)
def runs(text: str, font: Font) -> tuple[Run, ...]:
    """``text`` cut where another face must take over; marks and joiners stay with the character before."""
    main = font.face
    if text.isascii():  # every family has all of it, and most texts are no more
        return (Run(text, main, 1.0, is_fallback=False),) if text else ()
    pieces: list[tuple[Face, list[str]]] = []
    for cluster in clusters(text):
        face = _face_for(cluster, main, pieces[-1][0] if pieces else main)
        if not pieces or pieces[-1][0] != face:
            pieces.append((face, []))
        pieces[-1][1].append(cluster)
    return tuple(Run("".join(letters), face, _em(main) / _em(face), face != main) for face, letters in pieces)


def width(text: str, font: Font, size: float) -> float:
    """Pixels from the first to the last advance of ``text`` at an ASS font size."""
    return sum(
        _advance(run.text, run.face.path) * size * run.scale * _em(run.face) for run in runs(text, font)
    )


def cut(text: str, font: Font, size: float, room: float) -> list[str]:
    """``text`` in pieces that are at most ``room`` pixels wide, or one character long."""
    whole = width(text, font, size)
    if whole <= room:
        return [text]
    letters = list(clusters(text))
    # About as many as fit by the mean width, then fewer: measuring every beginning would take its square.
    likely = max(1, int(len(letters) * room / whole))
    pieces, at = [], 0
    while at < len(letters):
        count = likely
        while count > 1 and width("".join(letters[at : at + count]), font, size) > room:
            count = max(1, count * 7 // 8)
        pieces.append("".join(letters[at : at + count]))
        at += count
    return pieces


def clusters(text: str) -> Iterator[str]:
    """User-perceived characters, nearly: a base with its marks, and what is joined to it.

    Source: the rules of Unicode's UAX 29 that matter for drawing: extending marks, joiners, variation
    selectors, emoji modifiers, pairs of regional indicators.
    """
    current = ""
    for character in text:
        if current and _extends(current, character):
            current += character
        else:
            if current:
                yield current
            current = character
    if current:
        yield current


def _extends(current: str, character: str) -> bool:
    if unicodedata.category(character) in {"Mn", "Mc", "Me"} or character in {_JOINER, "\u200c"}:
        return True
    if 0x1F3FB <= ord(character) <= 0x1F3FF or 0xE0020 <= ord(character) <= 0xE007F:
        return True
    is_flag = all(0x1F1E6 <= ord(each) <= 0x1F1FF for each in (current[-1], character))
    return current[-1] == _JOINER or (is_flag and len(current) == 1)


def _face_for(cluster: str, main: Face, before: Face) -> Face:
    wanted = [ord(each) for each in cluster if unicodedata.category(each) not in {"Cf", "Cc"}]
    if not wanted:
        return before
    if cluster[-1:] == _EMOJI_STYLE or _EMOJI_STYLE in cluster:
        emoji = _fallback("NotoEmoji")
        if wanted[0] in _coverage(emoji.path) and wanted[0] > 0x7F:
            return emoji
    # A space or a full stop inside another script stays with it, so that a phrase is one run.
    if before != main and cluster.isspace() and _covers(before, wanted):
        return before
    candidates = (main, before, *(_fallback(stem) for stem in _FALLBACKS))
    bases = [point for point in wanted if point != ord(_EMOJI_STYLE)]
    whole = next((face for face in candidates if _covers(face, bases)), None)
    if whole is not None:
        return whole
    return next((face for face in candidates if bases and _covers(face, bases[:1])), main)


def _covers(face: Face, points: list[int]) -> bool:
    coverage = _coverage(face.path)
    return all(point in coverage for point in points)


@cache
def _fallback(stem: str) -> Face:
    path = FILES / (f"{stem}-Regular.ttf" if stem.startswith("Noto") else f"{stem}.ttf")
    return Face(path, _hb_face(path).get_name(hb.OTNameIdPredefined.FONT_FAMILY) or stem)


@cache
def _coverage(path: Path) -> frozenset[int]:
    return frozenset(_hb_face(path).unicodes)


@cache
def _hb_face(path: Path) -> hb.Face:
    return hb.Face(hb.Blob.from_file_path(str(path)))


@cache
def _hb_font(path: Path) -> hb.Font:
    return hb.Font(_hb_face(path))


def _em(face: Face) -> float:
    """Size of the em square for an ASS size of 1.

    Source: libass, ass_face_set_size: like Windows, a font's size is the sum of its OS/2 winAscent and
    winDescent, not its em square.
    """
    return _em_of(face.path)


@cache
def _em_of(path: Path) -> float:
    face = _hb_face(path)
    data = face.reference_table("OS/2").data
    ascent = int.from_bytes(data[74:76], "big")
    descent = int.from_bytes(data[76:78], "big")
    return float(face.upem / (ascent + descent))


@lru_cache(maxsize=16384)
def _advance(text: str, path: Path) -> float:
    """Width of a run in em squares."""
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(_hb_font(path), buffer)
    return float(sum(position.x_advance for position in buffer.glyph_positions or ()) / _hb_face(path).upem)
