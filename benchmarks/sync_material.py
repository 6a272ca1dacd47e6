"""Recordings for the sync's calibration: rooms, microphones and recorders, synthesised from random numbers.

What two microphones have in common is speech-like (formants that glide, syllables, pauses), music-like
(notes with harmonics, beats that don't repeat) or both; each microphone has a room (a random impulse
response that decays exponentially, Polack's model), noise, gain, clipping, polarity, and a clock of its
own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

RATE = 8000
FINE = 4
"""Events are made at FINE times the rate, so that recordings can begin between samples."""

Samples = NDArray[np.float64]
Rng = np.random.Generator


def speech(rng: Rng, seconds: float, rate: int = RATE) -> Samples:
    """Voiced and unvoiced syllables of 80 to 300 ms with gliding formants, and pauses."""
    count = round(seconds * rate)
    out = np.zeros(count)
    at = 0.0
    while at < seconds:
        length = rng.uniform(0.08, 0.3)
        if rng.random() < 0.2:
            at += rng.uniform(0.1, 0.8)
            continue
        first = round(at * rate)
        size = min(round(length * rate), count - first)
        if size < 16:
            break
        out[first : first + size] += _syllable(rng, size, rate)
        at += length * rng.uniform(0.8, 1.1)
    return out / (np.sqrt(np.mean(out**2)) + 1e-12)


def _syllable(rng: Rng, size: int, rate: int) -> Samples:
    time = np.arange(size) / rate
    if rng.random() < 0.7:
        pitch = rng.uniform(90, 250) * (1 + rng.uniform(-0.2, 0.2) * time / time[-1])
        phase = np.cumsum(pitch) / rate
        source = 2 * (phase % 1) - 1 + 0.1 * rng.standard_normal(size)
    else:
        source = rng.standard_normal(size)
    out = 0.05 * source
    for low, high in ((250, 850), (850, 2300), (2000, 3400)):
        centre = rng.uniform(low, high)
        b, a = signal.iirpeak(min(centre, 0.45 * rate), 6, fs=rate)
        out = out + signal.lfilter(b, a, source) * rng.uniform(0.3, 1)
    return out * np.hanning(size) ** 0.5 * rng.uniform(0.3, 1)


def music(rng: Rng, seconds: float, rate: int = RATE) -> Samples:
    """Notes of a few harmonics on an uneven beat, and drums of noise."""
    count = round(seconds * rate)
    out = np.zeros(count)
    at = 0.0
    while at < seconds:
        first = round(at * rate)
        size = min(round(rng.uniform(0.2, 0.8) * rate), count - first)
        if size < 16:
            break
        time = np.arange(size) / rate
        for _ in range(2):
            tone = 110 * 2 ** (rng.integers(0, 36) / 12)
            for harmonic in range(1, 6):
                if tone * harmonic < 0.45 * rate:
                    wave = np.sin(2 * np.pi * (tone * harmonic * time + rng.random()))
                    out[first : first + size] += wave * np.exp(-4 * time) / harmonic
        if rng.random() < 0.6:
            hit = rng.standard_normal(size) * np.exp(-40 * time)
            out[first : first + size] += hit * rng.uniform(0.5, 2)
        at += rng.uniform(0.12, 0.4)
    return out / (np.sqrt(np.mean(out**2)) + 1e-12)


def event(rng: Rng, seconds: float, rate: int = RATE) -> Samples:
    """Speech, music, or one over the other."""
    kind = rng.integers(0, 3)
    if kind == 0:
        return speech(rng, seconds, rate)
    if kind == 1:
        return music(rng, seconds, rate)
    return speech(rng, seconds, rate) + rng.uniform(0.3, 1.0) * music(rng, seconds, rate)


def room(
    rng: Rng, samples: Samples, *, rt60: float, direct_to_reverberant_db: float, rate: int = RATE
) -> Samples:
    """Direct sound at once, then a tail of noise that falls by 60 dB in ``rt60`` seconds."""
    size = round(rt60 * rate)
    tail = rng.standard_normal(size) * 10 ** (-3 * np.arange(size) / size)
    tail[: round(0.004 * rate)] = 0
    tail *= 10 ** (-direct_to_reverberant_db / 20) / np.sqrt(np.sum(tail**2))
    tail[0] = 1
    return signal.fftconvolve(samples, tail)[: len(samples)]


def noise(rng: Rng, count: int, rate: int = RATE) -> Samples:
    """Between white and pink, level 1."""
    white = np.fft.rfft(rng.standard_normal(count))
    frequency = np.fft.rfftfreq(count, 1 / rate)
    out = np.fft.irfft(white / np.maximum(frequency, 50) ** rng.uniform(0, 0.6), count)
    return out / np.sqrt(np.mean(out**2))


def hum(count: int, rng: Rng, rate: int = RATE) -> Samples:
    """Mains with harmonics."""
    time = np.arange(count) / rate
    waves = [
        np.sin(2 * np.pi * 50 * k * time + 2 * np.pi * rng.random()) * rng.uniform(0.2, 1) / k**0.5
        for k in range(1, 30)
    ]
    out = np.sum(waves, axis=0)
    return out / np.sqrt(np.mean(out**2))


def record(fine: Samples, start: float, seconds: float, drift: float = 0.0) -> Samples:
    """What a recorder hears of an event at ``RATE * FINE``: from ``start``, its clock slow by ``drift``.

    A slow clock makes fewer samples of the same time: sample ``u`` is the event at ``start + u * (1 +
    drift)``."""
    places = (start + np.arange(round(seconds * RATE)) / RATE * (1 + drift)) * RATE * FINE
    below = np.clip(places.astype(np.intp), 1, len(fine) - 3)
    part = places - below
    # Catmull-Rom through four points: the event has nothing above an eighth of its rate.
    a, b, c, d = (fine[below + shift] for shift in (-1, 0, 1, 2))
    return b + 0.5 * part * (c - a + part * (2 * a - 5 * b + 4 * c - d + part * (3 * (b - c) + d - a)))


def fine_event(samples: Samples) -> Samples:
    """An event at ``RATE``, band-limited, at ``RATE * FINE``."""
    return signal.resample_poly(samples, FINE, 1)
