"""Colours as people write them, as RGB and as ASS writes them."""

from __future__ import annotations

import re

from videocraft.errors import InvalidInput

_HEX = re.compile(r"#[0-9A-Fa-f]{6}", re.ASCII)


def parse_colour(text: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of ``#RRGGBB``.

    Raises:
        InvalidInput: it is written in another way.
    """
    if not _HEX.fullmatch(text):
        raise InvalidInput("invalid color format, use #RRGGBB")
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def ass_colour(text: str, opacity: float = 1.0) -> str:
    """``&HAABBGGRR`` of ``#RRGGBB``; in ASS an alpha of 0 is opaque."""
    red, green, blue = parse_colour(text)
    return f"&H{round(255 * (1 - opacity)):02X}{blue:02X}{green:02X}{red:02X}"
