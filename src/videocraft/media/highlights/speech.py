"""Candidates where somebody speaks: whole sentences, as many as fit, and how good a clip they make."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from videocraft.media.highlights.boundaries import Pauses, offset, onset
from videocraft.media.highlights.material import (
    LONGEST_SENTENCE_SECONDS,
    PAUSE_SECONDS,
    Material,
    Sentence,
    sentences_of,
)
from videocraft.media.highlights.relevance import Relevance
from videocraft.media.highlights.terms import terms_of, words_of

_HANGING_TEXT = "and but so because or then also that which who it he she they this these those"
_HANGING = frozenset(_HANGING_TEXT.split())
"""A clip that begins with one of these begins in the middle of a thought."""
_GOOD_LENGTH = 0.35
"""Of the longest length allowed: a clip should have room for a thought."""
_ROOM = 0.9
"""Of the longest length: what is left of it is air around the words."""
_LOUD_DB = 6.0
_DENSE = 0.85
"""Share of the time that a fluent speaker's words take."""
_WITH_PROMPT = {"relevance": 0.6, "completeness": 0.15, "density": 0.1, "loudness": 0.05, "length": 0.1}
_WITHOUT_PROMPT = {"weight": 0.35, "completeness": 0.25, "density": 0.15, "loudness": 0.1, "length": 0.15}


class Found(NamedTuple):
    """A candidate: seconds, score 0 to 1, why in words, what is said, and the pauses around it."""

    start: float
    end: float
    score: float
    reason: str
    text: str
    pauses: Pauses | None = None


def from_speech(
    material: Material, topics: Sequence[str], prompt: str, *, longest: float, shortest: float
) -> tuple[list[Found], str]:
    """Candidates made of whole sentences, and how they were judged; none when nothing is about the prompt."""
    transcript = material.transcript
    longest_sentence = min(LONGEST_SENTENCE_SECONDS, longest * _ROOM)
    sentences = sentences_of(transcript, longest=longest_sentence) if transcript is not None else []
    terms = [terms_of(sentence.text) for sentence in sentences]
    relevance = Relevance(topics, terms)
    if topics and not relevance.found:
        return [], f"Nothing that is said in the recording matches the prompt {prompt.strip()[:200]!r}."
    passages = _Passages(material, sentences, terms, relevance)
    found = [
        candidate
        for first in range(len(sentences))
        for candidate in passages.beginning_at(first, longest=longest, shortest=shortest)
    ]
    if not found:
        return [], f"No passage of whole sentences lasts {shortest:g} to {longest:g} s."
    if topics:
        return found, "Chosen from what is said, by its relevance to the prompt."
    return found, "Chosen from what is said: whole thoughts that tell much, spoken fluently."


class _Passages:
    def __init__(
        self,
        material: Material,
        sentences: Sequence[Sentence],
        terms: Sequence[Sequence[str]],
        relevance: Relevance,
    ) -> None:
        self._material = material
        self._sentences = sentences
        self._terms = terms
        self._relevance = relevance
        self._spoken = [0.0, *accumulate(sentence.spoken for sentence in sentences)]
        levels = material.levels
        self._usual = None
        if levels is not None and len(levels.db):
            spoken = [levels.between(sentence.start, sentence.end) for sentence in sentences]
            self._usual = float(np.median(np.concatenate(spoken))) if spoken else None
        weights = [self._weight(parts) for parts in terms]
        self._heaviest = max([*weights, 1e-9])
        self._weights = weights

    def beginning_at(self, first: int, *, longest: float, shortest: float) -> list[Found]:
        """Every passage from one sentence on that is neither too long nor too short."""
        sentences, cuts, duration = self._sentences, self._material.cuts, self._material.duration
        silences = self._material.silences
        first_word = onset(sentences[first].start, silences)
        before = min(sentences[first - 1].end if first else 0.0, first_word)
        found = []
        for last in range(first, len(sentences)):
            following = sentences[last + 1].start if last + 1 < len(sentences) else duration
            last_word = min(max(offset(sentences[last].end, silences), first_word), duration)
            pauses = Pauses(before, first_word, last_word, min(max(following, last_word), duration))
            start, end = pauses.begin(cuts), pauses.end(cuts)
            if end - start > longest:
                break
            if end - start >= shortest:
                candidate = self._judge(first, last, pauses, longest)
                if candidate is not None:
                    found.append(candidate)
        return found

    def _judge(self, first: int, last: int, pauses: Pauses, longest: float) -> Found | None:
        start, end = pauses.begin(self._material.cuts), pauses.end(self._material.cuts)
        terms = [term for sentence in self._terms[first : last + 1] for term in sentence]
        count = last - first + 1
        relevance = self._relevance.score(terms, count)
        topics = [topic for topic in self._relevance.topics if topic in set(terms)]
        if self._relevance.topics and not topics:
            return None
        facts = {
            "relevance": relevance,
            "weight": sum(self._weights[first : last + 1]) / count / self._heaviest,
            "completeness": self._completeness(first, last),
            "density": min(1.0, (self._spoken[last + 1] - self._spoken[first]) / (end - start) / _DENSE),
            "loudness": self._loudness(start, end),
            "length": min(1.0, (end - start) / (_GOOD_LENGTH * longest)),
        }
        weights = _WITH_PROMPT if self._relevance.topics else _WITHOUT_PROMPT
        score = sum(weight * facts[name] for name, weight in weights.items())
        text = " ".join(sentence.text for sentence in self._sentences[first : last + 1])
        return Found(round(start, 3), round(end, 3), score, self._reason(facts, topics, text), text, pauses)

    def _weight(self, terms: Sequence[str]) -> float:
        """How much is told: rare words, each once, against the length of it all."""
        if not terms:
            return 0.0
        return sum(self._relevance.weight(term) for term in set(terms)) / (len(terms) + 4)

    def _completeness(self, first: int, last: int) -> float:
        sentences = self._sentences
        words = words_of(sentences[first].text)
        begins_well = not words or words[0] not in _HANGING
        before = sentences[first - 1] if first else None
        begins_after_stop = (
            before is None or before.is_whole or sentences[first].start - before.end >= PAUSE_SECONDS
        )
        return 0.3 * begins_well + 0.3 * begins_after_stop + 0.4 * sentences[last].is_whole

    def _loudness(self, start: float, end: float) -> float:
        levels = self._material.levels
        if levels is None or self._usual is None:
            return 0.5
        part = levels.between(start, end)
        if not len(part):
            return 0.5
        above = float(np.percentile(part, 75)) - self._usual
        return float(np.clip(0.5 + above / (2 * _LOUD_DB), 0, 1))

    def _reason(self, facts: dict[str, float], topics: Sequence[str], text: str) -> str:
        said = []
        if topics:
            # As they were said: a stem is no word for people.
            spoken = dict.fromkeys(word for word in words_of(text) if set(terms_of(word)) & set(topics))
            said.append(f"speaks of {', '.join(list(spoken)[:6])}")
        elif facts["weight"] >= 0.6:
            said.append("tells a lot in few words")
        said.append("whole sentences" if facts["completeness"] >= 0.95 else "a passage from a longer thought")
        if facts["density"] >= 0.8:
            said.append("fluently spoken")
        if facts["loudness"] >= 0.75:
            said.append("louder than the rest")
        sentence = ", ".join(said)
        return f"{sentence[0].upper()}{sentence[1:]}."
