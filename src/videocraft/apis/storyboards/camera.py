"""How a scene's camera move becomes a motion over its picture."""

from __future__ import annotations

from videocraft.generation.base import CameraMove
from videocraft.media.compose.motion import Motion, Rect

ZOOM_A_SECOND = 0.02
PAN_A_SECOND = 0.016
"""Shares of the picture: slow enough to read it, fast enough to be seen."""

LEAST, MOST = 0.05, 0.13
"""How far a move goes at all, whatever the scene's length: a short one is still a move, a long one stays
sharp."""

_PAN_MARGIN = 0.02


def motion_of(move: CameraMove, seconds: float) -> Motion:
    """The motion over the whole of a scene; a picture that stands still breathes a little all the same."""
    zoom = 1 + _clamped(ZOOM_A_SECOND * seconds)
    way = _clamped(PAN_A_SECOND * seconds) / 2
    # So much of the picture is left out that the way fits beside what is shown.
    near = 1 / (1 - 2 * way - _PAN_MARGIN)
    centre = 0.5
    whole = Rect()
    # A little above the middle, where the figures' faces are.
    pushed = Rect.around(centre, 0.47, zoom)
    moves = {
        CameraMove.STATIC: Motion(whole, Rect.around(centre, centre, 1.025), "smooth"),
        CameraMove.PUSH_IN: Motion(whole, pushed, "smooth"),
        CameraMove.PULL_OUT: Motion(pushed, whole, "smooth"),
        CameraMove.PAN_RIGHT: _pan(centre - way, centre, centre + way, centre, near),
        CameraMove.PAN_LEFT: _pan(centre + way, centre, centre - way, centre, near),
        CameraMove.TILT_UP: _pan(centre, centre + way, centre, centre - way, near),
        CameraMove.TILT_DOWN: _pan(centre, centre - way, centre, centre + way, near),
    }
    return moves[move]


def _pan(from_x: float, from_y: float, to_x: float, to_y: float, zoom: float) -> Motion:
    return Motion(Rect.around(from_x, from_y, zoom), Rect.around(to_x, to_y, zoom), "smooth")


def _clamped(value: float) -> float:
    return min(MOST, max(LEAST, value))
