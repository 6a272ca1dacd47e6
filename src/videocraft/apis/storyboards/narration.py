"""Spoken descriptions: whether there can be any, what they cost, and how long they make a scene."""

from __future__ import annotations

import hashlib
import math

from videocraft.core.database.models import Storyboard, StoryboardScene
from videocraft.errors import InvalidInput, Unavailable
from videocraft.settings import Settings

LEAD_SECONDS = 0.5
"""Before the first word: the cross-fade into the scene is over, and the picture has been seen."""

TAIL_SECONDS = 0.6
"""Behind the last word, before the next picture has come."""

GRID = 10
"""Scenes are stretched to tenths of a second: whole frames at 30 a second."""

CHARACTERS_A_SECOND = 15
"""What narrators say, for an estimate of the costs before anything is written."""


def require_narrator(settings: Settings) -> None:
    """Raise for a storyboard that is to be spoken where nobody can speak it.

    Raises:
        InvalidInput: there is no narrator.
        Unavailable: there is one, which can't work.
    """
    if not settings.narrator:
        raise InvalidInput(
            "Narration is not available: this server has no narrator. "
            "Whoever runs it sets VIDEOCRAFT_NARRATOR to espeak, piper or openai."
        )
    # Only a storyboard that is to be spoken needs what speaks.
    from videocraft.apis.storyboards.providers import narrator_of
    from videocraft.generation.base import ProviderError

    try:
        narrator_of(settings)
    except ProviderError as error:
        raise Unavailable(f"Narration is not available: {error.message}") from error


def estimated_cost(settings: Settings, characters: float) -> float:
    """US dollars for so many characters."""
    return settings.narration_price * characters / 1000 if settings.narrator == "openai" else 0.0


def is_current(scene: StoryboardScene) -> bool:
    """Whether a scene's speech says its description as it is now."""
    return scene.speech is not None and scene.speech["text"] == fingerprint(scene.description)


def seconds_of(row: Storyboard, scene: StoryboardScene) -> float:
    """How long a scene is in the film: its duration, or longer where its speech needs it."""
    if not row.narration or scene.speech is None or not scene.speech["seconds"]:
        return scene.duration
    needed = LEAD_SECONDS + scene.speech["seconds"] + TAIL_SECONDS
    return float(max(scene.duration, math.ceil(needed * GRID) / GRID))


def fingerprint(text: str) -> str:
    """Tells a text from another one."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
