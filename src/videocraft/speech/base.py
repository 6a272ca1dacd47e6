"""What recognises speech must be able to do; ``whisper`` is one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from videocraft.errors import MediaError
from videocraft.media.captions.transcript import Transcript
from videocraft.speech.sound import Sound


class TranscriptionFailed(MediaError):
    """Speech could not be recognised, for a reason that lies in what was asked."""

    default_code = "TRANSCRIPTION_FAILED"


class Transcriber(Protocol):
    """Recognises speech. One is used for many recordings, by one thread at a time."""

    @property
    def fingerprint(self) -> str:
        """Changes with everything that a transcript depends on beside the sound and the language."""

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes of what it understands."""

    def transcribe(
        self,
        sound: Sound,
        *,
        language: str | None,
        should_stop: Callable[[], bool],
        on_progress: Callable[[float], None],
    ) -> Transcript:
        """What is said in a recording, every word with its times.

        Where nobody speaks there are no segments.

        Args:
            language: one of ``languages``; None: found out, where it understands more than one.
            should_stop: asked every few seconds of work.
            on_progress: gets the share of the recording that is done.

        Raises:
            TranscriptionFailed: the language is not one that it understands.
            process.Stopped: ``should_stop`` said so.
        """


def load(model: str, *, threads: int) -> Transcriber:
    """The recogniser of this process: loaded when it is first asked for, then kept.

    Args:
        model: a name or a folder, as `models.locate` takes them.
        threads: of the processor that one recognition may use.

    Raises:
        SpeechModelUnusable: there is no such model, or it can't be loaded.
    """
    from videocraft.speech.whisper import load_whisper

    return load_whisper(model, threads)


def language_code(tag: str) -> str:
    """The ISO 639-1 part of a language tag: ``en`` of ``en-US``."""
    return tag.strip().lower().replace("_", "-").partition("-")[0]
