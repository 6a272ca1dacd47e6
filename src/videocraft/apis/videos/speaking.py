"""What is said in a film: recognised in its sounds, or given instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from videocraft.apis.videos import captioning
from videocraft.apis.videos.plan import heard_seconds
from videocraft.apis.videos.project import Element, Project, Scene
from videocraft.core.jobs.context import JobContext
from videocraft.core.transcripts import align, transcribe
from videocraft.errors import InvalidInput
from videocraft.media.captions.read import CaptionFormat, read_captions
from videocraft.media.captions.transcript import Segment, Transcript
from videocraft.media.compose.film import Source
from videocraft.speech.align import align_text


@dataclass
class Listening:
    """Finds the words of a film.

    Each scene's speech is recognised in its audio elements, or in its videos where it has none. What a
    subtitles element gives (words, a file, or a text that is then aligned) is taken instead: a scene's own
    for the scene, the global one's for all others. Without any sound in scenes, the film's own audio is
    listened to.
    """

    project: Project
    sources: Mapping[str, Source]
    """Probed files of pictures and sounds, by ``src``."""
    paths: Mapping[str, Path]
    """All files by ``src``, those with captions too."""
    starts: Sequence[Fraction]
    """When each scene begins, and the film's end, in seconds."""
    context: JobContext
    on_progress: Callable[[float], None]
    _languages: list[str] = field(default_factory=list)
    _done: int = 0

    def run(self) -> Transcript:
        """The words of the whole film, in its seconds.

        Raises:
            VideoCraftError: ``TRANSCRIPTION_FAILED``, or captions that can't be read.
            JobStopped: the job is to end now.
        """
        duration = float(self.starts[-1])
        parts = [self._scene(number) for number in range(len(self.project.scenes))]
        given = self._given_for_all(parts)
        if given is not None:
            parts = given
        elif self._global is not None and not any(map(_has_sound, self.project.scenes)):
            parts = [*parts, self._film_audio(duration)]
        chosen = self.project.subtitles
        language = (chosen.language or chosen.style.language) if chosen else None
        return captioning.joined(parts, duration, language or next(iter(self._languages), None))

    @property
    def _global(self) -> Element | None:
        return next(iter(self.project.of_type("subtitles")), None)

    def _scene(self, number: int) -> list[Segment]:
        """The segments of one scene on the film's clock."""
        scene = self.project.scenes[number]
        begin, end = float(self.starts[number]), float(self.starts[number + 1])
        self._done = number
        own = next(iter(scene.of_type("subtitles")), None)
        if own is not None and (own.words or own.src):
            return captioning.moved(self._read(own, end - begin), begin, end)
        if own is None and (self._global is None or self._global.words or self._global.src):
            return []
        text = own.text if own is not None else None
        segments: list[Segment] = []
        for element in _heard(scene):
            segments += self._recognised(element, begin, end, text, own)
        return segments

    def _recognised(
        self, element: Element, begin: float, end: float, text: str | None, own: Element | None
    ) -> list[Segment]:
        source = self.sources[element.src or ""]
        if not source.info.audio:
            return []
        language = self._language(element, own)
        if text is not None:
            heard = align(self.context, source.path, text, language, on_progress=self._told)
        else:
            heard = transcribe(self.context, source.path, language, on_progress=self._told)
        if heard.language is not None:
            self._languages.append(heard.language)
        start = begin + element.start
        until = min(end, start + float(heard_seconds(element, source)))
        cut = captioning.moved(heard, -element.offset, heard.duration) if element.offset else heard.segments
        return captioning.moved(Transcript(heard.language, heard.duration, tuple(cut)), start, until)

    def _film_audio(self, duration: float) -> list[Segment]:
        segments: list[Segment] = []
        for element in self.project.of_type("audio"):
            segments += self._recognised(element, 0.0, duration, None, self._global)
        return segments

    def _given_for_all(self, parts: Sequence[list[Segment]]) -> list[list[Segment]] | None:
        """The global element's words in the scenes without their own; None when it gives nothing."""
        chosen = self._global
        if chosen is None or not (chosen.words or chosen.src or chosen.text):
            return None
        duration = float(self.starts[-1])
        if chosen.words or chosen.src:
            whole = self._read(chosen, duration)
        else:
            recognised = captioning.joined(parts, duration, chosen.language)
            words = align_text(chosen.text or "", recognised)
            whole = captioning.segmented(words, duration, recognised.language)
        found: list[list[Segment]] = []
        for number, scene in enumerate(self.project.scenes):
            begin, end = float(self.starts[number]), float(self.starts[number + 1])
            if scene.of_type("subtitles"):
                found.append(parts[number])
            else:
                within = captioning.moved(whole, -begin, end - begin)
                found.append(captioning.moved(Transcript(None, end - begin, tuple(within)), begin, end))
        return found

    def _read(self, element: Element, duration: float) -> Transcript:
        """The words that an element gives, or those of its file."""
        if element.words:
            return captioning.transcript_of(element.words, duration, element.language)
        path = self.paths[element.src or ""]
        try:
            text = path.read_bytes().decode("utf-8-sig", "replace")
            segments = read_captions(text, _format_of(text))
        except InvalidInput as error:
            raise InvalidInput(f"{element.path}.src: {error.message}") from error
        return Transcript(element.language, duration, tuple(map(captioning.as_one, segments)))

    def _language(self, element: Element, own: Element | None) -> str | None:
        chosen = own or self._global or self.project.subtitles
        asked = (chosen.language or chosen.style.language) if chosen else None
        return element.language or asked

    def _told(self, share: float) -> None:
        self.on_progress((self._done + share) / max(1, len(self.project.scenes)))


def _heard(scene: Scene) -> list[Element]:
    """What is listened to: the audio elements; where there is none, the videos that are heard."""
    return scene.of_type("audio") or [element for element in scene.of_type("video") if element.volume != 0]


def _has_sound(scene: Scene) -> bool:
    return bool(_heard(scene))


def _format_of(text: str) -> CaptionFormat:
    if text.lstrip().startswith("WEBVTT"):
        return "vtt"
    return "ass" if "[Script Info]" in text[:4096] else "srt"
