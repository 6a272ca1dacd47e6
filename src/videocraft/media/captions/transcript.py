"""What was said and when: words with times, in segments, in one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Word:
    """A spoken word; ``start`` and ``end`` are seconds of the recording, ``confidence`` is 0 to 1.

    ``is_last`` ends a caption that was given as a whole: it goes when the word does, and is not joined to
    the next.
    """

    text: str
    start: float
    end: float
    confidence: float | None = None
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """A phrase, times in seconds; ``words`` is empty where only the phrase's times are known."""

    text: str
    start: float
    end: float
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """The speech of one recording.

    ``language`` is an ISO 639-1 code, None where nobody has said it; ``duration`` is the recording's,
    in seconds.
    """

    language: str | None
    duration: float
    segments: tuple[Segment, ...]

    @property
    def words(self) -> tuple[Word, ...]:
        """The words of all segments, in their order."""
        return tuple(word for segment in self.segments for word in segment.words)

    @property
    def text(self) -> str:
        """The whole text, a space between segments."""
        return " ".join(segment.text for segment in self.segments)

    def to_json(self) -> dict[str, Any]:
        """The transcript as JSON values; ``from_json`` gives it back."""
        return {
            "language": self.language,
            "duration": self.duration,
            "segments": [
                {
                    "text": segment.text,
                    "start": segment.start,
                    "end": segment.end,
                    "words": [
                        {
                            "text": word.text,
                            "start": word.start,
                            "end": word.end,
                            "confidence": word.confidence,
                        }
                        | ({"is_last": True} if word.is_last else {})
                        for word in segment.words
                    ],
                }
                for segment in self.segments
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Transcript:
        """The transcript that ``to_json`` has written."""
        return cls(
            language=data["language"],
            duration=data["duration"],
            segments=tuple(
                Segment(
                    text=segment["text"],
                    start=segment["start"],
                    end=segment["end"],
                    words=tuple(
                        Word(
                            word["text"],
                            word["start"],
                            word["end"],
                            word["confidence"],
                            word.get("is_last", False),
                        )
                        for word in segment["words"]
                    ),
                )
                for segment in data["segments"]
            ),
        )
