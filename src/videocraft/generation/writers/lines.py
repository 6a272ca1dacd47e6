"""The sentences of the built-in writer, by beat: for a reader, and for an illustrator.

``{Who}`` and ``{who}`` name the subject, ``{place}`` the place, ``{thing}`` what it is about, ``{detail}``
something of the place, ``{light}`` the light. ``[stop]`` is a verb in the number of the subject. A
sentence is used only when everything that it names is known."""

from __future__ import annotations

from typing import Final

from videocraft.generation.writers.beats import Beat

DESCRIPTIONS: Final[dict[Beat, tuple[str, ...]]] = {
    Beat.ESTABLISH: (
        "We open on {place}: {light}. Nothing moves yet; then {who_first}, small in the frame.",
        "{Place}, wide and still, in {light}. Somewhere in there our story begins.",
        "The first picture belongs to {place}. {Light}; {detail}. We take our time.",
        "A wide frame with room around everything. {Light}; {who_first}, far off.",
        "Darkness, then {light}. The frame opens on {who_first}.",
    ),
    Beat.INTRODUCE: (
        "We meet {who_first}. One look is enough to tell what {who} [want].",
        "{Who_first}, head to toe, against {place}. The camera finds the {face} last.",
        "{Who} [step] into the light, and the frame waits for them.",
        "From the hands up to the eyes: {who_first}, ready for something.",
    ),
    Beat.DEVELOP: (
        "{Who} [go] on, deeper into {place}. The camera keeps pace, always half a step behind.",
        "{Who} [stop] and [look] around. Something about {place} is not as it was.",
        "A sign of {thing}, at last: {who} [come] closer, and so do we.",
        "{Who} [turn] towards the light. What was background becomes the way ahead.",
        "Side on: {who}, moving through the frame from edge to edge.",
        "{Who} [try] again, more carefully this time.",
        "Through a gap in the foreground we watch {who} without being seen.",
        "The rhythm picks up. {Who} [know] now where this is going.",
    ),
    Beat.DETAIL: (
        "An insert, very near: {detail}. It is held one breath longer than needed.",
        "Cut in close: {detail}. We will remember it later.",
        "{Thing}, so near that it fills the frame.",
        "Only a texture at first; then the focus finds it: {detail}.",
        "Hands, busy with {thing}. Everything else is out of focus.",
    ),
    Beat.REACT: (
        "Close on {who}. No words; the eyes have understood.",
        "{Who} [hold] still. What we just saw is reflected in the {face}.",
        "A breath. {Who} [look] past the camera, at what we can't see yet.",
        "The {face} of {who}, half in shadow, while the thought arrives.",
    ),
    Beat.BREATHE: (
        "{Place} without anyone in it: {detail}. Time passes.",
        "We leave {who} for a moment. {Light}; {detail}.",
        "A held wide frame of {place}. The light has moved on since we were last here.",
        "Silence over {place}: {detail}.",
    ),
    Beat.OBSTACLE: (
        "Something stands in the way. {Who} [measure] it with one look.",
        "{Place} closes in: less light, less room, {who} in the middle of it.",
        "The way ahead ends here. {Who} [lean] forward, and [weigh] the risk.",
        "A shadow falls across {who}. For the first time it could all go wrong.",
    ),
    Beat.TURN: (
        "Then it happens: {event}. The camera moves in and does not look away.",
        "The turn of the story, in one move: {event}.",
        "All at once {who} [see] {thing}, and everything before it was the way there.",
        "Nothing will be as before. {Who} [stand] before {thing}, the light on the {face}.",
        "All at once {who} [understand]. The camera moves in until nothing else is left.",
    ),
    Beat.PEAK: (
        "The picture that people will remember: {who}, {thing}, and {light} around both.",
        "The strongest frame of the film: {who} at the centre, everything else falls away.",
        "Everything comes together here; {who} [fill] the frame.",
    ),
    Beat.CLOSE: (
        "The camera lets go. {Who} [grow] small in {place}, and {light} has the last word.",
        "We draw back from {who} until only {place} is left. Hold, then fade.",
        "Back where we began: {place}, the same frame, and yet nothing is the same. {Who} [be] gone.",
        "A last look back at {who}. The frame widens, and the story goes on without us.",
    ),
}

EVENT_LINES: Final = (
    "{Event}.",
    "{Event}. The camera stays with it to the end.",
    "{Event}, in one unbroken move.",
    "{Event}. We see it from close by, as if we stood there.",
    "{Event}. No hurry; the picture tells it by itself.",
)
"""For a scene that shows what the prompt itself tells."""

OF_THINGS: Final[dict[Beat, tuple[str, ...]]] = {
    Beat.ESTABLISH: (
        "We open wide, in {light}. {Who} [be] there already; we only have to find it.",
        "A wide frame of {place}, in {light}. What this film is about waits in the middle of it.",
        "Darkness, then {light}, and the outline of {who}.",
        "{Place}, wide and still. {Light}; {detail}.",
    ),
    Beat.INTRODUCE: (
        "The first clear look at {who}. The camera rises along it, in no hurry.",
        "{Who}, whole, in the middle of the frame. This is what it is about.",
        "Light slides over {who} and shows it piece by piece.",
    ),
    Beat.DEVELOP: (
        "{Who} again, from another side: what was flat becomes deep.",
        "The camera passes along {who}, from edge to edge.",
        "{Who} as others see it: through a gap, half covered, in motion.",
        "Closer now. {Who} [fill] the frame from left to right.",
        "{Light} moves over {who}; the colours change with it.",
        "A step to the side, and {who} [stand] against {place}.",
    ),
    Beat.DETAIL: DESCRIPTIONS[Beat.DETAIL],
    Beat.REACT: (
        "Held, close: {who}, and nothing else.",
        "The same frame, a little tighter. We look longer than we have to.",
        "An answer to what we just saw: {who}, quite still, in {light}.",
    ),
    Beat.BREATHE: (
        "Away from {who} for a moment: {detail}.",
        "{Place}, empty: {detail}. Time passes.",
        "A held wide frame. {Light}; {detail}.",
    ),
    Beat.OBSTACLE: (
        "The light goes. {Who} [lie] in shadow, and for a moment it could all be over.",
        "Something comes between us and {who}; we see it only in part.",
    ),
    Beat.TURN: (
        "Then it happens: {event}. The camera moves in and does not look away.",
        "The turn, in one move: {event}.",
        "All at once the light is there, and {who} [look] like nothing we have seen so far.",
        "One move, straight at {who}, until we see what was hidden all along.",
    ),
    Beat.PEAK: (
        "The strongest frame of the film: {who}, at the centre, in {light}.",
        "Everything comes together here: {who}, filling the frame, rays of light behind.",
    ),
    Beat.CLOSE: (
        "The camera draws back from {who} until it is part of the whole again. {Light} has the last word.",
        "A last look at {who}; then the frame widens to {place}. Hold, then fade.",
        "We leave {who} where we found it. The light goes slowly.",
    ),
}
"""As ``DESCRIPTIONS``, for films about a thing, a place or an idea: nobody who wants, looks or walks."""

IMAGES: Final[dict[Beat, tuple[str, ...]]] = {
    Beat.ESTABLISH: (
        "{place}, {who_first} tiny in the distance",
        "{place} up to the horizon, {who_first} far off",
        "{who_first}, far off{in_place}",
    ),
    Beat.INTRODUCE: ("{who_first}, head to toe{in_place}", "{who_first}, waiting{in_place}"),
    Beat.DEVELOP: (
        "{who_first} walking{in_place}",
        "{who_first} looking around{in_place}",
        "{who_first}, seen from the side{in_place}",
        "{who_first}, seen from behind{in_place}",
    ),
    Beat.DETAIL: ("{detail}{in_place}",),
    Beat.REACT: (
        "the {face} of {who_first}{in_place}",
        "{who_first}, eyes wide, gazing into the distance{in_place}",
    ),
    Beat.BREATHE: ("{place}, empty, {detail}", "{detail}"),
    Beat.OBSTACLE: ("{who_first} before a dark barrier{in_place}", "{who_first} in deep shadow{in_place}"),
    Beat.TURN: ("{who_first} before {thing_first}{in_place}", "{who_first} in a sudden light{in_place}"),
    Beat.PEAK: (
        "{who_first} with {thing_first}{in_place}, backlit",
        "{who_first}{in_place}, rays of light behind",
    ),
    Beat.CLOSE: ("{who_first}, small, walking away{in_place}", "{place}, wide, {who_first} far off"),
}
"""What an illustrator is asked for."""

IMAGES_OF_THINGS: Final[dict[Beat, tuple[str, ...]]] = {
    Beat.ESTABLISH: ("{who_first}, far off{in_place}", "{place}, wide"),
    Beat.INTRODUCE: ("{who_first}{in_place}, whole and clear",),
    Beat.DEVELOP: (
        "{who_first}{in_place}, from the side",
        "{who_first}{in_place}, in part behind the foreground",
        "{who_first}{in_place}, light sliding over it",
    ),
    Beat.DETAIL: ("a detail of {who_first}: {detail}",),
    Beat.REACT: ("{who_first}{in_place}, still",),
    Beat.BREATHE: ("{place}, empty, {detail}", "{detail}"),
    Beat.OBSTACLE: ("{who_first}{in_place}, in shadow",),
    Beat.TURN: ("{who_first}{in_place}, in a sudden light",),
    Beat.PEAK: ("{who_first}{in_place}, rays of light behind",),
    Beat.CLOSE: ("{who_first}{in_place}, far off, wide frame",),
}

COMPOSITIONS: Final = (
    "rule of thirds, subject on the left",
    "rule of thirds, subject on the right",
    "centred, symmetrical composition",
    "low angle",
    "high angle",
    "foreground framing the view",
    "leading lines into the depth",
    "negative space above",
)

LIGHTS: Final = (
    "soft daylight",
    "warm afternoon light with long shadows",
    "clear morning light",
    "orange backlight at sunset",
)
"""For prompts that name no time; ``noir`` and the like choose the night."""
