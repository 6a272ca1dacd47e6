"""The sound of a film: what is spoken in each scene, with its captions, and music under all of it."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from videocraft.apis.storyboards import keys
from videocraft.apis.storyboards.music import PREFIX
from videocraft.apis.storyboards.narration import LEAD_SECONDS, seconds_of
from videocraft.apis.storyboards.work import require
from videocraft.core.database.models import Storyboard, StoryboardScene, VideoUpload
from videocraft.core.jobs.context import JobContext
from videocraft.core.storage import ObjectNotFound
from videocraft.core.tools import media_tools
from videocraft.errors import MediaError, VideoCraftError
from videocraft.media.captions.style import CaptionStyle
from videocraft.media.captions.transcript import Segment, Transcript, Word
from videocraft.media.compose.film import AudioClip, CaptionTrack, Film, Source
from videocraft.media.loudness import measure_sound
from videocraft.media.probe import MediaInfo, probe

LOUDNESS_LUFS = -20.0
"""What music is brought to where a narrator speaks over it at about -18: a little quieter in pauses, and by
what ducking takes away in words."""

MOST_GAIN_DB = 12.0
FADE_IN_SECONDS = Fraction(1, 2)
FADE_OUT_SECONDS = Fraction(3)
_LONGEST_SHARE = Fraction(1, 4)
"""Of the film, that one fade may take."""


CAPTIONS = CaptionStyle(style="classic", font_size=15, outline_width=1.2, shadow_offset=0.6)


@dataclass(frozen=True)
class SceneSound:
    """How long a scene is in the film, and what is heard and read in it."""

    seconds: float
    audio: tuple[AudioClip, ...] = ()
    captions: CaptionTrack | None = None


def of_scene(context: JobContext, row: Storyboard, scene: StoryboardScene, stack: ExitStack) -> SceneSound:
    """A scene's narration; its file stays until ``stack`` is closed.

    Raises:
        MediaError: it can't be read.
    """
    speech = scene.speech if row.narration else None
    if speech is None:
        return SceneSound(seconds_of(row, scene))
    if speech["key"] is None:
        context.warn(f"Scene {scene.number} is silent: nothing in its description can be spoken.")
        return SceneSound(seconds_of(row, scene))
    path = stack.enter_context(context.storage.local_file(speech["key"]))
    source = Source(path, _probed(path, f"The narration of scene {scene.number}"), path.stem)
    clip = AudioClip(source=source, start=Fraction(str(LEAD_SECONDS)))
    return SceneSound(seconds_of(row, scene), (clip,), _captions(row, scene, speech["words"]))


def _captions(row: Storyboard, scene: StoryboardScene, words: list[list[object]]) -> CaptionTrack | None:
    if not row.captions or not words:
        return None
    spoken = tuple(
        Word(str(text), LEAD_SECONDS + float(str(start)), LEAD_SECONDS + float(str(end)))
        for text, start, end in words
    )
    text = " ".join(word.text for word in spoken)
    segment = Segment(text, spoken[0].start, spoken[-1].end, spoken)
    return CaptionTrack(Transcript(None, seconds_of(row, scene), (segment,)), CAPTIONS)


def take_music(context: JobContext, storyboard_id: int) -> None:
    """Copy the upload, so that the storyboard can be rendered whatever becomes of it, and note its loudness.

    Raises:
        VideoCraftError: it was deleted, or can't be read.
        JobStopped: the job is to end.
    """
    with context.database.read() as session:
        row = require(session, context, storyboard_id)
        if row.music is None or "key" in row.music:
            return
        upload_id = row.music["upload"]
        upload = session.get(VideoUpload, upload_id)
    gone = VideoCraftError(
        f"The music {PREFIX}{upload_id} was deleted before it was used.", code="MUSIC_NOT_FOUND"
    )
    if upload is None:
        raise gone
    path = Path(context.workdir, "music")
    try:
        with context.storage.local_file(upload.key) as source:
            shutil.copyfile(source, path)
    except ObjectNotFound:
        raise gone from None
    info = _probed(path, "The music")
    loudness, _levels = measure_sound(
        path,
        info,
        workdir=context.workdir,
        tools=media_tools(context.settings),
        should_stop=context.should_stop,
    )
    key = keys.music_key(storyboard_id, upload_id)
    context.storage.put_file(path, key)
    with context.publish() as session:
        row = require(session, context, storyboard_id)
        row.music = {"upload": upload_id, "key": key, "loudness": loudness.integrated}


def with_music(film: Film, music: Path, loudness: float | None) -> Film:
    """The film with music from its beginning to its end: repeated or cut, faded, giving way to speech."""
    source = Source(music, _probed(music, "The music"))
    is_spoken = any(scene.audio for scene in film.scenes)
    gain = 0.0
    if is_spoken and loudness is not None:
        gain = min(MOST_GAIN_DB, LOUDNESS_LUFS - loudness)
    longest = film.duration * _LONGEST_SHARE
    clip = AudioClip(
        source=source,
        volume=10 ** (gain / 20),
        duration=film.duration,
        fade_in=min(FADE_IN_SECONDS, longest),
        fade_out=min(FADE_OUT_SECONDS, longest),
        loop=True,
        is_ducked=is_spoken,
    )
    return replace(film, audio=(*film.audio, clip))


def _probed(path: Path, what: str) -> MediaInfo:
    (info,) = probe([path])
    if isinstance(info, MediaError):
        raise MediaError(f"{what} can't be read: {info.message}")
    return info
