"""What of a stranger's file is read at all: containers, codecs and sizes, the same for every reader."""

from __future__ import annotations

from pathlib import Path
from typing import Final

MAX_STREAMS: Final = 32
MAX_PIXELS: Final = 8192 * 4320
"""Most luma samples of one picture (8K UHD and DCI 8K fit)."""
MAX_SIDE: Final = 16384
MAX_GAP_SECONDS: Final = 3600
"""Longest time that one frame may stand still. A file of two frames a day apart would become millions of
frames at a constant rate."""
MAX_DURATION_SECONDS: Final = 48 * 3600
MAX_RATE: Final = 1000
MAX_CHANNELS: Final = 64
MAX_SAMPLE_RATE: Final = 768_000

PROTOCOLS: Final = "file"

VIDEO_CONTAINERS: Final = frozenset(
    {"mov", "matroska", "mpegts", "avi", "flv", "wav", "mp3", "aac", "flac", "ogg", "mxf"}
)
"""Demuxers for video and sound, by the name that forces them."""

IMAGE_CONTAINERS: Final = frozenset({"png_pipe", "jpeg_pipe", "webp_pipe"})
"""Demuxers for one picture; never ``image2``, which reads a name as a pattern of many files."""

VIDEO_DECODERS: Final = (
    "h264", "hevc", "vp8", "vp9", "libvpx", "libvpx-vp9", "av1", "libdav1d", "libaom-av1",
    "mpeg1video", "mpeg2video", "mpeg4", "h263", "flv", "theora",
    "mjpeg", "prores", "dnxhd", "dvvideo", "cfhd", "ffv1", "rawvideo", "v210", "png", "webp",
)  # fmt: skip
AUDIO_DECODERS: Final = (
    "aac", "aac_latm", "mp3", "mp3float", "mp2", "mp2float", "ac3", "eac3", "flac", "alac",
    "opus", "libopus", "vorbis", "libvorbis", "adpcm_ima_wav", "adpcm_ima_qt", "adpcm_ms",
    "pcm_u8", "pcm_s8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be",
    "pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be", "pcm_alaw", "pcm_mulaw", "pcm_bluray",
)  # fmt: skip
DECODERS: Final = (*VIDEO_DECODERS, *AUDIO_DECODERS)
DECODER_LIST: Final = ",".join(DECODERS)
"""For FFmpeg's ``codec_whitelist``, which compares decoder names."""


def format_options(demuxer: str) -> dict[str, str]:
    """Options of the demuxer and of what it opens, as FFmpeg and PyAV both take them."""
    options = {
        "protocol_whitelist": PROTOCOLS,
        "codec_whitelist": DECODER_LIST,
        "max_streams": str(MAX_STREAMS),
        "max_pixels": str(MAX_PIXELS),
    }
    if demuxer == "mov":
        # A QuickTime track may say that its samples lie in another file; it never does for us.
        options |= {"enable_drefs": "0", "use_absolute_path": "0"}
    return options


def file_url(path: Path | str) -> str:
    """How FFmpeg is told a file: with its protocol, so that no name can be read as an option or a URL."""
    return f"file:{Path(path).absolute()}"
