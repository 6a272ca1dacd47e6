"""What every narrator does with its samples: one level, no silence around, words with times, a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from videocraft.generation.base import Speech, SpokenWord
from videocraft.generation.narrators import sound, timing


def silent(text: str, into: Path) -> Speech | None:
    """The speech of a text without a letter or a digit, which nobody is asked to speak; None of any other.

    Some synthesisers would read out what a comma or a picture of a dragon is called.
    """
    return None if timing.words_of(text) else Speech(into, 0.0, (), 0.0)


def finish(
    samples: sound.Samples,
    rate: int,
    text: str,
    into: Path,
    *,
    words: Sequence[SpokenWord] | None = None,
    price: float,
) -> Speech:
    """Write speech to ``into``.

    Args:
        words: when they are heard in ``samples``; None: to be worked out.
        price: US dollars for a thousand characters.
    """
    kept, cut = sound.trimmed(samples, rate)
    cost = price * len(text) / 1000
    if not len(kept):
        return Speech(into, 0.0, (), cost)
    seconds = len(kept) / rate
    if words is None:
        words = timing.spread(text, sound.is_voiced(kept, rate))
    else:
        words = [SpokenWord(word.text, word.start - cut / rate, word.end - cut / rate) for word in words]
    sound.write_wav(sound.levelled(kept, rate), rate, into)
    return Speech(into, seconds, tuple(_within(words, seconds)), cost)


def _within(words: Sequence[SpokenWord], seconds: float) -> list[SpokenWord]:
    """In order, none before the beginning or beyond the end, none without a length."""
    kept = []
    at = 0.0
    for word in words:
        start = min(max(at, word.start), seconds)
        end = min(max(start, word.end), seconds)
        if end > start:
            kept.append(SpokenWord(word.text, round(start, 3), round(end, 3)))
            at = end
        elif kept:
            last = kept[-1]
            kept[-1] = SpokenWord(f"{last.text} {word.text}", last.start, last.end)
    return kept
