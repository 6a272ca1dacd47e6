"""A recording's sound as one low-rate track on disk, in the recording's own time.

The sample at index ``i`` sounded ``i / RATE + phase`` seconds after the recording's second 0
(`edit.origin_of`), whatever the file does with its time stamps: a track that starts late begins with silence,
gaps are silence. Samples are kept in a file of 16-bit integers and read in pieces, so that memory doesn't
grow with length. The features for the coarse search (`features`) are made on the way; nothing is decoded or
read twice for them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from videocraft.errors import MediaError
from videocraft.media.edit import origin_of
from videocraft.media.process import Stopped
from videocraft.media.reader import open_media
from videocraft.media.sync import features
from videocraft.media.sync.report import Track
from videocraft.media.time import round_half_up

if TYPE_CHECKING:
    from av import AudioFrame, AudioStream
    from av.container import InputContainer

RATE = 8000
"""Samples per second: speech and most of what tells two moments apart lies below 4 kHz."""

MAX_HOURS = 24
"""Longer recordings are refused: a time stamp can claim any length."""

_JITTER = 100
"""Parts of a second, as in `media.audio`: a time stamp nearer than one to the samples so far is rounding,
else a gap."""
_BLOCK = 4 * RATE
_BATCH_SECONDS = 2


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
        for position, samples in _pieces(container, info.audio[0].index, origin_of(info), writer):
            if should_stop():
                raise Stopped
            writer.put(file.fileno(), position, samples)
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


def _pieces(
    container: InputContainer, index: int, origin: Fraction, writer: Writer
) -> Iterator[tuple[int, NDArray[np.int16]]]:
    """Blocks of about four seconds of samples without gaps: (index of the first one, samples).

    One run of samples goes through one resampler, and only its beginning is placed by a time stamp: stamps
    are rounded (to a millisecond in Matroska), samples are not.
    """
    import av

    stream = container.streams[index]
    assert isinstance(stream, av.AudioStream)  # noqa: S101 -- narrows the type; the probe found it to be one
    position = 0
    held: list[NDArray[np.int16]] = []
    count = 0
    is_first = True
    for start, samples in _runs(container, stream):
        if start is not None:
            if held:
                yield position, np.concatenate(held)
                position, held, count = position + count, [], 0
            exact = (start - origin) * RATE
            position = round_half_up(exact)
            if is_first:
                writer.phase, is_first = float(exact - position) / RATE, False
        held.append(samples)
        count += len(samples)
        if count >= _BLOCK:
            yield position, np.concatenate(held)
            position, held, count = position + count, [], 0
    if held:
        yield position, np.concatenate(held)


def _runs(
    container: InputContainer, stream: AudioStream
) -> Iterator[tuple[Fraction | None, NDArray[np.int16]]]:
    """Resampled sound; with the container time in seconds where a run of samples begins, None where it goes
    on.

    A damaged stretch is a gap, not the end: what can't be decoded is skipped.
    """
    run: _Run | None = None
    for frame in _frames(container, stream):
        if run is None or not run.goes_on_with(frame):
            if run is not None:
                yield from run.rest()
            run = _Run(frame)
        yield from run.add(frame)
    if run is not None:
        yield from run.rest()


class _Run:
    """Frames that follow each other without a gap, resampled several seconds at a time.

    A frame is 20 ms; handing each one to the resampler would cost more than decoding it.
    """

    def __init__(self, first: AudioFrame) -> None:
        import av

        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        self._fifo = av.AudioFifo()
        self._kind = _kind(first)
        self._rate = first.sample_rate
        self._first_pts = first.pts or 0
        self._time_base = Fraction(first.time_base or 0)
        self._count = 0
        self._start: Fraction | None = self._first_pts * self._time_base

    def goes_on_with(self, frame: AudioFrame) -> bool:
        """Whether it is of the same kind and begins where the last one ended."""
        if _kind(frame) != self._kind:
            return False
        if frame.pts is None:
            return True
        # In whole numbers, which are quick: an hour has 170,000 frames.
        ticks = (frame.pts - self._first_pts) * self._time_base.numerator * self._rate
        aside = abs(ticks - self._count * self._time_base.denominator)
        return aside * _JITTER <= self._rate * self._time_base.denominator

    def add(self, frame: AudioFrame) -> Iterator[tuple[Fraction | None, NDArray[np.int16]]]:
        self._count += frame.samples
        # Neither the buffer nor the resampler must see stamps: they would mind their jitter.
        frame.pts = None
        self._fifo.write(frame)
        if self._fifo.samples >= _BATCH_SECONDS * self._rate:
            yield from self._resampled(self._fifo.read())

    def rest(self) -> Iterator[tuple[Fraction | None, NDArray[np.int16]]]:
        """What is held back, at the end."""
        held = self._fifo.read()
        if held is not None:
            yield from self._resampled(held)
        yield from self._resampled(None)

    def _resampled(self, frame: AudioFrame | None) -> Iterator[tuple[Fraction | None, NDArray[np.int16]]]:
        for out in self._resampler.resample(frame):
            yield self._start, out.to_ndarray().reshape(-1).astype(np.int16, copy=False)
            self._start = None


def _kind(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Decoded frames. A damaged stretch is a gap, not the end: what can't be decoded is skipped."""
    import av

    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.InvalidDataError:
            continue
