"""Stills that pan and zoom: each frame is cut out of the picture at fractions of a pixel.

FFmpeg's ``zoompan`` moves by whole pixels, which shows as a tremble (mean second difference of an edge 0.5
pixel a frame squared). Here OpenCV resamples the planes of the picture at exact positions and FFmpeg gets the
frames through a pipe; decision 0007 has the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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
    """The size at which the tightest view has one pixel for one of the output: never larger than the picture.

    More would alias when it is sampled, less would be soft. Even, and at most ``MOST_PIXELS``.
    """
    tightest = min(shown(rect, picture, box)[2] for rect in (motion.start, motion.end))
    scale = min(1.0, box[0] / tightest, (MOST_PIXELS / (picture[0] * picture[1])) ** 0.5)
    return max(2, round(picture[0] * scale / 2) * 2), max(2, round(picture[1] * scale / 2) * 2)


def feed(stills: Sequence[Moving], count: int, check: Callable[[], None]) -> Callable[[BinaryIO], None]:
    """A writer of ``count`` frames in which the stills stand below one another (see ``sheet``)."""

    def write(pipe: BinaryIO) -> None:
        planes = [_read(still) for still in stills]
        with_alpha = any(still.has_alpha for still in stills)
        for number in range(count):
            check()
            pipe.writelines(plane.data for plane in _sheet_planes(stills, planes, number, with_alpha))

    return write


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


def _sheet_planes(
    stills: Sequence[Moving], planes: Sequence[Sequence[Plane]], number: int, with_alpha: bool
) -> Iterator[Plane]:
    wide, high = sheet(stills)
    for index in range(4 if with_alpha else 3):
        half = 2 if index in {1, 2} else 1
        filling = 128 if half == 2 else 255
        parts = [
            _view(still, planes[at][index] if index < len(planes[at]) else None, number, half, filling)
            for at, still in enumerate(stills)
        ]
        if len(parts) == 1:
            yield np.ascontiguousarray(parts[0])
            continue
        whole = np.full((high // half, wide // half), filling, np.uint8)
        top = 0
        for part in parts:
            whole[top : top + part.shape[0], : part.shape[1]] = part
            top += part.shape[0]
        yield whole


def _view(still: Moving, plane: Plane | None, number: int, half: int, filling: int) -> Plane:
    import cv2

    size = still.box[0] // half, still.box[1] // half
    if plane is None:
        return np.full((size[1], size[0]), filling, np.uint8)
    progress = (still.first + number) / max(1, still.frames - 1)
    x, y, width, height = shown(still.motion.at(progress), (still.width, still.height), still.box)
    across, down = width / still.box[0], height / still.box[1]
    # Centres of pixels: the output's column i shows the picture at (i + 1/2) * across + x - 1/2.
    matrix = np.array(
        [
            [across, 0, (x / half) + across / 2 - 0.5],
            [0, down, (y / half) + down / 2 - 0.5],
        ]
    )
    # One thread: scenes are rendered at the same time, and a pool of OpenCV's own would fight for the cores.
    cv2.setNumThreads(1)
    view: Plane = cv2.warpAffine(
        plane, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8, copy=False)
    return view
