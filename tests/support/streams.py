"""A video stream as a probe describes it, for tests that need no file."""

from __future__ import annotations

from fractions import Fraction

from videocraft.media.probe import VideoStream

STREAM = VideoStream(
    index=0, codec="h264", profile="High", level=40, width=1920, height=1080, pix_fmt="yuv420p",
    sample_aspect=Fraction(1), rate=Fraction(30), is_constant_rate=True, time_base=Fraction(1, 15360),
    start_pts=0, end_pts=153600, frames=300, duration=Fraction(10), longest_gap=Fraction(1, 30),
    color_space="bt709", color_primaries="bt709", color_transfer="bt709", color_range="tv",
    field_order="progressive", rotation=0, is_mirrored=False, has_odd_edit_list=False, bit_rate=None,
    b_frames=2,
)  # fmt: skip
"""Ten seconds of 1080p30 in BT.709; ``dataclasses.replace`` makes others of it."""
