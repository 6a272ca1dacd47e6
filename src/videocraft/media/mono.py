"""A recording's sound as one track at a low rate, in the recording's own time, whatever its time stamps do.

One run of samples goes through one resampler, and only its beginning is placed by a time stamp: stamps are
rounded (to a millisecond in Matroska), samples are not. A damaged stretch is a gap, not the end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from videocraft.media.time import round_half_up

if TYPE_CHECKING:
    from av import AudioFrame, AudioResampler, AudioStream
    from av.container import InputContainer

T = TypeVar("T")

BLOCK_SECONDS = 4

_BATCH_SECONDS = 2
_BATCHES_AHEAD = 4
"""Decoded while others are resampled, so that a recording keeps two processors busy; 3 MB."""
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


def pieces(
    container: InputContainer, index: int, origin: Fraction, rate: int
) -> Generator[Piece, None, None]:
    """The sound of a stream, mono, ``rate`` samples a second, in pieces of about `BLOCK_SECONDS`.

    Args:
        index: of the stream in the container.
        origin: the container time that is second 0 (`edit.origin_of`).

    Close it before the container: another thread reads from that.
    """
    import av

    stream = container.streams[index]
    assert isinstance(stream, av.AudioStream)  # noqa: S101 -- narrows the type; the probe found it to be one
    position, phase = 0, 0.0
    held: list[NDArray[np.int16]] = []
    count = 0
    with closing(_runs(container, stream, rate)) as runs:
        for start, samples in runs:
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
) -> Generator[tuple[Fraction | None, NDArray[np.int16]], None, None]:
    """Resampled sound; with the container time in seconds where a run of samples begins, None where it goes
    on.
    """
    import av

    resampler: AudioResampler | None = None
    began: Fraction | None = None
    with closing(ahead(_batches(container, stream), _BATCHES_AHEAD)) as batches:
        for start, frame in batches:
            if start is not None:
                if resampler is not None:
                    yield from _samples(began, resampler.resample(None))
                resampler, began = av.AudioResampler(format="s16", layout="mono", rate=rate), start
            if resampler is not None:
                for piece in _samples(began, resampler.resample(frame)):
                    began = None
                    yield piece
    if resampler is not None:
        yield from _samples(began, resampler.resample(None))


def _samples(
    began: Fraction | None, frames: list[AudioFrame]
) -> Iterator[tuple[Fraction | None, NDArray[np.int16]]]:
    for frame in frames:
        yield began, frame.to_ndarray().reshape(-1).astype(np.int16, copy=False)
        began = None


def ahead(items: Iterable[T], count: int) -> Generator[T, None, None]:
    """Items that are made in another thread, up to ``count`` of them before they are asked for.

    Close it if it is not read to its end: what the items are made from is in use until then.
    """
    source, end = iter(items), object()
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        waiting = deque(pool.submit(next, source, end) for _ in range(count))
        try:
            while (item := waiting.popleft().result()) is not end:
                waiting.append(pool.submit(next, source, end))
                yield cast("T", item)
        finally:
            for future in waiting:
                future.cancel()


def _batches(container: InputContainer, stream: AudioStream) -> Iterator[tuple[Fraction | None, AudioFrame]]:
    """Decoded sound, some seconds at a time; with the container time where a run begins, else None."""
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
    """Frames that follow each other without a gap, joined several seconds at a time.

    A frame is 20 ms; handing each one to the resampler would cost more than decoding it.
    """

    def __init__(self, first: AudioFrame) -> None:
        import av

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

    def add(self, frame: AudioFrame) -> Iterator[tuple[Fraction | None, AudioFrame]]:
        self._count += frame.samples
        # Neither the buffer nor the resampler must see stamps: they would mind their jitter.
        frame.pts = None
        self._fifo.write(frame)
        if self._fifo.samples >= _BATCH_SECONDS * self._rate:
            yield from self.rest()

    def rest(self) -> Iterator[tuple[Fraction | None, AudioFrame]]:
        """What is held back."""
        held = self._fifo.read()
        if held is not None:
            yield self._start, held
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
