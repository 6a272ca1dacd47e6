"""How much a passage is about what was asked for: BM25, the passages being sentences of one recording."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

_K1 = 1.2
_B = 0.6


class Relevance:
    """BM25 of passages of a recording against topics.

    Source: S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009),
    with the variant of the inverse document frequency that never becomes negative.

    Args:
        topics: stems that are asked for.
        sentences: stems of each sentence of the recording.
    """

    def __init__(self, topics: Sequence[str], sentences: Sequence[Sequence[str]]) -> None:
        self.topics = tuple(topics)
        counts: Counter[str] = Counter()
        for sentence in sentences:
            counts.update(set(sentence))
        total = len(sentences)
        self._weight = {
            term: math.log(1 + (total - count + 0.5) / (count + 0.5)) for term, count in counts.items()
        }
        self._unseen = math.log(1 + (total + 0.5) / 0.5)
        self._mean_length = sum(map(len, sentences)) / total if total else 1.0

    def weight(self, term: str) -> float:
        """How much a term tells: rare ones tell more."""
        return self._weight.get(term, self._unseen)

    @property
    def found(self) -> tuple[str, ...]:
        """The topics that the recording speaks of at all."""
        return tuple(topic for topic in self.topics if topic in self._weight)

    def score(self, terms: Sequence[str], sentences: int = 1) -> float:
        """0 (about something else) to 1 (about every topic, again and again), for a passage of sentences."""
        if not self.topics:
            return 0.0
        counts = Counter(terms)
        expected = max(1.0, self._mean_length * sentences)
        long = 1 - _B + _B * len(terms) / expected
        reached = sum(
            self.weight(topic) * counts[topic] * (_K1 + 1) / (counts[topic] + _K1 * long)
            for topic in self.topics
            if counts[topic]
        )
        best = sum(self.weight(topic) for topic in self.topics) * (_K1 + 1)
        return min(1.0, reached / best) if best else 0.0
