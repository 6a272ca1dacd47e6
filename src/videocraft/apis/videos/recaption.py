"""``POST /videos/{id}/subtitles``: other words or another look, and the film is captioned again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from videocraft.apis.videos.elements import read_words
from videocraft.apis.videos.library import require_video
from videocraft.apis.videos.project import MOST_SECONDS, MOST_WORDS, GivenWord
from videocraft.apis.videos.reading import Findings, Reader
from videocraft.apis.videos.schemas import read_webhook
from videocraft.apis.videos.service import Request, queue, url_check
from videocraft.apis.videos.status import RECAPTION
from videocraft.core.idempotency import digest_of
from videocraft.errors import InvalidInput
from videocraft.media.captions.style import CaptionStyle
from videocraft.media.captions.transcript import Segment
from videocraft.media.captions.words import spread
from videocraft.services import Services

_MOST_SEGMENTS = 5000


def recaption(services: Services, video_id: str, document: Any, request: Request) -> dict[str, Any]:
    """Queue the job; the body of the answer.

    The body has ``words``, or ``segments`` as ``subtitles.json`` gives them, or only ``settings`` for the
    same words in another look. Nothing is transcribed again.

    Raises:
        NotFound: ``VIDEO_NOT_FOUND``.
        InvalidInput: ``VALIDATION_ERROR`` with details by path.
    """
    with services.database.read() as session:
        video = require_video(session, video_id)
    findings = Findings()
    reader = Reader(document, "", findings)
    words = _words(reader)
    settings = reader.raw("settings")
    if reader.is_object and words is None and settings is None:
        reader.wrong("words", "words, segments or settings are required")
    if words is None and settings is not None and not video.subtitle_tracks:
        reader.wrong("words", "words are required: this video has no subtitles yet")
    _check_settings(settings, findings)
    language = reader.language("language")
    webhook_url = read_webhook(reader, url_check(services.settings))
    for ignored in ("duration", "text"):  # of what `subtitles.json` has
        reader.raw(ignored)
    reader.end()
    findings.check()
    payload = {
        "config": video.config,
        "video_id": video.id,
        "words": None if words is None else [[word.text, word.start, word.end] for word in words],
        "settings": settings,
        "language": language,
        "warnings": list(findings.warnings),
    }
    return queue(
        services,
        RECAPTION,
        payload,
        request,
        scope=f"{request.owner} subtitles {video_id}",
        digest=digest_of(document),
        webhook_url=webhook_url,
        message="Subtitle job created successfully",
    )


def _words(reader: Reader) -> Sequence[GivenWord] | None:
    if reader.raw("segments") is None:
        return read_words(reader) if reader.raw("words") is not None else None
    if reader.raw("words") is not None:
        reader.wrong("words", "words and segments can't be given together")
    words: list[GivenWord] = []
    for segment in reader.objects("segments", _MOST_SEGMENTS, "segments"):
        own = read_words(segment) if segment.raw("words") else ()
        text = segment.text("text", 10_000, is_blank_allowed=True)
        start = segment.number("start", 0, MOST_SECONDS)
        end = segment.number("end", 0, MOST_SECONDS)
        segment.end()
        if own:
            words += own
        elif text and start is not None and end is not None:
            timed = spread(Segment(text, start, max(start, end)))
            words += [GivenWord(word.text, word.start, word.end) for word in timed]
        elif text:
            for key in ("start", "end"):
                if segment.raw(key) is None:
                    segment.wrong(key, f"{key} is required where a segment has no words")
    if len(words) > MOST_WORDS:
        reader.wrong("segments", f"At most {MOST_WORDS} words are allowed, these are {len(words)}")
    elif not words and not reader.findings.problems:
        reader.wrong("segments", "At least one word is required")
    return words


def _check_settings(settings: Any, findings: Findings) -> None:
    if settings is None:
        return
    if not isinstance(settings, Mapping):
        findings.problem("settings", "settings must be an object")
        return
    try:
        _, unknown = CaptionStyle.from_settings(settings)
    except InvalidInput as error:
        for name, message in error.details.items():
            findings.problem(f"settings.{name}", str(message))
    else:
        for name in unknown:
            findings.warn(f"Unknown key {f'settings.{name}'[:120]!a} is ignored")
