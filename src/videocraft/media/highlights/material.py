"""What is known of a recording when its best parts are looked for."""

from __future__ import annotations

from dataclasses import dataclass

from videocraft.media.captions.transcript import Segment, Transcript, Word
from videocraft.media.loudness import Levels
from videocraft.media.scenes import Scenes
from videocraft.media.silences import Silence

PAUSE_SECONDS = 0.7
"""A pause of this length ends a sentence, whatever the recogniser writes."""
LONGEST_SENTENCE_SECONDS = 30.0

_ENDS = (".", "!", "?", "…", "。", "！", "？")  # noqa: RUF001 -- these are the marks of other scripts
_CLOSING = "\"'\u2019\u201d)]»"


@dataclass(frozen=True, slots=True)
class Sentence:
    """Some words with a thought of their own; times in seconds."""

    text: str
    start: float
    end: float
    spoken: float
    """Seconds of it in which words are being said."""
    is_whole: bool
    """It ends with a full stop, not where the recording or the speaker breaks off."""


@dataclass(frozen=True)
class Material:
    """A recording; what it does not have is None. ``duration`` is in seconds."""

    duration: float
    transcript: Transcript | None = None
    scenes: Scenes | None = None
    levels: Levels | None = None
    silences: tuple[Silence, ...] = ()

    @property
    def cuts(self) -> tuple[float, ...]:
        """Seconds of the cuts."""
        return self.scenes.times if self.scenes is not None else ()


def sentences_of(transcript: Transcript, *, longest: float = LONGEST_SENTENCE_SECONDS) -> list[Sentence]:
    """The transcript as sentences: split at full stops and pauses, across the recogniser's segments.

    What goes on without either is split when it lasts ``longest`` seconds.
    """
    found: list[Sentence] = []
    words: list[Word] = []
    for word in _words(transcript):
        if words and (word.start - words[-1].end >= PAUSE_SECONDS or word.end - words[0].start > longest):
            found.append(_sentence(words))
            words = []
        words.append(word)
        if ends_sentence(word.text):
            found.append(_sentence(words))
            words = []
    if words:
        found.append(_sentence(words))
    return found


def ends_sentence(text: str) -> bool:
    """Whether a word is the last one of a sentence."""
    return text.strip().rstrip(_CLOSING).endswith(_ENDS)


def excerpt(transcript: Transcript, start: float, end: float) -> Transcript:
    """What is said in [start, end), on a clock that begins at ``start``; words that are cut are left out."""
    segments = []
    for segment in transcript.segments:
        if segment.end <= start or segment.start >= end:
            continue
        words = tuple(
            Word(word.text, max(0.0, word.start - start), min(word.end, end) - start, word.confidence)
            for word in segment.words
            if start <= (word.start + word.end) / 2 < end
        )
        if segment.words and not words:
            continue
        text = " ".join(word.text.strip() for word in words) if words else segment.text
        first = words[0].start if words else max(0.0, segment.start - start)
        last = words[-1].end if words else min(segment.end, end) - start
        segments.append(Segment(text, first, last, words))
    return Transcript(transcript.language, end - start, tuple(segments))


def _words(transcript: Transcript) -> list[Word]:
    """Every word; a segment without times of its words counts as one."""
    words: list[Word] = []
    for segment in transcript.segments:
        words += segment.words or (Word(segment.text, segment.start, segment.end),)
    return words


def _sentence(words: list[Word]) -> Sentence:
    text = " ".join(word.text.strip() for word in words)
    spoken = sum(max(0.0, word.end - word.start) for word in words)
    return Sentence(text, words[0].start, words[-1].end, spoken, ends_sentence(words[-1].text))
