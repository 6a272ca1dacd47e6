"""Speaking the scenes in a worker; each is kept with its scene, for as long as the description stays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from videocraft.apis.storyboards import keys, status
from videocraft.apis.storyboards.making import each, with_retries
from videocraft.apis.storyboards.narration import fingerprint, is_current
from videocraft.apis.storyboards.providers import narrator_of
from videocraft.apis.storyboards.work import require, require_scene
from videocraft.core.database import clock
from videocraft.core.database.models import StoryboardScene
from videocraft.core.jobs.context import JobContext
from videocraft.errors import VideoCraftError
from videocraft.generation.base import Narrator, ProviderError, ShouldStop


@dataclass(frozen=True)
class Order:
    """A text to speak."""

    scene_id: int
    text: str


@dataclass(frozen=True)
class Spoken:
    """What a scene keeps of its speech, or the sentence that says why there is none."""

    scene_id: int
    speech: dict[str, Any] | None
    cost: float
    error: str | None = None


def speak_missing(context: JobContext, storyboard_id: int) -> None:
    """Speak what was not spoken yet as it is written now, and note each with its scene. A text that could not
    be spoken is noted, too: it is asked for again before the film is made.

    Raises:
        JobStopped: the job is to end.
    """
    with context.database.read() as session:
        row = require(session, context, storyboard_id)
        if not row.narration:
            return
        scenes = status.scenes_of(session, storyboard_id)
    try:
        narrator = narrator_of(context.settings)
    except ProviderError as error:
        _note_all(context, storyboard_id, error.message)
        return
    orders = [Order(scene.id, scene.description) for scene in scenes if not _is_said(scene, narrator)]
    for _begun, done in each(context, orders, partial(_speak, context, narrator, storyboard_id)):
        if done is not None:
            replaced = _keep(context, storyboard_id, done)
            if replaced is not None:
                context.storage.delete(replaced)


def _is_said(scene: StoryboardScene, narrator: Narrator) -> bool:
    return is_current(scene) and scene.speech is not None and scene.speech["narrator"] == _name(narrator)


def _speak(
    context: JobContext, narrator: Narrator, storyboard_id: int, order: Order, should_stop: ShouldStop
) -> Spoken:
    into = Path(context.workdir, f"speech-{order.scene_id}.wav")
    try:
        speech = with_retries(lambda: narrator.speak(order.text, into, should_stop=should_stop), should_stop)
    except ProviderError as error:
        return Spoken(order.scene_id, None, 0.0, error.message)
    key = None
    if speech.seconds:
        key = keys.speech_key(storyboard_id, order.scene_id, into)
        context.storage.put_file(into, key)
    kept = {
        "text": fingerprint(order.text),
        "narrator": _name(narrator),
        "key": key,
        "seconds": round(speech.seconds, 3),
        "words": [[word.text, word.start, word.end] for word in speech.words],
    }
    return Spoken(order.scene_id, kept, speech.cost)


def _keep(context: JobContext, storyboard_id: int, done: Spoken) -> str | None:
    """Note a scene's speech; the key of the file that it takes the place of."""
    with context.publish() as session:
        row = require(session, context, storyboard_id)
        scene = require_scene(session, done.scene_id)
        old = scene.speech["key"] if scene.speech is not None else None
        scene.speech, scene.speech_error = done.speech or scene.speech, done.error
        row.actual_cost += done.cost
        if old is not None and done.speech is not None:
            # What was to be spent grows with what is asked for beyond the plan.
            row.estimated_cost += done.cost
        row.updated_at = clock.now(session)
        return old if done.speech is not None and old != done.speech["key"] else None


def _note_all(context: JobContext, storyboard_id: int, error: str) -> None:
    with context.publish() as session:
        require(session, context, storyboard_id)
        for scene in status.scenes_of(session, storyboard_id):
            scene.speech_error = error


def _name(narrator: Narrator) -> str:
    return f"{narrator.name}:{narrator.voice}"


def require_speech(context: JobContext, storyboard_id: int) -> None:
    """Ask once more for what could not be spoken before: a film that is to be narrated needs all of it.

    Raises:
        VideoCraftError: a scene can't be spoken.
        JobStopped: the job is to end.
    """
    speak_missing(context, storyboard_id)
    with context.database.read() as session:
        if not require(session, context, storyboard_id).narration:
            return
        for scene in status.scenes_of(session, storyboard_id):
            if not is_current(scene):
                message = f"Scene {scene.number} could not be spoken: {scene.speech_error}"
                raise VideoCraftError(message, code="NARRATION_FAILED")
