"""How the visible part of a still moves: pan and zoom as exact rectangles, not as whole pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

Easing = Literal["linear", "smooth"]
"""``linear``: the same speed all the way; ``smooth``: starts and stops gently (smoothstep)."""

_LEAST_SIDE = 0.02


@dataclass(frozen=True, slots=True)
class Rect:
    """A part of a picture as shares of its width and height: (0, 0, 1, 1) is all of it.

    What is shown is the largest rectangle of the layer's shape inside it, about the same centre, so nothing
    is ever stretched.
    """

    x: float = 0.0
    y: float = 0.0
    width: float = 1.0
    height: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what lies outside of the picture.

        Raises:
            ValueError: it does, or is thinner than a fiftieth of the picture.
        """
        sides = self.width >= _LEAST_SIDE and self.height >= _LEAST_SIDE
        inside = self.x >= 0 and self.y >= 0 and self.x + self.width <= 1 + 1e-9
        if not (sides and inside and self.y + self.height <= 1 + 1e-9):
            raise ValueError(
                "a rectangle of a motion must lie inside of the picture, at least 0.02 wide and high"
            )

    @classmethod
    def around(cls, x: float, y: float, zoom: float) -> Self:
        """The part seen at a zoom (1 is all) with its centre at ``x``, ``y``, pushed inside the picture."""
        side = min(1.0, 1 / zoom)
        return cls(min(max(x - side / 2, 0), 1 - side), min(max(y - side / 2, 0), 1 - side), side, side)


@dataclass(frozen=True, slots=True)
class Motion:
    """From one part of a picture to another, over the whole time that its layer is on screen."""

    start: Rect
    end: Rect
    easing: Easing = "linear"

    @property
    def is_pan(self) -> bool:
        """Whether what is seen keeps its size."""
        return (self.start.width, self.start.height) == (self.end.width, self.end.height)

    def at(self, progress: float) -> Rect:
        """The part that is seen at ``progress``, 0 to 1; outside of that it stands still."""
        share = min(max(progress, 0.0), 1.0)
        if self.easing == "smooth":
            share = share * share * (3 - 2 * share)
        return Rect(
            self.start.x + (self.end.x - self.start.x) * share,
            self.start.y + (self.end.y - self.start.y) * share,
            self.start.width + (self.end.width - self.start.width) * share,
            self.start.height + (self.end.height - self.start.height) * share,
        )
