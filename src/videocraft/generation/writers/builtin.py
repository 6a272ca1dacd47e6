"""The built-in writer: storyboards by rules, without a model, a key or the network.

It reads the prompt (``reading``), lays out the beats (``beats``) and words each scene (``lines``). The
clauses of the prompt are spread over the beats that tell something, in their order, so that a prompt that
tells a story gets that story; what remains is the work of a second unit: places, details, faces. The same
brief with the same seed gives the same storyboard."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Final

from videocraft.generation.base import Brief, GenerationStopped, SceneDraft, ShouldStop
from videocraft.generation.writers import lines, words
from videocraft.generation.writers.beats import Beat, Staged, outline, stage
from videocraft.generation.writers.durations import divide
from videocraft.generation.writers.reading import (
    Event,
    Story,
    capital,
    definite,
    head_of,
    kind_of_place,
    light_in,
    place_of,
    read,
    within,
)

MOST_DESCRIPTION = 1000
MOST_IMAGE_PROMPT = 2000

_TELLING: Final = frozenset({Beat.INTRODUCE, Beat.DEVELOP, Beat.OBSTACLE, Beat.TURN, Beat.PEAK})
"""Beats that may show a clause of the prompt; the turn always does if there is one."""
_WITHOUT_SUBJECT: Final = frozenset({Beat.DETAIL, Beat.BREATHE})
_NIGHTLY: Final = ("noir", "horror", "cyberpunk")
_SLOT = re.compile(r"\{(\w+)\}")
_VERB = re.compile(r"\[(\w+)\]")
_DETAILS: Final = (
    "dust in a beam of light",
    "hands that hesitate",
    "a shadow moving across a wall",
    "something small, forgotten on the ground",
    "light breaking on an edge",
    "a trace that somebody has left",
)


class BeatWriter:
    """Writes by rules; ``price`` is what a storyboard is charged with."""

    name = "builtin"

    def __init__(self, price: float = 0.0) -> None:
        self.price = price

    def write(self, brief: Brief, *, should_stop: ShouldStop) -> list[SceneDraft]:
        """See ``Writer``. The text of a prompt is only ever shown, never obeyed."""
        if should_stop():
            raise GenerationStopped
        rng = _random(brief)
        story = read(brief.prompt)
        staged = stage(outline(brief.scenes), rng)
        durations = divide(brief.duration, [each.weight for each in staged])
        told = _spread(story.events, [each.beat for each in staged])
        page = _Page(brief, story, rng)
        return [
            page.scene(each, event, duration)
            for each, event, duration in zip(staged, told, durations, strict=True)
        ]


class _Page:
    """Words the scenes of one storyboard; no sentence comes again before all others of its kind were used."""

    def __init__(self, brief: Brief, story: Story, rng: Random) -> None:
        self._story = story
        self._rng = rng
        self._look = _look(brief.style)
        self._light = _light(story, brief.style, rng)
        self._used: dict[str, list[str]] = {}
        details = words.PLACES.get(story.kind_of_place, _DETAILS)
        self._details = rng.sample(details, len(details))
        self._count = 0

    def scene(self, staged: Staged, event: Event | None, duration: float) -> SceneDraft:
        """One scene."""
        if event is not None:
            self._light = light_in(event.text) or self._light
        beat, slots = staged.beat, self._slots(event)
        descriptions, images = lines.DESCRIPTIONS[beat], lines.IMAGES[beat]
        if not self._story.is_person:
            descriptions, images = lines.OF_THINGS[beat], lines.IMAGES_OF_THINGS[beat]
        if event is None:
            description = self._worded(beat.value, descriptions, slots)
            picture = f" of {self._worded(f'{beat.value} image', images, slots)}"
        else:
            told = [each for each in descriptions if "{event}" in each] if event.predicate else []
            description = self._worded("event", told or lines.EVENT_LINES, slots)
            picture = f": {self._as_picture(event)}{self._where(event, slots)}"
        self._count += 1
        composition = self._worded("composition", lines.COMPOSITIONS, {})
        parts = [
            f"{capital(str(staged.shot))}{picture}",
            self._light,
            self._story.weather,
            composition,
            self._look,
        ]
        return SceneDraft(
            description=_cut(capital(description), MOST_DESCRIPTION),
            duration=duration,
            image_prompt=_cut(", ".join(part for part in parts if part), MOST_IMAGE_PROMPT),
            shot=staged.shot,
            camera_move=staged.move,
            characters=self._characters(beat, event),
        )

    def _as_picture(self, event: Event) -> str:
        """An event for an illustrator, who has not read the one before: ``he`` is nobody to them."""
        first, _, rest = within(event).partition(" ")
        if first.lower() in {"he", "she", "they", "it"} and rest:
            return f"{definite(self._story.subject)} {rest}"
        return within(event)

    def _where(self, event: Event, slots: Mapping[str, str]) -> str:
        """Where an event is, when its own words do not say."""
        is_said = kind_of_place(event.text) or self._story.place.lower() in event.text.lower()
        return "" if is_said else slots["in_place"]

    def _characters(self, beat: Beat, event: Event | None) -> tuple[str, ...]:
        if event is not None and event.subject:
            head = head_of(event.subject)
            return (head,) if head in words.PEOPLE or event.subject == self._story.subject else ()
        if beat in _WITHOUT_SUBJECT or not self._story.is_person:
            return ()
        return (head_of(self._story.subject),)

    def _slots(self, event: Event | None) -> dict[str, str]:
        story = self._story
        detail = self._details[self._count % len(self._details)]
        slots = {
            "who": definite(story.subject),
            "who_first": story.subject,
            "light": self._light,
            "detail": detail,
            "face": "faces" if story.is_plural else "face",
            "in_place": "",
        }
        if story.place:
            slots["place"] = place_of(story.place)
            if not story.kind_of_place or kind_of_place(story.subject) != story.kind_of_place:
                preposition = words.PREPOSITION_OF.get(
                    story.kind_of_place, "in" if story.kind_of_place else "at"
                )
                slots["in_place"] = f" {preposition} {place_of(story.place)}"
        if story.thing:
            slots |= {"thing": definite(story.thing), "thing_first": story.thing}
        if event is not None:
            slots["event"] = within(event)
        return slots | {capital(name): capital(value) for name, value in slots.items()}

    def _worded(self, kind: str, templates: Sequence[str], slots: Mapping[str, str]) -> str:
        usable = [each for each in templates if set(_SLOT.findall(each)) <= slots.keys()]
        used = self._used.setdefault(kind, [])
        fresh = [each for each in usable if each not in used]
        if not fresh:
            del used[:-1]  # a new round, that does not begin with what was said last
            fresh = [each for each in usable if each not in used] or usable
        chosen = self._rng.choice(fresh)
        used.append(chosen)
        return self._conjugated(_SLOT.sub(lambda match: slots[match.group(1)], chosen))

    def _conjugated(self, sentence: str) -> str:
        """``[stop]`` as ``stops``, or as it is when the subject is more than one."""
        return _VERB.sub(
            lambda match: _plural(match.group(1)) if self._story.is_plural else _third(match.group(1)),
            sentence,
        )


def _spread(events: Sequence[Event], beats: Sequence[Beat]) -> list[Event | None]:
    """Which clause of the prompt each scene shows; they keep their order, and the last one makes the turn.

    With more clauses than scenes that can tell one, neighbours share a scene.
    """
    told: list[Event | None] = [None] * len(beats)
    turn = beats.index(Beat.TURN)
    before = [index for index, beat in enumerate(beats) if beat in _TELLING and index < turn]
    after = [index for index, beat in enumerate(beats) if beat in _TELLING and index > turn]
    if not events:
        return told
    # The last third of what is told comes with the turn or after it.
    pivot = max(
        0, min(len(events) - 1, round(len(events) * 2 / 3) if after and len(events) > 2 else len(events) - 1)
    )
    told[turn] = events[pivot]
    _assign(events[:pivot], before, told)
    _assign(events[pivot + 1 :], after or [turn], told)
    return told


def _assign(events: Sequence[Event], places: Sequence[int], told: list[Event | None]) -> None:
    if not events or not places:
        return
    groups = min(len(events), len(places))
    for group in range(groups):
        chosen = events[group * len(events) // groups : (group + 1) * len(events) // groups]
        # Spread over the places there are, the first one at the first.
        place = places[group * len(places) // groups]
        told[place] = _joined([*([told[place]] if told[place] else []), *chosen])


def _joined(events: Iterable[Event | None]) -> Event:
    known = [event for event in events if event is not None]
    text = "; ".join([known[0].text, *(within(event) for event in known[1:])])
    return Event(text, known[0].subject, known[0].predicate)


def _light(story: Story, style: str, rng: Random) -> str:
    if story.light:
        return story.light
    for kind, light in words.LIGHT_OF_WEATHER.items():
        if kind in story.weather:
            return light
    if any(word in style.lower() for word in _NIGHTLY):
        return words.TIMES["night"]
    return rng.choice(lines.LIGHTS)


def _look(style: str) -> str:
    lowered = style.lower()
    look = next((look for word, look in words.LOOKS.items() if word in lowered), "")
    # Whatever else a style says is part of the look in its own words.
    return look if lowered in words.LOOKS or not style else f"{style} style" + (f", {look}" if look else "")


def _random(brief: Brief) -> Random:
    facts = "\0".join(
        [brief.prompt, brief.style, brief.aspect_ratio, f"{brief.duration!r} {brief.scenes} {brief.seed}"]
    )
    return Random(int.from_bytes(hashlib.sha256(facts.encode("utf-8", "replace")).digest()[:8], "big"))  # noqa: S311 - a choice of words


def _third(verb: str) -> str:
    if verb == "be":
        return "is"
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if verb.endswith("y") and verb[-2] not in "aeiou" else f"{verb}s"


def _plural(verb: str) -> str:
    return "are" if verb == "be" else verb


def _cut(text: str, most: int) -> str:
    """At most so many characters, ending with a whole word."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    at = kept.rfind(" ")
    # A text without spaces is cut where it must be.
    return (kept[:at] if at > most // 2 else kept).rstrip(" ,;:") + "…"
