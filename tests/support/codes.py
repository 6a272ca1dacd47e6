"""The code burned into every frame of a generated recording: which camera, which frame.

36 black or white blocks, two rows of 18 over the top quarter of the picture: two fixed ones, 6 bits of
camera, 20 bits of frame number (nine hours at 30 frames a second) and an 8-bit CRC. Blocks are big, so the
code survives hard compression and scaling; a frame that is a mix of two, or shows no code, reads as ``None``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

CAMERA_BITS, FRAME_BITS, CRC_BITS = 6, 20, 8
ROWS, COLUMNS = 2, 18
HEIGHT_SHARE = 0.25
"""The share of the picture's height that the blocks take, at the top."""
BLACK, WHITE = 16, 235
DOUBT = 10
"""A block whose luma is nearer than this to the middle is neither black nor white."""
_SYNC = np.array([1, 0], dtype=np.uint8)
_POLYNOMIAL = 0x07
_SALT = 0xA5

Code = tuple[int, int]
"""(camera, frame number)"""
Luma = NDArray[Any]


def _remainder(position: int) -> int:
    """CRC-8 of a word with one bit set: the CRC is linear, so the rows for all positions make any word's."""
    value = 1
    for _ in range(position + CRC_BITS):
        value <<= 1
        if value & 0x100:
            value ^= 0x100 | _POLYNOMIAL
    return value


def _bits(value: int, count: int) -> NDArray[np.uint8]:
    return np.array([(value >> shift) & 1 for shift in range(count - 1, -1, -1)], dtype=np.uint8)


_DATA_BITS = CAMERA_BITS + FRAME_BITS
_GENERATOR = np.array([_bits(_remainder(_DATA_BITS - 1 - i), CRC_BITS) for i in range(_DATA_BITS)])


def _crc(data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """CRC bits of data bits, shape (26,) to (8,)."""
    crc: NDArray[np.uint8] = (data @ _GENERATOR % 2).astype(np.uint8) ^ _bits(_SALT, CRC_BITS)
    return crc


def encode(camera: int, frame: int) -> NDArray[np.uint8]:
    """Luma of the blocks, shape (ROWS, COLUMNS)."""
    if not 0 <= camera < 2**CAMERA_BITS or not 0 <= frame < 2**FRAME_BITS:
        raise ValueError(f"camera {camera}, frame {frame} do not fit into the code")
    data = np.concatenate([_bits(camera, CAMERA_BITS), _bits(frame, FRAME_BITS)])
    bits = np.concatenate([_SYNC, data, _crc(data)])
    return np.where(bits == 1, WHITE, BLACK).astype(np.uint8).reshape(ROWS, COLUMNS)


def draw(luma: NDArray[np.uint8], camera: int, frame: int) -> None:
    """Draw the code into a luma plane, shape (height, width), in place."""
    height, width = luma.shape
    columns = np.arange(width) * COLUMNS // width
    edges = [round(height * HEIGHT_SHARE * row / ROWS) for row in range(ROWS + 1)]
    for row, values in enumerate(encode(camera, frame)):
        luma[edges[row] : edges[row + 1]] = values[columns]


def read(luma: Luma, area: tuple[float, float, float, float] = (0, 0, 1, 1)) -> Code | None:
    """The code in a luma plane of 8 bits, shape (height, width), or None when there is no whole one.

    ``area`` is where the recording's picture lies: left, top, width, height as shares of the plane.
    """
    height, width = luma.shape
    left, top, across, down = area
    inside = np.linspace(0.3, 0.7, 7)
    rows = (np.arange(ROWS)[:, None] + inside) / ROWS * HEIGHT_SHARE
    columns = (np.arange(COLUMNS)[:, None] + inside) / COLUMNS
    y = ((top + down * rows.ravel()) * height).astype(np.intp)
    x = ((left + across * columns.ravel()) * width).astype(np.intp)
    points = luma[np.ix_(y, x)].reshape(ROWS, len(inside), COLUMNS, len(inside))
    # The median, because an encoder in a hurry may leave a scrap of the frame before in a corner of a block.
    blocks = np.median(points.swapaxes(1, 2).reshape(ROWS * COLUMNS, -1), axis=1)
    middle = (BLACK + WHITE) / 2
    if np.abs(blocks - middle).min() < DOUBT:
        return None
    bits = (blocks > middle).astype(np.uint8)
    data = bits[2 : 2 + _DATA_BITS]
    if not np.array_equal(bits[:2], _SYNC) or not np.array_equal(bits[2 + _DATA_BITS :], _crc(data)):
        return None
    number = int("".join(map(str, data.tolist())), 2)
    return number >> FRAME_BITS, number & (2**FRAME_BITS - 1)
