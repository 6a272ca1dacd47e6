"""A room's shell: back wall, side walls, floor and ceiling in one-point perspective, and what is on them."""

from __future__ import annotations

from dataclasses import dataclass

from videocraft.generation.illustrators.builtin.drawing import Colour, mix, rgb, shade
from videocraft.generation.illustrators.builtin.frame import HEIGHT, Frame, Glow, Shaft
from videocraft.generation.illustrators.builtin.idea import Look, Time

_DARK = frozenset({Time.NIGHT, Time.DUSK})


@dataclass(frozen=True)
class Room:
    """Colours of a room, and how bright it is by day (1) and by lamps."""

    wall: str
    floor: str
    window: bool = True
    lamps: int = 1
    bright: float = 0.75


class Walls:
    """The room's geometry: the back wall's box, and points on walls and floor by depth (0 back, 1 lens)."""

    def __init__(self, frame: Frame, kind: Room) -> None:
        self.frame = frame
        dark = frame.idea.time in _DARK or frame.idea.look in {Look.NOIR, Look.HORROR}
        dim = {Look.NOIR: 0.85, Look.HORROR: 0.68}.get(frame.idea.look, 0.5)
        level = kind.bright * (dim if dark else 1.0)
        warm = rgb("ffd2a0") if dark else mix((1.0, 1.0, 1.0), frame.colours.light, 0.35)
        self.light = (warm[0] * level, warm[1] * level, warm[2] * level)
        self.dark = dark
        self.left, self.right, self.top, self.foot = frame.x(0.2), frame.x(0.8), 190.0, 690.0
        self.wall = self.under(rgb(kind.wall))
        self.floor = self.under(rgb(kind.floor))
        frame.horizon, frame.ground, frame.clouds, frame.sun = 520, 900, 0, None
        frame.subject_dim = 0.9 if not dark else 0.68

    def under(self, surface: Colour) -> Colour:
        return (surface[0] * self.light[0], surface[1] * self.light[1], surface[2] * self.light[2])

    def shell(self) -> None:
        """Floor, ceiling and walls, each paler towards the back where the light is."""
        d, w = self.frame.back, self.frame.width
        bands = 36
        for number in range(bands):
            t = number / bands
            left, right = -20 + (self.left + 20) * t, w + 20 - (w + 20 - self.right) * t
            top, foot = -30 + (self.top + 30) * t, HEIGHT + 160 - (HEIGHT + 160 - self.foot) * t
            fade = 0.5 + 0.5 * t
            for points, tone in (
                (
                    [(left, top), (right, top), (self.right, self.top), (self.left, self.top)],
                    shade(self.wall, 0.72 * fade),
                ),
                (
                    [(left, foot), (right, foot), (self.right, self.foot), (self.left, self.foot)],
                    shade(self.floor, fade),
                ),
                (
                    [(left, top), (self.left, self.top), (self.left, self.foot), (left, foot)],
                    shade(self.wall, 0.66 * fade),
                ),
                (
                    [(right, top), (self.right, self.top), (self.right, self.foot), (right, foot)],
                    shade(self.wall, 0.8 * fade),
                ),
            ):
                d.polygon(points, tone)
        d.rect(self.left, self.top, self.right - self.left, self.foot - self.top, self.wall)
        d.rect(self.left, self.foot - 16, self.right - self.left, 16, shade(self.wall, 0.65))

    def boards(self) -> None:
        """Lines on the floor towards the vanishing point."""
        for number in range(13):
            t = number / 12
            x0 = self.left + (self.right - self.left) * t
            x1 = self.frame.width * (t * 2.2 - 0.6)
            self.frame.back.line([(x0, self.foot), (x1, HEIGHT + 20)], 1.6, shade(self.floor, 0.55))

    def window(self, x: float, y: float, w: float, h: float, *, panes: int = 2, shaft: bool = True) -> None:
        """A window with the sky behind it, and its light falling into the room."""
        frame = self.frame
        outside = frame.colours.low if not self.dark else frame.colours.middle
        frame.back.rect(x - 9, y - 9, w + 18, h + 18, shade(self.wall, 1.25))
        for number in range(8):
            frame.back.rect(
                x, y + h * number / 8, w, h / 8 + 1, mix(frame.colours.middle, outside, number / 7)
            )
        for number in range(1, panes):
            frame.back.rect(x + w * number / panes - 3, y, 6, h, shade(self.wall, 1.1))
        frame.back.rect(x, y + h * 0.45, w, 5, shade(self.wall, 1.1))
        power = 0.3 if self.dark else 0.55
        frame.glows.append(Glow(x + w / 2, y + h / 2, max(w, h) * 1.3, frame.colours.light, power * 0.7))
        if shaft:
            way = 1 if x + w / 2 < frame.width / 2 else -1
            frame.light_side = -way
            for number in range(panes):
                frame.shafts.append(
                    Shaft(
                        x + w * (number + 0.5) / panes,
                        y + h * 0.3,
                        90 - way * 38,
                        9,
                        760,
                        frame.colours.light,
                        power,
                    )
                )

    def pendant(self, x: float, drop: float, size: float = 1.0) -> None:
        """A lamp that hangs from the ceiling with its cone of light."""
        hue = rgb("ffd596")
        self.frame.back.line([(x, -10), (x, drop)], 3, shade(self.wall, 0.3))
        self.frame.back.polygon([(x - 34 * size, drop + 30 * size), (x - 10 * size, drop),
            (x + 10 * size, drop), (x + 34 * size, drop + 30 * size)],
                                shade(self.wall, 0.35))  # fmt: skip
        self.frame.back.ellipse(x, drop + 31 * size, 22 * size, 6 * size, (1.0, 0.95, 0.8))
        self.frame.glows.append(Glow(x, drop + 34 * size, 200 * size, hue, 0.6))
        self.frame.shafts.append(Shaft(x, drop + 24 * size, 90, 52, 620, hue, 0.3 if self.dark else 0.16))

    def box(self, x: float, foot: float, w: float, h: float, surface: Colour, lid: float = 14.0) -> None:
        """A piece of furniture seen from the front, with its lit top."""
        tone = self.under(surface)
        self.frame.back.rect(x, foot - h, w, h, tone)
        self.frame.back.rect(x, foot - h * 0.25, w, h * 0.25, shade(tone, 0.78))
        self.frame.back.polygon([(x - 4, foot - h), (x + w + 4, foot - h), (x + w - 6, foot - h - lid),
            (x + 6, foot - h - lid)],
                                mix(tone, self.frame.colours.light, 0.3))  # fmt: skip

    def shelves(self, x: float, y: float, w: float, h: float, rows: int) -> None:
        """Bookshelves, full."""
        d = self.frame.back
        wood = self.under(rgb("6a452a"))
        d.rect(x, y, w, h, shade(wood, 0.4))
        step = h / rows
        for row in range(rows):
            px = x + 6
            while px < x + w - 10:
                bw, bh = self.frame.pick(7, 17), step * self.frame.pick(0.6, 0.84)
                hue = (
                    rgb("8a3a30"),
                    rgb("3a5a6a"),
                    rgb("a8823e"),
                    rgb("4a6a4a"),
                    rgb("6a4a6a"),
                    rgb("b8a888"),
                )[int(self.frame.rng.integers(6))]
                tone = shade(self.under(hue), self.frame.pick(0.6, 1.05))
                d.rect(px, y + step * (row + 1) - 6 - bh, bw - 1.5, bh, tone)
                d.rect(px, y + step * (row + 1) - 6 - bh * 0.8, bw - 1.5, 3, mix(tone, rgb("e0c070"), 0.5))
                px += bw
            d.rect(x, y + step * (row + 1) - 7, w, 7, wood)

    def picture(self, x: float, y: float, w: float, h: float) -> None:
        """A framed landscape."""
        d = self.frame.back
        d.rect(x - 7, y - 7, w + 14, h + 14, self.under(rgb("7a5a34")))
        d.rect(x, y, w, h, self.under(rgb("a8c0d0")))
        d.polygon([(x, y + h), (x, y + h * 0.6), (x + w * 0.35, y + h * 0.35),
            (x + w * 0.6, y + h * 0.65), (x + w, y + h * 0.5), (x + w, y + h)],
                  self.under(rgb("6a7a5a")))  # fmt: skip

    def screen(self, x: float, y: float, w: float, h: float, hue: Colour) -> None:
        """A lit display with a chart on it."""
        d = self.frame.back
        d.rect(x - 5, y - 5, w + 10, h + 10, (0.05, 0.05, 0.06), radius=4)
        d.rect(x, y, w, h, mix(hue, (0.03, 0.05, 0.1), 0.65))
        line = [(x + w * i / 8, y + h * (0.75 - 0.5 * self.frame.pick(0, 1))) for i in range(1, 8)]
        d.line(line, max(1.5, h * 0.03), mix(hue, (1.0, 1.0, 1.0), 0.4))
        for number in range(4):
            d.rect(x + w * 0.08, y + h * (0.12 + 0.09 * number), w * self.frame.pick(0.2, 0.5), h * 0.04, hue)
        self.frame.glows.append(Glow(x + w / 2, y + h / 2, w * 1.1, hue, 0.35))
