"""Views of a plane of pixels at fractions of a pixel, several times as fast as a general warp.

Column ``i`` of a view shows the place ``x + (i + 1/2) * across - 1/2`` of the plane, weighed linearly between
two pixels. OpenCV's ``resize`` does that quickly for any ``across``, but begins at a whole pixel only. So it
begins some columns early (``lead``), at the one among many places ``x - lead * across`` that is nearest to a
whole pixel; by what then still lacks, some hundredths of a pixel, the plane is shifted before. A view that
neither grows nor shrinks is shifted alone.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]

_BORDER = 160
"""Pixels that the plane is continued by on every side, for what begins early."""
_MOST_LEAD = 128
_MOST_STEP = 4.0
_SHIFTED = 0.08
"""Most of a pixel that is shifted by before resizing: more would be weighed twice, and be soft."""
_UNSEEN = 1 / 1024


class Views:
    """Of one plane, in one size.

    Args:
        plane: at most 8 bits a pixel.
        size: columns and rows of a view.
    """

    def __init__(self, plane: Plane, size: tuple[int, int]) -> None:
        border = (_BORDER, _BORDER, _BORDER, _BORDER)
        self._plane = _bytes(cv2.copyMakeBorder(plane, *border, cv2.BORDER_REPLICATE))
        self._size = size
        # Scenes are rendered at the same time: a pool of OpenCV's own would fight with them for the cores.
        cv2.setNumThreads(1)

    def draw(self, into: Plane, x: float, y: float, across: float, down: float) -> None:
        """Write the view that begins at (x, y) into an array of its size.

        Args:
            across, down: pixels of the plane for one of the view.
        """
        columns, rows = self._size
        if across == down == 1:
            centre = (x + _BORDER + (columns - 1) / 2, y + _BORDER + (rows - 1) / 2)
            cv2.getRectSubPix(self._plane, (columns, rows), centre, into)
            return
        if max(across, down) <= _MOST_STEP:
            lead, left, right_by = _beginning(x, across)
            above, top, down_by = _beginning(y, down)
            if max(abs(right_by), abs(down_by)) <= _SHIFTED:
                wide, high = _needed(lead + columns, across), _needed(above + rows, down)
                part = self._plane[_BORDER + top :, _BORDER + left :][:high, :wide]
                if max(abs(right_by), abs(down_by)) > _UNSEEN:
                    centre = ((wide - 1) / 2 + right_by, (high - 1) / 2 + down_by)
                    part = _bytes(cv2.getRectSubPix(part, (wide, high), centre))
                # Without a size: it would take the step from rounded sizes.
                whole = cv2.resize(
                    part, None, fx=1 / across, fy=1 / down, interpolation=cv2.INTER_LINEAR_EXACT
                )
                np.copyto(into, _bytes(whole[above : above + rows, lead : lead + columns]))
                return
        matrix = np.array(
            [[across, 0, x + _BORDER + across / 2 - 0.5], [0, down, y + _BORDER + down / 2 - 0.5]]
        )
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cv2.warpAffine(self._plane, matrix, self._size, into, flags, cv2.BORDER_REPLICATE)


def _beginning(at: float, step: float) -> tuple[int, int, float]:
    """The lead that brings the beginning nearest to a whole pixel, that pixel, and how far it is away."""
    # The first sample that is used lies behind the middle of the first pixel: there is nothing before that.
    least = max(0, math.ceil(0.5 / step - 0.5))
    leads = np.arange(least, least + 1 + min(_MOST_LEAD, int((_BORDER - 4) / step)))
    begins = at - leads * step
    away = begins - np.round(begins)
    # Of leads as good as each other the shortest.
    best = int(np.argmin(np.abs(away) + leads * 1e-5))
    return int(leads[best]), round(float(begins[best])), float(away[best])


def _needed(samples: int, step: float) -> int:
    """Pixels that ``samples`` and one more are taken from."""
    return math.ceil((samples + 1) * step) + 1


def _bytes(picture: object) -> Plane:
    return np.asarray(picture, np.uint8)
