"""Where one shot ends and the next begins, and how much moves.

Method: the mean difference of content between neighbouring pictures, judged against its neighbourhood, as
PySceneDetect's adaptive detector does (https://www.scenedetect.com/docs/latest/api/detectors.html): a cut
stands out among the differences around it, a pan or a flicker makes all of them large.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from videocraft.media.edit import Tools
from videocraft.media.lowres import Look, pictures
from videocraft.media.probe import MediaInfo

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCENES_VERSION = 1
"""Part of the key of what is kept: goes up when the same video would give other scenes."""

LOOK = Look(48, 27)
WINDOW = 8
"""Pictures on either side that a difference is compared with."""
RATIO = 3.0
"""A cut differs so many times as much as its neighbourhood."""
LEAST = 6.0
"""A cut differs at least this much, in levels of 255 averaged over the picture: below it is noise."""
SHORTEST_SECONDS = Fraction(1, 4)
"""Two cuts closer than this are one: a flash or a broken picture."""

_BLOCK = 2048


@dataclass(frozen=True)
class Scenes:
    """Shots of a video.

    Attributes:
        rate: pictures a second.
        frames: how many pictures there are.
        cuts: numbers of the first pictures of new shots, ascending, without 0.
        motion: mean difference between neighbouring pictures in each second, 0-255.
    """

    rate: Fraction
    frames: int
    cuts: tuple[int, ...]
    motion: tuple[float, ...]

    @property
    def times(self) -> tuple[float, ...]:
        """Seconds of the cuts."""
        return tuple(float(cut / self.rate) for cut in self.cuts)

    @property
    def duration(self) -> float:
        """Seconds of all of it."""
        return float(self.frames / self.rate)

    def shots(self) -> list[tuple[int, int]]:
        """Half-open ranges of pictures."""
        edges = [0, *self.cuts, self.frames]
        return list(pairwise(edges))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "rate": str(self.rate),
            "frames": self.frames,
            "cuts": list(self.cuts),
            "motion": [round(value, 3) for value in self.motion],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Scenes:
        """The inverse of :meth:`to_json`."""
        return cls(Fraction(data["rate"]), data["frames"], tuple(data["cuts"]), tuple(data["motion"]))

    @classmethod
    def load(cls, path: Path) -> Scenes:
        """From a file that holds the JSON."""
        return cls.from_json(json.loads(path.read_bytes()))


def find_scenes(
    path: Path,
    info: MediaInfo,
    *,
    workdir: Path,
    tools: Tools,
    should_stop: Callable[[], bool],
    on_progress: Callable[[float], None] | None = None,
    start: Fraction = Fraction(0),
    end: Fraction | None = None,
) -> Scenes:
    """The shots of a video, to the picture; of [start, end) if so asked, counted from ``start``.

    Raises:
        MediaError: there is no picture, or it can't be decoded.
        process.Stopped: ``should_stop`` said so.
    """
    look = replace(LOOK, start=start, end=end)
    with pictures(
        path, info, look, workdir=workdir, tools=tools, should_stop=should_stop, on_progress=on_progress
    ) as small:
        rate = info.video.rate if info.video else Fraction(1)
        differences = content_differences(small)
        count = len(small)
    cuts = find_cuts(differences, shortest=max(1, round(SHORTEST_SECONDS * rate)))
    return Scenes(rate, count, tuple(cuts), tuple(_by_second(differences, rate)))


def content_differences(small: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Mean absolute difference of each picture to the one before, shape (frames,); the first is 0.

    Args:
        small: shape (frames, planes, height, width).
    """
    result = np.zeros(len(small), np.float32)
    for start, block in _blocks(small):
        steps = np.abs(np.diff(block.astype(np.int16), axis=0))
        result[start + 1 : start + len(block)] = steps.mean(axis=(1, 2, 3), dtype=np.float32)
    return result


def find_cuts(differences: NDArray[np.float32], *, shortest: int) -> list[int]:
    """Pictures whose difference stands out, by number; of those closer than ``shortest`` the clearest.

    Args:
        differences: shape (frames,), as from :func:`content_differences`.
    """
    around = _mean_around(differences)
    is_cut = (differences >= LEAST) & (differences >= RATIO * around)
    cuts: list[int] = []
    for candidate in np.flatnonzero(is_cut).tolist():
        if cuts and candidate - cuts[-1] < shortest:
            if differences[candidate] > differences[cuts[-1]]:
                cuts[-1] = candidate
        elif candidate >= 1:
            cuts.append(candidate)
    return cuts


def _mean_around(differences: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean of the neighbours within ``WINDOW``, without the picture itself."""
    sums = np.concatenate([[0.0], np.cumsum(differences, dtype=np.float64)])
    at = np.arange(len(differences))
    # The first picture has no difference and must not make the ones after it stand out.
    low, high = np.maximum(at - WINDOW, 1), np.minimum(at + WINDOW + 1, len(differences))
    low = np.minimum(low, at)
    counts = np.maximum(high - low - 1, 1)
    return np.asarray((sums[high] - sums[low] - differences) / counts)


def _by_second(differences: NDArray[np.float32], rate: Fraction) -> Iterator[float]:
    seconds = max(1, -(-len(differences) * rate.denominator // rate.numerator))
    edges = [round(second * rate) for second in range(seconds)] + [len(differences)]
    for first, last in pairwise(edges):
        yield float(differences[first:last].mean()) if last > first else 0.0


def _blocks(small: NDArray[np.uint8]) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Pieces that overlap by one picture, so that every pair is in one of them."""
    for start in range(0, max(1, len(small) - 1), _BLOCK):
        yield start, small[start : start + _BLOCK + 1]
