"""One possible offset looked at closely: windows along the overlap, the line through them, and what speaks
for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videocraft.media.process import Stopped
from videocraft.media.sync.coarse import MAX_DRIFT, Candidate
from videocraft.media.sync.line import TOLERANCE_S, Line, consensus, fit
from videocraft.media.sync.phat import Stretch, stretch
from videocraft.media.sync.report import Jump
from videocraft.media.sync.sound import RATE, Sound

_MANY, _FEW = 48, 12
_LONGEST_S, _SHORTEST_S = 6.0, 0.75
_SHORTEST_OVERLAP_S = 1.0
_PEAKS_EACH = 3
_REACH_S = 0.05
_JUMP_REACH_S = 0.4
_STRONG = 7.0
"""Height that chance doesn't reach among the few thousand places of a window."""
_CAP = 20.0
_NEIGHBOURHOOD_S = 0.005
"""What lies this near to the peak is the peak: its own width, and the floor's and the ceiling's echo."""
_JUMP_WINDOWS = 3
_ROUNDS = 4
_SETTLED_DRIFT = 3e-6
_GUIDED_SAMPLES = 3


@dataclass(frozen=True)
class Match:
    """What was found at one candidate.

    Attributes:
        line: offset and drift.
        overlap_s: how long both recorded.
        strength: the windows' correlation summed along the line, over noise.
        share: of the windows with sound on both sides, those on the line.
        agreeing: their number.
        rival: height of the second highest place beside the peak, as a share of the peak.
        inverted: the peak is negative.
        stretches, on_line: the windows, and whether each one agrees.
        found: (seconds of the camera, offset in seconds, signed height) of each window with sound.
        lags_s, profile: the sum along the line, by distance from it.
    """

    line: Line
    overlap_s: float
    middle_s: float
    strength: float
    share: float
    agreeing: int
    rival: float
    inverted: bool
    found: NDArray[np.float64]
    on_line: NDArray[np.bool_]
    lags_s: NDArray[np.float64]
    profile: NDArray[np.float64]
    jumps: tuple[Jump, ...] = ()

    @property
    def middle_offset_s(self) -> float:
        """The offset in the middle of the overlap."""
        return self.line.at(self.middle_s)


def overlap(master: Sound, camera: Sound, offset_s: float) -> tuple[float, float]:
    """The seconds of the camera in which both recorded: start and end, the end not before the start."""
    start = max(0.0, -offset_s)
    return start, max(start, min(camera.seconds, master.seconds - offset_s))


def look(
    master: Sound, camera: Sound, candidate: Candidate, *, closely: bool, should_stop: Callable[[], bool]
) -> Match | None:
    """Measure a candidate with a few windows, or closely with many; None without a second of common sound.

    Raises:
        process.Stopped: ``should_stop`` said so.
    """
    start, end = overlap(master, camera, candidate.offset_s)
    length = end - start
    if length < _SHORTEST_OVERLAP_S:
        return None
    reach = candidate.reach_s + _REACH_S + MAX_DRIFT * length / 2
    measure = _Windows(master, camera, start, end, should_stop)
    first = measure.along(Line(candidate.offset_s, 0.0, (start + end) / 2), reach, _FEW, _LONGEST_S / 2)
    line = _line(first)
    if line is None:
        return None
    if closely:
        line = _settled(line, measure, length)
    count, longest = (_MANY, _LONGEST_S) if closely else (_FEW, _LONGEST_S / 2)
    stretches = measure.along(line, _JUMP_REACH_S, count, longest)
    return _judge_line(line, stretches, (start, end))


def _settled(line: Line, measure: _Windows, length: float) -> Line:
    """The line when it no longer changes: drift smears windows that are read at another speed."""
    reach = _REACH_S + MAX_DRIFT * length / 4
    for _ in range(_ROUNDS):
        before = line
        line = _line(measure.along(line, reach, _MANY // 2, _LONGEST_S)) or line
        if abs(line.drift - before.drift) < _SETTLED_DRIFT:
            break
        reach = _REACH_S
    return line


def jump_between(one: Match, other: Match) -> Jump | None:
    """The jump from one match to another if each holds in a part of the recording of its own, else None.

    Sound that repeats fits in the same part twice; a hole in a recording makes two parts.
    """
    if other.strength < _STRONG:
        return None
    parts = [(_alone(one, other), one), (_alone(other, one), other)]
    if min(len(times) for times, _ in parts) < _JUMP_WINDOWS:
        return None
    (before, first), (after, second) = sorted(parts, key=lambda part: float(np.median(part[0])))
    end, begin = float(np.quantile(before, 0.95)), float(np.quantile(after, 0.05))
    if begin < end:
        return None
    time = (begin + end) / 2
    return Jump(round(time, 3), round((second.line.at(time) - first.line.at(time)) * 1000, 3))


def _alone(one: Match, other: Match) -> NDArray[np.float64]:
    """The times of the windows that agree with one match and with the other not; some lie across a jump."""
    times, taken = one.found[one.on_line, 0], other.found[other.on_line, 0]
    spacing = one.overlap_s / max(len(one.found), 1)
    return times[
        np.array([bool((np.abs(taken - time) > spacing / 2).all()) for time in times.tolist()], bool)
    ]


class _Windows:
    def __init__(
        self, master: Sound, camera: Sound, start: float, end: float, should_stop: Callable[[], bool]
    ) -> None:
        self._master, self._camera = master, camera
        self._start, self._end = start, end
        self._should_stop = should_stop

    def along(self, line: Line, reach_s: float, count: int, longest_s: float) -> list[Stretch]:
        """Windows spread evenly over the overlap, half overlapping each other at most."""
        length = self._end - self._start
        seconds = min(max(length / 8, _SHORTEST_S), longest_s, length)
        count = min(count, max(1, int(2 * (length - seconds) / seconds) + 1))
        result = []
        for time in np.linspace(self._start + seconds / 2, self._end - seconds / 2, count).tolist():
            if self._should_stop():
                raise Stopped
            result.append(
                stretch(
                    self._master,
                    self._camera,
                    time_s=time,
                    seconds=seconds,
                    offset_s=line.at(time),
                    drift=line.drift,
                    reach_s=reach_s,
                )
            )
        return [one for one in result if not one.is_silent]


def _line(stretches: list[Stretch]) -> Line | None:
    points = [(one.time_s, *peak) for one in stretches for peak in one.peaks(_PEAKS_EACH)]
    if not points:
        return None
    times, offsets, heights = np.array(points).T
    rough = consensus(times, offsets, heights)
    if rough is None:
        return None
    near = np.abs(offsets - rough.offset_s - rough.drift * (times - rough.middle_s)) < TOLERANCE_S
    return fit(times[near], offsets[near], heights[near])


def _judge_line(line: Line, stretches: list[Stretch], span: tuple[float, float]) -> Match | None:
    if not stretches:
        return None
    lags, profile = _profile(line, stretches)
    middle = len(profile) // 2
    near = round(_NEIGHBOURHOOD_S * RATE)
    peak = middle - near + int(np.abs(profile[middle - near : middle + near + 1]).argmax())
    inverted = bool(profile[peak] < 0)
    strength = float(abs(profile[peak]))
    aside = np.concatenate([profile[: max(peak - near, 0)], profile[peak + near + 1 :]])
    rival = float(np.abs(aside).max(initial=0.0)) / max(strength, 1e-9)
    found = np.array(
        [(one.time_s, *one.at(line.at(one.time_s), _GUIDED_SAMPLES)) for one in stretches], np.float64
    )
    tops = np.array([one.peaks(1)[0] if one.peaks(1) else (0.0, 0.0) for one in stretches])
    expected = line.offset_s + line.drift * (found[:, 0] - line.middle_s)
    sign = -1 if inverted else 1
    on_line = (np.abs(found[:, 1] - expected) < TOLERANCE_S) & (found[:, 2] * sign > 3.5)
    on_line &= np.abs(found[:, 2]) > 0.7 * np.abs(tops[:, 1])
    if on_line.any():
        line = fit(*found[on_line].T)
    return Match(
        line=line,
        overlap_s=span[1] - span[0],
        middle_s=(span[0] + span[1]) / 2,
        strength=strength,
        share=float(on_line.mean()),
        agreeing=int(on_line.sum()),
        rival=rival,
        inverted=inverted,
        found=found,
        on_line=on_line,
        lags_s=lags,
        profile=profile,
        jumps=_jumps(found[:, 0], tops[:, 0] - expected, tops[:, 1], on_line),
    )


def _profile(line: Line, stretches: list[Stretch]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Correlations summed along the line, in standard deviations of their sum; with distances from it.

    The deviation is measured too: windows overlap, and tones sum up where noise does not.
    """
    size = min(len(one.heights) for one in stretches)
    half = (size - 1) // 2 - 2
    total = np.zeros(2 * half + 1)
    for one in stretches:
        middle = len(one.heights) // 2 + round((line.at(one.time_s) - one.centre_s) * RATE)
        middle = min(max(middle, half), len(one.heights) - 1 - half)
        # A loud clap must not outvote the rest; scaled, not clipped, or its echoes would be as high as itself.
        scale = min(1.0, _CAP / float(np.abs(one.heights).max()))
        total += one.heights[middle - half : middle + half + 1] * scale
    total /= len(stretches) ** 0.5
    spread = float(np.median(np.abs(total))) / 0.6745
    return np.arange(-half, half + 1) / RATE, total / max(1.0, spread)


def _jumps(
    times: NDArray[np.float64],
    residuals: NDArray[np.float64],
    heights: NDArray[np.float64],
    on_line: NDArray[np.bool_],
) -> tuple[Jump, ...]:
    """Where runs of strong windows lie beside the line, together and for long enough."""
    strong = np.flatnonzero(np.abs(heights) >= _STRONG)
    pieces: list[list[int]] = []
    for index in strong.tolist():
        residual = 0.0 if on_line[index] else residuals[index]
        if pieces and abs(residual - _level(residuals, on_line, pieces[-1])) < 2 * TOLERANCE_S:
            pieces[-1].append(index)
        else:
            pieces.append([index])
    runs = [piece for piece in pieces if len(piece) >= _JUMP_WINDOWS]
    result = []
    for before, after in pairwise(runs):
        size = _level(residuals, on_line, after) - _level(residuals, on_line, before)
        if abs(size) >= 2 * TOLERANCE_S:
            time = (times[before[-1]] + times[after[0]]) / 2
            result.append(Jump(round(float(time), 3), round(float(size) * 1000, 3)))
    return tuple(result)


def _level(residuals: NDArray[np.float64], on_line: NDArray[np.bool_], piece: list[int]) -> float:
    return float(np.median(np.where(on_line[piece], 0.0, residuals[piece])))
