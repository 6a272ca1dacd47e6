"""A recording's sound as speech recognition wants it: mono, 16 kHz, on disk, in the recording's own time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from videocraft.errors import MediaError
from videocraft.media.edit import origin_of
from videocraft.media.mono import pieces
from videocraft.media.probe import MediaInfo
from videocraft.media.process import Stopped
from videocraft.media.reader import open_media

RATE = 16_000

MAX_HOURS = 24
"""Longer recordings are refused: a time stamp can claim any length."""

_SPARE_SECONDS = 1
"""A recording may go on so much longer than its container says."""


@dataclass(frozen=True)
class Sound:
    """The sound of one recording; sample ``i`` sounded ``i / RATE`` seconds after its second 0.

    Attributes:
        path: 16-bit little-endian samples.
        samples: how many.
        sha256: of all samples.
    """

    path: Path
    samples: int
    sha256: str

    @property
    def seconds(self) -> float:
        """Length of the recording."""
        return self.samples / RATE

    def read(self, start: int, end: int) -> NDArray[np.float32]:
        """Samples from index ``start`` up to ``end``, -1 to 1, shape (samples,)."""
        start, end = max(start, 0), min(end, self.samples)
        data = np.fromfile(self.path, "<i2", max(end - start, 0), offset=2 * start)
        return data.astype(np.float32) * np.float32(2**-15)


def listen(
    path: Path,
    info: MediaInfo,
    into: Path,
    *,
    should_stop: Callable[[], bool],
    on_progress: Callable[[float], None],
) -> Sound:
    """Decode a recording's first sound track into the file at ``into``, block by block.

    Raises:
        MediaError: ``MISSING_AUDIO_TRACK``; the file can't be read; it claims to be longer than a day.
        process.Stopped: ``should_stop`` said so.
    """
    if not info.audio:
        raise MediaError("The file has no sound.", code="MISSING_AUDIO_TRACK")
    length = float(info.start_time + info.duration - origin_of(info))
    if length > MAX_HOURS * 3600:
        raise MediaError(f"The file is longer than {MAX_HOURS} hours.")
    limit = round((max(length, 0.0) + _SPARE_SECONDS) * RATE)
    end = 0
    with open_media(path, info) as container, into.open("wb") as file:
        for piece in pieces(container, info.audio[0].index, origin_of(info), RATE):
            if should_stop():
                raise Stopped
            # What overlaps was heard already; what lies between is a hole in the file: it reads as silence.
            samples = piece.samples[max(end - piece.position, 0) :]
            position = max(piece.position, end)
            samples = samples[: max(limit - position, 0)]
            if len(samples):
                file.seek(2 * position)
                file.write(samples.astype("<i2", copy=False).tobytes())
                end = position + len(samples)
            on_progress(min(1.0, end / limit))
            if end >= limit:
                break
        file.truncate(2 * end)
    with into.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Sound(into, end, digest)
