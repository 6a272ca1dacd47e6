"""Filters that more than one graph is made of: shape, scan and colour of a decoded video stream."""

from __future__ import annotations

from videocraft.media.names import UNKNOWN
from videocraft.media.presets import HD_LINES
from videocraft.media.probe import VideoStream
from videocraft.media.time import round_half_up

ACCURATE = "accurate_rnd+full_chroma_int"
"""Flags without which the scaler rounds down: two of 255 levels on the average, up to five in one colour."""
_SCALER_MATRICES = {
    "bt709": "bt709",
    "smpte170m": "smpte170m",
    "bt470bg": "bt470",
    "bt2020nc": "bt2020",
    "bt2020c": "bt2020",
}
_HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})


def displayed(video: VideoStream) -> tuple[int, int]:
    """Width and height in square pixels, turned upright."""
    width = round_half_up(video.width * video.sample_aspect)
    return (video.height, width) if video.rotation in {90, 270} else (width, video.height)


def even(value: int) -> int:
    """The even number at or below ``value``, at least 2: 4:2:0 has one colour for two pixels."""
    return max(2, value - value % 2)


def is_interlaced(video: VideoStream) -> bool:
    """Whether a picture is woven of two fields, as far as the file says."""
    return video.field_order not in {"progressive", UNKNOWN}


def is_hdr(video: VideoStream) -> bool:
    """Whether the picture is made for a display of high dynamic range (PQ or HLG)."""
    return video.color_transfer in _HDR_TRANSFERS


def deinterlace(video: VideoStream) -> list[str]:
    """One whole picture for each interlaced one; nothing for a progressive stream."""
    return ["bwdif=mode=send_frame:deint=interlaced"] if is_interlaced(video) else []


def convert_colour(video: VideoStream, like: VideoStream) -> list[str]:
    """From the colour of ``video`` to that of ``like``: tone mapping, matrix and levels; often nothing."""
    if is_hdr(video) and not is_hdr(like):
        # Source: FFmpeg's documentation of tonemap, which works on linear light in RGB floats.
        return [
            "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709",
            "tonemap=tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv",
        ]
    matrix, wanted = _matrix(video), _matrix(like)
    levels, wanted_levels = _levels(video), _levels(like)
    if (matrix, levels) == (wanted, wanted_levels):
        return []
    ranges = f"in_range={levels}:out_range={wanted_levels}"
    return [f"scale=in_color_matrix={matrix}:out_color_matrix={wanted}:{ranges}:flags={ACCURATE}"]


def _matrix(video: VideoStream) -> str:
    """The matrix by the scaler's name; by size where the file says nothing, as players do."""
    by_size = "bt709" if video.height >= HD_LINES else "smpte170m"
    return _SCALER_MATRICES.get(video.color_space, by_size)


def _levels(video: VideoStream) -> str:
    return "pc" if video.color_range == "pc" else "tv"
