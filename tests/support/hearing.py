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
from tests.support.cameras import Camera
from tests.support.edits import Piece
from tests.support.pictures import Shown

EXCERPT_SECONDS = Fraction(1, 50)
FOUND = 0.7
"""Least correlation with which a piece of sound counts as found."""
REACH_SECONDS = 0.1
"""How far around its right place a piece of sound is looked for."""
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
    placed = []
    end = start
    for piece in expected:
        begin, end = end, end + piece.count / rate
        placed.append((begin, end, piece))
    return _listen(path, placed, REACH_SECONDS)


def sound_against_picture(
    path: Path, shown: Sequence[Shown], cameras: Sequence[Camera], reach: float = 1.0
) -> list[Heard]:
    """How far the sound is from what is *shown* at every join, whatever was asked for.

    Runs of frames that follow each other in one recording are the pieces. For files whose frames are wrong,
    where `locate_sound` would only repeat that. Recordings must not share a voice.
    """
    known = {camera.camera: camera for camera in cameras}
    placed = []
    run: list[Shown] = []
    for frame in [*shown, None]:
        follows = (
            run
            and frame is not None
            and frame.code is not None
            and run[-1].code is not None
            and frame.code == (run[-1].code[0], run[-1].code[1] + 1)
        )
        if run and not follows and run[0].code is not None:
            camera = known[run[0].code[0]]
            at = camera.frame_time(run[0].code[1])
            end = run[-1].time + 1 / camera.rate
            placed.append((run[0].time, end, Piece(camera, run[0].code[1], len(run), camera, at)))
        if not follows:
            run = []
        if frame is not None:
            run.append(frame)
    return _listen(path, placed, reach)


def _listen(path: Path, placed: Sequence[tuple[Fraction, Fraction, Piece]], reach: float) -> list[Heard]:
    """Hear the first and the last moments of pieces that begin and end at given times of the file."""
    samples, sample_rate = decoded_sound(path)
    heard: list[Heard] = []
    for index, (begin, end, piece) in enumerate(placed):
        length = min(EXCERPT_SECONDS, (end - begin) / 2)
        for side, at in (("after", begin), ("before", end - length)):
            first = round(at * sample_rate)
            excerpt = samples[first : first + round(length * sample_rate)].astype(np.float64)
            expected = piece.sound_at + Fraction(first, sample_rate) - begin
            error, right = _judge(excerpt, sample_rate, piece.sound, expected, reach)
            heard.append(Heard(index, side, error, right))
    return heard


def _judge(
    excerpt: NDArray[np.float64], sample_rate: int, source: Camera | None, at: Fraction, reach: float
) -> tuple[float, bool]:
    """(error in ms, whether the right signal or the right silence is there at all) of one excerpt."""
    loud = float(np.sqrt(np.mean(excerpt**2))) if excerpt.size else 0.0
    if source is None or at + EXCERPT_SECONDS / 2 < source.audio_delay:
        return float("nan"), loud < SILENT
    if loud < SILENT:
        return float("inf"), False
    recording_time = float(at + source.start_offset)
    shift, score = sound.locate(excerpt, sample_rate, source.heard, recording_time, reach)
    return shift * 1000, score >= FOUND


def worst_sound_ms(heard: Sequence[Heard]) -> float:
    """The greatest error over all joins, milliseconds; infinite when the right sound isn't there."""
    if not all(one.right for one in heard):
        return float("inf")
    return max((abs(one.error_ms) for one in heard if not np.isnan(one.error_ms)), default=0.0)
