"""Words as what they are about: without endings, without those that every sentence has."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")  # letters and digits of any script

_STOP_WORDS_TEXT = """
    a about above after again against all also am an and any are as at be because been before being
    below between both but by can could did do does doing down during each even ever every few for from
    further get go going got had has have having he her here hers him his how i if in into is it its
    itself just know let like ll me might more most must my no nor not now of off oh ok okay on once one
    only or other our ours out over own quite re really right said same say see she should so some still
    such than that the their theirs them then there these they thing things think this those through to
    too um under until up us ve very want was way we well were what when where which while who whom why
    will with would yeah yes yet you your yours
"""
STOP_WORDS = frozenset(_STOP_WORDS_TEXT.split())
"""English function words and fillers."""

_INSTRUCTIONS_TEXT = """
    amazing best bit bits catchy clip clips compelling content create cut cuts engaging epic excerpt
    excerpts exciting extract fantastic find footage fun funny generate give good great highlight
    highlights hook hooks important interesting key main make moment moments most part parts pick please
    recording reel reels scene scenes section sections segment segments select short shorts show shows
    some speaker talk talks talking tell tells top video videos viral where speaks speaking discuss
    discusses discussing discussed mention mentions mentioned mentioning explain explains explaining
    explained
"""
INSTRUCTIONS = frozenset(_INSTRUCTIONS_TEXT.split())
"""What a prompt says about the clips that are wanted, and not about what is said in them."""

# Longest first. A stem only has to be the same for all forms of a word, not a word itself.
_ENDINGS = (
    ("ational", "ate"), ("ization", "ize"), ("isation", "ize"), ("fulness", "ful"), ("iveness", "ive"),
    ("ousness", "ous"), ("ements", ""), ("ations", "ate"), ("ement", ""), ("ation", "ate"), ("ments", ""),
    ("iness", "y"), ("ities", ""), ("ingly", ""), ("edly", ""), ("ment", ""), ("ness", ""), ("ally", "al"),
    ("ions", ""), ("ings", ""), ("ists", ""), ("able", ""), ("ible", ""), ("ance", ""), ("ence", ""),
    ("ying", "y"), ("sses", "ss"), ("ies", "y"), ("ied", "y"), ("ier", "y"), ("ily", "y"), ("ing", ""),
    ("ion", ""), ("ity", ""), ("ism", ""), ("ist", ""), ("ers", ""), ("ors", ""), ("ous", ""), ("ful", ""),
    ("ive", ""), ("ize", ""), ("ise", ""), ("ed", ""), ("er", ""), ("or", ""), ("es", ""),
    ("ly", ""), ("al", ""), ("s", ""), ("e", ""),
)  # fmt: skip
_PLURALS = frozenset({"s", "es"})
_KEPT = ("ss", "us", "is")
"""Words that end so are no plurals."""
_DOUBLING = frozenset({"ing", "ings", "ed", "er", "ers"})
_LEAST_STEM = 3
_VOWELS = frozenset("aeiouy")
_ROUNDS = 3


def words_of(text: str) -> list[str]:
    """The words of a text, folded: lower case, accents gone, without what follows an apostrophe."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in folded if not unicodedata.combining(character))
    return [re.split(r"['\u2019]", word)[0] for word in _WORD.findall(plain)]


def stem(word: str) -> str:
    """A word without its English endings; words of other scripts stay as they are.

    A simple suffix stripper after M. F. Porter, "An algorithm for suffix stripping" (Program 14, 1980): an
    ending goes when enough of the word remains.
    """
    if not word.isascii() or not word.isalpha():
        return word
    for _ in range(_ROUNDS):
        shorter = _without_ending(word)
        if shorter == word:
            break
        word = shorter
    return word[:-1] + "i" if word.endswith("y") and len(word) > _LEAST_STEM else word


def terms_of(text: str) -> list[str]:
    """What a text is about: stems of its words, in order, without function words."""
    return [
        stem(word) for word in words_of(text) if word not in STOP_WORDS and (len(word) > 1 or word.isdigit())
    ]


def topics_of(prompt: str) -> list[str]:
    """What a prompt asks for, each once; nothing when it only says that clips are wanted."""
    asked = [word for word in words_of(prompt) if word not in INSTRUCTIONS and word not in STOP_WORDS]
    return list(dict.fromkeys(stem(word) for word in asked if _tells(word)))


def _tells(word: str) -> bool:
    return len(word) > 1 or word.isdigit() or not word.isascii()


def _without_ending(word: str) -> str:
    for ending, instead in _ENDINGS:
        if not word.endswith(ending) or (ending in _PLURALS and word.endswith(_KEPT)):
            continue
        rest = word[: -len(ending)]
        if len(rest) < _LEAST_STEM or _VOWELS.isdisjoint(rest):
            return word
        # running, runs: the doubled letter was there for the ending alone.
        if ending in _DOUBLING and rest[-1] == rest[-2] and rest[-1] not in "aeioulsz":
            rest = rest[:-1]
        return rest + instead
    return word
