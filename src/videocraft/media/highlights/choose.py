"""Candidates, their scores in words and numbers, and the best ones that do not overlap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from videocraft.media.highlights.boundaries import Pauses
from videocraft.media.highlights.material import Material
from videocraft.media.highlights.shortlist import shortlist
from videocraft.media.highlights.speech import Found, from_speech
from videocraft.media.highlights.terms import topics_of
from videocraft.media.highlights.vision import from_scenes

LEAST_JUDGED = 0.2
"""What a judge gives a lower score is not taken."""
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
    pauses: Pauses | None = None
    """Around its words; none where nobody speaks."""


@dataclass(frozen=True)
class Choice:
    """The parts that were taken, the best first; ``reason`` says how, or why there are none."""

    highlights: tuple[Highlight, ...]
    reason: str


class Judged(NamedTuple):
    """What a judge says of a candidate: its number (from 0), a score of 0 to 1, and why in words."""

    number: int
    score: float
    reason: str


Judge = Callable[[Sequence[Highlight]], Sequence[Judged]]
"""Somebody who reads the candidates and understands them; whom it leaves out is not taken."""


def choose(
    material: Material,
    prompt: str,
    *,
    count: int,
    longest: float,
    shortest: float | None = None,
    judge: Judge | None = None,
) -> Choice:
    """The best parts of a recording.

    Args:
        prompt: what they are to be about; empty: whatever is good.
        count: how many at most.
        longest, shortest: seconds of each.
        judge: whose scores count, where somebody speaks; None: our own measure.
    """
    least = min(SHORTEST_SECONDS if shortest is None else shortest, longest, material.duration)
    topics = topics_of(prompt)
    if material.transcript is not None and material.transcript.segments:

        def spoken(about: Sequence[str]) -> tuple[list[Found], str]:
            found, reason = from_speech(material, about, prompt, longest=longest, shortest=least)
            if not found and shortest is None:
                # A remark is better than nothing, unless somebody has said how short a clip may be.
                found, reason = from_speech(material, about, prompt, longest=longest, shortest=0.0)
            return found, reason

        found, reason = spoken(topics)
        if judge is not None:
            # Who understands what is said may find the prompt's meaning where none of its words are.
            listed = shortlist(found, spoken([])[0]) if topics else shortlist(found)
            return _judged([Highlight(*each) for each in listed], prompt, judge, count)
    else:
        found, reason = from_scenes(material, has_prompt=bool(topics), longest=longest, shortest=least)
    taken = without_overlaps([Highlight(*each) for each in found], count)
    return Choice(tuple(taken), reason)


def _judged(candidates: Sequence[Highlight], prompt: str, judge: Judge, count: int) -> Choice:
    good = [
        replace(candidates[number], score=score, reason=reason)
        for number, score, reason in (judge(candidates) if candidates else ())
        if score >= LEAST_JUDGED
    ]
    if not good:
        about = f" matches the prompt {prompt.strip()[:200]!r}" if prompt.strip() else " makes a good clip"
        return Choice((), f"Nothing that is said in the recording{about}, as a language model judged it.")
    return Choice(
        tuple(without_overlaps(good, count)),
        "Chosen from what is said, as a language model judged it"
        + (" against the prompt." if prompt.strip() else "."),
    )


def onto_cuts(
    highlights: Sequence[Highlight],
    cuts_between: Callable[[float, float], Sequence[float]],
    *,
    longest: float,
) -> tuple[Highlight, ...]:
    """The same parts, begun and ended on cuts where there are some in their pauses.

    So that only these moments of a long recording have to be looked at. A part stays as it is where it would
    become too long or meet another one.

    Args:
        cuts_between: seconds of the cuts within a range of seconds.
    """
    moved = list(highlights)
    for number, part in enumerate(moved):
        if part.pauses is None:
            continue
        start = part.pauses.begin(cuts_between(*part.pauses.begins_within))
        end = part.pauses.end(cuts_between(*part.pauses.ends_within))
        others = [*moved[:number], *moved[number + 1 :]]
        if end - start <= longest and all(end <= other.start or start >= other.end for other in others):
            moved[number] = replace(part, start=round(start, 3), end=round(end, 3))
    return tuple(moved)


def without_overlaps(candidates: Sequence[Highlight], count: int) -> list[Highlight]:
    """The best ones of which no two have a moment in common, the best first."""
    taken: list[Highlight] = []
    for candidate in sorted(candidates, key=lambda each: (-each.score, each.start, each.end)):
        if len(taken) == count:
            break
        if all(candidate.end <= other.start or candidate.start >= other.end for other in taken):
            taken.append(replace(candidate, score=round(candidate.score, 4)))
    return taken
