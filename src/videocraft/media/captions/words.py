"""Words with times that can be shown: in order, inside the recording, none without a time."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import replace

from videocraft.media.captions.transcript import Segment, Transcript, Word

_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "IDEOGRAPHIC", "FULLWIDTH")
_LONGEST_TEXT = 200_000


def timed_words(transcript: Transcript) -> list[Word]:
    """All words in the order of their start; phrases without word times are spread over their time.

    Times are finite, inside ``[0, duration]``, and a word never ends before it starts.
    """
    words: list[Word] = []
    for segment in transcript.segments:
        given = segment.words or spread(segment)
        words += [word for word in given if word.text.strip()]
    end = transcript.duration if math.isfinite(transcript.duration) and transcript.duration > 0 else math.inf
    placed = [word for word in (_inside(word, end) for word in words) if word is not None]
    return sorted(placed, key=lambda word: word.start)


def spread(segment: Segment) -> tuple[Word, ...]:
    """The words of a phrase whose times are not known, each with time by the number of its letters.

    A space counts as one letter: speech pauses a little between words.
    """
    texts = split_words(segment.text[:_LONGEST_TEXT])
    weights = [len(text) + 1 for text in texts]
    total = sum(weights)
    length = max(0.0, segment.end - segment.start)
    words, before = [], 0
    for text, weight in zip(texts, weights, strict=True):
        start = segment.start + length * before / total
        end = segment.start + length * (before + len(text)) / total
        words.append(Word(text, start, end))
        before += weight
    return tuple(words)


def split_words(text: str) -> list[str]:
    """Words at white space; every character for itself in scripts that put none between words."""
    words: list[str] = []
    for part in text.split():
        current = ""
        for character in part:
            if (
                current
                and is_unspaced(character)
                and not unicodedata.category(character).startswith(("M", "P"))
            ):
                words.append(current)
                current = ""
            current += character
        if current:
            words.append(current)
    return words


def is_unspaced(character: str) -> bool:
    """Whether a character belongs to a script in which words stand without spaces between them."""
    return not character.isascii() and unicodedata.name(character, "").startswith(_UNSPACED)


def joiner(before: str, behind: str) -> str:
    """What stands between two words: a space, or nothing in scripts without."""
    if not before or not behind:
        return ""
    return "" if is_unspaced(before[-1]) and is_unspaced(behind[0]) else " "


def _inside(word: Word, end: float) -> Word | None:
    """``word`` with times inside of the recording; None when it lies outside, or has none."""
    if not math.isfinite(word.start) or word.start >= end:
        return None
    start = max(0.0, word.start)
    stop = word.end if math.isfinite(word.end) else start
    return replace(word, start=start, end=min(end, max(start, stop)))
