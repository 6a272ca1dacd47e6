"""The job ``storyboards.render``: the pictures of an approved storyboard become a film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

from sqlalchemy import delete as sql_delete
from sqlalchemy import select
from sqlalchemy.orm import Session

from videocraft.apis.storyboards import keys, pictures, soundtrack, status
from videocraft.apis.storyboards.camera import motion_of
from videocraft.apis.storyboards.plan_task import draw_missing
from videocraft.apis.storyboards.soundtrack import SceneSound
from videocraft.apis.storyboards.speaking import require_speech
from videocraft.apis.storyboards.work import leaving_nothing, require
from videocraft.core.database import clock
from videocraft.core.database.models import (
    Job,
    Storyboard,
    StoryboardExport,
    StoryboardRender,
    StoryboardScene,
)
from videocraft.core.jobs import TERMINAL
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.registry import handler
from videocraft.core.probing import probe_files
from videocraft.core.tools import media_tools
from videocraft.errors import MediaError, VideoCraftError
from videocraft.generation.base import CameraMove
from videocraft.media.compose.film import Film, FilmReport, FilmScene, ImageLayer, Source, Transition
from videocraft.media.compose.render import make_film
from videocraft.media.time import frame_boundaries

RATE = 30
CROSS_FADE = Transition("dissolve", Fraction(1, 2))


@handler("storyboards.render")
def render(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    """Make the film of ``storyboardId``.

    Runs again at no harm: scenes that were rendered before are taken up again, and the film is published
    under a key of this job and a row written under its claim.

    Raises:
        VideoCraftError: a scene has no picture and can't get one, or the work failed.
        JobStopped: cancelled, handed back, or the lease is gone.
    """
    storyboard_id = payload["storyboardId"]
    with leaving_nothing(context, storyboard_id):
        with context.database.read() as session:
            row = require(session, context, storyboard_id)
            if row.status == status.COMPLETED:
                return {"storyboardId": storyboard_id}  # an earlier run has done it, and was lost
        _require_pictures(context, storyboard_id)
        require_speech(context, storyboard_id)
        with context.database.read() as session:
            row = require(session, context, storyboard_id)
            scenes = status.scenes_of(session, storyboard_id)
        made = Path(context.workdir, "film.mp4")
        report = _make(context, row, scenes, made)
        size = made.stat().st_size
        key = keys.film_key(storyboard_id, context.job_id)
        context.storage.put_file(made, key)
        with context.publish() as session:
            superseded = _publish(session, context, storyboard_id, key=key, size=size, report=report)
        for old_key in superseded:
            context.storage.delete(old_key)
        return {"storyboardId": storyboard_id, "rendered": report.rendered, "reused": report.reused}


def film_of(
    scenes: Sequence[tuple[StoryboardScene, Source]],
    size: tuple[int, int],
    sounds: Sequence[SceneSound] | None = None,
) -> Film:
    """The plan of a film: each picture moves as its scene says, and dissolves into the next.

    ``sounds`` says how long each scene is and what is heard in it; None: as long as written, and silent.

    A scene's motion depends on nothing but itself, so that scenes that only change places are not rendered
    again."""
    sounds = sounds or [SceneSound(scene.duration) for scene, _source in scenes]
    durations = [Fraction(str(sound.seconds)) for sound in sounds]
    boundaries = frame_boundaries(durations, Fraction(RATE))
    planned = []
    for index, ((scene, source), sound) in enumerate(zip(scenes, sounds, strict=True)):
        motion = motion_of(CameraMove(scene.camera_move), sound.seconds)
        frames = boundaries[index + 1] - boundaries[index]
        layer = ImageLayer(source=source, motion=motion)
        planned.append(
            FilmScene(
                frames=frames,
                layers=(layer,),
                audio=sound.audio,
                captions=sound.captions,
                transition=CROSS_FADE,
            )
        )
    width, height = size
    rate = Fraction(RATE)
    return Film(width=width, height=height, scenes=tuple(planned), rate=rate, movable=True)


def _require_pictures(context: JobContext, storyboard_id: int) -> None:
    """Ask once more for pictures that could not be drawn before: a film needs all of them."""
    with context.database.read() as session:
        row = require(session, context, storyboard_id)
        scenes = status.scenes_of(session, storyboard_id)
        orders = [
            pictures.order_of(row, scene) for scene in scenes if scene.image_status != status.IMAGE_COMPLETED
        ]
    draw_missing(context, storyboard_id, orders)
    with context.database.read() as session:
        for scene in status.scenes_of(session, storyboard_id):
            if scene.image_key is None:
                message = f"Scene {scene.number} has no picture, and none could be drawn: {scene.image_error}"
                raise VideoCraftError(message, code="ILLUSTRATION_FAILED")


def _make(
    context: JobContext, row: Storyboard, scenes: Sequence[StoryboardScene], output: Path
) -> FilmReport:
    with ExitStack() as stack:
        keyed = [(scene, scene.image_key) for scene in scenes if scene.image_key is not None]
        paths = [stack.enter_context(context.storage.local_file(key)) for _scene, key in keyed]
        sources = []
        infos = probe_files(context.database, paths, images=True)
        for (scene, key), path, info in zip(keyed, paths, infos, strict=True):
            if isinstance(info, MediaError):
                raise MediaError(f"The picture of scene {scene.number} can't be read: {info.message}")
            # The key is named after the content.
            sources.append((scene, Source(path, info, keys.fingerprint_of(key))))
        sounds = [soundtrack.of_scene(context, row, scene, stack) for scene in scenes]
        film = film_of(sources, pictures.SIZES[row.aspect_ratio], sounds)
        if row.music is not None:
            music = stack.enter_context(context.storage.local_file(row.music["key"]))
            film = soundtrack.with_music(film, music, row.music["loudness"])
        return make_film(
            film,
            output,
            workdir=context.workdir,
            tools=media_tools(context.settings),
            stage=context.stage,
            should_stop=context.should_stop,
            on_progress=context.progress,
            warn=context.warn,
        )


def _publish(
    session: Session, context: JobContext, storyboard_id: int, *, key: str, size: int, report: FilmReport
) -> list[str]:
    """Make the film the storyboard's; the keys of what it takes the place of."""
    row = require(session, context, storyboard_id)
    film = StoryboardRender(
        storyboard_id=storyboard_id,
        job_id=context.job_id,
        key=key,
        size_bytes=size,
        width=report.width,
        height=report.height,
        frames=report.frames,
        rate=RATE,
        warnings=list(report.warnings),
        created_at=clock.now(session),
    )
    session.add(film)
    session.flush()
    row.render_id = film.id
    row.status, row.error = status.COMPLETED, None
    row.updated_at = film.created_at
    return _forget_older(session, film)


def _forget_older(session: Session, film: StoryboardRender) -> list[str]:
    """Remove earlier films with their exports, but for those that are being exported now: they go the next
    time."""
    keys_of_gone = []
    earlier = select(StoryboardRender).where(
        StoryboardRender.storyboard_id == film.storyboard_id, StoryboardRender.id != film.id
    )
    for old in session.scalars(earlier).all():
        exports = session.scalars(select(StoryboardExport).where(StoryboardExport.render_id == old.id)).all()
        at_work = select(Job.id).where(
            Job.id.in_([export.job_id for export in exports]), Job.state.not_in(sorted(TERMINAL))
        )
        if session.scalars(at_work).first() is not None:
            continue
        keys_of_gone += [old.key, *(export.key for export in exports if export.key is not None)]
        session.execute(sql_delete(StoryboardExport).where(StoryboardExport.render_id == old.id))
        session.delete(old)
    session.flush()
    return keys_of_gone
