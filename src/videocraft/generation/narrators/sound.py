"""Speech as samples: trimmed, brought to one level, and written as a WAV file."""

from __future__ import annotations

import math
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
"""Shape (samples,)."""

HOP_SECONDS = 0.01
LEVEL_DB = -20.0
"""RMS of what is spoken, in dB of full scale; pauses do not count."""
PEAK_DB = -1.0
_QUIETER_DB = 35.0
"""A hop that is so much quieter than the loudest one is a pause."""
_SILENCE_DB = -55.0
_KEPT_SECONDS = 0.04
"""Before the first sound and behind the last: a plosive's beginning and a breath's end are quiet."""


def levels(samples: Samples, rate: int) -> NDArray[np.float64]:
    """RMS of each hop in dB of full scale."""
    hop = max(1, round(rate * HOP_SECONDS))
    count = math.ceil(len(samples) / hop)
    padded = np.zeros(count * hop)
    padded[: len(samples)] = samples / 32768
    power: NDArray[np.float64] = (padded.reshape(count, hop) ** 2).mean(axis=1) if count else np.zeros(0)
    return np.asarray(10 * np.log10(power + 1e-12))


def is_voiced(samples: Samples, rate: int) -> NDArray[np.bool_]:
    """For each hop, whether something is heard."""
    found = levels(samples, rate)
    if not len(found):
        return np.zeros(0, np.bool_)
    return np.asarray(found > max(_SILENCE_DB, float(found.max()) - _QUIETER_DB))


def trimmed(samples: Samples, rate: int) -> tuple[Samples, int]:
    """Without the silence before and behind, and how many samples were taken away before.

    Nothing is left of what is silent.
    """
    heard = np.flatnonzero(is_voiced(samples, rate))
    if not len(heard):
        return samples[:0], 0
    hop, kept = max(1, round(rate * HOP_SECONDS)), round(rate * _KEPT_SECONDS)
    first = max(0, int(heard[0]) * hop - kept)
    return samples[first : (int(heard[-1]) + 1) * hop + kept], first


def levelled(samples: Samples, rate: int) -> Samples:
    """At ``LEVEL_DB``, or as near to it as its peaks allow."""
    voiced = np.repeat(is_voiced(samples, rate), max(1, round(rate * HOP_SECONDS)))[: len(samples)]
    if not voiced.any():
        return samples
    sound = samples / 32768
    gain = 10 ** (LEVEL_DB / 20) / math.sqrt(float((sound[voiced] ** 2).mean()))
    gain = min(gain, 10 ** (PEAK_DB / 20) / float(np.abs(sound).max()))
    return np.round(sound * gain * 32768).clip(-32768, 32767).astype(np.int16)


def write_wav(samples: Samples, rate: int, into: Path) -> None:
    """Write under a temporary name, then rename: ``into`` is never half a file."""
    partial = into.with_name(f".{into.name}.part")
    try:
        with wave.open(str(partial), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(samples.astype("<i2").tobytes())
        partial.replace(into)
    finally:
        partial.unlink(missing_ok=True)
