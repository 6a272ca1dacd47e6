"""When words were said: what the model's attention says, set right by the sound.

The model places words by dynamic time warping over its attention, in steps of 20 ms. That is late by a
constant (`LATE_SECONDS`), and smears the first word after a pause over the pause. Where the sound is quiet
nobody speaks: a word's beginning is moved out of silence, and to the end of the silence if that is near.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videocraft.media.captions.transcript import Word
from videocraft.speech.activity import Window
from videocraft.speech.sound import RATE, Sound

LATE_SECONDS = 0.09
"""By so much the alignment is late, start and end alike: measured on synthesised speech (benchmarks)."""

STEP_SECONDS = 0.01

_PAUSE_STEPS = 8
"""Quiet for less than this is within speech (the closure of a stop is quiet too)."""
_QUIET_DB = 30.0
"""Below the loud parts of the window by so much: quiet."""
_ABOVE_NOISE_DB = 6.0
_SNAP_SECONDS = 0.4
"""The first word after a pause begins where the pause ends, if it was placed so much later."""
_OVERHANG_SECONDS = 0.15
"""A word that was placed so far beyond a pause ends where the pause begins."""
_SHORTEST_SECONDS = 0.02
_LONGEST_SECONDS = 1.5
_TOO_SHORT_SECONDS = 0.06


@dataclass(frozen=True, slots=True)
class Heard:
    """A word as the model has placed it, seconds within its window."""

    text: str
    start: float
    end: float
    probability: float


def placed(words: Sequence[Heard], window: Window, sound: Sound) -> list[Word]:
    """Words of a window in recording time."""
    if not words:
        return []
    pauses = _Pauses(_is_quiet(window.read(sound)))
    times: list[tuple[float, float]] = []
    before = 0.0
    for word in words:
        start = max(word.start - LATE_SECONDS, 0.0)
        end = max(word.end - LATE_SECONDS, start)
        times.append(pauses.without(start, end, before))
        before = end
    _share(words, times)
    found = []
    for word, (start, end) in zip(words, times, strict=True):
        middle = (start + end) / 2
        found.append(
            Word(
                word.text,
                window.recording_time(start, middle),
                window.recording_time(end, middle),
                min(max(word.probability, 0.0), 1.0),
            )
        )
    return found


def _share(words: Sequence[Heard], times: list[tuple[float, float]]) -> None:
    """Give words that were left with next to nothing a part of the next word's time, by their letters.

    A short word after a pause is placed into the pause; when it is moved out of that, the word after it has
    begun already.
    """
    for index, ((start, end), (after, over)) in enumerate(itertools.pairwise(times)):
        if end - start < _TOO_SHORT_SECONDS and after - end < _TOO_SHORT_SECONDS and over > end:
            letters = len(words[index].text) + 1
            cut = start + (over - start) * letters / (letters + len(words[index + 1].text) + 1)
            times[index], times[index + 1] = (start, cut), (max(cut, after), over)


def in_order(words: Sequence[Word], duration: float) -> list[Word]:
    """The same words, each after the one before, inside of the recording, and none shorter than a moment."""
    found: list[Word] = []
    floor = 0.0
    for index, word in enumerate(words):
        # What is left must have room for the words that are left.
        ceiling = duration - (len(words) - index) * _SHORTEST_SECONDS
        start = max(min(max(word.start, floor), ceiling), 0.0)
        end = min(max(word.end, start + _SHORTEST_SECONDS), start + _LONGEST_SECONDS, duration)
        found.append(Word(word.text, start, max(end, start), word.confidence))
        floor = start + min(_SHORTEST_SECONDS, duration / max(len(words), 1))
    for index, (word, following) in enumerate(itertools.pairwise(found)):
        if word.end > following.start:
            found[index] = Word(word.text, word.start, following.start, word.confidence)
    return [
        Word(word.text, round(word.start, 3), round(word.end, 3), _rounded(word.confidence)) for word in found
    ]


def _rounded(confidence: float | None) -> float | None:
    return None if confidence is None else round(confidence, 3)


def _is_quiet(samples: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether nothing is heard, for each step of `STEP_SECONDS`."""
    step = round(STEP_SECONDS * RATE)
    samples = np.pad(samples, (0, -len(samples) % step))
    power = np.square(samples.reshape(-1, step)).mean(axis=1)
    levels = 10 * np.log10(power + 1e-10)
    loud, floor = np.percentile(levels, 95), np.percentile(levels, 5)
    return np.asarray(levels < max(loud - _QUIET_DB, min(floor + _ABOVE_NOISE_DB, loud - 10)))


class _Pauses:
    """Stretches of quiet, in seconds of the window."""

    def __init__(self, is_quiet: NDArray[np.bool_]) -> None:
        edges = np.flatnonzero(np.diff(np.concatenate([[0], is_quiet.astype(np.int8), [0]])))
        runs = [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2) if end - begin >= _PAUSE_STEPS]
        self._runs = [(begin * STEP_SECONDS, end * STEP_SECONDS) for begin, end in runs]

    def without(self, start: float, end: float, before: float) -> tuple[float, float]:
        """A word's times without the quiet before and after it; unchanged where there is nothing else.

        Args:
            before: the end of the word before: a word begins where a pause ends only if it is the first.
        """
        for begin, over in self._runs:
            if begin <= start < over:
                moved = over
                if moved < end or over - start <= _OVERHANG_SECONDS:
                    start, end = moved, max(end, moved + _SHORTEST_SECONDS)
            elif 0 <= start - over <= _SNAP_SECONDS and before <= over:
                start = over
        for begin, over in self._runs:
            if start < begin < end <= over + _OVERHANG_SECONDS:
                end = begin
                break
        return start, end
