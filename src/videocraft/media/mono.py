"""A recording's sound as one track at a low rate, in the recording's own time, whatever its time stamps do.

One run of samples goes through one resampler, and only its beginning is placed by a time stamp: stamps are
rounded (to a millisecond in Matroska), samples are not. A damaged stretch is a gap, not the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from videocraft.media.time import round_half_up

if TYPE_CHECKING:
    from av import AudioFrame, AudioStream
    from av.container import InputContainer

BLOCK_SECONDS = 4

_BATCH_SECONDS = 2
_JITTER = 100
"""Parts of a second, as in `media.audio`: a time stamp nearer than one to the samples so far is rounding,
else a gap."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Samples without a gap.

    Attributes:
        position: of the first sample, counted from the recording's second 0; may be negative.
        phase: seconds by which the run that the piece belongs to is later than ``position`` says; less than
            one sample.
        samples: shape (samples,).
    """

    position: int
    phase: float
    samples: NDArray[np.int16]


def pieces(container: InputContainer, index: int, origin: Fraction, rate: int) -> Iterator[Piece]:
    """The sound of a stream, mono, ``rate`` samples a second, in pieces of about `BLOCK_SECONDS`.

    Args:
        index: of the stream in the container.
        origin: the container time that is second 0 (`edit.origin_of`).
    """
    import av

    stream = container.streams[index]
    assert isinstance(stream, av.AudioStream)  # noqa: S101 -- narrows the type; the probe found it to be one
    position, phase = 0, 0.0
    held: list[NDArray[np.int16]] = []
    count = 0
    for start, samples in _runs(container, stream, rate):
        if start is not None:
            if held:
                yield Piece(position, phase, np.concatenate(held))
                held, count = [], 0
            exact = (start - origin) * rate
            position = round_half_up(exact)
            phase = float(exact - position) / rate
        held.append(samples)
        count += len(samples)
        if count >= BLOCK_SECONDS * rate:
            yield Piece(position, phase, np.concatenate(held))
            position, held, count = position + count, [], 0
    if held:
        yield Piece(position, phase, np.concatenate(held))


def _runs(
    container: InputContainer, stream: AudioStream, rate: int
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
            run = _Run(frame, rate)
        yield from run.add(frame)
    if run is not None:
        yield from run.rest()


class _Run:
    """Frames that follow each other without a gap, resampled several seconds at a time.

    A frame is 20 ms; handing each one to the resampler would cost more than decoding it.
    """

    def __init__(self, first: AudioFrame, rate: int) -> None:
        import av

        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
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
