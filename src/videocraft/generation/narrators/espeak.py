"""Speech by eSpeak NG: small, quick, in a hundred languages, and never mistaken for a person."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from videocraft.generation.base import (
    ProviderConfig,
    ProviderError,
    ShouldStop,
    Speech,
    SpokenWord,
)
from videocraft.generation.narrators.finishing import finish, silent
from videocraft.generation.narrators.voices import require_package, say

WHO = "eSpeak NG"
DEFAULT_VOICE = "en-us"
_WORDS_PER_MINUTE = 155
_PITCH = 45
_VOICE = re.compile(r"[a-z]{2,3}([-_+][A-Za-z0-9]{1,16}){0,3}")

_BY_SCRIPT = {
    "ARABIC": "ar", "ARMENIAN": "hy", "BENGALI": "bn", "CJK": "cmn", "CYRILLIC": "ru", "DEVANAGARI": "hi",
    "GEORGIAN": "ka", "GREEK": "el", "HANGUL": "ko", "HEBREW": "he", "HIRAGANA": "ja", "KATAKANA": "ja",
    "TAMIL": "ta",
}  # fmt: skip
"""Who reads a script that the default voice can only spell, by the first word of its characters' names."""

_WORD, _END, _PHONEME = 1, 5, 7
"""eSpeak NG's kinds of events."""


class EspeakNarrator:
    """The same text always sounds the same, and the times of its words are the synthesiser's own.

    Where no voice is chosen, the text's script chooses one that can read it.
    """

    name = "espeak"

    def __init__(self, config: ProviderConfig) -> None:
        self.voice = config.voice or DEFAULT_VOICE
        self._is_chosen = bool(config.voice)
        self.price = config.price
        self._seconds = config.timeout_seconds
        if not _VOICE.fullmatch(self.voice):
            raise ProviderError(f"'{self.voice}' is not the name of a voice of eSpeak NG, such as en-gb.")
        require_package("espeakng_loader", "espeak", self.name)

    def speak(self, text: str, into: Path, *, should_stop: ShouldStop) -> Speech:
        """See ``Narrator``."""
        if (nothing := silent(text, into)) is not None:
            return nothing
        voice = self.voice if self._is_chosen else voice_for(text)
        asked = {"text": text, "words_per_minute": _WORDS_PER_MINUTE, "voice": voice, "pitch": _PITCH}
        said = say("_espeak.py", asked, who=WHO, seconds=self._seconds, should_stop=should_stop)
        words = word_times(text, said.facts["events"], said.rate)
        return finish(said.samples, said.rate, text, into, words=words, price=self.price)


def voice_for(text: str) -> str:
    """The voice that reads most of the letters of ``text``."""
    names = (unicodedata.name(char, "").partition(" ")[0] for char in text if char.isalpha())
    scripts = Counter(names).most_common(1)
    return _BY_SCRIPT.get(scripts[0][0], DEFAULT_VOICE) if scripts else DEFAULT_VOICE


def word_times(text: str, events: Sequence[Sequence[int]], rate: int) -> list[SpokenWord]:
    """Words as they are written, from events of (type, position in the text from 1, length, sample).

    A word begins with its first phoneme and ends with the next word or pause. What eSpeak NG speaks as
    several words ("1066", "hand-made") is one, and a lone sign that it speaks belongs to the word behind it.
    """
    written = [(match.group(), *match.span()) for match in re.finditer(r"\S+", text)]
    ends = [end for word, _, end in written if any(char.isalnum() for char in word)]
    spoken = [word for word, _, _ in written if any(char.isalnum() for char in word)]
    found: dict[int, SpokenWord] = {}
    for index, (kind, position, length, _) in enumerate(events):
        which = bisect_left(ends, position)
        following = events[index + 1 :]
        first = next((sample for kind, _, _, sample in following if kind == _PHONEME), None)
        if kind != _WORD or which == len(ends) or first is None:
            continue
        # A phoneme that begins after the word's characters is the pause of a sentence's end.
        last = next(
            (
                sample
                for kind, where, _, sample in following
                if kind in {_WORD, _END} or (kind == _PHONEME and where >= position + length)
            ),
            following[-1][3],
        )
        begins = found[which].start if which in found else first / rate
        found[which] = SpokenWord(spoken[which], begins, last / rate)
    return [found[index] for index in sorted(found)]
