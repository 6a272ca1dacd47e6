"""Reads a prompt: words in, a ``SceneIdea`` out. Nothing of the prompt's text goes any further."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Generic, TypeVar

from videocraft.generation.base import ImageRequest, Shot
from videocraft.generation.illustrators.builtin import counting, creatures, words
from videocraft.generation.illustrators.builtin.idea import (
    Look,
    Outfit,
    Person,
    Place,
    Pose,
    SceneIdea,
    Time,
    Weather,
)
from videocraft.generation.illustrators.builtin.things import THINGS

K = TypeVar("K")

_LONGEST_PROMPT = 5000
_MOST_PEOPLE = 5
_WORD = re.compile(r"[a-z0-9&]+(?:['-][a-z0-9]+)*")
_IRREGULAR = {
    "men": "man", "women": "woman", "children": "child", "wolves": "wolf", "leaves": "leaf",
        "knives": "knife",
    "businessmen": "businessman", "policemen": "policeman", "mice": "mouse", "kids": "kid",
        "thieves": "thief",
    "heroes": "hero", "volcanoes": "volcano", "ran": "run", "sat": "sit", "stood": "stand", "fought": "fight",
    "found": "find", "shelves": "shelf", "witches": "witch", "churches": "church", "beaches": "beach",
    "boxes": "box", "waves": "wave", "horses": "horse", "houses": "house", "headed": "head", "skies": "sky",
    "people": "people", "glasses": "glasses", "geese": "goose", "oxen": "ox", "dwarves": "dwarf",
}  # fmt: skip


_KNOWN = frozenset(
    word
    for table in (words.PLACES, words.ANIMALS, words.THINGS, words.TIMES, words.LOOKS)
    for text in table.values()
    for word in text.split()
)
"""Words that mean something as they are, though they end like a plural (mars, stars, woods)."""


def understand(request: ImageRequest) -> SceneIdea:
    """What a request asks to see. Any text is understood somehow; the same text always in the same way."""
    scene = _tokens(request.prompt)
    context = _tokens(request.context)
    style = _tokens(request.style)
    place = _place(scene, context)
    weather = frozenset(_WEATHERS.hits(scene))
    people = _people(scene, context, request)
    animals = _names(_ANIMALS, scene)
    things = _names(_THINGS, scene)
    crowd = any(t in words.ALWAYS_CROWDS for t in scene) or bool(_plurals(request.prompt) & words.CROWDS)
    look = _look(style) or _look(scene) or Look.CINEMATIC
    return SceneIdea(
        place=place,
        time=_time(scene, context, look, weather),
        weather=weather,
        look=look,
        shot=request.shot or _shot(scene, people or animals, things),
        pose=_pose(scene, animals),
        people=people,
        animals=animals[:2],
        things=tuple(t for t in things if t != "moon" and (t != "lamp" or "street_lamp" not in things))[:3],
        crowd=crowd and not _nobody(request.prompt) and not _is_counted(request.prompt),
        counts=counting.counts(_written(request.prompt), _stem, _named),
    )


def _is_counted(prompt: str) -> bool:
    """Whether the prompt says how many people there are, and that they are few."""
    told = counting.numbered(_written(prompt), _stem, _ROLES.get)
    return any(1 < count <= _MOST_PEOPLE for count in told.values())


def _named(root: str) -> list[str]:
    """Animals and things that a singular stands for."""
    return [*_ANIMALS.hits([root]), *_THINGS.hits([root])]


def _written(text: str) -> list[str]:
    """The words as they are written, in lower case and without accents."""
    plain = unicodedata.normalize("NFKD", text[:_LONGEST_PROMPT]).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("\u2019", "'")
    found = [match[0].removesuffix("'s") for match in _WORD.finditer(plain)]
    for index, (word, following) in enumerate(pairwise(found)):
        # Who "plants a flag" has no plant in the hand, who "stands guard" no guard beside.
        if word in {"plant", "plants"} and following in {"a", "an", "the"}:
            found[index] = "planting_something"
        elif following == "guard" and word in {"stand", "stands", "standing", "stood"}:
            found[index + 1] = "watch"
    return found


def _tokens(text: str) -> list[str]:
    """Words in the vocabulary's form, in order, with those after a negation left out; phrases follow them."""
    found: list[str] = []
    skip = 0
    for word in _written(text):
        if word in words.NEGATIONS:
            skip = 2
        elif skip and word not in {"a", "an", "the", "any"}:
            skip -= 1
            found.append("-")
        else:
            found.append(_stem(word))
    pairs = [f"{a}_{b}" for a, b in pairwise(found)]
    triples = [f"{a}_{b}_{c}" for a, b, c in zip(found, found[1:], found[2:], strict=False)]
    return found + pairs + triples


def _stem(word: str) -> str:
    """The singular of a noun, by rule; words that the vocabulary knows as they are stay."""
    if word in _IRREGULAR or word in _KNOWN:
        return _IRREGULAR.get(word, word)
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


class _Vocabulary(Generic[K]):
    """A table of ``words`` turned round: from a word to the keys that it stands for."""

    def __init__(self, table: Mapping[K, str]) -> None:
        self._keys: dict[str, list[K]] = {}
        for key, text in table.items():
            for word in text.split():
                self._keys.setdefault(word, []).append(key)

    def get(self, word: str) -> list[K]:
        return self._keys.get(word, [])

    def hits(self, tokens: list[str]) -> list[K]:
        """The keys that tokens stand for, in the order of mention, repeated as often as mentioned."""
        return [key for token in tokens for key in next(filter(None, map(self.get, _forms(token))), [])]

    def first(self, tokens: list[str]) -> K | None:
        return next(iter(self.hits(tokens)), None)


_NO_VERBS = frozenset({"fishing"})  # boats, rods and people: the fish is not to be seen


def _forms(token: str) -> Iterable[str]:
    """A token, and for -ing, -ed and -s forms of verbs what they may come from."""
    yield token
    if token in _NO_VERBS:
        return
    for suffix in ("ing", "ed", "es", "er"):
        if token.endswith(suffix) and len(token) > len(suffix) + 2:
            base = token.removesuffix(suffix)
            yield base
            yield base + "e"
            if base[-1] == base[-2]:
                yield base[:-1]


_PLACES = _Vocabulary(words.PLACES)
_TIMES = _Vocabulary(words.TIMES)
_WEATHERS = _Vocabulary(words.WEATHERS)
_LOOKS = _Vocabulary(words.LOOKS)
_SHOTS = _Vocabulary(words.SHOTS)
_POSES = _Vocabulary(words.POSES)
_ANIMALS = _Vocabulary(words.ANIMALS)
_THINGS = _Vocabulary(words.THINGS)


def _names(vocabulary: _Vocabulary[str], tokens: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(vocabulary.hits(tokens)))


# A tree or a house says less of where a scene plays than a street or a library does.
_WEAK_PLACE_WORDS = frozenset(
    "tree house home sky cloud sand path wave stars planet reflection tower chamber column ancient cook desk "
    "meeting team student product scientist chef range mount grass nature landscape planet study band "
    "pirate cowboy horizon coffee gallery court keep track drive journey space neon stars city traffic "
    "reflection flight flying snowy icy frozen performance audience audience".split()
)


def _place(scene: list[str], context: list[str]) -> Place:
    """The place with most votes: the scene's own words count far more than the storyboard's."""
    votes: Counter[Place] = Counter()
    for tokens, weight in ((scene, 6.0), (context, 1.0)):
        for order, token in enumerate(tokens):
            for place in _PLACES.get(token):
                worth = 0.5 if token in _WEAK_PLACE_WORDS else 1.0 + 0.25 * token.count("_")
                # Of equals the one that is named first wins.
                votes[place] += weight * worth * (1.0 - 0.2 * order / max(1, len(tokens)))  # type: ignore[assignment]  # floats count too
    if votes:
        return votes.most_common(1)[0][0]
    things = _names(_THINGS, scene)
    if set(_names(_ANIMALS, scene)) & creatures.SWIMMING:
        return Place.UNDERWATER
    if set(things) & {"ship", "boat"}:
        return Place.SEA
    indoors = (THINGS[name].held and name not in _OUTDOORS for name in things if name in THINGS)
    return Place.ROOM if "table" in things or any(indoors) else Place.HILLS


_OUTDOORS = frozenset("sword torch lantern map flower plant ball camera crystal skull crown".split())
"""Of what can be held, what says nothing of a room."""


_LOOK_TIMES = {
    Look.CYBERPUNK: Time.NIGHT,
    Look.HORROR: Time.NIGHT,
    Look.NOIR: Time.NIGHT,
    Look.VINTAGE: Time.SUNSET,
    Look.FANTASY: Time.SUNSET,
    Look.CINEMATIC: Time.SUNSET,
}
"""The light that a style prefers where no word says another."""


def _time(scene: list[str], context: list[str], look: Look, weather: frozenset[Weather]) -> Time:
    said = _TIMES.first(scene)
    if said is not None:
        return said
    if Weather.STORM in weather or Weather.RAIN in weather:
        return Time.OVERCAST
    if Weather.AURORA in weather or Weather.FIREWORKS in weather:
        return Time.NIGHT
    return _TIMES.first(context) or _LOOK_TIMES.get(look, Time.DAY)


def _shot(scene: list[str], living: Sequence[object], things: Sequence[str]) -> Shot:
    said = _SHOTS.hits(scene)
    if Shot.EXTREME_CLOSE_UP in said:
        return Shot.EXTREME_CLOSE_UP
    if Shot.EXTREME_WIDE in said:
        return Shot.EXTREME_WIDE
    if said:
        return said[0]
    small = any(name in THINGS and THINGS[name].held for name in things)
    return Shot.FULL if living else Shot.MEDIUM if small else Shot.WIDE


def _look(tokens: list[str]) -> Look | None:
    """ "Film noir" and "dramatic watercolor" are more than films and drama: the general look comes last."""
    found = _LOOKS.hits(tokens)
    return next((look for look in found if look is not Look.CINEMATIC), next(iter(found), None))


def _pose(scene: list[str], animals: tuple[str, ...]) -> Pose:
    found = _POSES.hits(scene)
    if Pose.RIDE in found and set(animals) & words.MOUNTS:
        return Pose.RIDE
    if {"chess", "card"} & set(scene):
        return Pose.SIT  # a play that nobody dances
    return next((pose for pose in found if pose is not Pose.RIDE), Pose.STAND)


def _nobody(prompt: str) -> bool:
    return bool(
        re.search(
            r"\b(?:no|without)\s+(?:people|person|one|humans?)\b|\bnobody\b|\bdeserted\b",
            prompt,
            re.IGNORECASE,
        )
    )


def _plurals(prompt: str) -> set[str]:
    """Singulars of the prompt's words that stand in the plural."""
    found = (m[0] for m in _WORD.finditer(prompt[:_LONGEST_PROMPT].casefold()))
    return {_stem(word) for word in found if _stem(word) != word} | (
        {"people"} & set(prompt.casefold().split())
    )


def _people(scene: list[str], context: list[str], request: ImageRequest) -> tuple[Person, ...]:
    if _nobody(request.prompt):
        return ()
    roles = _roles(scene)
    # "Two friends" are two: the smallest of the groups that are named.
    pair = min((words.GROUPS[token] for token in scene if token in words.GROUPS), default=1)
    if pair == 1 and _plurals(request.prompt) & {word for word, _ in roles}:
        pair = counting.SEVERAL
    # "Four soldiers" are four, whatever a plural means.
    told = counting.counts(_written(request.prompt), _stem, _ROLES.get)
    if len(roles) == 1:
        pair = max(pair, min(_MOST_PEOPLE, max(told.values(), default=1)))
    elif any(count > 1 for count in told.values()):
        # "A scientist and two robots": each as many as there are.
        roles = [role for role in roles for _ in range(_told_of(told, role[0]))]
    prompt = request.prompt.casefold()
    characters = [name for name in request.characters if name.strip() and not _is_animal(name)]
    named = [name for name in characters if name.casefold() in prompt]
    others = [name for name in characters if name not in named]
    if not roles and not named and not (others and _POSES.first(scene)):
        return ()
    wanted = max(len(roles), len(named), pair if roles else 1)
    # Names of this scene first; then those of the film, so that "the hero" is who the hero was before.
    names = [*named, *others, *(word for word, _ in roles)]
    fallback = _roles(context)
    people = []
    for number in range(min(wanted, _MOST_PEOPLE)):
        known = roles[min(number, len(roles) - 1)] if roles else None
        word, role = known or (fallback[0] if fallback and number == 0 else ("", None))
        name = names[number] if number < len(names) else f"{word or 'person'} {number}"
        people.append(_person(name, word, role, scene))
    return tuple(people)


def _is_animal(name: str) -> bool:
    """Whether a character is called what it is, and no person: "the old fox"."""
    return bool(_ANIMALS.hits([_stem(word) for word in _written(name)][-1:]))


def _told_of(told: Mapping[str, int], word: str) -> int:
    return max((told.get(key, 1) for key in _ROLES.get(word)), default=1)


def _roles(tokens: list[str]) -> list[tuple[str, words.Role]]:
    """Each kind of person that is mentioned, with the word for it; a knight replaces "hero"."""
    found = {token: _ROLE_OF[key] for token in tokens for key in _ROLES.get(token)}
    special = {word: role for word, role in found.items() if role[0] is not Outfit.CASUAL}
    plain = {word: role for word, role in found.items() if word not in special and word not in _PRONOUNS}
    if special or plain.keys() - _VAGUE:
        plain = {word: role for word, role in plain.items() if word not in _VAGUE}
    return list((plain | special or found).items())


_ROLE_OF: dict[str, words.Role] = {**words.ROLES, **words.ELDERS}
_ROLES = _Vocabulary({text: text for text in _ROLE_OF})
_PRONOUNS = frozenset({"he", "him", "she", "her", "they", "everyone"})
_VAGUE = frozenset(
    "hero heroine protagonist character person figure human someone people face portrait eye headshot smile "
    "expression hand group crew".split()
)


def _person(name: str, word: str, role: words.Role | None, scene: list[str]) -> Person:
    old = word in words.OLD or any(token in words.OLD for token in scene)
    if role is None:
        return Person(name, old=old)
    outfit, headwear, height, long_hair, holds = role
    return Person(name, outfit, headwear, height, long_hair, old, holds)
