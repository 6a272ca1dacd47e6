"""What stands in a file's containers and streams, and what decoders say about it."""

from __future__ import annotations

import re
import resource
import subprocess
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.support import codes
from tests.support.cameras import ffmpeg_binary

_MOST_MESSAGES = 2**20
_LONGEST_DECODE_SECONDS = 120


@dataclass(frozen=True)
class PacketFacts:
    """One packet of a stream; times are in seconds."""

    stream: int
    pts: Fraction | None
    dts: Fraction | None
    duration: Fraction
    size: int
    is_keyframe: bool


@dataclass(frozen=True)
class StreamTags:
    """What a player reads from the file before it decodes."""

    codec: str
    tag: str
    """``avc1``, ``hvc1`` … (FFmpeg's codec tag)"""
    size: tuple[int, int]
    pix_fmt: str
    colours: tuple[int, int, int]
    """Primaries, transfer and matrix as numbers of ITU-T H.273; 1 is BT.709, 2 unspecified."""
    rate: Fraction | None
    profile: str | None


def packets(path: Path, kind: str = "video") -> list[PacketFacts]:
    """All packets of the first stream of a kind (``video`` or ``audio``), in the file's order."""
    listed = []
    with av.open(str(path)) as container:
        stream = next(stream for stream in container.streams if stream.type == kind)
        for packet in container.demux(stream):
            if packet.size == 0:
                continue
            base = packet.time_base
            listed.append(
                PacketFacts(
                    stream.index,
                    None if packet.pts is None else packet.pts * base,
                    None if packet.dts is None else packet.dts * base,
                    (packet.duration or 0) * base,
                    packet.size,
                    packet.is_keyframe,
                )
            )
    return listed


def stream_tags(path: Path) -> StreamTags:
    """Codec, tag, colours … of the first video stream."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        return StreamTags(
            codec=context.name,
            tag=context.codec_tag,
            size=(context.width, context.height),
            pix_fmt=context.pix_fmt or "",
            colours=(int(context.color_primaries), int(context.color_trc), int(context.colorspace)),
            rate=stream.average_rate,
            profile=context.profile,
        )


def stream_types(path: Path) -> list[str]:
    """Types of all streams, in the file's order."""
    with av.open(str(path)) as container:
        return [stream.type for stream in container.streams]


def top_boxes(path: Path) -> list[str]:
    """Names of the top boxes of an MP4 or MOV in order: faststart has ``moov`` before ``mdat``."""
    names = []
    with path.open("rb") as file:
        while len(header := file.read(8)) == 8:
            size = int.from_bytes(header[:4])
            names.append(header[4:].decode("latin-1"))
            if size == 1:
                size = int.from_bytes(file.read(8)) - 8
            if size == 0:
                break
            file.seek(size - 8, 1)
    return names


def decode_messages(
    path: Path,
    ffmpeg: str | None = None,
    decoder: str | None = None,
    longest_seconds: float = _LONGEST_DECODE_SECONDS,
) -> str:
    """What FFmpeg has to say while it decodes the whole file, and an exit code that isn't 0.

    On a broken file FFmpeg may complain for ever: it is stopped when it has said enough, or taken too long.
    """
    command = [ffmpeg or ffmpeg_binary(), "-nostdin", "-hide_banner", "-loglevel", "warning"]
    command += ["-err_detect", "explode"] + (["-c:v", decoder] if decoder else [])
    command += ["-i", f"file:{path}", "-map", "0", "-fps_mode", "passthrough"]
    # A fine time base for the output: rounding to the nominal rate would make times of a VFR file collide.
    command += ["-enc_time_base:v", "1/1000000", "-f", "null", "-"]
    with tempfile.TemporaryFile() as said:
        limits = (resource.RLIMIT_FSIZE, (_MOST_MESSAGES, _MOST_MESSAGES))
        done = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        resource.prlimit(done.pid, *limits)
        try:
            exit_code = done.wait(longest_seconds)
        except subprocess.TimeoutExpired:
            done.kill()
            exit_code = done.wait()
        said.seek(0)
        messages = said.read().decode(errors="replace").strip()
    return messages if exit_code == 0 else f"{messages}\nexit code {exit_code}"


@dataclass(frozen=True)
class SecondDecoder:
    """What OpenH264 (Firefox's and WebRTC's decoder) makes of a file."""

    messages: str
    codes: list[codes.Code | None]
    """Of each frame that it shows. (Its B-frames differ from FFmpeg's by a rounding here and there.)"""


def openh264_decode(path: Path, ffmpeg: str | None = None) -> SecondDecoder:
    """Decode with FFmpeg's libopenh264 wrapper; `LookupError` when this FFmpeg has none."""
    binary = ffmpeg or ffmpeg_binary()
    listing = subprocess.run(
        [binary, "-hide_banner", "-decoders"], capture_output=True, text=True, check=True
    )
    if not re.search(r"^ V\S+ libopenh264 ", listing.stdout, re.MULTILINE):
        raise LookupError(f"{binary} has no libopenh264 decoder")
    command = [binary, "-nostdin", "-loglevel", "fatal", "-c:v", "libopenh264", "-i", f"file:{path}"]
    command += ["-map", "0:v:0", "-fps_mode", "passthrough", "-pix_fmt", "gray", "-f", "rawvideo", "-"]
    decoded = subprocess.run(command, capture_output=True, check=True).stdout
    width, height = stream_tags(path).size
    planes = np.frombuffer(decoded, np.uint8).reshape(-1, height, width)
    return SecondDecoder(
        decode_messages(path, binary, "libopenh264"), [codes.read(plane) for plane in planes]
    )


def frame_hashes(path: Path, ffmpeg: str | None = None, decoder: str | None = None) -> list[str]:
    """MD5 of each decoded frame, by FFmpeg's own decoder or another."""
    command = [ffmpeg or ffmpeg_binary(), "-nostdin", "-loglevel", "fatal"] + (
        ["-c:v", decoder] if decoder else []
    )
    command += ["-i", f"file:{path}", "-map", "0:v:0", "-fps_mode", "passthrough"]
    command += ["-enc_time_base:v", "1/1000000", "-f", "framemd5", "-"]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [line.split(",")[-1].strip() for line in listing.splitlines() if not line.startswith("#")]
