"""Words into phrases: where a sentence ends, where somebody pauses, and before it gets too long to read."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from videocraft.media.captions.transcript import Segment, Word

PAUSE_SECONDS = 0.8
LONGEST_SECONDS = 15.0

_SENTENCE_ENDS = (".", "!", "?", "\u2026", "\u3002", "\uff01", "\uff1f")
_CLOSING = "\"'\u201d\u2019)]}"
_WINDOW_PAUSE_SECONDS = 0.3


def segments(words: Sequence[Word], breaks: Collection[int] = ()) -> list[Segment]:
    """Phrases of timed words.

    Args:
        breaks: indices of words before which the recogniser began anew: a short pause suffices there.
    """
    made: list[Segment] = []
    current: list[Word] = []
    for index, word in enumerate(words):
        if current and _is_end(current, word, _WINDOW_PAUSE_SECONDS if index in breaks else PAUSE_SECONDS):
            made.append(_segment(current))
            current = []
        current.append(word)
    if current:
        made.append(_segment(current))
    return made


def _is_end(current: Sequence[Word], following: Word, pause: float) -> bool:
    if current[-1].text.rstrip(_CLOSING).endswith(_SENTENCE_ENDS):
        return True
    return following.start - current[-1].end > pause or following.end - current[0].start > LONGEST_SECONDS


def _segment(words: Sequence[Word]) -> Segment:
    return Segment(" ".join(word.text for word in words), words[0].start, words[-1].end, tuple(words))
