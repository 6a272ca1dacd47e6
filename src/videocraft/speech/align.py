"""Given text on the sound it belongs to: every word gets its times from the words that were recognised.

Both texts are sequences of words; the cheapest way to change one into the other (Levenshtein, "Binary codes
capable of correcting deletions, insertions, and reversals", 1966, with a cost for unlike words that falls as
they have more letters in common) says which word is which. Words that nobody recognised share the time
between their neighbours by their length.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

import numpy as np

from videocraft.media.captions.transcript import Segment, Transcript, Word

MAX_WORDS = 20_000
"""Of the given text and of the recognised one; 20,000 are more than two hours of speech."""

_GAP = 0.7
"""Cost of a word without a counterpart; two of them cost more than one pair of quite unlike words."""
_CELLS = 1_000_000
"""Pairs of words that are compared at most; of long texts, those at about the same place in both."""
_SECONDS_A_LETTER = 0.06
_SHORTEST_SECONDS = 0.02


def align_text(text: str, transcript: Transcript) -> tuple[Word, ...]:
    """The words of ``text`` with times, in order, inside of the recording, none overlapping the next.

    Args:
        text: split into words at white space.
        transcript: of the recording, with the times of its words. Where it has none, the text is spread over
            the whole recording.

    Raises:
        ValueError: the text has more than `MAX_WORDS` words.
    """
    return align_words(text.split(), transcript.words, transcript.duration)


def align_lines(text: str, transcript: Transcript) -> tuple[Segment, ...]:
    """Like `align_text`, a segment for each line that is not empty."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    words = align_words([word for line in lines for word in line], transcript.words, transcript.duration)
    segments = []
    begin = 0
    for line in lines:
        part = words[begin : begin + len(line)]
        begin += len(line)
        segments.append(Segment(" ".join(line), part[0].start, part[-1].end, part))
    return tuple(segments)


def align_words(given: Sequence[str], heard: Sequence[Word], duration: float) -> tuple[Word, ...]:
    """See `align_text`."""
    if len(given) > MAX_WORDS:
        raise ValueError(f"A text can be aligned up to {MAX_WORDS} words, not {len(given)}")
    heard = heard[:MAX_WORDS]
    times: list[tuple[float, float] | None] = [None] * len(given)
    confidence: list[float | None] = [None] * len(given)
    for index, other in _pairs([_plain(word) for word in given], [_plain(word.text) for word in heard]):
        times[index] = (heard[other].start, heard[other].end)
        confidence[index] = heard[other].confidence
    filled = _filled(given, times, duration)
    return tuple(
        Word(word, start, end, sure)
        for word, (start, end), sure in zip(given, filled, confidence, strict=True)
    )


def _plain(word: str) -> str:
    """The letters and digits of a word, without case and marks; the word itself where it has none."""
    folded = unicodedata.normalize("NFKD", word).casefold()
    return "".join(char for char in folded if char.isalnum()) or word


def _pairs(given: Sequence[str], heard: Sequence[str]) -> list[tuple[int, int]]:
    """Indices of words that are one word, in order; by dynamic programming within a band."""
    rows, columns = len(given), len(heard)
    if not rows or not columns:
        return []
    slope = columns / rows
    reach = max(50, _CELLS // (2 * rows))
    # moves[i][j - first[i]]: 0 pair, 1 given word alone, 2 heard word alone.
    first: list[int] = []
    moves: list[np.ndarray] = []
    before = np.arange(columns + 1) * _GAP
    for row in range(1, rows + 1):
        low = max(1, round(row * slope) - reach)
        high = min(columns, round(row * slope) + reach)
        costs = np.full(columns + 1, np.inf)
        if low == 1:
            costs[0] = row * _GAP
        move = np.zeros(high - low + 1, np.int8)
        word = given[row - 1]
        for column in range(low, high + 1):
            pair = before[column - 1] + _unlike(word, heard[column - 1])
            alone, skipped = before[column] + _GAP, costs[column - 1] + _GAP
            best = min(pair, alone, skipped)
            costs[column] = best
            move[column - low] = 0 if best == pair else 1 if best == alone else 2
        first.append(low)
        moves.append(move)
        before = costs
    return _traced(first, moves, given, heard)


def _traced(
    first: Sequence[int], moves: Sequence[np.ndarray], given: Sequence[str], heard: Sequence[str]
) -> list[tuple[int, int]]:
    pairs = []
    row, column = len(given), len(heard)
    while row and column:
        offset = column - first[row - 1]
        move = int(moves[row - 1][offset]) if 0 <= offset < len(moves[row - 1]) else 2 if offset >= 0 else 1
        if move == 0:
            pairs.append((row - 1, column - 1))
        row -= move != 2
        column -= move != 1
    return pairs[::-1]


@lru_cache(maxsize=65536)
def _unlike(one: str, other: str) -> float:
    """0 for equal words, 1 for words without a common letter."""
    if one == other:
        return 0.0
    return 1.0 - SequenceMatcher(None, one, other, autojunk=False).ratio()


def _filled(
    given: Sequence[str], times: Sequence[tuple[float, float] | None], duration: float
) -> list[tuple[float, float]]:
    """Times for every word: runs of words without times share what is between their neighbours."""
    found = list(times)
    index = 0
    while index < len(given):
        over = index
        while over < len(given) and found[over] is None:
            over += 1
        if over > index:
            letters = [len(_plain(word)) + 1 for word in given[index:over]]
            low, high = _room(found, index, over, sum(letters) * _SECONDS_A_LETTER, duration)
            edges = low + (high - low) * np.concatenate([[0], np.cumsum(letters)]) / sum(letters)
            found[index:over] = itertools.pairwise(edges.tolist())
        index = over + 1
    return [pair for pair in found if pair is not None]


def _room(
    found: list[tuple[float, float] | None], index: int, over: int, usual: float, duration: float
) -> tuple[float, float]:
    """Where the words from ``index`` up to ``over`` go: beside a neighbour, not all over a long pause.

    Where there is no room, they and a neighbour were heard as one word, and it gives some of its time.
    """
    before = found[index - 1] if index else None
    after = found[over] if over < len(found) else None
    least = _SHORTEST_SECONDS * (over - index)
    if before is None and after is None:
        return 0.0, duration
    if before is None and after is not None:
        low, high = max(0.0, after[0] - usual), after[0]
        if high - low < least:
            high = after[0] + (after[1] - after[0]) * _share(after, usual)
            found[over] = (high, after[1])
        return low, high
    assert before is not None  # noqa: S101 -- narrows the type: both were looked at above
    low = before[1]
    high = min(duration if after is None else after[0], low + 2 * usual)
    if high - low < least:
        low = before[1] - (before[1] - before[0]) * _share(before, usual)
        found[index - 1] = (before[0], low)
    return low, max(low, high)


def _share(neighbour: tuple[float, float], usual: float) -> float:
    """The part of a neighbour's time that words get which usually take ``usual`` seconds."""
    return min(usual / max(neighbour[1] - neighbour[0], _SHORTEST_SECONDS), 0.75)
