"""Makes a film: scenes and transitions as pieces, the sound once, joined without encoding again, checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from videocraft.media.compose.film import Film, FilmReport
from videocraft.media.edit import Stage, Tools


def make_film(
    film: Film,
    output: Path,
    *,
    workdir: Path,
    tools: Tools,
    stage: Stage,
    should_stop: Callable[[], bool],
    on_progress: Callable[[float, str], None],
    warn: Callable[[str], None],
) -> FilmReport:
    """Make ``output`` (MP4: H.264 High, AAC 48 kHz stereo, index in front); whole and checked when this returns.

    Args:
        workdir: a folder for what is of no use afterwards.
        tools: FFmpeg, limits of one process, processes at once.
        stage: keeps rendered pieces, so that only what changed is rendered the next time.
        on_progress: gets a fraction 0-1 that never goes back, and a message.
        warn: gets every deviation from what was asked, as a sentence.

    Raises:
        MediaError: the work failed, or the result is not what was asked for.
        process.Stopped: ``should_stop`` said so.
    """
    raise NotImplementedError
