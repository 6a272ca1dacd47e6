"""How loud a recording is (EBU R128), over time and as a whole, and the filter that levels it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from videocraft.errors import MediaError
from videocraft.media import ffmpeg
from videocraft.media.edit import Tools, origin_of
from videocraft.media.probe import AudioStream, MediaInfo
from videocraft.media.time import microseconds, round_half_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

SOUND_VERSION = 1
"""Part of the key of what is kept: goes up when the same sound would give other numbers."""

RATE = 16_000
HOP_SECONDS = 0.02
"""One level for each so many seconds."""
FLOOR_DB = -90.0
TRUE_PEAK_DB = -1.5
"""Loudest true peak of what is levelled: lossy codecs add a little on top."""
_MOST_CORRECTION_DB = 4.0
"""More would press the sound flat for the sake of a number."""
SILENT_LUFS = -69.0
"""The gate of R128 is at -70: there is nothing to measure below."""

_LEVELLED_RATE = 48_000


@dataclass(frozen=True)
class Loudness:
    """EBU R128 of a stretch of sound; ``None`` where it is silent."""

    integrated: float | None
    """LUFS."""
    range: float | None
    """LU."""
    true_peak: float | None
    """dBTP."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Loudness:
        """The inverse of :meth:`to_json`."""
        return cls(data["integrated"], data["range"], data["true_peak"])


@dataclass(frozen=True)
class Levels:
    """Level of the sound over time: RMS in dB of full scale, one for each ``HOP_SECONDS``."""

    db: NDArray[np.float32]

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.db) * HOP_SECONDS

    def between(self, start: float, end: float) -> NDArray[np.float32]:
        """The levels of a range of seconds."""
        first = min(len(self.db), max(0, round(start / HOP_SECONDS)))
        return self.db[first : max(first, round(end / HOP_SECONDS))]


def measure_sound(
    path: Path,
    info: MediaInfo,
    *,
    workdir: Path,
    tools: Tools,
    should_stop: Callable[[], bool],
) -> tuple[Loudness, Levels]:
    """Loudness and levels of the first sound track, from one decode.

    Raises:
        MediaError: there is no sound, or it can't be decoded.
        process.Stopped: ``should_stop`` said so.
    """
    graph = "{sound},asplit[a][b];[a]ebur128=peak=true:framelog=quiet,anullsink;[b]{small}[out]"
    report, levels = _measure(path, info, graph, workdir=workdir, tools=tools, should_stop=should_stop)
    return parse_summary(report), levels


def measure_levels(
    path: Path, info: MediaInfo, *, workdir: Path, tools: Tools, should_stop: Callable[[], bool]
) -> Levels:
    """Levels alone: a fifth of the work.

    Raises:
        MediaError, process.Stopped: as ``measure_sound``.
    """
    graph = "{sound},{small}[out]"
    return _measure(path, info, graph, workdir=workdir, tools=tools, should_stop=should_stop)[1]


def _measure(
    path: Path, info: MediaInfo, graph: str, *, workdir: Path, tools: Tools, should_stop: Callable[[], bool]
) -> tuple[str, Levels]:
    """What FFmpeg reports, and the levels of what comes out of the graph as ``[out]``."""
    raw = workdir / "levels.raw"
    # Second 0 of the result is second 0 of the recording: late sound has silence before it.
    sound = f"[0:{first_track(info).index}]{from_second_zero(info)}"
    filled = graph.format(sound=sound, small=f"aresample={RATE}:ochl=mono")
    arguments = [
        *("-loglevel", "info", "-copyts", "-y", *ffmpeg.input_arguments(path, info)),
        *("-filter_complex", filled, "-map", "[out]", "-f", "s16le", f"file:{raw}"),
    ]
    try:
        finished = ffmpeg.capture(
            arguments, binary=tools.ffmpeg, limits=tools.limits, should_stop=should_stop
        )
        return finished.stderr_tail, _levels(raw)
    finally:
        raw.unlink(missing_ok=True)


def first_track(info: MediaInfo) -> AudioStream:
    """The sound track that is used.

    Raises:
        MediaError: there is none.
    """
    if not info.audio:
        raise MediaError("The file has no sound.")
    return info.audio[0]


def from_second_zero(info: MediaInfo) -> str:
    """Filters behind a sound input read with ``-copyts``: time 0 is the recording's second 0."""
    origin = origin_of(info)
    return (
        f"asetpts=round(PTS-{origin.numerator}/{origin.denominator}/TB),"
        f"aresample={_LEVELLED_RATE}:async=1:first_pts=0:min_comp=0.00001:min_hard_comp=0.01"
    )


def parse_summary(text: str) -> Loudness:
    """What ``ebur128`` prints at its end.

    Raises:
        MediaError: it has not.
    """
    summary = text.rpartition("Summary:")[2]
    integrated = re.search(r"I:\s+(-?\d+\.\d+|-inf) LUFS", summary)
    range_ = re.search(r"LRA:\s+(-?\d+\.\d+) LU", summary)
    peak = re.search(r"Peak:\s+(-?\d+\.\d+|-inf) dBFS", summary)
    if integrated is None or range_ is None or peak is None:
        raise MediaError("The loudness of the sound could not be measured.")
    if integrated[1] == "-inf" or float(integrated[1]) <= SILENT_LUFS or peak[1] == "-inf":
        return Loudness(None, None, None)
    return Loudness(float(integrated[1]), float(range_[1]), float(peak[1]))


def _levels(raw: Path) -> Levels:
    samples = np.memmap(raw, "<i2", "r") if raw.stat().st_size >= 2 else np.zeros(0, "<i2")
    hop = round(RATE * HOP_SECONDS)
    count = -(-len(samples) // hop)
    power = np.zeros(count, np.float64)
    block = 4096
    for first in range(0, count, block):
        part = samples[first * hop : (first + block) * hop].astype(np.float64) / 32768
        padded = np.zeros(-(-len(part) // hop) * hop)
        padded[: len(part)] = part
        power[first : first + block] = (padded.reshape(-1, hop) ** 2).mean(axis=1)
    return Levels(np.maximum(FLOOR_DB, 10 * np.log10(power + 1e-12)).astype(np.float32))


def measure_range(
    path: Path,
    info: MediaInfo,
    *,
    start: Fraction,
    end: Fraction,
    target: float,
    tools: Tools,
    should_stop: Callable[[], bool],
) -> str | None:
    """The filter that brings a range to ``target`` LUFS; ``None`` for silence.

    One gain for all of it, so the dynamics stay. Only where peaks would become too loud a limiter holds them,
    and because that takes loudness away, what it leaves is measured and the gain set right once more.
    (FFmpeg's ``loudnorm`` does neither: with such peaks it changes the gain all the time, and misses the
    target in what lasts a few seconds.)
    """

    def measured(levelled: str | None) -> Loudness:
        track = first_track(info)
        chain = [from_second_zero(info), cut(start, end), *([levelled] if levelled else [])]
        graph = f"[0:{track.index}]{','.join(chain)},ebur128=peak=true:framelog=quiet[out]"
        arguments = [
            *("-loglevel", "info", "-copyts", *ffmpeg.input_arguments(path, info)),
            *("-filter_complex", graph, "-map", "[out]", "-f", "null", "-"),
        ]
        finished = ffmpeg.capture(
            arguments, binary=tools.ffmpeg, limits=tools.limits, should_stop=should_stop
        )
        return parse_summary(finished.stderr_tail)

    before = measured(None)
    if before.integrated is None or before.true_peak is None:
        return None
    gain = target - before.integrated
    if before.true_peak + gain <= TRUE_PEAK_DB:
        return f"volume={gain:.2f}dB"
    limited = measured(_limited(gain))
    if limited.integrated is not None:
        gain += min(_MOST_CORRECTION_DB, max(0.0, target - limited.integrated))
    return _limited(gain)


def _limited(gain: float) -> str:
    """A gain, and a limiter that looks at four times the rate, where true peaks are seen."""
    limit = 10 ** (TRUE_PEAK_DB / 20)
    return (
        f"volume={gain:.2f}dB,aresample={4 * _LEVELLED_RATE},"
        f"alimiter=limit={limit:.6f}:attack=4:release=60:level=false:latency=true,aresample={_LEVELLED_RATE}"
    )


def cut(start: Fraction, end: Fraction) -> str:
    """Filters that leave the samples of [start, end), silence added where there are none."""
    first, last = round_half_up(start * _LEVELLED_RATE), round_half_up(end * _LEVELLED_RATE)
    return (
        f"atrim=start_sample={first}:end_sample={last},asetpts=PTS-{microseconds(start)}/TB,"
        f"apad=whole_len={last - first},atrim=end_sample={last - first}"
    )
