"""Where the subject is in each of some pictures: its faces, else what moves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from videocraft.media.process import Stopped

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FRONT = "haarcascade_frontalface_alt2.xml"
_PROFILE = "haarcascade_profileface.xml"
_SMALLEST_FACE = 0.11
"""Of the picture's height: smaller faces are people in the background, and noise."""
_NEIGHBOURS = 4
"""Detections that must agree; the usual value of 3 takes wall paper for faces now and then."""
_MOVES = 14
"""Levels of 255 that a pixel changes by when something moves there; noise of compression is below."""
_LEAST_MOVING = 0.002
_MOST_MOVING = 0.6
"""Shares of the picture: below nothing moves, above the camera does, or the light changed."""

_EDGES = (0.1, 0.9)
"""Shares of the changing pixels before and behind which the rest is stray."""


def find_subjects(
    small: NDArray[np.uint8],
    *,
    axis: int,
    window: float,
    firsts: Collection[int],
    should_stop: Callable[[], bool],
) -> list[float | None]:
    """Centre of the subject along an axis for each picture, as a share of its length; None: nothing was seen.

    Args:
        small: grey pictures, shape (frames, height, width).
        axis: 1 along the width, 0 along the height.
        window: share of the length that will be shown.
        firsts: numbers of the first pictures of shots, which differ from the ones before by more than motion.

    Raises:
        process.Stopped: ``should_stop`` said so.
    """
    found: list[float | None] = []
    moving = _moving(small, axis, firsts)
    looks_for_faces = can_find_faces()
    for number, picture in enumerate(small):
        if should_stop():
            raise Stopped
        faces = find_faces(np.ascontiguousarray(picture)) if looks_for_faces else []
        seen = best_window([_span(face, picture.shape, axis) for face in faces], window)
        found.append(moving[number] if seen is None else seen)
    return found


def can_find_faces() -> bool:
    """Whether this OpenCV has the detector and its data (version 5 has left them out)."""
    import cv2

    return hasattr(cv2, "CascadeClassifier") and (Path(cv2.__file__).parent / "data" / _FRONT).exists()


def find_faces(picture: NDArray[np.uint8]) -> list[tuple[int, int, int, int]]:
    """Faces in a grey picture, looking at the camera or to either side: left, top, width, height."""
    import cv2

    front, profile = _cascades()
    smallest = round(_SMALLEST_FACE * picture.shape[0])
    even = cv2.equalizeHist(picture)
    options = {"scaleFactor": 1.15, "minNeighbors": _NEIGHBOURS, "minSize": (smallest, smallest)}
    faces = [_plain(face) for face in front.detectMultiScale(even, **options)]
    if faces:
        return faces
    faces = [_plain(face) for face in profile.detectMultiScale(even, **options)]
    if not faces:
        # The model knows one side; the other is its mirror image.
        mirrored = profile.detectMultiScale(cv2.flip(even, 1), **options)
        width = picture.shape[1]
        faces = [(width - x - w, y, w, h) for x, y, w, h in map(_plain, mirrored)]
    return faces


def best_window(spans: Sequence[tuple[float, float]], window: float) -> float | None:
    """Centre of the window that shows most of the given spans, each counted by its square (its area).

    Args:
        spans: begin and end along the axis, shares of the length.
        window: the length of the window.
    """
    if not spans:
        return None
    best, centre = -1.0, 0.5
    for begin, _ in spans:
        shown = [span for span in spans if span[0] >= begin - 1e-9 and span[1] <= begin + window + 1e-9]
        # A face that is larger than the window is shown by its middle.
        shown = shown or [span for span in spans if span[0] == begin]
        weight = sum((last - first) ** 2 for first, last in shown)
        if weight > best:
            best = weight
            centre = (min(first for first, _ in shown) + max(last for _, last in shown)) / 2
    return centre


@lru_cache(maxsize=1)
def _cascades() -> tuple[Any, Any]:
    import cv2

    folder = Path(cv2.__file__).parent / "data"
    # By name: it is not in every version's stubs.
    make: Any = vars(cv2)["CascadeClassifier"]
    return make(str(folder / _FRONT)), make(str(folder / _PROFILE))


def _plain(face: Any) -> tuple[int, int, int, int]:
    x, y, width, height = (int(value) for value in face)
    return x, y, width, height


def _span(face: tuple[int, int, int, int], shape: tuple[int, ...], axis: int) -> tuple[float, float]:
    begin, length = (face[0], face[2]) if axis == 1 else (face[1], face[3])
    return begin / shape[axis], (begin + length) / shape[axis]


def _moving(small: NDArray[np.uint8], axis: int, firsts: Collection[int]) -> list[float | None]:
    """Middle between where most of the changing pixels begin and end, from one picture to the next.

    Not their mean or median: of an even surface only the edges change, and one of them by more.
    """
    found: list[float | None] = [None] * len(small)
    for number in range(1, len(small)):
        if number in firsts:
            continue
        steps = np.abs(small[number].astype(np.int16) - small[number - 1])
        moves = steps > _MOVES
        share = float(moves.mean())
        if not _LEAST_MOVING <= share <= _MOST_MOVING:
            continue
        along = moves.sum(axis=1 - axis, dtype=np.float64)
        low, high = np.searchsorted(np.cumsum(along), along.sum() * np.array(_EDGES))
        found[number] = float(low + high + 1) / 2 / small.shape[1 + axis]
    return found
