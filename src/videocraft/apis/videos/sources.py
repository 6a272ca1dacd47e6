"""The files that a project names, brought to this machine and probed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from sqlalchemy import select

from videocraft.apis.videos.elements import reference_of
from videocraft.apis.videos.project import Project
from videocraft.core.assets import READY
from videocraft.core.database import Database
from videocraft.core.database.models import Asset, VideoUpload
from videocraft.core.fetching import fetch_source
from videocraft.core.jobs.context import JobContext
from videocraft.core.probing import probe_files
from videocraft.core.storage import ObjectNotFound
from videocraft.core.storage.contents import HEAD_BYTES, Kind, content_type
from videocraft.core.storage.targets import Refusal
from videocraft.errors import MediaError, VideoCraftError
from videocraft.media.compose.film import Source

_KINDS: Final[Mapping[str, tuple[Kind, ...]]] = {
    # A film's sound may be taken from a video.
    "audio": ("audio", "video"),
    "video": ("video",),
    "image": ("image",),
    "subtitles": ("captions",),
}


class SourceFailed(VideoCraftError):
    """A source can't be had."""

    status = 422
    default_code = "DOWNLOAD_FAILED"


def collect(
    project: Project, context: JobContext, stack: ExitStack, on_progress: Callable[[float], None]
) -> dict[str, Path]:
    """The file of every ``src``; those of the storage stay open until ``stack`` is closed.

    Raises:
        VideoCraftError: ``DOWNLOAD_FAILED``; one can't be had, or is not what its element needs.
        JobStopped: the job is to end now.
    """
    wanted = {(element.src, element.type) for element in project.all_elements if element.src}
    paths: dict[str, Path] = {}
    for number, (src, kind) in enumerate(sorted(wanted)):
        before = number / len(wanted)

        def told(done: int, total: int | None, before: float = before) -> None:
            on_progress(before + (done / total if total else 0.0) / len(wanted))

        reference = reference_of(src)
        if reference is None:
            paths[src] = fetch_source(context, src, _KINDS[kind], on_progress=told)
        else:
            paths[src] = _stored(src, reference, kind, context, stack)
        on_progress((number + 1) / len(wanted))
    return paths


def probed(database: Database, paths: Mapping[str, Path], project: Project) -> dict[str, Source]:
    """What is in the files of pictures and sounds.

    Raises:
        MediaError: one can't be read; the sentence names its ``src``.
    """
    media = sorted(
        {element.src for element in project.all_elements if element.src and element.type != "subtitles"}
    )
    infos = probe_files(database, [paths[src] for src in media], images=True)
    sources = {}
    for src, info in zip(media, infos, strict=True):
        if isinstance(info, MediaError):
            raise MediaError(f"{_shown(src)}: {info.message}", code=info.code, details=info.details)
        sources[src] = Source(paths[src], info)
    return sources


def _stored(src: str, reference: tuple[str, str], kind: str, context: JobContext, stack: ExitStack) -> Path:
    category, name = reference
    with context.database.read() as session:
        if category == "upload":
            key = session.scalar(select(VideoUpload.key).where(VideoUpload.id == name))
        else:
            query = select(Asset.original_key).where(Asset.id == name, Asset.status == READY)
            key = session.scalar(query)
    if key is None:
        raise SourceFailed(f"{src} is not there any more.")
    try:
        path = stack.enter_context(context.storage.local_file(key))
    except ObjectNotFound:
        raise SourceFailed(f"The file of {src} is not there any more.") from None
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    try:
        content_type(head, _KINDS[kind])
    except Refusal as refusal:
        raise SourceFailed(f"{src} can't be used: {refusal}.") from None
    return path


def _shown(src: str) -> str:
    return src if len(src) <= 200 else f"{src[:197]}..."
