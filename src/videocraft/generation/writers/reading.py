"""Reading a prompt: who does what, where and when, as far as simple rules can tell.

No grammar is complete, so nothing depends on this one: what it does not understand stays as the words that it
is, and is shown as such.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from videocraft.generation.writers import words

MOST_EVENTS = 60
_PHRASE_WORDS = 9
_EVENT_WORDS = 34
_LETTERS = 60

_TOKEN = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*|[^\w\s]", re.UNICODE)
_LEAD_IN = re.compile(
    r"^(?:please\s+)?(?:create|make|generate|produce|write|show|film|shoot|draw|i want|i need|give me)\b"
    r"(?:\s+(?:me|us))?\s+(?:an?|the|some)?\s*(?:[\w-]+\s+){0,4}?"
    r"(?:video|film|movie|clip|story|storyboard|animation|trailer|commercial|advert|ad|documentary|scenes?)\s*"
    r"(?:about|of|on|for|showing|where|in which|that shows|featuring|with)?\s+",
    re.IGNORECASE,
)
_EXPLAIN_LEAD_IN = re.compile(
    r"^(?:explain|describe|show|teach|tell)\s+(?:me|us|people|kids|children|everyone)?\s*"
    r"(?:how|why|what|where|that|the story of)\s+",
    re.IGNORECASE,
)
_GENRE_LEAD_IN = re.compile(
    r"^(?:(?:an?|the)\s+)?(?:[\w-]+\s+){0,3}?(?:story|tale|film|movie|video|clip|trailer|documentary|commercial|advert|ad)"
    r"\s+(?:about|of|on|for|showing|in which|where)\s+",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(
    r"[.!?;\n\u2026\u3002\uff01\uff1f\u061f\u0964]+|"
    r",?\s+(?:and then|then|until|before|while|when|after which|but)\s+|"
    r",\s+(?=(?:he|she|they|it|we)\s)|,\s+(?:and\s+)?(?=\w+(?:s|ed)\s+(?:a|an|the|his|her|their|its|into|to)\s)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Event:
    """One clause of the prompt: its own words, and what happens in it."""

    text: str
    """The clause, from a capital letter, without a full stop."""
    subject: str = ""
    predicate: str = ""
    """From the verb on; empty when no verb was found."""


@dataclass(frozen=True)
class Story:
    """What a prompt tells."""

    subject: str
    """As a phrase with its article: ``a young hero``."""
    is_plural: bool
    is_person: bool
    """Somebody (or an animal) who acts, rather than a thing or a place."""
    thing: str
    """What it is about beside the subject: ``a hidden treasure``; may be empty."""
    place: str
    """As a phrase: ``ancient ruins``."""
    kind_of_place: str
    """A key of ``words.PLACES``; empty when the place is of no kind that we know."""
    light: str
    """Of the time of day; empty when the prompt does not say."""
    weather: str
    events: tuple[Event, ...] = field(default=())


def read(prompt: str) -> Story:
    """What the prompt tells."""
    # Words longer than any are cut: what stands without spaces (Chinese, a row of emoji) is one word here.
    text = " ".join(word[:_LETTERS] for word in prompt.split())
    for lead_in in (_LEAD_IN, _EXPLAIN_LEAD_IN, _GENRE_LEAD_IN):
        text = lead_in.sub("", text, count=1)
    lowered = [token.lower() for token in _TOKEN.findall(text)]
    events = _events(text)
    subject = next((event.subject for event in events if event.subject), "") or _first_phrase(text)
    thing = next((found for event in events if (found := _thing(event.predicate))), "")
    place, kind = _place(events, lowered)
    if not place and kind_of_place(subject):
        place, kind = subject, kind_of_place(subject)
    head = head_of(subject)
    return Story(
        subject=subject,
        is_plural=_is_plural(subject),
        is_person=_is_somebody(head) or _is_name(subject),
        thing=thing if head_of(thing) != head else "",
        place=place,
        kind_of_place=kind,
        light=light_in(text),
        weather=next((words.WEATHER[word] for word in lowered if word in words.WEATHER), ""),
        # One clause in which nothing happens is not an event: it is what the film shows all the time.
        events=tuple(events[:MOST_EVENTS])
        if len(events) > 1 or any(each.predicate for each in events)
        else (),
    )


def definite(phrase: str) -> str:
    """A phrase as it is named the second time: ``a young hero`` -> ``the young hero``."""
    first, _, rest = phrase.partition(" ")
    word = first.lower()
    if word in {"a", "an", "some", "another", "one"} and rest:
        return f"the {rest}"
    if word in {"two", "three", "four", "five", "six", "several", "many", "seven", "eight", "nine", "ten"}:
        return f"the {phrase[:1].lower()}{phrase[1:]}"
    if word in words.DETERMINERS:
        return phrase[:1].lower() + phrase[1:]
    if _is_name(phrase) or not phrase[:1].isascii() or len(phrase.split()) > 5:
        return phrase
    if not rest and not _is_plural(phrase):
        return phrase  # photosynthesis, Paris: one of its kind, or no thing at all
    return f"the {phrase[:1].lower()}{phrase[1:]}"


def head_of(phrase: str) -> str:
    """The word that a phrase is about: ``a young hero of the north`` -> ``hero``."""
    kept: list[str] = []
    for token in phrase.lower().split():
        if token in words.PREPOSITIONS and kept:
            break
        kept.append(token)
    return kept[-1].strip(",.") if kept else ""


def kind_of_place(phrase: str) -> str:
    """The key of ``words.PLACES`` that a phrase names, by its last word that names one; empty when none
    does."""
    for token in reversed(phrase.lower().split()):
        for word in (token, token.removesuffix("s"), token.removesuffix("es")):
            if word in words.PLACES:
                return word
            if word in words.PLACE_SYNONYMS:
                return words.PLACE_SYNONYMS[word]
    return ""


def light_in(text: str) -> str:
    """The light of the first time of day that a text names; empty when it names none."""
    tokens = (token.lower() for token in _TOKEN.findall(text))
    return next((words.TIMES[token] for token in tokens if token in words.TIMES), "")


def place_of(phrase: str) -> str:
    """A place as it is named the second time: ``ancient ruins`` -> ``the ancient ruins``; names stay
    names."""
    if all(token[:1].isupper() for token in phrase.split()):
        return phrase
    first, _, rest = phrase.partition(" ")
    if first.lower() in words.DETERMINERS:
        return f"the {rest}" if first.lower() in {"a", "an", "some"} and rest else phrase
    return f"the {phrase}"


def within(event: Event) -> str:
    """An event's words inside of a sentence: without the capital, unless they begin with a name."""
    first = event.text.split()[0].strip(",")
    keeps = _is_name(first) or not first[:1].isalpha()
    return event.text if keeps else event.text[:1].lower() + event.text[1:]


def capital(text: str) -> str:
    """The text from a capital letter."""
    return text[:1].upper() + text[1:]


def _is_somebody(head: str) -> bool:
    known = head in words.PEOPLE or head.removesuffix("s") in words.PEOPLE
    return known or head.removesuffix("s").endswith(words.ENDINGS_OF_PEOPLE)


def _events(text: str) -> list[Event]:
    found = []
    for clause in _CLAUSE_END.split(text):
        tokens = clause.strip(" ,:-\u2013\u2014\"'\u201c\u201d").split()
        if len("".join(tokens)) < 3:
            continue
        shown = capital(" ".join(tokens[:_EVENT_WORDS])).rstrip(" ,:;-")
        subject, predicate = _parse(tokens)
        if (
            predicate.split(" ")[0].lower().endswith("ing")
            and f"{subject} {predicate}" in shown[:1].lower() + shown[1:]
        ):
            # "a robot learning to paint": as a sentence.
            being = "are" if _is_plural(subject) else "is"
            shown = capital(f"{subject} {being} {predicate}".rstrip(" ,:;-"))
        found.append(Event(shown, subject, predicate))
    return found


def _parse(tokens: list[str]) -> tuple[str, str]:
    """Subject and predicate of a clause; empty where there are none to be found."""
    plain = [token.lower().strip(",:\"'\u201c\u201d") for token in tokens]
    start = _after_opening_phrase(tokens, plain)
    for index in range(start + 1, min(len(tokens), start + _PHRASE_WORDS + 1)):
        before = plain[start:index]
        if plain[index] in words.PREPOSITIONS | {"who", "which", "that"} and plain[index] != "of":
            rest = next((i for i in range(index, len(tokens)) if _is_verb(plain, i, start)), None)
            subject = " ".join(tokens[start:index])
            return _clean_subject(subject), " ".join(tokens[rest:_EVENT_WORDS]) if rest else ""
        if _is_verb(plain, index, start) and before[-1] not in words.DETERMINERS:
            named = [token for token in tokens[start:index] if token.lower() not in words.SUPPLEMENTS]
            return _clean_subject(" ".join(named)), " ".join(tokens[index : index + _EVENT_WORDS])
    return "", ""


def _after_opening_phrase(tokens: list[str], plain: list[str]) -> int:
    """Where the subject begins when a clause opens with ``At dawn, …`` or ``In a quiet village, …``."""
    if plain and plain[0] in words.PREPOSITIONS:
        for index, token in enumerate(tokens[:-1]):
            if token.endswith(","):
                return index + 1
    return 0


def _is_verb(plain: list[str], index: int, start: int) -> bool:
    word = plain[index]
    if word in words.NOT_VERBS or index <= start:
        return False
    following = plain[index + 1] if index + 1 < len(plain) else ""
    ends_phrase = not following or following in words.DETERMINERS | words.PREPOSITIONS | words.PRONOUNS
    if word in words.VERB_FORMS:
        # "a sleeping dragon": what stands before another noun is not the verb.
        return ends_phrase or not word.endswith(("ing", "ed")) or following.endswith("ly")
    if word in words.PLACES or word in words.PLACE_SYNONYMS or word in words.PEOPLE:
        return False
    looks_like_one = word.endswith(("ing", "ed")) or (
        word.endswith("s") and not word.endswith(("ss", "us", "is"))
    )
    has_noun_before = index - start >= 2 or plain[start] not in words.DETERMINERS
    return looks_like_one and len(word) > 3 and has_noun_before and bool(following) and ends_phrase


def _clean_subject(subject: str) -> str:
    tokens = subject.strip(" ,").split()
    if not tokens or tokens[-1].lower() in words.DETERMINERS or tokens[0].lower() in words.PRONOUNS:
        return ""
    tokens = tokens[-_PHRASE_WORDS:]
    if not _is_name(" ".join(tokens)):
        tokens[0] = tokens[0][:1].lower() + tokens[0][1:]
    return " ".join(tokens)


def _thing(predicate: str) -> str:
    """The object of a verb: the words behind it up to the next preposition."""
    tokens = [token.strip(",") for token in predicate.split()]
    kept: list[str] = []
    for token in tokens[1:]:
        lowered = token.lower()
        if lowered in words.PREPOSITIONS | words.CONJUNCTIONS | words.PRONOUNS:
            break
        if kept and lowered in words.VERB_FORMS and lowered not in words.NOT_VERBS:
            break
        if not (lowered in words.SUPPLEMENTS and not kept):
            kept.append(token)
    phrase = " ".join(kept[:_PHRASE_WORDS])
    return phrase if len(kept) > 1 and kept[0].lower() in words.DETERMINERS else ""


def _place(events: list[Event], lowered: list[str]) -> tuple[str, str]:
    """The place as a phrase, and its kind."""
    fallback = ""
    for event in events:
        tokens = event.text.split()
        for index, token in enumerate(tokens):
            if token.lower() not in words.PLACE_PREPOSITIONS:
                continue
            phrase = _phrase_from(tokens, index + 1)
            if token.lower() in words.BESIDE and kind_of_place(nearer := _phrase_before(tokens, index)):
                phrase = nearer
            kind = kind_of_place(phrase)
            if kind:
                return phrase, kind
            if (
                phrase
                and not fallback
                and not _is_time(phrase)
                and phrase.split()[0].lower() in words.DETERMINERS
            ):
                fallback = phrase
    if fallback:
        return fallback, ""
    named = next((found for word in lowered if (found := kind_of_place(word))), "")
    implied = next(
        (
            words.IMPLIED_PLACES[each]
            for word in lowered
            for each in (word, word.removesuffix("s"))
            if each in words.IMPLIED_PLACES
        ),
        "",
    )
    # "He returns home" says less of where a fisherman is than that he is one.
    kind = (implied or named) if named == "home" else (named or implied)
    if kind.endswith("s"):
        return words.PHRASES_OF_PLACE.get(kind, kind), kind
    return words.PHRASES_OF_PLACE.get(kind, f"a {kind}" if kind else ""), kind


def _phrase_from(tokens: list[str], start: int) -> str:
    kept: list[str] = []
    for token in tokens[start : start + _PHRASE_WORDS]:
        lowered = token.lower()
        stops = words.PREPOSITIONS - {"of"} | words.CONJUNCTIONS | words.PRONOUNS
        if lowered in stops or (kept and lowered in words.VERB_FORMS and lowered not in words.NOT_VERBS
                                and not lowered.endswith(("ed", "ing"))):  # fmt: skip
            break
        word = token.strip(",.;:")
        if word:
            kept.append(word)
        if word != token:
            break  # a comma ends a phrase
    while kept and kept[-1].lower() in words.DETERMINERS | {"of"}:
        kept.pop()
    return " ".join(kept)


def _phrase_before(tokens: list[str], end: int) -> str:
    """A noun with its article that ends where a preposition stands; empty when there is none."""
    for start in range(end - 1, max(-1, end - 1 - _PHRASE_WORDS), -1):
        if tokens[start].lower() in words.DETERMINERS:
            phrase = " ".join([tokens[start].lower(), *tokens[start + 1 : end]])
            return phrase if phrase == _phrase_from(phrase.split(), 0) else ""
    return ""


def _is_time(phrase: str) -> bool:
    return any(token in words.TIMES or token in words.WEATHER for token in phrase.lower().split())


def _first_phrase(text: str) -> str:
    """The beginning of the prompt up to where a phrase ends, for want of a subject."""
    kept: list[str] = []
    for token in text.split():
        if kept and token.lower().strip(",.") in words.PREPOSITIONS | words.CONJUNCTIONS:
            break
        kept.append(token.strip(",.;:!?"))
        if token[-1] in ",.;:!?" or len(kept) == _PHRASE_WORDS:
            break
    phrase = " ".join(kept).strip() or "the story"
    return phrase if _is_name(phrase) else phrase[:1].lower() + phrase[1:]


def _is_name(phrase: str) -> bool:
    """Whether a phrase is a name: capitals all through, no article, and no word that is known as another."""
    tokens = phrase.split()
    known = words.DETERMINERS | words.PRONOUNS | words.PREPOSITIONS | words.PEOPLE | words.WEATHER.keys()
    if not 1 <= len(tokens) <= 3 or not all(token[:1].isupper() for token in tokens):
        return False
    first = tokens[0].lower()
    if first in known or first in words.PLACES or first in words.PLACE_SYNONYMS or first in words.TIMES:
        return len(tokens) > 1 and first in words.PEOPLE  # Captain Nemo, Doctor Who
    return len(tokens) > 1 or not first.endswith("s")


def _is_plural(subject: str) -> bool:
    tokens = subject.lower().split()
    if not tokens:
        return False
    if tokens[0] in {
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "several",
        "many",
        "these",
        "those",
    }:
        return True
    head = head_of(subject)
    if tokens[0] in {"a", "an", "one", "this", "every", "each", "another"}:
        return False
    return head in {"people", "children", "villagers"} or "and" in tokens or (
        head.endswith("s") and not head.endswith(("ss", "us", "is")) and not _is_name(subject)
    )  # fmt: skip
