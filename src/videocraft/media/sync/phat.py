"""How far a short stretch of the camera's sound is off the master's, to a fraction of a sample.

Generalized cross-correlation with phase transform (Knapp & Carter 1976): the cross-spectrum keeps its phase
only, so every frequency says the same about the delay however loud it is; reverberation and equalisers,
which act on the spectrum's size, blur it little. The *absolute* peak counts: microphones may be of opposite
polarity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from videocraft.media.sync.sound import RATE, Sound

_LOW_HZ, _HIGH_HZ = 90.0, 3700.0
_FINE = 32
"""Places between two samples at which the peak is looked at."""
_TAPS = 16
_PEAK_SEPARATION = 8
_SILENT = 1e-6
"""Root mean square below which a stretch is silence: less than a tenth of a 16-bit step."""


@dataclass(frozen=True)
class Stretch:
    """Correlations of one window.

    Attributes:
        time_s: the middle of the window, seconds of the camera.
        centre_s: the offset at which ``heights`` has its middle.
        heights: over noise, signed; index i is the offset ``centre_s + (i - len // 2) / RATE``.
    """

    time_s: float
    centre_s: float
    heights: NDArray[np.float32]

    @property
    def is_silent(self) -> bool:
        """One of the two had no sound here."""
        return not self.heights.any()

    def at(self, offset_s: float, within: int) -> tuple[float, float]:
        """The highest absolute place up to ``within`` samples around an offset: (offset in s, signed
        height)."""
        middle = round((offset_s - self.centre_s) * RATE) + len(self.heights) // 2
        low, high = max(middle - within, 1), min(middle + within + 1, len(self.heights) - 1)
        if low >= high:
            return offset_s, 0.0
        return self._fine(low + int(np.abs(self.heights[low:high]).argmax()))

    def peaks(self, count: int) -> list[tuple[float, float]]:
        """The highest places: (offset in seconds, signed height), best first."""
        left = np.abs(self.heights)
        result = []
        for _ in range(count):
            best = int(left.argmax())
            if left[best] <= 0:
                break
            result.append(self._fine(best))
            left[max(best - _PEAK_SEPARATION, 0) : best + _PEAK_SEPARATION + 1] = 0
        return result

    def _fine(self, index: int) -> tuple[float, float]:
        """The peak around a sample, between samples: band-limited interpolation, then a parabola."""
        low = index - _TAPS
        near = np.zeros(2 * _TAPS + 1, np.float32)
        first, last = max(low, 0), min(index + _TAPS + 1, len(self.heights))
        near[first - low : last - low] = self.heights[first:last]
        fine = _KERNEL @ near
        best = int(np.abs(fine).argmax())
        sign = 1.0 if fine[best] >= 0 else -1.0
        shift = 0.0
        if 0 < best < len(fine) - 1:
            left, middle, right = (sign * float(value) for value in fine[best - 1 : best + 2])
            bend = left - 2 * middle + right
            shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
        at = index - len(self.heights) // 2 + (best + shift) / _FINE - 1
        return self.centre_s + at / RATE, float(fine[best])


def _kernel() -> NDArray[np.float32]:
    """Interpolation from 2 ``_TAPS`` + 1 samples to the places from one sample before the middle to one
    after."""
    places = np.arange(2 * _FINE + 1) / _FINE - 1
    distance = places[:, None] - np.arange(-_TAPS, _TAPS + 1)
    taper = np.cos(np.pi / 2 * np.clip(distance / (_TAPS + 1), -1, 1)) ** 2
    return np.asarray(np.sinc(distance) * taper, np.float32)


_KERNEL = _kernel()


def stretch(
    master: Sound,
    camera: Sound,
    *,
    time_s: float,
    seconds: float,
    offset_s: float,
    drift: float,
    reach_s: float,
) -> Stretch:
    """Correlate one window of the camera with the master around an expected offset.

    Args:
        time_s: middle of the window, in seconds of the camera.
        seconds: its length.
        offset_s: expected camera start minus master start at that time.
        drift: expected growth of the offset, seconds per second: the master is read at the camera's speed.
        reach_s: how far to look to either side.
    """
    length = round(seconds * RATE)
    start = round(time_s * RATE - length / 2)
    reach = round(reach_s * RATE)
    shift = round(offset_s * RATE)
    centre = shift / RATE + master.phase - camera.phase
    own = camera.read(start, length)
    other = _at_speed(master, start + shift - reach, length + 2 * reach, drift)
    middle = (start + length / 2) / RATE + camera.phase
    if min(_level(own), _level(other)) < _SILENT:
        return Stretch(middle, centre, np.zeros(2 * reach + 1, np.float32))
    size = scipy.fft.next_fast_len(len(other), real=True)
    cross = scipy.fft.rfft(other, size)
    cross *= np.conj(scipy.fft.rfft(own, size))
    low, high = (round(hertz * size / RATE) for hertz in (_LOW_HZ, _HIGH_HZ))
    cross[:low] = 0
    cross[high:] = 0
    cross[low:high] /= np.abs(cross[low:high]) + np.float32(1e-20)
    heights = np.asarray(scipy.fft.irfft(cross, size)[: 2 * reach + 1], np.float32)
    # The deviation that independent noises have; tones and echoes have more, and then it is what was measured.
    expected = (2 * (high - low)) ** 0.5 / size
    measured = float(np.median(np.abs(heights))) / 0.6745
    return Stretch(middle, centre, heights / np.float32(max(expected, measured)))


def _at_speed(sound: Sound, start: int, count: int, drift: float) -> NDArray[np.float32]:
    """Samples as a recorder would have them whose clock is slow by ``drift``; the middle stays in its place.

    Linear interpolation is coarse, but what it does to the phases is different at every sample and evens out.
    """
    if abs(drift) * count < 1:
        return sound.read(start, count)
    margin = int(abs(drift) * count) + 2
    places = (np.arange(count) - count / 2) * (1 + drift) + count / 2 + margin
    below = places.astype(np.intp)
    part = (places - below).astype(np.float32)
    samples = sound.read(start - margin, count + 2 * margin + 1)
    return samples[below] * (1 - part) + samples[below + 1] * part


def _level(samples: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(np.square(samples))))
