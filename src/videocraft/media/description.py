"""What the API tells of a recording."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from videocraft.media.edit import origin_of
from videocraft.media.filters import displayed, is_hdr, is_interlaced
from videocraft.media.probe import MediaInfo, VideoStream
from videocraft.media.time import round_half_up


def describe(info: MediaInfo) -> dict[str, Any]:
    """What the API tells of a recording: the contract's four fields (``null``: no picture), and more."""
    video = info.video
    size = displayed(video) if video else None
    return {
        "durationMs": round_half_up(info.duration * 1000),
        "fps": _decimal(video.rate) if video else None,
        "resolution": f"{size[0]}x{size[1]}" if size else None,
        "codec": video.codec if video else (info.audio[0].codec if info.audio else None),
        "container": info.format,
        "rotation": video.rotation if video else 0,
        "isVariableFrameRate": video is not None and not video.is_constant_rate,
        "isInterlaced": video is not None and is_interlaced(video),
        "isHdr": video is not None and is_hdr(video),
        "pixelFormat": video.pix_fmt if video else None,
        "color": _colour_facts(video) if video else None,
        "startTimecode": info.timecode,
        "startTimeMs": round_half_up(info.start_time * 1000),
        "audioTracks": [
            {
                "codec": track.codec,
                "sampleRate": track.sample_rate,
                "channels": track.channels,
                "startMs": float(round((track.start_time - origin_of(info)) * 1000, 3)),
            }
            for track in info.audio
        ],
    }


def _colour_facts(video: VideoStream) -> dict[str, str]:
    return {
        "space": video.color_space,
        "primaries": video.color_primaries,
        "transfer": video.color_transfer,
        "range": video.color_range,
    }


def _decimal(rate: Fraction) -> int | float:
    """29.97 for 30000/1001: the number that people write."""
    return rate.numerator if rate.denominator == 1 else round(float(rate), 3 if rate < 24 else 2)
