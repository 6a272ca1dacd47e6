"""A recording's sound as one low-rate track on disk, in the recording's own time.

The sample at index ``i`` sounded ``i / RATE + phase`` seconds after the recording's second 0
(`edit.origin_of`), whatever the file does with its time stamps: a track that starts late begins with silence,
gaps are silence. Samples are kept in a file of 16-bit integers and read in pieces, so that memory doesn't
grow with length. The features for the coarse search (`features`) are made on the way; nothing is decoded or
read twice for them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from videocraft.errors import MediaError
from videocraft.media.edit import origin_of
from videocraft.media.mono import pieces
from videocraft.media.process import Stopped
from videocraft.media.reader import open_media
from videocraft.media.sync import features
from videocraft.media.sync.report import Track

RATE = 8000
"""Samples per second: speech and most of what tells two moments apart lies below 4 kHz."""

MAX_HOURS = 24
"""Longer recordings are refused: a time stamp can claim any length."""

_BLOCK = 4 * RATE


@dataclass(frozen=True)
class Sound:
    """One camera's sound.

    Attributes:
        path: 16-bit little-endian samples.
        samples: how many; the recording's length.
        phase: seconds by which every sample is later than its index says; less than one sample.
        flux: as `features.Flux` makes it, shape (bands, frames).
        loudness: root mean square of all samples that aren't zero, full scale being 1.
        clipped: share of samples at full scale among those of blocks that have sound.
    """

    path: Path
    samples: int
    phase: float
    flux: NDArray[np.int8]
    loudness: float
    clipped: float

    @property
    def seconds(self) -> float:
        """Length of the recording."""
        return self.samples / RATE

    def read(self, start: int, count: int) -> NDArray[np.float32]:
        """``count`` samples from index ``start``, -1 to 1; silence outside of the recording."""
        out = np.zeros(count, np.float32)
        first, last = max(start, 0), min(start + count, self.samples)
        if last > first:
            data = np.fromfile(self.path, "<i2", last - first, offset=2 * first)
            out[first - start : first - start + len(data)] = data
            out *= np.float32(2**-15)
        return out


def listen(
    track: Track, path: Path, *, should_stop: Callable[[], bool], on_progress: Callable[[float], None]
) -> Sound:
    """Decode a camera's first sound track into the file at ``path``.

    Args:
        should_stop: asked about every half second of work.
        on_progress: gets the share of the recording that is done.

    Raises:
        MediaError: ``MISSING_AUDIO_TRACK``; the file can't be read; it claims to be longer than a day.
        process.Stopped: ``should_stop`` said so.
    """
    info = track.info
    if not info.audio:
        raise MediaError(f"{track.path.name} has no sound.", code="MISSING_AUDIO_TRACK")
    length = float(info.start_time + info.duration - origin_of(info))
    if length > MAX_HOURS * 3600:
        raise MediaError(f"{track.path.name} is longer than {MAX_HOURS} hours.")
    writer = Writer(path, limit=round(max(length, 0.0) * RATE))
    with open_media(track.path, info) as container, path.open("wb") as file:
        for count, piece in enumerate(pieces(container, info.audio[0].index, origin_of(info), RATE)):
            if should_stop():
                raise Stopped
            if count == 0:
                writer.phase = piece.phase
            writer.put(file.fileno(), piece.position, piece.samples)
            on_progress(min(1.0, writer.position / max(writer.limit, 1)))
            if writer.position >= writer.limit:
                break
        return writer.finish(file.fileno())


class Writer:
    """Samples into their places, features from them; both in blocks."""

    def __init__(self, path: Path, *, limit: int) -> None:
        self.limit = limit
        """Samples of the whole recording; what a file has beyond is not heard."""
        self.position = 0
        self.phase = 0.0
        self._path = path
        self._flux = features.Flux(RATE)
        self._energy = 0.0
        self._sounding = 0
        self._full = 0

    def put(self, file: int, position: int, samples: NDArray[np.int16]) -> None:
        samples = samples[max(self.position - position, 0) :]  # what overlaps was heard already
        position = max(position, self.position)
        samples = samples[: max(self.limit - position, 0)]
        if not len(samples):
            return
        self._silence(position - self.position)
        _write_all(file, samples, 2 * position)
        self._flux.add(samples)
        self.position = position + len(samples)
        loud = np.abs(samples.astype(np.int32))
        self._energy += float(np.square(loud, dtype=np.float64).sum())
        self._sounding += int(np.count_nonzero(loud))
        self._full += int(np.count_nonzero(loud >= 32600))

    def finish(self, file: int) -> Sound:
        self._silence(self.limit - self.position)
        os.ftruncate(file, 2 * self.limit)
        sounding = max(self._sounding, 1)
        return Sound(
            path=self._path,
            samples=self.limit,
            phase=self.phase,
            flux=self._flux.finish(),
            loudness=(self._energy / sounding) ** 0.5 / 2**15,
            clipped=self._full / sounding,
        )

    def _silence(self, count: int) -> None:
        """Silence in the features; in the file, a hole reads as zeros."""
        self.position += max(count, 0)
        while count > 0:
            self._flux.add(np.zeros(min(count, _BLOCK), np.int16))
            count -= _BLOCK


def _write_all(file: int, samples: NDArray[np.int16], offset: int) -> None:
    data = np.ascontiguousarray(samples).data.cast("B")
    while data:
        done = os.pwrite(file, data, offset)
        data, offset = data[done:], offset + done
