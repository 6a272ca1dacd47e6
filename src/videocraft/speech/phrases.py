"""Words into phrases: where a sentence ends, where somebody pauses, and before it gets too long to read."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from videocraft.media.captions.transcript import Segment, Word

PAUSE_SECONDS = 0.8
LONGEST_SECONDS = 15.0

_SENTENCE_ENDS = (".", "!", "?", "\u2026", "\u3002", "\uff01", "\uff1f")
_CLOSING = "\"'\u201d\u2019)]}"
_WINDOW_PAUSE_SECONDS = 0.3


UNSPACED = frozenset({"ja", "lo", "my", "th", "yue", "zh"})
"""Languages that are written without spaces between words."""

_ABBREVIATIONS = frozenset(
    {"dr.", "etc.", "e.g.", "i.e.", "jr.", "mr.", "mrs.", "ms.", "no.", "prof.", "sr.", "st.", "vs."}
)


def segments(
    words: Sequence[Word], breaks: Collection[int] = (), language: str | None = None
) -> list[Segment]:
    """Phrases of timed words.

    Args:
        breaks: indices of words before which the recogniser began anew: a short pause suffices there.
        language: decides whether there are spaces between the words.
    """
    separator = "" if language in UNSPACED else " "
    made: list[list[Word]] = []
    for index, word in enumerate(words):
        pause = _WINDOW_PAUSE_SECONDS if index in breaks else PAUSE_SECONDS
        if not made or _is_end(made[-1], word, pause):
            made.append([])
        made[-1].append(word)
    return [
        Segment(separator.join(word.text for word in phrase), phrase[0].start, phrase[-1].end, tuple(phrase))
        for phrase in made
    ]


def _is_end(phrase: Sequence[Word], following: Word, pause: float) -> bool:
    last = phrase[-1]
    if following.start - last.end > pause or following.end - phrase[0].start > LONGEST_SECONDS:
        return True
    text = last.text.rstrip(_CLOSING)
    # "Mr." and an initial end no sentence.
    is_short = text.casefold() in _ABBREVIATIONS or (len(text) == 2 and text[0].isupper())
    return text.endswith(_SENTENCE_ENDS) and not (is_short and text.endswith("."))
