"""Which part of each picture is shown in another shape."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from videocraft.errors import MediaError
from videocraft.media.edit import Tools
from videocraft.media.filters import displayed
from videocraft.media.lowres import Look, pictures
from videocraft.media.probe import MediaInfo
from videocraft.media.reframe.path import Sighting, smooth_path
from videocraft.media.reframe.subjects import find_subjects
from videocraft.media.time import round_half_up

_LOOK_LINES = 180
"""Short side of the pictures that are looked at: a face of a ninth of the height is 20 pixels there."""
_LOOKS_A_SECOND = Fraction(6)
_MOST_LOOKS = 6000


@dataclass(frozen=True)
class CropPath:
    """A window that moves along one axis.

    Attributes:
        is_horizontal: moves to the left and right; else up and down.
        window: its length along that axis, a share of the picture's; the other side is shown whole.
        centres: of the window, one for each frame, shares of the picture's length.
    """

    is_horizontal: bool
    window: float
    centres: tuple[float, ...]

    def offsets(self, length: int, window: int) -> list[int]:
        """First pixel of the window for each frame, of a picture that is ``length`` pixels long."""
        return [min(max(0, round(centre * length - window / 2)), length - window) for centre in self.centres]


def window_of(width: int, height: int, ratio: Fraction) -> tuple[bool, Fraction]:
    """The axis and the share of its length that a window of a shape takes in a picture."""
    shape = Fraction(width, height)
    return (True, ratio / shape) if ratio <= shape else (False, shape / ratio)


def follow(
    path: Path,
    info: MediaInfo,
    ratio: Fraction,
    *,
    start: Fraction,
    end: Fraction,
    cuts: Sequence[int],
    workdir: Path,
    tools: Tools,
    should_stop: Callable[[], bool],
    on_progress: Callable[[float], None] | None = None,
) -> CropPath:
    """The window of shape ``ratio`` (width by height) that follows the subject through [start, end).

    Args:
        cuts: first frames of new shots, counted from ``start``.

    Raises:
        MediaError: there is no picture, or it can't be decoded.
        process.Stopped: ``should_stop`` said so.
    """
    video = info.video
    if video is None:
        raise MediaError("The file has no picture to give another shape.")
    width, height = displayed(video)
    is_horizontal, window = window_of(width, height, ratio)
    frames = max(1, round_half_up((end - start) * video.rate))
    edges = [0, *(cut for cut in sorted(set(cuts)) if 0 < cut < frames), frames]
    shots = list(pairwise(edges))
    looks = min(video.rate, _LOOKS_A_SECOND, max(Fraction(1), _MOST_LOOKS / max(end - start, Fraction(1))))
    scale = Fraction(_LOOK_LINES, min(width, height))
    look = Look(
        2 * max(8, round_half_up(width * scale / 2)),
        2 * max(8, round_half_up(height * scale / 2)),
        "gray",
        start,
        end,
        looks,
    )
    with pictures(
        path, info, look, workdir=workdir, tools=tools, should_stop=should_stop, on_progress=on_progress
    ) as small:
        numbers = [min(frames - 1, int(number * video.rate / looks)) for number in range(len(small))]
        firsts = {bisect_left(numbers, first) for first, _ in shots}
        seen = find_subjects(
            small[:, 0],
            axis=1 if is_horizontal else 0,
            window=float(window),
            firsts=firsts,
            should_stop=should_stop,
        )
    sightings = [
        Sighting(number, centre) for number, centre in zip(numbers, seen, strict=True) if centre is not None
    ]
    path_ = smooth_path(sightings, shots, window=float(window), rate=float(video.rate))
    return CropPath(is_horizontal, float(window), tuple(path_.tolist()))
