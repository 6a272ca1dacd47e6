"""Transcripts for jobs: made once for a sound, whatever file it comes in."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from videocraft.core.jobs.context import JobContext
from videocraft.core.probing import probe_files
from videocraft.errors import MediaError
from videocraft.media.captions.transcript import Segment, Transcript
from videocraft.media.process import Stopped
from videocraft.speech import base
from videocraft.speech.align import MAX_WORDS, align_lines
from videocraft.speech.base import TranscriptionFailed, language_code
from videocraft.speech.sound import listen

_LISTENING = 0.1
"""Share of the work that is decoding."""


def transcribe(
    context: JobContext,
    path: Path,
    language: str | None = None,
    *,
    on_progress: Callable[[float], None] | None = None,
) -> Transcript:
    """What is said in a media file, every word with its times on the file's own clock.

    Kept under the hash of the decoded sound, the model and its options: the same sound in another file, job
    or scene is not recognised again. A file without sound, or in which nobody speaks, has no segments.

    Args:
        language: a tag (``en``, ``en-US``); None: found out where the model understands more than one. A
            model that does not understand it listens in its own language, and the job gets a warning.
        on_progress: gets the share of this work that is done.

    Raises:
        MediaError: the file can't be read, or there is no speech model.
        JobStopped: the job is to end now.
    """
    context.check()
    report = on_progress or _ignore
    info = probe_files(context.database, [path])[0]
    if isinstance(info, MediaError):
        raise info
    if not info.audio:
        return Transcript(language_code(language) if language else None, float(info.duration), ())
    transcriber = base.load(context.settings.whisper_model, threads=_threads(context.settings.workers))
    wanted = _understood(context, language, transcriber.languages)
    pcm = context.workdir / f"{uuid4().hex}.pcm"
    try:
        sound = listen(
            path,
            info,
            pcm,
            should_stop=context.should_stop,
            on_progress=lambda share: report(_LISTENING * share),
        )

        def make(into: Path) -> None:
            found = transcriber.transcribe(
                sound,
                language=wanted,
                should_stop=context.should_stop,
                on_progress=lambda share: report(_LISTENING + (1 - _LISTENING) * share),
            )
            into.write_text(json.dumps(found.to_json()))

        key = {"sound": sound.sha256, "model": transcriber.fingerprint, "language": wanted}
        made = context.stage("transcript.json", key, make)
    except Stopped:
        context.check()
        raise
    finally:
        pcm.unlink(missing_ok=True)
    report(1.0)
    return Transcript.from_json(json.loads(made.read_text()))


def align(
    context: JobContext,
    path: Path,
    text: str,
    language: str | None = None,
    *,
    on_progress: Callable[[float], None] | None = None,
) -> Transcript:
    """Given text, every word with the times at which a media file says it; a segment for each line.

    Args:
        path: the file; what is recognised in it says when the words of ``text`` are said. Where nothing is
            recognised, they are spread over it evenly.

    Raises:
        TranscriptionFailed: the text is too long.
        MediaError: the file can't be read, or there is no speech model.
        JobStopped: the job is to end now.
    """
    if len(text.split()) > MAX_WORDS:
        raise TranscriptionFailed(f"A text can be aligned with speech up to {MAX_WORDS} words.")
    heard = transcribe(context, path, language, on_progress=on_progress)
    segments: tuple[Segment, ...] = align_lines(text, heard)
    return Transcript(language_code(language) if language else heard.language, heard.duration, segments)


def _understood(context: JobContext, language: str | None, languages: frozenset[str]) -> str | None:
    """The language to listen in; None: to be found out."""
    only = next(iter(languages)) if len(languages) == 1 else None
    if language is None:
        return only
    code = language_code(language)
    if code in languages:
        return code
    if only is not None:
        context.warn(f"The speech model understands {only!r} only, so it does not listen for {code!r}.")
        return only
    context.warn(f"The speech model does not understand {code!r}; it finds the language out.")
    return None


def _threads(workers: int) -> int:
    """Embedded workers share the machine's processors."""
    return max(1, len(os.sched_getaffinity(0)) // max(1, workers))


def _ignore(_share: float) -> None:
    """Nobody wants to know."""
