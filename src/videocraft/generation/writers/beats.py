"""The dramaturgy of a film: which beats follow each other, how near each is, how the camera moves, how long
it is.

Three acts. The place comes before those who are in it; the middle grows by going on, looking closer,
holding on and looking around in turn; the turn stands at about two thirds, is answered by a face and a
peak, and the close lets go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from videocraft.generation.base import CameraMove, Shot


class Beat(StrEnum):
    """What a scene is for."""

    ESTABLISH = "establish"
    """Where we are."""
    INTRODUCE = "introduce"
    """Who we follow."""
    DEVELOP = "develop"
    """What they do."""
    DETAIL = "detail"
    """A thing of the place, very near."""
    REACT = "react"
    """What it does to them."""
    BREATHE = "breathe"
    """The place without them: time passes."""
    OBSTACLE = "obstacle"
    """What stands in the way."""
    TURN = "turn"
    """After which nothing is as before."""
    PEAK = "peak"
    """The strongest picture."""
    CLOSE = "close"
    """Where it leaves them, and us."""


@dataclass(frozen=True)
class Staging:
    """How a beat is shot; the first choice is the usual one."""

    shots: tuple[Shot, ...]
    moves: tuple[CameraMove, ...]
    weight: float
    """Of its length; 1 is the usual scene."""


STAGING = {
    Beat.ESTABLISH: Staging(
        (Shot.EXTREME_WIDE, Shot.WIDE), (CameraMove.PUSH_IN, CameraMove.PAN_RIGHT, CameraMove.PAN_LEFT), 1.25
    ),
    Beat.INTRODUCE: Staging(
        (Shot.FULL, Shot.MEDIUM), (CameraMove.TILT_UP, CameraMove.PUSH_IN, CameraMove.PAN_LEFT), 1.1
    ),
    Beat.DEVELOP: Staging(
        (Shot.MEDIUM, Shot.WIDE, Shot.FULL),
        (CameraMove.PAN_RIGHT, CameraMove.PAN_LEFT, CameraMove.PUSH_IN, CameraMove.STATIC),
        1.0,
    ),
    Beat.DETAIL: Staging(
        (Shot.EXTREME_CLOSE_UP, Shot.CLOSE_UP),
        (CameraMove.PUSH_IN, CameraMove.PAN_RIGHT, CameraMove.TILT_DOWN),
        0.7,
    ),
    Beat.REACT: Staging((Shot.CLOSE_UP, Shot.MEDIUM), (CameraMove.STATIC, CameraMove.PUSH_IN), 0.8),
    Beat.BREATHE: Staging(
        (Shot.WIDE, Shot.EXTREME_WIDE), (CameraMove.PAN_LEFT, CameraMove.PAN_RIGHT, CameraMove.TILT_UP), 0.9
    ),
    Beat.OBSTACLE: Staging(
        (Shot.WIDE, Shot.MEDIUM), (CameraMove.TILT_DOWN, CameraMove.PUSH_IN, CameraMove.PAN_LEFT), 1.0
    ),
    Beat.TURN: Staging((Shot.MEDIUM, Shot.CLOSE_UP), (CameraMove.PUSH_IN, CameraMove.TILT_UP), 1.15),
    Beat.PEAK: Staging((Shot.CLOSE_UP, Shot.WIDE), (CameraMove.PUSH_IN, CameraMove.TILT_UP), 1.1),
    Beat.CLOSE: Staging((Shot.EXTREME_WIDE, Shot.WIDE), (CameraMove.PULL_OUT, CameraMove.TILT_UP), 1.35),
}

_SHORT = {
    3: (Beat.ESTABLISH, Beat.TURN, Beat.CLOSE),
    4: (Beat.ESTABLISH, Beat.DEVELOP, Beat.TURN, Beat.CLOSE),
    5: (Beat.ESTABLISH, Beat.INTRODUCE, Beat.DEVELOP, Beat.TURN, Beat.CLOSE),
    6: (Beat.ESTABLISH, Beat.INTRODUCE, Beat.DEVELOP, Beat.TURN, Beat.REACT, Beat.CLOSE),
    7: (Beat.ESTABLISH, Beat.INTRODUCE, Beat.DEVELOP, Beat.DETAIL, Beat.TURN, Beat.PEAK, Beat.CLOSE),
}
_RISING = (Beat.DEVELOP, Beat.DETAIL, Beat.DEVELOP, Beat.REACT, Beat.OBSTACLE, Beat.DEVELOP, Beat.BREATHE)
_FALLING = (Beat.DEVELOP, Beat.REACT, Beat.DETAIL, Beat.BREATHE)
_TURN_AT = 0.66
_JITTER = 0.18


@dataclass(frozen=True)
class Staged:
    """One beat as it will be shot."""

    beat: Beat
    shot: Shot
    move: CameraMove
    weight: float


def outline(scenes: int) -> list[Beat]:
    """The beats of a film of so many scenes.

    Raises:
        ValueError: there are fewer than three scenes.
    """
    if scenes < 3:
        raise ValueError("a film has at least three scenes")
    if scenes in _SHORT:
        return list(_SHORT[scenes])
    opening = (
        [Beat.ESTABLISH, Beat.INTRODUCE] if scenes < 14 else [Beat.ESTABLISH, Beat.BREATHE, Beat.INTRODUCE]
    )
    answer = [Beat.TURN, Beat.REACT, Beat.PEAK]
    turn = min(round(scenes * _TURN_AT), scenes - len(answer) - 1)
    rising = [_RISING[index % len(_RISING)] for index in range(turn - len(opening))]
    falling = [_FALLING[index % len(_FALLING)] for index in range(scenes - turn - len(answer) - 1)]
    return [*opening, *rising, *answer, *falling, Beat.CLOSE]


def stage(beats: Sequence[Beat], rng: Random) -> list[Staged]:
    """Choose shots and moves: what the beat wants, but never the same size or the same move twice in a
    row."""
    staged: list[Staged] = []
    for beat in beats:
        wanted = STAGING[beat]
        before = staged[-1] if staged else None
        shots = [shot for shot in wanted.shots if before is None or shot != before.shot]
        moves = [move for move in wanted.moves if before is None or move != before.move]
        # The first choice more often than the others; a beat that has only one keeps it.
        shot = rng.choices(shots or wanted.shots, [2, 1, 1][: len(shots or wanted.shots)])[0]
        move = rng.choice(moves or wanted.moves)
        weight = wanted.weight * rng.uniform(1 - _JITTER, 1 + _JITTER)
        staged.append(Staged(beat, shot, move, weight))
    return staged
