"""How a picture gets into its box: sizes and positions as whole, even numbers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from videocraft.media.compose.film import Box, Resize
from videocraft.media.filters import ACCURATE, even
from videocraft.media.limits import MAX_SIDE
from videocraft.media.time import round_half_up


@dataclass(frozen=True)
class Fit:
    """A picture is scaled to ``scaled``, its middle cut out in the size ``kept``, and laid at (x, y).

    ``cut``: the middle that is cut out before scaling; of a picture that would get too large otherwise.
    """

    scaled: tuple[int, int]
    kept: tuple[int, int]
    x: int
    y: int
    cut: tuple[int, int] | None = None

    def filters(self) -> list[str]:
        """Scaling and cutting; nothing more."""
        chain = [f"crop=w={self.cut[0]}:h={self.cut[1]}"] if self.cut else []
        chain += [f"scale=w={self.scaled[0]}:h={self.scaled[1]}:flags=bicubic+{ACCURATE}"]
        if self.kept != self.scaled:
            # Even offsets: half a chroma sample can't be cut.
            x, y = (
                even_below((whole - kept) // 2) for whole, kept in zip(self.scaled, self.kept, strict=True)
            )
            chain.append(f"crop=w={self.kept[0]}:h={self.kept[1]}:x={x}:y={y}")
        return chain

    def covers(self, width: int, height: int) -> bool:
        """Whether nothing of a canvas can be seen beside it."""
        right, bottom = self.x + self.kept[0], self.y + self.kept[1]
        return self.x <= 0 and self.y <= 0 and right >= width and bottom >= height


def fit(picture: tuple[int, int], box: Box, resize: Resize) -> Fit:
    """Where a picture of that many pixels (upright, square) goes in ``box``."""
    wide, high = even(box.width), even(box.height)
    cut: tuple[int, int] | None = None
    if resize == "stretch":
        scaled = kept = (wide, high)
    elif resize == "center":
        scaled = (even(picture[0]), even(picture[1]))
        kept = (min(wide, scaled[0]), min(high, scaled[1]))
    else:
        ratios = Fraction(wide, picture[0]), Fraction(high, picture[1])
        scale = max(ratios) if resize == "cover" else min(ratios)
        scaled = _even_size(picture, scale)
        if resize == "cover" and max(scaled) > MAX_SIDE:
            # A line of a picture, blown up to fill a box: only what is seen of it is blown up.
            cut = (max(1, int(wide / scale)), max(1, int(high / scale)))
            scaled = kept = (wide, high)
        elif resize == "cover":
            scaled = (max(wide, scaled[0]), max(high, scaled[1]))
            kept = (wide, high)
        else:
            scaled = kept = (min(wide, scaled[0]), min(high, scaled[1]))
    x = even_below(box.x + (box.width - kept[0]) // 2)
    y = even_below(box.y + (box.height - kept[1]) // 2)
    return Fit(scaled, kept, x, y, cut)


def even_below(value: int) -> int:
    """The even number at or below ``value``, which may be negative."""
    return value - value % 2


def _even_size(picture: tuple[int, int], scale: Fraction) -> tuple[int, int]:
    # To the nearest even number, so that proportions err by less than a pixel.
    width, height = (max(2, 2 * round_half_up(side * scale / 2)) for side in picture)
    return width, height
