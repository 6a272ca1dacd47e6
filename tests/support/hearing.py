"""What is heard at every join of a file, against where it has to come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tests.support import sound
from tests.support.edits import Piece

EXCERPT_SECONDS = Fraction(1, 50)
FOUND = 0.7
"""Least correlation with which a piece of sound counts as found."""
SILENT = sound.LEVEL / 20
"""Effective value below which it is silent: encoders ring a little around a join."""


@dataclass(frozen=True)
class Heard:
    """Sound on one side of a join, against where it has to be."""

    piece: int
    side: str
    """``after`` the piece's first frame, or ``before`` its end."""
    error_ms: float
    """How much later than right its place in the recording is; NaN where it is silent as it has to be."""
    right: bool
    """Whether the signal expected (or silence) is there at all, within the reach of the search."""


def decoded_sound(path: Path) -> tuple[NDArray[np.float32], int]:
    """The file's sound as mono samples from its time 0 on, shape (samples,), and the sample rate.

    Each decoded frame lies where its time stamp says; gaps are zero, so a hole or a shift is heard.
    """
    placed: list[tuple[int, NDArray[np.float32]]] = []
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        rate = stream.rate
        at = 0
        for frame in container.decode(stream):
            if frame.pts is None or frame.time_base is None:
                raise ValueError("decoded sound has no time")
            data = frame.to_ndarray()
            scale = 1.0 if data.dtype.kind == "f" else float(2 ** (8 * data.dtype.itemsize - 1))
            channels = len(frame.layout.channels)
            mono = data.reshape(-1, channels).mean(axis=1) if data.shape[0] == 1 else data.mean(axis=0)
            begin = frame.pts * frame.time_base * rate
            # Times of a coarse base (Matroska: 1 ms) are rounded: what begins within a tick follows directly.
            if not placed or abs(begin - at) > frame.time_base * rate:
                at = round(begin)
            placed.append((at, (mono / scale).astype(np.float32)))
            at += len(mono)
    length = max((first + len(mono) for first, mono in placed), default=0)
    samples = np.zeros(max(length, 0), dtype=np.float32)
    for first, mono in placed:
        kept = mono[max(0, -first) :]
        samples[max(0, first) : max(0, first) + len(kept)] = kept
    return samples, rate


def locate_sound(
    path: Path, expected: Sequence[Piece], rate: Fraction, start: Fraction = Fraction(0)
) -> list[Heard]:
    """Where the sound just after the beginning and just before the end of every piece comes from.

    ``rate`` is the output's frame rate and ``start`` the time of its first frame: joins are where the
    *picture* changes, so a sound that is late against the picture shows as an error.
    """
    samples, sample_rate = decoded_sound(path)
    heard: list[Heard] = []
    end = start
    for index, piece in enumerate(expected):
        begin, end = end, end + piece.count / rate
        length = min(EXCERPT_SECONDS, (end - begin) / 2)
        for side, at in (("after", begin), ("before", end - length)):
            first = round(at * sample_rate)
            excerpt = samples[first : first + round(length * sample_rate)].astype(np.float64)
            exact = Fraction(first, sample_rate) - begin
            heard.append(_heard(index, side, excerpt, sample_rate, piece, piece.sound_at + exact))
    return heard


def _heard(
    index: int, side: str, excerpt: NDArray[np.float64], sample_rate: int, piece: Piece, at: Fraction
) -> Heard:
    loud = float(np.sqrt(np.mean(excerpt**2))) if excerpt.size else 0.0
    late = piece.sound is not None and at + EXCERPT_SECONDS / 2 < piece.sound.audio_delay
    if piece.sound is None or late:
        return Heard(index, side, float("nan"), loud < SILENT)
    if not excerpt.size or loud < SILENT:
        return Heard(index, side, float("inf"), False)
    recording_time = float(at + piece.sound.start_offset)
    shift, score = sound.locate(excerpt, sample_rate, piece.sound.heard, recording_time)
    return Heard(index, side, shift * 1000, score >= FOUND)


def worst_sound_ms(heard: Sequence[Heard]) -> float:
    """The greatest error over all joins, milliseconds; infinite when the right sound isn't there."""
    if not all(one.right for one in heard):
        return float("inf")
    return max((abs(one.error_ms) for one in heard if not np.isnan(one.error_ms)), default=0.0)
