"""Speech for tests, made by eSpeak NG, with the times of its words as the synthesiser knows them."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from videocraft.generation.narrators import voices

Samples = NDArray[np.int16]

_WORD, _END, _PHONEME = 1, 5, 7


@dataclass(frozen=True)
class SpokenWord:
    """A word and when it is heard, in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Spoken:
    """Synthesised speech: mono samples of shape (samples,), and its words."""

    samples: Samples
    rate: int
    words: tuple[SpokenWord, ...]

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.rate

    def padded(self, before: float = 0.0, after: float = 0.0) -> Spoken:
        """The same with silence around it."""
        silence = [np.zeros(round(seconds * self.rate), np.int16) for seconds in (before, after)]
        shift = len(silence[0]) / self.rate
        words = tuple(SpokenWord(w.text, w.start + shift, w.end + shift) for w in self.words)
        return Spoken(np.concatenate([silence[0], self.samples, silence[1]]), self.rate, words)

    def then(self, other: Spoken) -> Spoken:
        """This, and ``other`` after it."""
        after = other.padded(before=0).words
        shift = self.duration
        words = tuple(SpokenWord(w.text, w.start + shift, w.end + shift) for w in after)
        return Spoken(np.concatenate([self.samples, other.samples]), self.rate, self.words + words)

    def mixed(self, noise: Samples) -> Spoken:
        """With ``noise`` of the same length under it."""
        total = self.samples.astype(np.int32) + noise[: len(self.samples)]
        return Spoken(np.clip(total, -32768, 32767).astype(np.int16), self.rate, self.words)

    def write(self, path: Path) -> Path:
        """A WAV file."""
        write_wav(path, self.samples, self.rate)
        return path


def write_wav(path: Path, samples: Samples, rate: int) -> None:
    """Mono samples as a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())


@lru_cache(maxsize=64)
def say(text: str, *, words_per_minute: int = 160, voice: str = "en-us", pitch: int = 50) -> Spoken:
    """``text`` spoken: the same samples each time.

    A word begins with its first phoneme and ends with the next word or pause.
    """
    asked = {"text": text, "words_per_minute": words_per_minute, "voice": voice, "pitch": pitch}
    said = voices.say("_espeak.py", asked, who="eSpeak NG", seconds=60, should_stop=lambda: False)
    words = tuple(_words(text, said.facts["events"], said.rate))
    return Spoken(said.samples, said.rate, words)


def _words(text: str, events: list[tuple[int, int, int, int]], rate: int) -> list[SpokenWord]:
    """Words from events of (type, position from 1, length, sample)."""
    found: list[SpokenWord] = []
    for index, (kind, position, length, _) in enumerate(events):
        if kind != _WORD:
            continue
        following = events[index + 1 :]
        first = next(sample for kind, _, _, sample in following if kind == _PHONEME)
        # A phoneme that begins after the word's characters is the pause of a sentence's end.
        ends = (
            sample
            for kind, where, _, sample in following
            if kind in {_WORD, _END} or (kind == _PHONEME and where >= position + length)
        )
        last = next(ends, following[-1][3])
        found.append(SpokenWord(text[position - 1 : position - 1 + length], first / rate, last / rate))
    return found
