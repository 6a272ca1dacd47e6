"""A drawn face that a face detector takes for one."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

GROUND = 90
"""Grey level of the ground that the face is drawn on."""


def draw_face(size: int) -> NDArray[np.uint8]:
    """A face of ``size`` pixels square, grey; it has to be some 60 for the detector to know it."""
    n = size * 4
    image = np.full((n, n), GROUND, np.uint8)

    def ellipse(x: float, y: float, width: float, height: float, level: int, angles: tuple[int, int]) -> None:
        centre, axes = (round(x * n), round(y * n)), (round(width * n), round(height * n))
        cv2.ellipse(image, centre, axes, 0, *angles, level, -1)

    whole = (0, 360)
    ellipse(0.5, 0.5, 0.36, 0.47, 190, whole)
    ellipse(0.5, 0.2, 0.37, 0.2, 40, (180, 360))
    for x in (0.35, 0.65):
        ellipse(x, 0.42, 0.1, 0.055, 110, whole)
        ellipse(x, 0.42, 0.07, 0.035, 235, whole)
        ellipse(x, 0.42, 0.033, 0.033, 25, whole)
        ellipse(x, 0.345, 0.1, 0.022, 45, whole)
    ellipse(0.5, 0.55, 0.045, 0.1, 215, whole)
    ellipse(0.5, 0.63, 0.07, 0.02, 120, whole)
    ellipse(0.5, 0.75, 0.14, 0.035, 90, whole)
    image = cv2.GaussianBlur(image, (0, 0), n * 0.012).astype(np.uint8)
    return cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA).astype(np.uint8)
