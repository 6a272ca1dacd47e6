"""Labelled cases for the sync's calibration: what a pair of recordings is, and what the right answer is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks import sync_material as material
from benchmarks.sync_material import RATE, Rng, Samples


@dataclass(frozen=True)
class Case:
    """Two recordings; ``offset_s`` is None where there is no right answer."""

    kind: str
    master: Samples
    camera: Samples
    offset_s: float | None
    drift_ppm: float = 0.0
    overlap_s: float = 0.0
    snr_db: float = 30.0


def _pair(
    rng: Rng,
    kind: str,
    *,
    overlap: float,
    snr_db: float,
    drift_ppm: float = 0.0,
    polarity: float = 1.0,
    rt60: tuple[float, float] = (0.0, 0.0),
    direct_db: float = 0.0,
    gains: tuple[float, float] = (1.0, 1.0),
    clip: float = 0.0,
    late: float = 0.0,
    event: Callable[[Rng, float], Samples] = material.event,
) -> Case:
    """One event, heard by two recorders for ``overlap`` seconds together."""
    before, after = rng.uniform(0, 2 * overlap, 2)
    first, second = 1.0, 1.0 + before
    length = before + overlap + after + 3
    fine = material.fine_event(event(rng, length))
    is_swapped = rng.random() < 0.5
    starts = (first, second) if not is_swapped else (second, first)
    spans = (before + overlap, overlap + after) if not is_swapped else (overlap + after, before + overlap)
    master = material.record(fine, starts[0], spans[0])
    camera = polarity * material.record(fine, starts[1], spans[1], drift_ppm * 1e-6)
    heard = []
    for samples, time, gain in zip((master, camera), rt60, gains, strict=True):
        if time:
            samples = material.room(rng, samples, rt60=time, direct_to_reverberant_db=direct_db)  # noqa: PLW2901 -- the chain of one microphone
        level = np.sqrt(np.mean(samples**2)) + 1e-12
        dirty = samples / level + 10 ** (-snr_db / 20) * material.noise(rng, len(samples))
        if clip:
            dirty = np.clip(dirty, -clip, clip)
        heard.append(gain * dirty)
    if late:
        heard[1][: round(late * RATE)] = 0
    return Case(kind, heard[0], heard[1], starts[1] - starts[0], drift_ppm, overlap - late, snr_db)


def _overlap(rng: Rng) -> float:
    return float(np.exp(rng.uniform(np.log(10), np.log(60))))


def match(rng: Rng) -> Case:
    """Good microphones."""
    return _pair(
        rng, "match", overlap=_overlap(rng), snr_db=rng.uniform(10, 30), rt60=(0.2, 0.4), direct_db=6
    )


def inverted(rng: Rng) -> Case:
    """One of opposite polarity."""
    return _pair(
        rng, "inverted", overlap=_overlap(rng), snr_db=rng.uniform(5, 25), polarity=-1, rt60=(0.2, 0.3)
    )


def clipped(rng: Rng) -> Case:
    """Recorded far too loud."""
    return _pair(rng, "clipped", overlap=_overlap(rng), snr_db=15, clip=rng.uniform(0.3, 0.8))


def distant(rng: Rng) -> Case:
    """A microphone at the other end of a reverberant hall."""
    return _pair(
        rng,
        "distant",
        overlap=_overlap(rng),
        snr_db=15,
        rt60=(0.4, rng.uniform(0.8, 1.6)),
        direct_db=-rng.uniform(0, 6),
    )


def noisy(rng: Rng) -> Case:
    """As much noise as sound on both."""
    return _pair(rng, "noise 0 dB", overlap=_overlap(rng), snr_db=0, rt60=(0.2, 0.4), direct_db=3)


def very_noisy(rng: Rng) -> Case:
    """More noise than sound on both."""
    return _pair(rng, "noise -6 dB", overlap=_overlap(rng), snr_db=-6, rt60=(0.2, 0.3), direct_db=6)


def short(rng: Rng) -> Case:
    """Three seconds of overlap."""
    return _pair(rng, "3 s overlap", overlap=3, snr_db=rng.uniform(0, 20), rt60=(0.2, 0.3), direct_db=3)


def gains(rng: Rng) -> Case:
    """One recorded 40 dB lower."""
    return _pair(rng, "gains", overlap=_overlap(rng), snr_db=15, gains=(1, 0.01), rt60=(0.2, 0.3))


def drifting(rng: Rng) -> Case:
    """Clocks of up to 100 ppm apart."""
    return _pair(
        rng, "drift", overlap=60, snr_db=15, drift_ppm=rng.uniform(-100, 100), rt60=(0.2, 0.3), direct_db=3
    )


def late(rng: Rng) -> Case:
    """The camera's sound track begins later than its picture."""
    return _pair(
        rng, "late track", overlap=_overlap(rng), snr_db=15, late=rng.uniform(0.2, 2), rt60=(0.2, 0.3)
    )


def apart(rng: Rng) -> Case:
    """Two parts of one event, one after the other: the same voices and instruments."""
    one, two = rng.uniform(10, 60, 2)
    samples = material.event(rng, one + two + 1)
    samples = samples + 0.03 * material.noise(rng, len(samples))
    cut = round(one * RATE)
    return Case("no overlap", samples[:cut], samples[cut + RATE :], None)


def other_room(rng: Rng) -> Case:
    """Two events at one time, with the same mains hum."""
    one, two = rng.uniform(10, 60, 2)
    master, camera = material.event(rng, one), material.event(rng, two)
    mains = material.hum(max(len(master), len(camera)), rng) * rng.uniform(0, 0.3)
    return Case("other room", master + mains[: len(master)], camera + mains[: len(camera)], None)


def silence(rng: Rng) -> Case:
    """A microphone that was off, or whose noise is all there is."""
    master = material.event(rng, rng.uniform(10, 60))
    level = 0.0 if rng.random() < 0.5 else 0.003
    return Case("silence", master, level * material.noise(rng, round(30 * RATE)), None)


def hum(rng: Rng) -> Case:
    """Nothing but the mains on both, in phase, and noise."""
    mains = material.hum(round(60 * RATE), rng)
    start, length = (round(value * RATE) for value in rng.uniform(5, 25, 2))
    master = mains + 0.05 * material.noise(rng, len(mains))
    camera = mains[start : start + length]
    return Case("hum", master, camera + 0.05 * material.noise(rng, len(camera)), None)


def loop(rng: Rng) -> Case:
    """A loop that repeats to the sample, and nothing else that tells one round from the next."""
    bar = material.music(rng, rng.uniform(1, 6))
    rounds = np.tile(bar, 90 * RATE // len(bar))
    start, length = (round(value * RATE) for value in rng.uniform(8, 25, 2))
    master = rounds[: 60 * RATE]
    camera = rounds[start : start + length]
    quiet = 10 ** (-rng.uniform(0, 30) / 20)
    return Case(
        "loop",
        master + quiet * material.noise(rng, len(master)),
        camera + quiet * material.noise(rng, len(camera)),
        None,
    )


KINDS: dict[str, tuple[Callable[[Rng], Case], int]] = {
    "match": (match, 40),
    "inverted": (inverted, 20),
    "clipped": (clipped, 20),
    "distant": (distant, 30),
    "noise 0 dB": (noisy, 30),
    "noise -6 dB": (very_noisy, 20),
    "3 s overlap": (short, 30),
    "gains": (gains, 20),
    "drift": (drifting, 20),
    "late track": (late, 20),
    "no overlap": (apart, 50),
    "other room": (other_room, 40),
    "silence": (silence, 20),
    "hum": (hum, 30),
    "loop": (loop, 30),
}
"""Each kind, and how many cases of it a full run has (420 in all)."""
