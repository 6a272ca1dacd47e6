"""The sound of a generated recording: a known signal that never repeats, a function of time alone.

A tone whose frequency wanders at random between 400 Hz and 5 kHz, with a new aim every 5 ms. It is a formula,
so it can be made at any sample rate and between samples; any 20 ms of it have one place only; and being a
tone rather than noise it goes through AAC at usual bit rates without losing its phase.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]

LOW_HZ, HIGH_HZ = 400.0, 5000.0
KNOT_SECONDS = 0.005
LEVEL = 0.25
"""Peak of the signal, full scale being 1."""


@lru_cache(maxsize=16)
def _knots(voice: int, count: int) -> tuple[Samples, Samples]:
    """Frequency (Hz) and phase (turns) at each knot, shapes (count,); a longer one begins like a shorter."""
    frequency = LOW_HZ + (HIGH_HZ - LOW_HZ) * np.random.default_rng(voice).random(count)
    steps = (frequency[:-1] + frequency[1:]) / 2 * KNOT_SECONDS
    return frequency, np.concatenate([[0.0], np.cumsum(steps)])


def signal(voice: int, times: Samples) -> Samples:
    """The signal of ``voice`` at ``times`` (seconds of recording time, any shape); silence before zero."""
    last = float(times.max()) if times.size else 0.0
    # The number of knots is rounded up to ten minutes, so that a few cached tables serve all calls.
    count = (max(0, int(last / KNOT_SECONDS)) // 120_000 + 1) * 120_000 + 2
    frequency, phase = _knots(voice, count)
    positive = np.maximum(times, 0.0)
    knot = (positive / KNOT_SECONDS).astype(np.intp)
    into = positive - knot * KNOT_SECONDS
    slope = (frequency[knot + 1] - frequency[knot]) / KNOT_SECONDS
    turns = phase[knot] + frequency[knot] * into + slope * into**2 / 2
    return np.where(times >= 0, LEVEL * np.sin(2 * np.pi * (turns % 1.0)), 0.0)


def locate(
    excerpt: Samples, rate: int, voice: int, expected: float, reach: float = 0.1
) -> tuple[float, float]:
    """Where in the signal of ``voice`` an excerpt begins: (seconds after ``expected``, correlation -1 to 1).

    ``excerpt`` has shape (samples,), mono, at ``rate`` Hz; looked for within ``reach`` seconds around
    ``expected`` (recording time). A correlation below about 0.6 means that it isn't there.
    """
    margin = round(reach * rate)
    length = len(excerpt)
    reference = signal(voice, expected + np.arange(-margin, margin + length) / rate)
    size = 1 << (len(reference) + length).bit_length()
    spectrum = np.fft.rfft(reference, size) * np.conj(np.fft.rfft(excerpt, size))
    products = np.fft.irfft(spectrum, size)[: 2 * margin + 1]
    energy = np.concatenate([[0.0], np.cumsum(reference**2)])
    norms = np.sqrt((energy[length:] - energy[:-length])[: 2 * margin + 1] * np.sum(excerpt**2)) + 1e-9
    best = int(np.argmax(products / norms)) - margin
    # Between samples: the formula gives the signal at every eighth, then every hundredth of one.
    shift = float(best)
    score = -1.0
    for step in (1 / 8, 1 / 100):
        tries = shift + step * np.arange(-10, 11)
        grid = expected + (tries[:, None] + np.arange(length)) / rate
        candidates = signal(voice, grid)
        scores = candidates @ excerpt / (np.linalg.norm(candidates, axis=1) * np.linalg.norm(excerpt) + 1e-9)
        shift, score = float(tries[np.argmax(scores)]), float(scores.max())
    return shift / rate, score
