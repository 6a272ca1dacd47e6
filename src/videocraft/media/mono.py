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

_JITTER_SECONDS = Fraction(1, 100)
"""As in `media.audio`: a time stamp this close to the samples so far is rounding; beyond, it is a gap."""


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
    """
    import av

    resampler: av.AudioResampler | None = None
    expected: Fraction | None = None
    began: Fraction | None = None
    for frame in _frames(container, stream):
        stamped = None if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base
        if resampler is None or (
            stamped is not None and expected is not None and abs(stamped - expected) > _JITTER_SECONDS
        ):
            if resampler is not None:
                yield from ((None, _samples(out)) for out in resampler.resample(None))
            resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
            expected = began = stamped if stamped is not None else Fraction()
        # The resampler must not see stamps: it would follow their jitter.
        frame.pts = None
        for out in resampler.resample(frame):
            yield began, _samples(out)
            began = None
        expected = (expected or Fraction()) + Fraction(frame.samples, frame.sample_rate)
    if resampler is not None:
        yield from ((None, _samples(out)) for out in resampler.resample(None))


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    import av

    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.InvalidDataError:
            continue


def _samples(frame: AudioFrame) -> NDArray[np.int16]:
    return frame.to_ndarray().reshape(-1).astype(np.int16, copy=False)
