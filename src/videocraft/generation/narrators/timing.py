"""When each word of a known text is heard, from nothing but the text and the sound.

Words get shares of the time in which something is heard, by how long they take to say; where the text has a
comma or a full stop, the nearest pause of the sound is taken for it. So an error does not run on beyond a
phrase, and no word lasts through a pause.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from videocraft.generation.base import SpokenWord
from videocraft.generation.narrators.sound import HOP_SECONDS

_PAUSE_HOPS = 10
"""Silence of a tenth of a second and more is a pause; shorter ones are within words (a closed "p")."""
_NEAREST = 0.12
"""A pause is taken for a comma if it is no further from where it is expected than this share of the whole."""
_PHRASE_ENDS = frozenset(".,;:!?\u2026\u2014\u2013\u060c\u061b\u3002\u3001\uff01\uff1f")
"""Also dashes and an ellipsis, and what Arabic, Chinese and Japanese write for them."""
_CLOSING = "\"'\u201d\u2019\u00bb)]"
_VOWELS = re.compile(r"[aeiouyàâäáãåèéêëìíîïòóôöõøùúûüýœæ]+", re.IGNORECASE)


def words_of(text: str) -> list[str]:
    """The words that can be spoken, as they are written; a lone dash belongs to none."""
    return [word for word in text.split() if any(char.isalnum() for char in word)]


def spread(text: str, voiced: NDArray[np.bool_]) -> tuple[SpokenWord, ...]:
    """The words of ``text`` over the hops in which something is heard.

    Args:
        voiced: for each hop of ``HOP_SECONDS``, whether something is heard.
    """
    words = words_of(text)
    heard = _without_gaps(voiced)
    # Hops that were heard before each hop: the clock that stands still in pauses.
    clock = np.concatenate([[0], np.cumsum(heard)])
    total = float(clock[-1])
    if not words or not total:
        return ()
    ends = np.cumsum([_weight(word) for word in words])
    expected = ends / ends[-1] * total
    marks = _anchored(words, expected, _pauses(heard, clock), total)
    starts = [0.0, *marks[:-1]]
    spoken = []
    for word, start, end in zip(words, starts, marks, strict=True):
        # "right": a word begins behind the pause; "left": the one before has ended in front of it.
        begins = np.searchsorted(clock, start, "right") - 1 + (start - np.floor(start))
        stops = np.searchsorted(clock, end, "left") - (np.ceil(end) - end)
        spoken.append(
            SpokenWord(word, float(begins) * HOP_SECONDS, float(max(stops, begins + 1)) * HOP_SECONDS)
        )
    return tuple(spoken)


def _weight(word: str) -> float:
    """How long a word takes, in about a tenth of a second: syllables and letters both count; digits are
    words."""
    letters = sum(char.isalpha() for char in word)
    digits = sum(char.isdigit() for char in word)
    wide = sum(ord(char) > 0x2E80 for char in word)  # a sign of Chinese or Japanese is a syllable
    return 0.6 + 0.9 * len(_VOWELS.findall(word)) + 0.35 * letters + 3.0 * digits + 1.5 * wide


def _without_gaps(voiced: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """With silences filled that are too short to be pauses."""
    heard = voiced.copy()
    for begin, end in _runs(~voiced):
        if end - begin < _PAUSE_HOPS:
            heard[begin:end] = True
    return heard


def _pauses(heard: NDArray[np.bool_], clock: NDArray[np.int64]) -> list[float]:
    """Where the pauses between what is heard are, on the clock that stands still in them."""
    return [float(clock[begin]) for begin, end in _runs(~heard) if begin > 0 and end < len(heard)]


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]


def _anchored(
    words: Sequence[str], expected: NDArray[np.float64], pauses: Sequence[float], total: float
) -> list[float]:
    """The words' ends with those of phrases moved to pauses, and all between them in proportion."""
    fixed = [(0.0, 0.0)]
    for index, word in enumerate(words[:-1]):
        is_end = word.rstrip(_CLOSING)[-1:] in _PHRASE_ENDS
        free = [pause for pause in pauses if pause > fixed[-1][1]]
        if not is_end or not free:
            continue
        # What was found so far says how fast the rest is to be expected.
        last, found = fixed[-1]
        guess = found + (float(expected[index]) - last) * (total - found) / (total - last)
        nearest = min(free, key=lambda pause: abs(pause - guess))
        if abs(nearest - guess) <= _NEAREST * total:
            fixed.append((float(expected[index]), nearest))
    fixed.append((total, total))
    return [float(each) for each in np.interp(expected, [at for at, _ in fixed], [to for _, to in fixed])]
