"""Peaks of a wav for drawing it: the lowest and the highest sample of each 10 ms.

The JSON is version 2 of what ``audiowaveform`` writes and ``peaks.js`` reads (source: audiowaveform's
doc/DataFormat.md): ``data`` holds ``length`` pairs of minimum and maximum, -128 to 127, of all channels
together; coarser zooms are made from it by whoever draws. An hour is about 2 MB.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from videocraft.errors import MediaError
from videocraft.media.process import Stopped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PEAKS_PER_SECOND: Final = 100
_BLOCK_SECONDS = 10
_SIXTEEN_BITS = 2
_UNKNOWN_SIZE = 0xFFFFFFFF


@dataclass(frozen=True)
class WavHeader:
    """Where the samples of a 16-bit PCM wav are."""

    sample_rate: int
    channels: int
    data_start: int
    """Offset of the first sample, in bytes."""
    frames: int
    """Samples of each channel."""


def read_header(path: Path) -> WavHeader:
    """The header of a WAV or RF64 of 16-bit PCM.

    Raises:
        MediaError: it is something else, or damaged.
    """
    with path.open("rb") as file:
        try:
            return _read_header(file)
        except struct.error as error:
            raise MediaError("The wav is damaged: its header is cut off.") from error


def _read_header(file: BinaryIO) -> WavHeader:
    riff, _, wave = struct.unpack("<4sI4s", file.read(12))
    if riff not in {b"RIFF", b"RF64"} or wave != b"WAVE":
        raise MediaError("The file is not a wav.")
    sample_rate = channels = 0
    long_size: int | None = None
    while True:
        kind, size = struct.unpack("<4sI", file.read(8))
        start = file.tell()
        if kind == b"ds64":
            long_size = struct.unpack("<QQ", file.read(16))[1]
        elif kind == b"fmt ":
            _, channels, sample_rate, _, _, bits = struct.unpack("<HHIIHH", file.read(16))
            if bits != 8 * _SIXTEEN_BITS or not channels or not sample_rate:
                raise MediaError("The wav does not hold 16-bit samples.")
        elif kind == b"data":
            if not channels:
                raise MediaError("The wav is damaged: samples come before their format.")
            if size == _UNKNOWN_SIZE and long_size is not None:
                size = long_size
            return WavHeader(sample_rate, channels, start, size // (_SIXTEEN_BITS * channels))
        file.seek(start + size + size % 2)


def write_peaks(wav: Path, target: Path, *, should_stop: Callable[[], bool]) -> None:
    """Write the peaks of a wav as JSON, ten seconds at a time.

    Raises:
        MediaError: the wav is not one of 16-bit PCM, or shorter than its header says.
        Stopped: ``should_stop`` returned true.
    """
    header = read_header(wav)
    step = header.sample_rate // PEAKS_PER_SECOND
    length = -(-header.frames // step)
    with target.open("w", encoding="ascii") as output:
        output.write(
            f'{{"version":2,"channels":1,"sample_rate":{header.sample_rate},"samples_per_pixel":{step},'
            f'"bits":8,"length":{length},"data":['
        )
        separator = ""
        for pairs in _pairs(wav, header, step):
            if should_stop():
                raise Stopped
            output.write(separator + ",".join(map(str, pairs.ravel().tolist())))
            separator = ","
        output.write("]}\n")


def _pairs(wav: Path, header: WavHeader, step: int) -> Iterator[NDArray[np.int16]]:
    """Minimum and maximum of each step, -128 to 127, shape (steps, 2); the last step may be shorter."""
    import numpy as np

    per_block = step * PEAKS_PER_SECOND * _BLOCK_SECONDS
    with wav.open("rb") as file:
        file.seek(header.data_start)
        for begin in range(0, header.frames, per_block):
            count = min(per_block, header.frames - begin)
            data = file.read(count * header.channels * _SIXTEEN_BITS)
            if len(data) < count * header.channels * _SIXTEEN_BITS:
                raise MediaError("The wav is damaged: it is shorter than its header says.")
            # All channels of a step lie side by side.
            samples = np.frombuffer(data, dtype="<i2")
            starts = np.arange(0, samples.size, step * header.channels)
            low, high = np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)
            # Towards zero, so that silence with a bit of dither is drawn as a line.
            yield np.stack([-(-low.astype(np.int32) // 256), high.astype(np.int32) // 256], axis=1).astype(
                np.int16
            )
