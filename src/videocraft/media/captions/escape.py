"""Text that is spoken or given, as characters that are only ever drawn."""

from __future__ import annotations

import unicodedata

_WORD_JOINER = "\u2060"
# Embeddings, overrides and isolates that are not closed reach beyond their text and turn what is beside it.
_BIDI_CONTROLS = frozenset(chr(point) for point in (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_KEPT = frozenset("\u200c\u200d\u200e\u200f\u061c\u2060")


def plain(text: str) -> str:
    """``text`` on one line, without control characters; marks that joining and direction need stay."""
    kept = []
    for character in text:
        category = unicodedata.category(character)
        if character.isspace() or category in {"Zl", "Zp"}:
            kept.append(" " if category != "Zs" or character == " " else character)
        elif not (character in _BIDI_CONTROLS or category in {"Cs", "Cn"} or _is_control(character)):
            kept.append(character)
    return "".join(kept)


def _is_control(character: str) -> bool:
    if character in _KEPT or 0xE0020 <= ord(character) <= 0xE007F:  # tags of emoji: flags of regions
        return False
    return unicodedata.category(character) in {"Cc", "Cf"}


def ass_text(text: str) -> str:
    r"""``text`` for the text field of an ASS event.

    A brace would open a block of overrides, so it is escaped as libass knows it. A backslash before ``N``,
    ``n``, ``h`` or a brace would be read with it, so an invisible word joiner goes between: also for players
    that don't know the escaped brace, nothing behind it is a tag.
    """
    escaped = []
    for character in plain(text):
        if character == "\\":
            escaped.append("\\" + _WORD_JOINER)
        elif character in "{}":
            escaped.append("\\" + character)
        else:
            escaped.append(character)
    return "".join(escaped)
