"""What media work may use in this process, from its settings."""

from __future__ import annotations

import os

from videocraft.media.edit import Tools
from videocraft.media.ffmpeg import binary
from videocraft.media.process import Limits
from videocraft.settings import Settings


def media_tools(settings: Settings) -> Tools:
    """FFmpeg, its limits, and how many processes at once.

    Raises:
        MediaError: there is no FFmpeg.
    """
    return Tools(
        ffmpeg=binary(settings.ffmpeg),
        limits=Limits(wall_seconds=settings.job_timeout_seconds, memory_bytes=settings.ffmpeg_memory_bytes),
        # Embedded workers share the machine's cores.
        parallel=max(1, len(os.sched_getaffinity(0)) // max(1, settings.workers)),
    )
