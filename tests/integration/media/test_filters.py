"""What filters make of a picture's colours."""

from __future__ import annotations

import dataclasses
import subprocess

import pytest

from tests.support.streams import STREAM
from videocraft.media import ffmpeg
from videocraft.media.filters import convert_colour

KR_KB = {"bt709": (0.2126, 0.0722), "smpte170m": (0.299, 0.114)}
COLOURS = ["C03020", "2060D0", "808080", "F0F0F0", "101010", "30B040", "FFFF00"]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [(("smpte170m", "tv"), "bt709"), (("bt709", "tv"), "smpte170m"), (("bt709", "pc"), "bt709")],
)
def test_converted_colours_are_neither_darker_nor_others(source: tuple[str, str], wanted: str) -> None:
    space, levels = source
    chain = convert_colour(
        dataclasses.replace(STREAM, color_space=space, color_range=levels),
        dataclasses.replace(STREAM, color_space=wanted),
    )
    errors = [
        got - int(colour[at : at + 2], 16)
        for colour in COLOURS
        for got, at in zip(_converted(colour, space, levels, wanted, chain), (0, 2, 4), strict=True)
    ]
    assert max(map(abs, errors)) <= 2.5
    assert abs(sum(errors) / len(errors)) <= 0.5


def _converted(
    colour: str, space: str, levels: str, wanted: str, chain: list[str]
) -> tuple[float, float, float]:
    """Red, green and blue, 0 to 255, of a picture of one colour behind the chain."""
    made = f"scale=out_color_matrix={space}:out_range={levels}:flags=accurate_rnd+full_chroma_int"
    graph = ",".join(
        [f"color=0x{colour}:s=64x64,format=gbrp", made, "format=yuv420p", *chain, "format=yuv420p"]
    )
    command = [str(ffmpeg.binary()), "-v", "error", "-f", "lavfi", "-i", graph]
    done = subprocess.run(
        [*command, "-frames:v", "1", "-f", "rawvideo", "-"], capture_output=True, check=True
    )
    luma, blue, red = done.stdout[0], done.stdout[64 * 64], done.stdout[64 * 64 + 32 * 32]
    # ITU-R BT.601 and BT.709, limited range.
    kr, kb = KR_KB[wanted]
    y, cb, cr = (luma - 16) / 219, (blue - 128) / 224, (red - 128) / 224
    r, b = y + 2 * (1 - kr) * cr, y + 2 * (1 - kb) * cb
    return 255 * r, 255 * (y - kr * r - kb * b) / (1 - kr - kb), 255 * b
