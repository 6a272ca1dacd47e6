"""Candidates, their scores in words and numbers, and the best ones that do not overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from videocraft.media.highlights.material import Material
from videocraft.media.highlights.speech import from_speech
from videocraft.media.highlights.terms import topics_of
from videocraft.media.highlights.vision import from_scenes

SHORTEST_SECONDS = 3.0
"""Unless something else is asked for: shorter is a remark and no clip."""


@dataclass(frozen=True)
class Highlight:
    """A part of a recording, in seconds; ``score`` is 0 to 1, ``reason`` says in words why it is good."""

    start: float
    end: float
    score: float
    reason: str
    text: str = ""


@dataclass(frozen=True)
class Choice:
    """The parts that were taken, the best first; ``reason`` says how, or why there are none."""

    highlights: tuple[Highlight, ...]
    reason: str


def choose(
    material: Material, prompt: str, *, count: int, longest: float, shortest: float | None = None
) -> Choice:
    """The best parts of a recording.

    Args:
        prompt: what they are to be about; empty: whatever is good.
        count: how many at most.
        longest, shortest: seconds of each.
    """
    least = min(SHORTEST_SECONDS if shortest is None else shortest, longest, material.duration)
    topics = topics_of(prompt)
    if material.transcript is not None and material.transcript.segments:
        found, reason = from_speech(material, topics, prompt, longest=longest, shortest=least)
    else:
        found, reason = from_scenes(material, has_prompt=bool(topics), longest=longest, shortest=least)
    taken = without_overlaps([Highlight(*each) for each in found], count)
    return Choice(tuple(taken), reason)


def without_overlaps(candidates: Sequence[Highlight], count: int) -> list[Highlight]:
    """The best ones of which no two have a moment in common, the best first."""
    taken: list[Highlight] = []
    for candidate in sorted(candidates, key=lambda each: (-each.score, each.start, each.end)):
        if len(taken) == count:
            break
        if all(candidate.end <= other.start or candidate.start >= other.end for other in taken):
            taken.append(replace(candidate, score=round(candidate.score, 4)))
    return taken
