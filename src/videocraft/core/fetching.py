"""Sources that jobs fetch, kept on this machine: bytes travel again only when they have changed.

``data_dir/sources`` holds the files by the hash of their content and, for each URL, a note of what it named
last. A URL is asked again in every job, with the validators that its server gave: a server that has changed
the file sends the new one, and one that no longer allows it ends the job.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from uuid import uuid4

from videocraft.core.jobs.context import JobContext
from videocraft.core.storage import contents
from videocraft.core.storage.contents import Kind
from videocraft.core.storage.fetch import MEDIA, DownloadFailed, FetchedFile, Fetcher, OnBytes
from videocraft.core.storage.targets import Refusal
from videocraft.media.process import Stopped

FOLDER = "sources"


def fetch_source(
    context: JobContext,
    url: str,
    kinds: Collection[Kind] = MEDIA,
    *,
    on_progress: OnBytes | None = None,
    fetcher: Fetcher | None = None,
) -> Path:
    """The file that ``url`` names, in the job's own folder.

    It is a link to the copy that is kept: to be read, never to be written. A job that names a URL twice gets
    the same file twice.

    Args:
        on_progress: gets the bytes that are there, and how many there will be where that is known.
        fetcher: how to fetch; default as the settings say.

    Raises:
        DownloadFailed: it could not be fetched, or may not be, or is not one of ``kinds``.
        JobStopped: the job is to end now.
    """
    context.check()
    fetcher = fetcher or Fetcher.of(context.settings)
    folder = context.workdir / FOLDER
    folder.mkdir(exist_ok=True)
    path = folder / _digest(url)
    if not path.exists():
        cache = SourceCache(context.settings.data_dir / FOLDER, context.settings.fetch_cache_bytes)
        part = folder / f"{uuid4().hex}.part"

        def download(known: FetchedFile | None, into: Path) -> FetchedFile | None:
            return fetcher.refetch(
                url, into, known, should_stop=context.should_stop, kinds=kinds, on_bytes=on_progress
            )

        try:
            _current(cache, url, part, download)
            part.replace(path)
        except Stopped:
            context.check()
            raise
        finally:
            part.unlink(missing_ok=True)
    _require(path, url, kinds)
    return path


def _current(
    cache: SourceCache,
    url: str,
    part: Path,
    download: Callable[[FetchedFile | None, Path], FetchedFile | None],
) -> None:
    """What ``url`` names now at ``part``, from the cache or downloaded."""
    known = cache.take(url, part)
    fresh = part.with_suffix(".fresh")
    found = download(known, fresh)
    if found is not None:
        fresh.replace(part)
        cache.keep(url, replace(found, path=part))


def _require(path: Path, url: str, kinds: Collection[Kind]) -> None:
    """It may have been fetched as something else, earlier."""
    with path.open("rb") as file:
        head = file.read(contents.HEAD_BYTES)
    try:
        contents.content_type(head, kinds)
    except Refusal as refusal:
        raise DownloadFailed(url, str(refusal)) from None


class SourceCache:
    """Fetched files below one folder, of ``max_bytes`` in all; several processes may use it at once.

    A file that is in use is a link of its own: removing it here takes it from nobody.
    """

    def __init__(self, root: Path, max_bytes: float = math.inf) -> None:
        self.notes = root / "urls"
        """For each URL, what it named last."""
        self.files = root / "files"
        """By the hash of their content; their time is that of their last use."""
        self._max_bytes = max_bytes
        self.notes.mkdir(parents=True, exist_ok=True)
        self.files.mkdir(exist_ok=True)

    def take(self, url: str, path: Path) -> FetchedFile | None:
        """What ``url`` named last, linked to ``path``; None when it is not here, or can't be asked about."""
        try:
            note = json.loads(self._note_of(url).read_text())
            known = FetchedFile(**(note | {"path": path}))
            if known.etag is None and known.last_modified is None:
                return None
            kept = self.files / known.sha256
            _link(kept, path)
            os.utime(kept)  # used just now: `_prune` looks at this time
        except FileNotFoundError:
            return None
        if path.stat().st_size == known.size:
            return known
        path.unlink()
        return None

    def keep(self, url: str, found: FetchedFile) -> None:
        """Keep a fetched file, and that it is what ``url`` names."""
        if found.size > self._max_bytes:
            return
        # Several jobs have links to the same bytes; none of them is to change them for the others.
        found.path.chmod(0o444)
        temporary = self.files / f".{uuid4().hex}"
        try:
            _link(found.path, temporary)
            temporary.replace(self.files / found.sha256)
        finally:
            # A rename onto another link of the same file does nothing, and leaves this name.
            temporary.unlink(missing_ok=True)
        note = {name: value for name, value in asdict(found).items() if name != "path"}
        temporary = self.notes / f".{uuid4().hex}"
        temporary.write_text(json.dumps(note))
        temporary.replace(self._note_of(url))
        self._prune()

    def _prune(self) -> None:
        """Remove the longest unused files until the rest fits, and the notes of files that are gone."""
        found = []
        for path in self.files.iterdir():
            with suppress(FileNotFoundError):
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        total = 0
        for _, size, path in sorted(found, reverse=True):
            total += size
            if total > self._max_bytes:
                path.unlink(missing_ok=True)
        kept = {path.name for path in self.files.iterdir()}
        for name, notes in self.notes_by_file().items():
            if name not in kept:
                self.drop(name, notes)

    def notes_by_file(self) -> Mapping[str, Sequence[Path]]:
        """The notes of the URLs that named a file last, by the file's name."""
        found = defaultdict(list)
        for note in self.notes.glob("[!.]*"):
            with suppress(FileNotFoundError):  # another process was quicker
                found[json.loads(note.read_text())["sha256"]].append(note)
        return found

    def drop(self, name: str, notes: Iterable[Path]) -> None:
        """Remove a file and its notes; the next job that wants it fetches it again."""
        for path in (*notes, self.files / name):
            path.unlink(missing_ok=True)

    def _note_of(self, url: str) -> Path:
        return self.notes / _digest(url)


def _digest(url: str) -> str:
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copy2(source, target)  # another file system, or one without links
