"""What "high quality H.264 in MP4" means: encoders, rate factors, pixel formats, tags and containers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from videocraft.media.names import UNKNOWN
from videocraft.media.probe import VideoStream

Quality = Literal["low", "medium", "high", "very_high"]
Codec = Literal["h264", "h265", "vp9", "av1"]
Container = Literal["mp4", "mov", "webm"]

DEFAULT_QUALITY: Final[Quality] = "high"
HD_LINES: Final = 720

AUDIO_CODECS: Final[Mapping[str, str]] = {"mp4": "aac", "mov": "aac", "webm": "libopus"}

STREAM_CODECS: Final[Mapping[str, str]] = {"h264": "h264", "h265": "hevc", "vp9": "vp9", "av1": "av1"}
"""Our codec names and the ones that a probe reports."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """One encoder of FFmpeg and how it is asked for a quality."""

    name: str
    arguments: tuple[str, ...]
    factors: Mapping[str, int]
    """Quality -> value of ``factor_option``; lower is better."""
    factor_option: str = "-crf"
    is_hardware: bool = False

    def quality_arguments(self, quality: Quality) -> list[str]:
        """``-c:v`` and everything that sets speed and quality."""
        return ["-c:v", self.name, *self.arguments, self.factor_option, str(self.factors[quality])]


def _factors(low: int, medium: int, high: int, very_high: int) -> dict[str, int]:
    return {"low": low, "medium": medium, "high": high, "very_high": very_high}


# libx265 talks to stderr by itself unless told not to, whatever FFmpeg's log level.
_X265 = ("-x265-params", "log-level=error")
# Constant quality needs the target rate switched off; rows and tiles give every core something to do.
_VP9 = ("-b:v", "0", "-deadline", "good", "-cpu-used", "4", "-row-mt", "1", "-tile-columns", "2")

SOFTWARE: Final[Mapping[str, Encoder]] = {
    "h264": Encoder("libx264", ("-preset", "veryfast"), _factors(28, 23, 20, 17)),
    "h265": Encoder("libx265", ("-preset", "fast", *_X265), _factors(30, 26, 23, 20)),
    "vp9": Encoder("libvpx-vp9", _VP9, _factors(40, 34, 30, 24)),
    "av1": Encoder("libsvtav1", ("-preset", "9"), _factors(45, 37, 32, 26)),
}
"""Encoders that work on every machine."""

HARDWARE: Final[Mapping[str, tuple[Encoder, ...]]] = {
    "h264": (
        Encoder(
            "h264_nvenc", ("-preset", "p5", "-rc", "vbr", "-b:v", "0"), _factors(32, 27, 23, 19), "-cq", True
        ),
        Encoder("h264_qsv", ("-preset", "medium"), _factors(30, 26, 22, 18), "-global_quality", True),
        Encoder("h264_videotoolbox", (), _factors(40, 55, 65, 75), "-q:v", True),
    ),
    "h265": (
        Encoder(
            "hevc_nvenc", ("-preset", "p5", "-rc", "vbr", "-b:v", "0"), _factors(34, 29, 25, 21), "-cq", True
        ),
        Encoder("hevc_qsv", ("-preset", "medium"), _factors(32, 28, 24, 20), "-global_quality", True),
        Encoder("hevc_videotoolbox", (), _factors(40, 55, 65, 75), "-q:v", True),
    ),
    "vp9": (),
    "av1": (
        Encoder(
            "av1_nvenc", ("-preset", "p5", "-rc", "vbr", "-b:v", "0"), _factors(40, 35, 30, 25), "-cq", True
        ),
        Encoder("av1_qsv", ("-preset", "medium"), _factors(36, 31, 27, 23), "-global_quality", True),
    ),
}
"""Encoders that may work, the preferred one first; only ``ffmpeg.working_encoder`` knows."""


def encoder(name: str) -> Encoder:
    """The encoder with FFmpeg's name ``name``, as ``ffmpeg.working_encoder`` returns it.

    Raises:
        KeyError: none of ours.
    """
    known = {
        each.name: each for each in (*SOFTWARE.values(), *(e for group in HARDWARE.values() for e in group))
    }
    return known[name]


def container_arguments(container: Container, codec: str) -> list[str]:
    """``-f`` and the muxer's flags, with the tag that Apple's players want for HEVC.

    Args:
        codec: of the video, by our name (``h265``) or a probe's (``hevc``).
    """
    if container == "webm":
        return ["-f", "webm"]
    tag = ["-tag:v", "hvc1"] if codec in {"h265", "hevc"} else []
    # The index in front: playback starts before the end has arrived.
    return [*tag, "-movflags", "+faststart", "-f", container]


def pixel_format(codec: str, source: VideoStream | None) -> str:
    """The pixel format to encode in: 4:2:0, with ten bits where both the source and the codec have them."""
    ten_bits = source is not None and ("10" in source.pix_fmt or "12" in source.pix_fmt)
    return "yuv420p10le" if ten_bits and codec in {"h265", "vp9", "av1"} else "yuv420p"


def color_filter(source: VideoStream | None, *, rgb_as: str = "yuv420p") -> str:
    """A filter that tags frames with what their numbers mean, without changing one.

    The tags are the source's; where it says nothing, what players take for granted: BT.601 for standard
    definition, BT.709 for everything larger (and for what has no source). It belongs directly behind the
    source. FFmpeg's options ``-colorspace`` and the like are no substitute: since FFmpeg 7 they *convert*
    frames that are not tagged, and drop primaries and transfer.

    Args:
        rgb_as: the pixel format that RGB is converted to.
    """
    matrix = "smpte170m" if source is not None and source.height < HD_LINES else "bt709"
    if source is None or _is_rgb(source):
        # There is no 4:2:0 in RGB: the matrix is chosen here, and what was RGB is converted with it.
        tags = (matrix, matrix, matrix, "tv")
    else:
        tags = (source.color_space, source.color_primaries, source.color_transfer, source.color_range)
    space, primaries, transfer, range_ = (
        default if tag == UNKNOWN else tag
        for tag, default in zip(tags, (matrix, matrix, matrix, "tv"), strict=True)
    )
    convert = f"scale=out_color_matrix={matrix}:out_range=tv,format={rgb_as}," if _is_rgb(source) else ""
    tag = f"setparams=range={range_}:color_primaries={primaries}:color_trc={transfer}:colorspace={space}"
    return convert + tag


def _is_rgb(source: VideoStream | None) -> bool:
    return source is not None and source.color_space == "gbr"


def audio_arguments(container: Container, *, channels: int) -> list[str]:
    """``-c:a`` and a bit rate that is transparent for speech and good for music."""
    codec = AUDIO_CODECS[container]
    # The default, a search in two loops, takes twice as long and leaves 10 dB more noise at this bit rate.
    search = ["-aac_coder", "fast"] if codec == "aac" else []
    return ["-c:a", codec, *search, "-b:a", f"{96 * min(max(channels, 1), 6)}k", "-ar", "48000"]
