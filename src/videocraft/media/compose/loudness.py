"""Brings a mix to its loudness and encodes it: measured, amplified, limited, and measured again."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from videocraft.media import ffmpeg
from videocraft.media.audio import CHANNELS, SAMPLE_RATE
from videocraft.media.compose.film import LEAST_LUFS, Loudness
from videocraft.media.edit import Tools
from videocraft.media.limits import file_url
from videocraft.media.presets import audio_arguments

MOST_GAIN_DB = 30.0
"""More would turn the noise of an empty room into a storm."""

_NEAR_LU = 0.3
_TRIES = 3
_MARGIN_DB = 0.3
"""The encoder's own error lets peaks rise a little above those of what it was given."""
_PCM = ("-f", "f32le", "-ar", str(SAMPLE_RATE), "-ac", str(CHANNELS))


@dataclass(frozen=True)
class Measured:
    """Integrated loudness in LUFS (None: silent, or too short to say), true peak in dBTP (None: silent)."""

    loudness: float | None
    peak: float | None


class Mastering:
    """Makes the film's sound track of a mix.

    Args:
        tools: FFmpeg and its limits.
        should_stop: ends the work.
        warn: gets what could not be reached.
    """

    def __init__(self, tools: Tools, should_stop: Callable[[], bool], warn: Callable[[str], None]) -> None:
        self._tools = tools
        self._should_stop = should_stop
        self._warn = warn

    def master(self, mix: Path, wanted: Loudness | None, output: Path) -> Measured:
        """Write the AAC of a mix (interleaved float32) at the loudness that is wanted; what it then has.

        Without one it stays as loud as it is; only peaks beyond full scale are limited.
        """
        before = self._measure(mix)
        if before.peak is None:
            self.encode(mix, output)
            return before
        ceiling = wanted.peak if wanted is not None else -0.1
        gain = self._gain(before, wanted)
        if before.peak + gain <= ceiling - _MARGIN_DB:
            # Nothing to limit: the loudness rises by the gain.
            self.encode(mix, output, _amplified(gain) if gain else ())
        else:
            gain = self._limited(mix, gain, wanted, ceiling - _MARGIN_DB, output)
        heard = self.measure_file(output)
        if heard.peak is not None and heard.peak > ceiling:
            # The codec has overshot: make room for exactly that.
            lower = ceiling - _MARGIN_DB - (heard.peak - ceiling) - 0.1
            self.encode(mix, output, _limiting(gain, lower))
            heard = self.measure_file(output)
        if wanted is not None and heard.loudness is not None and wanted.target - heard.loudness > 1:
            self._warn(
                f"The sound could be brought to {heard.loudness:.1f} LUFS only, not to {wanted.target:g}: "
                "more would distort it."
            )
        return heard

    def _limited(self, mix: Path, gain: float, wanted: Loudness | None, limit: float, output: Path) -> float:
        """Encode a mix whose peaks have to be held down; the gain that it took.

        A limiter takes loudness away: what it leaves is measured while it works, and made up for.
        """
        mastered = mix.with_name(mix.name + ".limited")
        try:
            for attempt in range(1, _TRIES + 1):
                after = self._measure(mix, _limiting(gain, limit), mastered)
                if wanted is None or after.loudness is None or attempt == _TRIES:
                    break
                missing = wanted.target - after.loudness
                if abs(missing) <= _NEAR_LU or gain + missing > MOST_GAIN_DB:
                    break
                gain += missing
            self.encode(mastered, output)
        finally:
            mastered.unlink(missing_ok=True)
        return gain

    def _gain(self, before: Measured, wanted: Loudness | None) -> float:
        if wanted is None or before.loudness is None:
            return 0.0
        return min(MOST_GAIN_DB, wanted.target - before.loudness)

    def measure_file(self, path: Path) -> Measured:
        """What is heard in an encoded sound."""
        return self._run(["-f", "mov", "-i", file_url(path)], (), None)

    def _measure(self, mix: Path, chain: Sequence[str] = (), output: Path | None = None) -> Measured:
        """Of a mix behind the filters of ``chain``, which ``output`` takes, as a mix, when it is given."""
        return self._run([*_PCM, "-i", file_url(mix)], chain, output)

    def _run(self, source: Sequence[str], chain: Sequence[str], output: Path | None) -> Measured:
        into = ["-f", "null", "-"] if output is None else ["-y", *_PCM, file_url(output)]
        finished = ffmpeg.capture(
            [
                *("-loglevel", "info", *source),
                *("-af", ",".join([*chain, "ebur128=peak=true:framelog=verbose"]), *into),
            ],
            binary=self._tools.ffmpeg,
            limits=self._tools.limits,
            should_stop=self._should_stop,
        )
        loudness = re.search(r"I:\s+(-?\d+\.\d+) LUFS", finished.stderr_tail)
        peak = re.search(r"True peak:\s+Peak:\s+(-?\d+\.\d+|-inf) dBFS", finished.stderr_tail)
        measured = float(loudness[1]) if loudness else LEAST_LUFS
        return Measured(
            measured if measured > LEAST_LUFS else None,
            None if peak is None or peak[1] == "-inf" else float(peak[1]),
        )

    def encode(self, mix: Path, output: Path, chain: Sequence[str] = ()) -> None:
        """Write the AAC of a mix as it is, or behind the filters of ``chain``."""
        ffmpeg.ffmpeg(
            [
                *(*_PCM, "-i", file_url(mix), "-af", ",".join(chain or ["anull"])),
                *audio_arguments("mp4", channels=CHANNELS),
                *("-f", "mp4", file_url(output)),
            ],
            binary=self._tools.ffmpeg,
            limits=self._tools.limits,
            should_stop=self._should_stop,
        )


def _amplified(gain: float) -> list[str]:
    return [f"volume=volume={gain:.3f}dB:precision=float"]


def _limiting(gain: float, limit: float) -> list[str]:
    """Gain and a limiter: at four times the rate it sees peaks between samples."""
    # level=0: alimiter would amplify again what it has limited. latency=1: nothing is moved in time.
    limiter = f"alimiter=limit={10 ** (limit / 20):.6f}:attack=5:release=60:level=0:latency=1"
    return [*_amplified(gain), f"aresample={4 * SAMPLE_RATE}", limiter, f"aresample={SAMPLE_RATE}"]
