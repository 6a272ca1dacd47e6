"""The sound of a generated recording: a known signal that never repeats, a function of time alone.

A tone whose frequency wanders at random between 400 Hz and 6 kHz, with a new aim every 2.5 ms. It is a
formula, so it can be made at any sample rate and between samples; any 20 ms of it have one place only; and
being a tone rather than noise it goes through AAC at usual bit rates without losing its phase.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]

LOW_HZ, HIGH_HZ = 400.0, 6000.0
KNOT_SECONDS = 0.0025
BLOCK_SECONDS = 60
KNOTS = 24_000
"""Knots of a block: each minute has random numbers of its own, so that any moment is found at once."""
LEVEL = 0.25
"""Peak of the signal, full scale being 1."""


@lru_cache(maxsize=64)
def _knots(voice: int, block: int) -> tuple[Samples, Samples]:
    """Frequency (Hz) and phase (turns) at each knot of a block of time, shapes (KNOTS + 1,)."""
    frequency = LOW_HZ + (HIGH_HZ - LOW_HZ) * np.random.default_rng([voice, block]).random(KNOTS + 1)
    steps = (frequency[:-1] + frequency[1:]) / 2 * KNOT_SECONDS
    return frequency, np.concatenate([[0.0], np.cumsum(steps)])


def signal(voice: int, times: Samples) -> Samples:
    """The signal of ``voice`` at ``times`` (seconds of recording time, any shape); silence before zero."""
    blocks = np.floor(times / BLOCK_SECONDS).astype(np.intp)
    result = np.zeros(times.shape)
    for block in np.unique(blocks[blocks >= 0]).tolist():
        frequency, phase = _knots(voice, block)
        within = blocks == block
        into_block = times[within] - block * BLOCK_SECONDS
        knot = np.minimum((into_block / KNOT_SECONDS).astype(np.intp), KNOTS - 1)
        into = into_block - knot * KNOT_SECONDS
        slope = (frequency[knot + 1] - frequency[knot]) / KNOT_SECONDS
        turns = phase[knot] + frequency[knot] * into + slope * into**2 / 2
        result[within] = LEVEL * np.sin(2 * np.pi * (turns % 1.0))
    return result


def locate(
    excerpt: Samples, rate: int, voice: int, expected: float, reach: float = 0.1
) -> tuple[float, float]:
    """Where in the signal of ``voice`` an excerpt begins: (seconds after ``expected``, correlation -1 to 1).

    ``excerpt`` has shape (samples,), mono, at ``rate`` Hz; looked for within ``reach`` seconds around
    ``expected`` (recording time). A correlation below about 0.7 means that it isn't there.
    """
    margin = round(reach * rate)
    length = len(excerpt)
    reference = signal(voice, expected + np.arange(-margin, margin + length) / rate)
    size = 1 << (len(reference) + length).bit_length()
    spectrum = np.fft.rfft(reference, size) * np.conj(np.fft.rfft(excerpt, size))
    products = np.fft.irfft(spectrum, size)[: 2 * margin + 1]
    energy = np.concatenate([[0.0], np.cumsum(reference**2)])
    norms = np.sqrt((energy[length:] - energy[:-length])[: 2 * margin + 1] * np.sum(excerpt**2)) + 1e-9
    # The true place may lie between two samples that look worse than a whole period beside it, so the best
    # dozen are looked at between samples: the formula gives the signal at every eighth, then hundredth.
    likely = np.argsort(products / norms)[-12:] - margin
    tries = (likely[:, None] + np.arange(-8, 9) / 8).ravel()
    shift, score = _best(excerpt, rate, voice, expected, tries)
    shift, score = _best(excerpt, rate, voice, expected, shift + np.arange(-13, 14) / 100)
    return shift / rate, score


def _best(excerpt: Samples, rate: int, voice: int, expected: float, tries: Samples) -> tuple[float, float]:
    """The best of several shifts, in samples, and its correlation."""
    candidates = signal(voice, expected + (tries[:, None] + np.arange(len(excerpt))) / rate)
    norms = np.linalg.norm(candidates, axis=1) * np.linalg.norm(excerpt) + 1e-9
    scores = candidates @ excerpt / norms
    return float(tries[np.argmax(scores)]), float(scores.max())
