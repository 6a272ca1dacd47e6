"""Stills that pan and zoom: each frame is cut out of the picture at fractions of a pixel.

FFmpeg's ``zoompan`` moves by whole pixels, which shows as a tremble (mean second difference of an edge 0.5
pixel a frame squared). Here OpenCV resamples the planes of the picture at exact positions (``resample``) and
FFmpeg gets the frames through a pipe; decision 0007 has the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from videocraft.errors import MediaError
from videocraft.media.compose.motion import Motion, Rect

Plane = NDArray[np.uint8]

MOST_PIXELS = 24_000_000
"""Of a picture that is moved over, in memory as 4:2:0: 36 MB."""


@dataclass(frozen=True)
class Moving:
    """One moving still within a piece.

    Attributes:
        path: raw planes that ``decode_arguments`` made.
        width, height: of that picture.
        box: width and height of what is seen, even.
        has_alpha: a fourth plane says how opaque the picture is.
        first, frames: the frame of the motion that the piece starts with, and the frames of the whole motion.
    """

    path: Path
    width: int
    height: int
    box: tuple[int, int]
    has_alpha: bool
    motion: Motion
    first: int
    frames: int


def shown(rect: Rect, picture: tuple[int, int], box: tuple[int, int]) -> tuple[float, float, float, float]:
    """The largest rectangle of the box's shape in ``rect``: x, y, width and height, pixels of the picture."""
    width, height = rect.width * picture[0], rect.height * picture[1]
    scale = min(width / box[0], height / box[1])
    seen = box[0] * scale, box[1] * scale
    return (
        rect.x * picture[0] + (width - seen[0]) / 2,
        rect.y * picture[1] + (height - seen[1]) / 2,
        *seen,
    )


def working_size(picture: tuple[int, int], box: tuple[int, int], motion: Motion) -> tuple[int, int]:
    """The size at which the tightest view has one pixel for one of the output.

    More would alias when it is sampled, less would be soft. What is smaller than that is enlarged only for a
    motion that neither zooms in nor out: enlarged once and well, it is then moved alone. Even, and at most
    ``MOST_PIXELS``.
    """
    tightest = min(shown(rect, picture, box)[2] for rect in (motion.start, motion.end))
    scale = box[0] / tightest
    if not motion.is_pan:
        scale = min(1.0, scale)
    scale = min(scale, (MOST_PIXELS / (picture[0] * picture[1])) ** 0.5)
    return max(2, round(picture[0] * scale / 2) * 2), max(2, round(picture[1] * scale / 2) * 2)


def feed(
    stills: Sequence[Moving], count: int, check: Callable[[], None], *, is_mixed: bool = False
) -> Callable[[BinaryIO], None]:
    """A writer of ``count`` frames in which the stills stand below one another (see ``sheet``).

    ``is_mixed``: there are two, in one size and opaque, and in each frame is more of the second, less of the
    first.
    """
    return partial(_feed_mixed if is_mixed else _feed, stills, count, check)


def _feed(stills: Sequence[Moving], count: int, check: Callable[[], None], pipe: BinaryIO) -> None:
    drawers = [_Drawer(still) for still in stills]
    planes = _blank(stills)
    for number in range(count):
        check()
        for index, plane in enumerate(planes):
            top = 0
            for drawer in drawers:
                top += drawer.draw(index, number, plane[top:])
        pipe.writelines(plane.data for plane in planes)


def _feed_mixed(stills: Sequence[Moving], count: int, check: Callable[[], None], pipe: BinaryIO) -> None:
    import cv2

    leaving, coming = (_Drawer(still) for still in stills)
    before, behind, planes = (_blank(stills[:1]) for _ in range(3))
    for number in range(count):
        check()
        # As FFmpeg's xfade has it: the first frame is not mixed yet.
        share = number / count
        for index, plane in enumerate(planes):
            leaving.draw(index, number, before[index])
            coming.draw(index, number, behind[index])
            cv2.addWeighted(before[index], 1 - share, behind[index], share, 0, plane)
        pipe.writelines(plane.data for plane in planes)


def sheet(stills: Sequence[Moving]) -> tuple[int, int]:
    """Width and height of the frames that ``feed`` writes."""
    return max(still.box[0] for still in stills), sum(still.box[1] for still in stills)


def raw_arguments(has_alpha: bool) -> list[str]:
    """How FFmpeg is told to write the planes that ``Moving.path`` names."""
    return ["-pix_fmt", "yuva420p" if has_alpha else "yuv420p", "-f", "rawvideo"]


def _read(still: Moving) -> list[Plane]:
    """Y, U, V and perhaps A; mapped, not read, so that what is not shown costs nothing."""
    width, height = still.width, still.height
    sizes = [(height, width), (height // 2, width // 2), (height // 2, width // 2)]
    if still.has_alpha:
        sizes.append((height, width))
    if still.path.stat().st_size != sum(rows * columns for rows, columns in sizes):
        raise MediaError("A picture could not be decoded whole.")
    data = np.memmap(still.path, np.uint8, "r")
    planes, at = [], 0
    for rows, columns in sizes:
        planes.append(np.asarray(data[at : at + rows * columns]).reshape(rows, columns))
        at += rows * columns
    return planes


def _blank(stills: Sequence[Moving]) -> list[Plane]:
    """The planes of a frame for all stills, with what is in it where none is: no colour, and opaque."""
    wide, high = sheet(stills)
    planes = [np.full((high, wide), 255, np.uint8)]
    planes += [np.full((high // 2, wide // 2), 128, np.uint8) for _ in range(2)]
    if any(still.has_alpha for still in stills):
        planes.append(np.full((high, wide), 255, np.uint8))
    return planes


class _Drawer:
    """Draws the planes of one still."""

    def __init__(self, still: Moving) -> None:
        from videocraft.media.compose.resample import Views

        self._still = still
        self._views = []
        for index, plane in enumerate(_read(still)):
            half = _share(index)
            self._views.append(Views(plane, (still.box[0] // half, still.box[1] // half)))

    def draw(self, index: int, number: int, into: Plane) -> int:
        """Write plane ``index`` of frame ``number`` into the upper left of an array; the rows that it has."""
        still, half = self._still, _share(index)
        columns, rows = still.box[0] // half, still.box[1] // half
        if index < len(self._views):
            x, y, across, down = _place(still, number)
            self._views[index].draw(into[:rows, :columns], x / half, y / half, across, down)
        return rows


def _place(still: Moving, number: int) -> tuple[float, float, float, float]:
    """Where the view of a frame begins, and its pixels of the picture for one of its own."""
    progress = (still.first + number) / max(1, still.frames - 1)
    (wide, high), picture = still.box, (still.width, still.height)
    x, y, width, height = shown(still.motion.at(progress), picture, still.box)
    if still.motion.is_pan and abs(width - wide) <= 2 and abs(height - high) <= 2:
        # The picture has this very size but for its rounding.
        return x + (width - wide) / 2, y + (height - high) / 2, 1.0, 1.0
    return x, y, width / wide, height / high


def _share(index: int) -> int:
    """Planes of colour have half the columns and half the rows."""
    return 2 if index in {1, 2} else 1
