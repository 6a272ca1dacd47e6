"""The words of a film, brought to the film's clock and dealt out to its scenes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from videocraft.apis.videos.project import GivenWord
from videocraft.media.captions.style import CaptionStyle
from videocraft.media.captions.transcript import Segment, Transcript, Word
from videocraft.media.captions.words import joiner, spread
from videocraft.media.compose.film import CaptionTrack

_LONGEST_WORD_SECONDS = 1.0
"""A word of which only the beginning was given stands until the next one, but no longer than this."""
_PAUSE_SECONDS = 0.8
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")  # noqa: RUF001 - full stops of other scripts


def transcript_of(words: Sequence[GivenWord], duration: float, language: str | None) -> Transcript:
    """Words that a client gave, as a transcript: sentences and pauses make its segments."""
    timed = [
        Word(word.text, word.start, _end(word, words[number + 1] if number + 1 < len(words) else None))
        for number, word in enumerate(words)
    ]
    return segmented(timed, duration, language)


def segmented(words: Sequence[Word], duration: float, language: str | None) -> Transcript:
    """Words with times as a transcript."""
    return Transcript(language, duration, tuple(_segments(words)))


def as_one(segment: Segment) -> Segment:
    """A caption of a file, whose times hold: it ends when it says, and stays apart from the next one."""
    words = segment.words or spread(segment)
    if not words:
        return segment
    return replace(segment, words=(*words[:-1], replace(words[-1], end=segment.end, is_last=True)))


def _end(word: GivenWord, following: GivenWord | None) -> float:
    if word.end is not None:
        return word.end
    latest = word.start + _LONGEST_WORD_SECONDS
    return latest if following is None else min(latest, max(word.start, following.start))


def _segments(words: Iterable[Word]) -> list[Segment]:
    groups: list[list[Word]] = []
    for word in words:
        before = groups[-1][-1] if groups else None
        is_new = (
            before is None
            or word.start - before.end > _PAUSE_SECONDS
            or before.text.rstrip().endswith(_SENTENCE_ENDS)
        )
        if is_new:
            groups.append([word])
        else:
            groups[-1].append(word)
    return [_segment_of(group) for group in groups]


def _segment_of(words: Sequence[Word]) -> Segment:
    text = ""
    for word in words:
        text += joiner(text, word.text) + word.text
    return Segment(text, words[0].start, max(word.end for word in words), tuple(words))


def moved(transcript: Transcript, by: float, until: float) -> list[Segment]:
    """The segments ``by`` seconds later, as far as they begin before ``until``; every word has its time."""
    found = []
    for segment in transcript.segments:
        words = [
            replace(word, start=word.start + by, end=min(word.end + by, until))
            for word in segment.words or spread(segment)
            if 0 <= word.start + by < until
        ]
        if words:
            found.append(_segment_of(words))
    return found


def joined(parts: Iterable[Iterable[Segment]], duration: float, language: str | None) -> Transcript:
    """One transcript of all parts, in order of time."""
    segments = sorted((segment for part in parts for segment in part), key=lambda segment: segment.start)
    return Transcript(language, duration, tuple(segments))


def tracks_of(
    transcript: Transcript, starts: Sequence[Fraction], style: CaptionStyle
) -> list[CaptionTrack | None]:
    """The captions of each scene, in its own seconds.

    A word belongs to the scene in which it begins, and is gone at that scene's end.

    Args:
        starts: when each scene begins, and the film's end, in seconds.
    """
    tracks: list[CaptionTrack | None] = []
    for begin, end in pairwise(starts):
        length = float(end - begin)
        segments = moved(transcript, -float(begin), length)
        own = Transcript(transcript.language, length, tuple(segments))
        tracks.append(CaptionTrack(own, style) if segments else None)
    return tracks
