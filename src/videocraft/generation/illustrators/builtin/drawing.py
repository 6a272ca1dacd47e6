"""Shapes to SVG: a small pen that writes numbers and colours, and nothing else, into the markup."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

Colour = tuple[float, float, float]
"""Red, green, blue from 0 to 1, as sRGB."""

Point = tuple[float, float]


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """``share`` of the second colour in the first."""
    share = min(1.0, max(0.0, share))
    return (
        first[0] + (second[0] - first[0]) * share,
        first[1] + (second[1] - first[1]) * share,
        first[2] + (second[2] - first[2]) * share,
    )


def shade(colour: Colour, factor: float) -> Colour:
    """A colour made darker (below 1) or lighter."""
    return (min(1.0, colour[0] * factor), min(1.0, colour[1] * factor), min(1.0, colour[2] * factor))


def times(first: Colour, second: Colour) -> Colour:
    """A surface of the first colour in light of the second."""
    return (first[0] * second[0], first[1] * second[1], first[2] * second[2])


def rgb(text: str) -> Colour:
    """``"2f7fc4"`` as a colour."""
    return (int(text[0:2], 16) / 255, int(text[2:4], 16) / 255, int(text[4:6], 16) / 255)


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{round(min(1.0, max(0.0, part)) * 255):02x}" for part in colour)


def _n(value: float) -> str:
    return f"{value:.2f}"


class Drawing:
    """Collects shapes, back to front.

    Opaque plain fills cost next to nothing to rasterise, half-transparent ones and gradients forty times as
    much: those are for small shapes. ``bounded`` keeps ``bounds``, which takes a little time.
    """

    def __init__(self, *, bounded: bool = True) -> None:
        self._bounded = bounded
        self._parts: list[str] = []
        self._defs: list[str] = []
        self._tint: Colour | None = None
        self._matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
        self._low: Point = (math.inf, math.inf)
        self._high: Point = (-math.inf, -math.inf)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was drawn."""
        return not self._parts

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) of what was drawn, a little wider where curves swing out."""
        return (*self._low, *self._high)

    def _grow(self, points: Iterable[Point], margin: float = 0.0) -> None:
        if not self._bounded:
            return
        a, b, c, d, e, f = self._matrix
        for x, y in points:
            for dx in (-margin, margin):
                px, py = a * (x + dx) + c * (y + dx) + e, b * (x + dx) + d * (y + dx) + f
                self._low = (min(self._low[0], px), min(self._low[1], py))
                self._high = (max(self._high[0], px), max(self._high[1], py))

    # -- shapes ---------------------------------------------------------------------------------------

    def polygon(self, points: Sequence[Point], fill: Colour, alpha: float = 1.0) -> None:
        """Straight lines between points, closed."""
        self._grow(points)
        path = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points) + "Z"
        self._path(path, fill, alpha)

    def smooth(self, points: Sequence[Point], fill: Colour, alpha: float = 1.0) -> None:
        """A closed curve through all points (Catmull-Rom, as cubic Béziers)."""
        self._grow_curve(points)
        self._path(_curve(points, closed=True), fill, alpha)

    def ellipse(
        self, x: float, y: float, rx: float, ry: float, fill: Colour, alpha: float = 1.0, turn: float = 0.0
    ) -> None:
        """``turn`` in degrees, clockwise."""
        reach = max(rx, ry) if turn else 0.0
        self._grow(((x - (reach or rx), y - (reach or ry)), (x + (reach or rx), y + (reach or ry))))
        turned = f' transform="rotate({_n(turn)} {_n(x)} {_n(y)})"' if turn else ""
        shape = f'<ellipse cx="{_n(x)}" cy="{_n(y)}" rx="{_n(abs(rx))}" ry="{_n(abs(ry))}"{turned}'
        self._parts.append(f"{shape} {self._fill(fill, alpha)}/>")

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: Colour,
        alpha: float = 1.0,
        radius: float = 0.0,
    ) -> None:
        """A box from its upper left corner."""
        self._grow(((x, y), (x + width, y + height)))
        rounded = f' rx="{_n(radius)}"' if radius else ""
        shape = f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(max(0.0, width))}" height="{_n(max(0.0, height))}"'
        self._parts.append(f"{shape}{rounded} {self._fill(fill, alpha)}/>")

    def line(self, points: Sequence[Point], width: float, fill: Colour, alpha: float = 1.0) -> None:
        """A stroke with round ends."""
        self._grow(points, width)
        path = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
        self._stroke(path, width, fill, alpha)

    def curve(self, points: Sequence[Point], width: float, fill: Colour, alpha: float = 1.0) -> None:
        """A smooth stroke through all points."""
        self._grow_curve(points, width)
        self._stroke(_curve(points, closed=False), width, fill, alpha)

    def limb(self, points: Sequence[Point], widths: Sequence[float], fill: Colour) -> None:
        """A stroke that has another width at each point: arms, legs, branches, tails."""
        for (start, end), (w0, w1) in zip(pairwise(points), pairwise(widths), strict=True):
            dx, dy = end[0] - start[0], end[1] - start[1]
            length = math.hypot(dx, dy) or 1e-6
            nx, ny = -dy / length / 2, dx / length / 2
            self.polygon(
                [
                    (start[0] + nx * w0, start[1] + ny * w0),
                    (end[0] + nx * w1, end[1] + ny * w1),
                    (end[0] - nx * w1, end[1] - ny * w1),
                    (start[0] - nx * w0, start[1] - ny * w0),
                ],
                fill,
            )
        for (x, y), width in zip(points, widths, strict=True):
            self.ellipse(x, y, width / 2, width / 2, fill)

    # -- placing --------------------------------------------------------------------------------------

    @contextmanager
    def placed(
        self, x: float, y: float, scale: float = 1.0, *, mirror: bool = False, turn: float = 0.0
    ) -> Iterator[None]:
        """What is drawn inside has its own origin and scale; ``turn`` in degrees."""
        across = -scale if mirror else scale
        turned = f" rotate({_n(turn)})" if turn else ""
        self._parts.append(
            f'<g transform="translate({_n(x)} {_n(y)}){turned} scale({across:.5f} {scale:.5f})">'
        )
        before = self._matrix
        self._matrix = _placed(before, x, y, across, scale, math.radians(turn))
        yield
        self._matrix = before
        self._parts.append("</g>")

    def rimmed(self, draw: Callable[[], None], colour: Colour, dx: float, dy: float) -> None:
        """Draw twice: first all in one colour and moved towards the light, so that an edge of light stays."""
        before, self._tint = self._tint, colour
        with self.placed(dx, dy):
            draw()
        self._tint = before
        draw()

    # -- output ---------------------------------------------------------------------------------------

    def to_svg(self, pixels: tuple[int, int], view: tuple[float, float, float, float]) -> str:
        """The document: ``view`` (x, y, width, height in units) over ``pixels`` (width, height)."""
        box = " ".join(_n(part) for part in view)
        shapes = "".join(self._parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{pixels[0]}" height="{pixels[1]}" '
            f'viewBox="{box}" preserveAspectRatio="none"><defs>{"".join(self._defs)}</defs>{shapes}</svg>'
        )

    def _grow_curve(self, points: Sequence[Point], width: float = 0.0) -> None:
        xs, ys = [x for x, _ in points], [y for _, y in points]
        # A Catmull-Rom curve swings out of its points' box by less than a sixth of its size.
        self._grow(points, width + max(max(xs) - min(xs), max(ys) - min(ys)) / 6)

    def _fill(self, fill: Colour, alpha: float) -> str:
        opacity = f' fill-opacity="{_n(alpha)}"' if alpha < 1 else ""
        return f'fill="{_hex(self._tint or fill)}"{opacity}'

    def _path(self, path: str, fill: Colour, alpha: float) -> None:
        self._parts.append(f'<path d="{path}" {self._fill(fill, alpha)}/>')

    def _stroke(self, path: str, width: float, fill: Colour, alpha: float) -> None:
        opacity = f' stroke-opacity="{_n(alpha)}"' if alpha < 1 else ""
        self._parts.append(
            f'<path d="{path}" fill="none" stroke="{_hex(self._tint or fill)}" stroke-width="{_n(width)}"'
            f'{opacity} stroke-linecap="round" stroke-linejoin="round"/>'
        )


_Matrix = tuple[float, float, float, float, float, float]


def _placed(matrix: _Matrix, x: float, y: float, across: float, scale: float, turn: float) -> _Matrix:
    """The matrix of a group that is moved, turned and scaled within another."""
    a, b, c, d, e, f = matrix
    cos, sin = math.cos(turn), math.sin(turn)
    p, q, r, s = cos * across, sin * across, -sin * scale, cos * scale
    return (a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s, a * x + c * y + e, b * x + d * y + f)


def _curve(points: Sequence[Point], *, closed: bool) -> str:
    count = len(points)
    parts = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for i in range(count if closed else count - 1):
        p0 = points[i - 1] if closed or i else points[0]
        p1, p2 = points[i], points[(i + 1) % count]
        p3 = points[(i + 2) % count] if closed or i + 2 < count else p2
        c1 = (p1[0] + (p2[0] - p0[0]) / 6, p1[1] + (p2[1] - p0[1]) / 6)
        c2 = (p2[0] - (p3[0] - p1[0]) / 6, p2[1] - (p3[1] - p1[1]) / 6)
        parts.append(f"C{_n(c1[0])} {_n(c1[1])} {_n(c2[0])} {_n(c2[1])} {_n(p2[0])} {_n(p2[1])}")
    return "".join(parts) + ("Z" if closed else "")
