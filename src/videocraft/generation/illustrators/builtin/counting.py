"""How many of each: numbers, plurals and words like "flock", read from a prompt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

SEVERAL = 3
"""What a plural without a number means."""
MANY = 9
"""What a flock, or "hundreds", is drawn as: more than one counts at a glance."""

_NUMBERS: dict[str, int] = {
    **{word: number for number, word in enumerate("two three four five six seven eight nine".split(), 2)},
    "both": 2, "pair": 2, "couple": 2, "twin": 2, "dozen": MANY, "ten": MANY, "twelve": MANY, "hundred": MANY,
    "thousand": MANY, "countless": MANY, "many": 6, "several": 4, "few": 3, "some": 3, "row": 5, "line": 5,
    "pile": 5, "bunch": 5, "cluster": 5, "group": 4, "collection": 5, "shelf": 5,
    **dict.fromkeys("flock herd swarm shoal fleet pack pride colony murmuration stampede".split(), MANY),
}  # fmt: skip
_NEED_OF = frozenset(
    "pair couple row line pile bunch cluster group collection shelf pack pride colony".split()
)
"""They count only before "of": a line may be one on paper."""
_ONE = frozenset(
    "a an one the this that his her its their my our and or with in on at by beside under".split()
)
_SAME = frozenset("sheep fish deer cattle salmon bison buffalo reindeer people geese".split())
"""Plurals that look like singulars, where nothing says "a"."""
_VERBS = frozenset("sails plants".split())
"""What looks like a plural is as often something that one alone does."""
_REACH = 3
"""How many words (adjectives) may stand between a number and what it counts."""


def counts(
    words: Sequence[str], stem: Callable[[str], str], names: Callable[[str], Iterable[str]]
) -> dict[str, int]:
    """How many there are of what is named.

    Args:
        words: of the prompt, in order, as they are written (lower case).
        stem: the singular of a word.
        names: what a singular stands for.
    """
    found: dict[str, int] = {}
    for name, number, is_plural in _read(words, stem, names):
        found[name] = max(found.get(name, 1), number or (SEVERAL if is_plural else 1))
    return found


def numbered(
    words: Sequence[str], stem: Callable[[str], str], names: Callable[[str], Iterable[str]]
) -> dict[str, int]:
    """As ``counts``, of what a number is said of."""
    return {name: number for name, number, _ in _read(words, stem, names) if number}


def _read(
    words: Sequence[str], stem: Callable[[str], str], names: Callable[[str], Iterable[str]]
) -> Iterator[tuple[str, int, bool]]:
    """What is named, the number said of it (0: none), and whether it stands in the plural."""
    number, distance, is_single = 0, 0, False
    for index, word in enumerate(words):
        root = stem(word)
        following = words[index + 1] if index + 1 < len(words) else ""
        told = int(word) if word.isdigit() and len(word) < 4 else _NUMBERS.get(root, 0)
        if root == "school":  # of fish, not the house
            told = MANY if following == "of" else 0
        # "A row of candles" counts, "a line" does not; "five horses" needs no "of".
        if told > 1 and (root not in _NEED_OF or following == "of"):
            number, distance, is_single = min(told, MANY), 0, False
            continue
        if word == "of":
            continue
        if word in _ONE:
            number, is_single = 0, word in {"a", "an", "one"}
            continue
        is_plural = (root != word and word not in _VERBS) or (word in _SAME and not is_single)
        known = list(names(root))
        for name in known:
            yield name, number, is_plural
        distance += 1
        if known or distance > _REACH:
            number, is_single = 0, False
