"""A few candidates that differ from each other, for a judge who can't read them all."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import merge

from videocraft.media.highlights.speech import Found

MOST = 30
"""Candidates that a judge gets."""
MOST_ALIKE = 0.7
"""Of the time that two candidates cover, no more than so much belongs to both."""


def shortlist(*rankings: Sequence[Found]) -> list[Found]:
    """The best candidates of several rankings, each ranking in turn, without those that are much alike."""
    ordered = [sorted(found, key=lambda each: (-each.score, each.start, each.end)) for found in rankings]
    in_turn = merge(*(enumerate(found) for found in ordered), key=lambda each: each[0])
    listed: list[Found] = []
    for _, candidate in in_turn:
        if len(listed) == MOST:
            break
        if not any(_are_alike(candidate, other) for other in listed):
            listed.append(candidate)
    return sorted(listed, key=lambda each: each.start)


def _are_alike(one: Found, other: Found) -> bool:
    common = min(one.end, other.end) - max(one.start, other.start)
    return common > MOST_ALIKE * (max(one.end, other.end) - min(one.start, other.start))
