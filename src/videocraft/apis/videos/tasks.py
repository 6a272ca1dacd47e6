"""The jobs of the videos family: make a film, and caption one again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from sqlalchemy import select

from videocraft.apis.videos import captioning, plan, sources
from videocraft.apis.videos.library import CAPTION_TYPES, FILM, PREVIEW, ROOT, THUMBNAIL
from videocraft.apis.videos.project import GivenWord, Project
from videocraft.apis.videos.service import parse_project
from videocraft.apis.videos.speaking import Listening
from videocraft.apis.videos.status import GENERATE, RECAPTION
from videocraft.apis.videos.steps import ANALYSIS, DOWNLOAD, GENERATION, SUBTITLES, TRANSCRIPTION, StepLog
from videocraft.core.database import clock
from videocraft.core.database.models import Job, Video
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.registry import handler
from videocraft.core.storage import ObjectNotFound
from videocraft.core.tools import media_tools
from videocraft.errors import MediaError, NotFound, VideoCraftError
from videocraft.media import thumbnails
from videocraft.media.captions.ass import write_ass
from videocraft.media.captions.srt import write_srt
from videocraft.media.captions.style import CaptionStyle
from videocraft.media.captions.transcript import Transcript
from videocraft.media.captions.vtt import write_vtt
from videocraft.media.compose.film import CaptionTrack, Film, Source
from videocraft.media.compose.render import make_film
from videocraft.media.preview import make_preview
from videocraft.media.probe import MediaInfo, probe

_THUMBNAIL_WIDTH = 640
_FILM_SHARE = 0.9
"""Of the last step; the rest is the preview."""


@handler(GENERATE)
def generate(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    """Make a film and publish it.

    Runs again at no harm: files lie in a folder of the job's epoch, and the film's row is written under its
    claim.

    Raises:
        VideoCraftError: ``DOWNLOAD_FAILED``, ``TRANSCRIPTION_FAILED`` or ``FFMPEG_FAILED``.
        JobStopped: cancelled, handed back, or the lease is gone.
    """
    return _Run(payload, context).make()


@handler(RECAPTION)
def recaption(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    """Make a film again with other words or another look, in place of the one that is there.

    Raises:
        NotFound: the film was deleted.
        VideoCraftError, JobStopped: as in ``generate``.
    """
    return _Recaption(payload, context).make()


class _Run:
    """One run of one job."""

    def __init__(self, payload: Mapping[str, Any], context: JobContext) -> None:
        self.context = context
        self.payload = payload
        self.video_id: str = payload["video_id"]
        self.project = self._project()
        self.steps = StepLog(context)
        self.tools = media_tools(context.settings)
        self.prefix = f"{ROOT}/{self.video_id}/{context.job_id}-{context.epoch}"

    def make(self) -> Mapping[str, Any]:
        """The whole way from the request to the published film; the job's result."""
        finished = self._finished_before()
        if finished is not None:
            return finished
        context = self.context
        for warning in (*self.payload.get("warnings", ()), *self.project.warnings):
            context.warn(warning)
        self.steps.begin()
        with ExitStack() as stack:
            with self.steps.step(DOWNLOAD) as told:
                paths = sources.collect(self.project, context, stack, told)
            with self.steps.step(ANALYSIS):
                found = sources.probed(context.database, paths, self.project)
                lengths = plan.scene_lengths(self.project, found)
                starts = plan.scene_starts(lengths)
            transcript = self._transcript(found, paths, starts)
            film = self._film(found, lengths, starts, transcript)
            output, info = self._render(film)
        return self._publish(film, output, info, transcript)

    def _project(self) -> Project:
        return parse_project(self.payload["config"], self.context.settings)

    @property
    def style(self) -> CaptionStyle:
        """How captions look."""
        subtitles = self.project.subtitles
        return CaptionStyle() if subtitles is None else subtitles.style

    def _transcript(
        self, found: Mapping[str, Source], paths: Mapping[str, Path], starts: Sequence[Fraction]
    ) -> Transcript | None:
        """The words of the film on its clock; None when it is to have no captions."""
        if self.project.subtitles is None:
            return None
        with self.steps.step(TRANSCRIPTION) as told:
            return Listening(self.project, found, paths, starts, self.context, told).run()

    def _film(
        self,
        found: Mapping[str, Source],
        lengths: Sequence[Fraction],
        starts: Sequence[Fraction],
        transcript: Transcript | None,
    ) -> Film:
        tracks: list[CaptionTrack | None] = [None] * len(lengths)
        if transcript is None:
            return plan.build_film(self.project, found, lengths, tracks)
        with self.steps.step(SUBTITLES):
            tracks = captioning.tracks_of(transcript, starts, self.style)
            if not any(tracks):
                self.context.warn("There are no subtitles: no speech was found.")
            film = plan.build_film(self.project, found, lengths, tracks)
            self._write_captions(transcript, film)
            return film

    def _write_captions(self, transcript: Transcript, film: Film) -> None:
        canvas = (film.width, film.height)
        texts = {
            "srt": write_srt(transcript, self.style, canvas),
            "vtt": write_vtt(transcript, self.style, canvas),
            "ass": write_ass(transcript, self.style, canvas),
            "json": json.dumps(transcript.to_json(), ensure_ascii=False, allow_nan=False),
        }
        for name, text in texts.items():
            (self.context.workdir / f"captions.{name}").write_text(text, encoding="utf-8")

    def _render(self, film: Film) -> tuple[Path, MediaInfo]:
        context = self.context
        work = context.workdir / "film"
        work.mkdir(exist_ok=True)
        output = context.workdir / FILM
        with self.steps.step(GENERATION) as told:
            report = make_film(
                film,
                output,
                workdir=work,
                tools=self.tools,
                stage=context.stage,
                should_stop=context.should_stop,
                on_progress=lambda share, _message: told(share * _FILM_SHARE),
                warn=context.warn,
            )
            for warning in report.warnings:
                context.warn(warning)
            (info,) = probe([output])
            if isinstance(info, MediaError):
                raise info
            preview = context.workdir / PREVIEW
            make_preview(output, info, preview, tools=self.tools, should_stop=context.should_stop)
            picture = thumbnails.poster(
                output,
                info,
                at=info.duration / 3,
                width=min(_THUMBNAIL_WIDTH, film.width),
                binary=self.tools.ffmpeg,
                should_stop=context.should_stop,
            )
            (context.workdir / THUMBNAIL).write_bytes(picture)
        return output, info

    def _publish(
        self, film: Film, output: Path, info: MediaInfo, transcript: Transcript | None
    ) -> Mapping[str, Any]:
        context = self.context
        size = output.stat().st_size
        duration = round(float(film.duration), 3)
        track = self._track(transcript)
        facts = {
            "prefix": self.prefix,
            "file_size": size,
            "duration": duration,
            "width": film.width,
            "height": film.height,
            "framerate": float(film.rate),
            "has_audio": bool(info.audio),
            "subtitle_tracks": [track] if track else [],
            "processing_stats": self._stats(),
        }
        try:
            # Before the claim is held, since a remote storage takes its time.
            self._store(has_captions=track is not None)
            superseded = self._write_row(facts)
        except BaseException:
            # Nobody names these files: the film was deleted meanwhile, or another run makes it.
            with suppress(OSError, VideoCraftError):
                context.storage.delete_prefix(self.prefix)
            raise
        if superseded is not None:
            # Whoever reads an old file right now has it open; what is left by a failure goes with the film.
            with suppress(OSError, VideoCraftError):
                context.storage.delete_prefix(superseded)
        return {"video_id": self.video_id, "file_size": size, "duration": duration}

    def _track(self, transcript: Transcript | None) -> dict[str, Any] | None:
        if transcript is None or not transcript.words:
            return None
        return {
            "language": transcript.language,
            "style": self.style.style,
            "word_count": len(transcript.words),
        }

    def _stats(self) -> dict[str, float]:
        seconds = self.steps.seconds
        names = {
            "audio_analysis_time": ANALYSIS,
            "transcription_time": TRANSCRIPTION,
            "subtitle_generation_time": SUBTITLES,
            "video_encoding_time": GENERATION,
        }
        return {name: round(seconds.get(step.name, 0.0), 1) for name, step in names.items()}

    def _store(self, *, has_captions: bool) -> None:
        names = [FILM, PREVIEW, THUMBNAIL]
        if has_captions:
            names += [f"captions.{name}" for name in CAPTION_TYPES]
        for name in names:
            self.context.check()
            self.context.storage.put_file(self.context.workdir / name, f"{self.prefix}/{name}")

    def _write_row(self, facts: Mapping[str, Any]) -> str | None:
        """Make the film visible; the folder of the files that it takes the place of."""
        context = self.context
        with context.publish() as session:
            job = session.scalars(select(Job).where(Job.id == context.job_id)).one()
            session.add(
                Video(
                    id=self.video_id,
                    job_id=context.job_id,
                    version=1,
                    config=self.payload["config"],
                    owner=job.owner,
                    created_at=job.created_at,
                    completed_at=clock.now(session),
                    **facts,
                )
            )
        return None

    def _finished_before(self) -> Mapping[str, Any] | None:
        """The result, when an earlier run of this job has published and then died."""
        with self.context.database.read() as session:
            video = session.scalar(select(Video).where(Video.id == self.video_id))
        if video is None or f"/{self.context.job_id}-" not in video.prefix:
            return None
        return {"video_id": video.id, "file_size": video.file_size, "duration": video.duration}


class _Recaption(_Run):
    """A run that takes the words from the request, or from the film that is there."""

    def _project(self) -> Project:
        """The film's project, with subtitles that look as is asked now."""
        project = super()._project()
        settings = self.payload["settings"]
        subtitles = project.subtitles
        if subtitles is None or settings is not None:
            style, _ = CaptionStyle.from_settings(settings or {})
        else:
            style = subtitles.style
        self._wanted_style = style
        return project

    @property
    def style(self) -> CaptionStyle:
        """See ``_Run``."""
        return self._wanted_style

    def _transcript(
        self, _found: Mapping[str, Source], _paths: Mapping[str, Path], starts: Sequence[Fraction]
    ) -> Transcript | None:
        duration = float(starts[-1])
        words = self.payload["words"]
        if words is None:
            return self._earlier()
        given = [GivenWord(text, start, end) for text, start, end in words]
        transcript = captioning.transcript_of(given, duration, self.payload["language"])
        return replace(transcript, segments=tuple(captioning.moved(transcript, 0.0, duration)))

    def _earlier(self) -> Transcript:
        with self.context.database.read() as session:
            video = self._require(session.scalar(select(Video).where(Video.id == self.video_id)))
        try:
            text = b"".join(self.context.storage.open(f"{video.prefix}/captions.json"))
        except ObjectNotFound:
            raise NotFound("This video has no subtitles.", code="SUBTITLES_NOT_FOUND") from None
        return Transcript.from_json(json.loads(text))

    def _write_row(self, facts: Mapping[str, Any]) -> str | None:
        context = self.context
        with context.publish() as session:
            query = select(Video).where(Video.id == self.video_id).with_for_update()
            video = self._require(session.scalar(query))
            before = video.prefix
            for name, value in facts.items():
                setattr(video, name, value)
            video.version += 1
            video.completed_at = clock.now(session)
        return before

    def _require(self, video: Video | None) -> Video:
        if video is None:
            raise NotFound("The video was deleted.", code="VIDEO_NOT_FOUND")
        return video
