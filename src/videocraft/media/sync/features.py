"""What a moment sounds like, coarsely: how much the energy of each band rises from one frame to the next.

Rises of energy (onsets of syllables, notes, steps) survive other gains, other rooms and other microphones,
and they
are few: 50 values a second and band instead of 8000 samples. Taken in many bands of their own, they are the
"spectral flux" of onset detection (Bello et al., "A tutorial on onset detection in music signals", 2005).
"""

from __future__ import annotations

import numpy as np
import scipy.fft
from numpy.typing import NDArray

BANDS = 12
FRAMES_PER_SECOND = 50

_WINDOW = 256
_LOW_HZ, _HIGH_HZ = 120.0, 3700.0
_FLOOR = np.float32(1e-9)
"""Power beside which a change is none: that of a 16-bit file's last bits."""
_STEPS_PER_NEPER = 16
"""Rises are kept in 8 bits: 5 hours of 12 bands are 11 MB."""


class Flux:
    """Makes the features of samples that come in blocks."""

    def __init__(self, rate: int) -> None:
        self._hop = rate // FRAMES_PER_SECOND
        self._bands = _band_weights(rate)
        self._taper = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
        self._rest: NDArray[np.int16] = np.zeros(_WINDOW // 2, np.int16)  # frame t is centred at t * hop
        self._last: NDArray[np.float32] | None = None
        self._made: list[NDArray[np.int8]] = []

    def add(self, samples: NDArray[np.int16]) -> None:
        """The next samples."""
        held = np.concatenate([self._rest, samples])
        frames = (len(held) - _WINDOW) // self._hop + 1
        if frames < 1:
            self._rest = held
            return
        cut = np.lib.stride_tricks.sliding_window_view(held, _WINDOW)[: frames * self._hop : self._hop]
        spectra = scipy.fft.rfft(cut * (self._taper / np.float32(2**15)), axis=1)
        power = np.square(spectra.real) + np.square(spectra.imag)
        levels = np.log(power @ self._bands + _FLOOR)
        before = np.vstack([levels[:1] if self._last is None else self._last, levels[:-1]])
        rises = np.clip((levels - before) * _STEPS_PER_NEPER, 0, 127)
        self._made.append(rises.astype(np.int8).T.copy())
        self._last = levels[-1:]
        self._rest = held[frames * self._hop :]

    def finish(self) -> NDArray[np.int8]:
        """All features, shape (``BANDS``, frames); ``FRAMES_PER_SECOND`` frames a second from second 0."""
        if not self._made:
            return np.zeros((BANDS, 0), np.int8)
        return np.concatenate(self._made, axis=1)


def _band_weights(rate: int) -> NDArray[np.float32]:
    """Which bins count for which band, shape (bins, ``BANDS``): bands of equal width in log frequency."""
    frequencies = np.fft.rfftfreq(_WINDOW, 1 / rate)
    edges = np.geomspace(_LOW_HZ, _HIGH_HZ, BANDS + 1)
    centres = np.sqrt(edges[:-1] * edges[1:])
    inside = (frequencies[:, None] >= edges[:-1]) & (frequencies[:, None] < edges[1:])
    # A low band narrower than a bin takes the nearest one.
    empty = ~inside.any(axis=0)
    nearest = np.abs(frequencies[:, None] - centres).argmin(axis=0)
    inside[nearest[empty], np.flatnonzero(empty)] = True
    return inside.astype(np.float32)
