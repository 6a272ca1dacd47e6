"""Where the master's and a camera's sound may belong together: every lag of either sign is looked at.

Cross-correlation of the energy flux of each band by FFT, half-whitened: each frequency of the flux is
divided by the square root of the product's size, between plain correlation (1) and phase transform (0) of
Knapp & Carter, "The generalized correlation method for estimation of time delay", 1976. A sum of n
independent products grows like the
square root of n by chance, so each lag is divided by the square root of its overlap: a short overlap counts
as much as a long one. Clocks that drift smear the peak of a long recording over many frames; sums over
neighbouring lags ("boxes") find it again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from videocraft.media.sync.features import FRAMES_PER_SECOND

MAX_DRIFT = 200e-6
"""Of either sign: consumer recorders are within 100 ppm of each other."""

_SHORTEST_SECONDS = 1.0
_EVEN_SECONDS = 3.0
"""Overlaps shorter than this count as this long: a second of noise has wild peaks."""
_APART_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible offset: ``offset_s`` (camera start minus master start), its reach to either side, height."""

    offset_s: float
    reach_s: float
    height: float


def candidates(master: NDArray[np.int8], camera: NDArray[np.int8], count: int) -> list[Candidate]:
    """The best ``count`` offsets, best first; heights in standard deviations of all lags.

    Args:
        master, camera: features of shape (bands, frames).
    """
    m, c = master.shape[1], camera.shape[1]
    shortest = min(round(_SHORTEST_SECONDS * FRAMES_PER_SECOND), m, c)
    if shortest < 2:
        return []
    lags = np.arange(-(c - shortest), m - shortest + 1)
    overlap = np.minimum(lags + c, m) - np.maximum(lags, 0)
    scores = _correlation(master, camera)[lags]
    scores /= np.sqrt(np.maximum(overlap, _EVEN_SECONDS * FRAMES_PER_SECOND)).astype(np.float32)
    found: list[Candidate] = []
    widest = 2 * MAX_DRIFT * min(m, c)
    width = 1
    while True:
        found += _peaks(_boxes(scores, width), lags, width, count)
        if width >= widest:
            break
        width *= 3
    return _separate(found, count)


def _correlation(master: NDArray[np.int8], camera: NDArray[np.int8]) -> NDArray[np.float32]:
    """At index k (negative ones from the end): how the camera k frames later than the master agrees."""
    size = scipy.fft.next_fast_len(master.shape[1] + camera.shape[1], real=True)
    total = np.zeros(size // 2 + 1, np.complex64)
    for ours, theirs in zip(master, camera, strict=True):
        product = scipy.fft.rfft(_standard(ours), size)
        other = scipy.fft.rfft(_standard(theirs), size)
        product *= np.conj(other, out=other)
        del other
        root = np.sqrt(np.abs(product))
        root += np.float32(1e-6 * float(root.max(initial=0.0)) + 1e-20)
        product /= root
        total += product
    return np.asarray(scipy.fft.irfft(total, size), np.float32)


def _standard(values: NDArray[np.int8]) -> NDArray[np.float32]:
    result = values.astype(np.float32)
    result -= result.mean()
    spread = float(result.std())
    if spread > 0:
        result /= np.float32(spread)
    return result


def _boxes(scores: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Means over ``width`` neighbouring lags, in robust standard deviations of all."""
    if width > 1:
        sums = np.cumsum(np.pad(scores, (width // 2 + 1, width // 2)), dtype=np.float64)
        scores = (sums[width:] - sums[:-width]).astype(np.float32)
    centred = scores - np.float32(np.median(scores))
    # The median of the absolute deviation is 0.6745 standard deviations of a normal distribution.
    spread = float(np.median(np.abs(centred))) / 0.6745
    return centred / np.float32(spread) if spread > 0 else np.zeros_like(scores)


def _peaks(scores: NDArray[np.float32], lags: NDArray[np.intp], width: int, count: int) -> list[Candidate]:
    apart = max(width, round(_APART_SECONDS * FRAMES_PER_SECOND))
    left = np.array(scores)
    reach = (width / 2 + 1) / FRAMES_PER_SECOND
    result = []
    for _ in range(count):
        best = int(np.argmax(left))
        if left[best] <= 0:
            break
        result.append(Candidate(float(lags[best]) / FRAMES_PER_SECOND, reach, float(left[best])))
        left[max(best - apart, 0) : best + apart + 1] = -np.inf
    return result


def _separate(found: list[Candidate], count: int) -> list[Candidate]:
    """The highest, without those that lie within the reach of a higher one."""
    result: list[Candidate] = []
    for one in sorted(found, key=lambda candidate: -candidate.height):
        near = (abs(one.offset_s - kept.offset_s) < max(kept.reach_s, _APART_SECONDS / 2) for kept in result)
        if not any(near):
            result.append(one)
    return result[:count]
