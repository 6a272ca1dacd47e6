"""Measuring finished files: which frames, when, what sound at every join, what a decoder says of them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from tests.support import codes, sound
from tests.support.cameras import Camera, ffmpeg_binary

Area = tuple[float, float, float, float]
WHOLE: Area = (0, 0, 1, 1)
EXCERPT_SECONDS = Fraction(1, 50)
FOUND = 0.6
"""Least correlation with which a piece of sound counts as found."""


# --- picture ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """One decoded frame: when it is shown (seconds, the file's own clock) and what its code says."""

    time: Fraction
    code: codes.Code | None


def frames(path: Path, area: Area = WHOLE) -> list[Shown]:
    """Every frame that a decoder gives, in its order. Errors of the decoder are raised (`av.FFmpegError`)."""
    return [Shown(_time(frame), codes.read(_luma(frame), area)) for frame in _decoded(path)]


def frame_codes(path: Path, area: Area = WHOLE) -> list[codes.Code | None]:
    """(camera, frame number) of every decoded frame; None where no code can be read."""
    return [frame.code for frame in frames(path, area)]


def frame_times(path: Path) -> list[Fraction]:
    """Display time of every decoded frame, seconds."""
    return [_time(frame) for frame in _decoded(path)]


def uneven_times(
    times: Sequence[Fraction], rate: Fraction, tolerance: Fraction = Fraction(1, 2000)
) -> list[int]:
    """Frames that are not where a constant rate puts them, counted from the first one's time.

    Half a millisecond is let pass: a time base of 1/1000 (Matroska, WebM) can say no better.
    """
    return [index for index, time in enumerate(times) if abs(time - times[0] - index / rate) > tolerance]


def fitted(source: tuple[int, int], output: tuple[int, int]) -> Area:
    """Where a picture lies that is fitted into another, centred, its aspect kept: shares of the output."""
    scale = min(output[0] / source[0], output[1] / source[1])
    width, height = source[0] * scale / output[0], source[1] * scale / output[1]
    return ((1 - width) / 2, (1 - height) / 2, width, height)


def psnr(path_a: Path, frames_a: Sequence[int], path_b: Path, frames_b: Sequence[int]) -> list[float]:
    """PSNR in dB of the luma of frames of one file against frames of another, pair by pair (0-based)."""
    planes_a, planes_b = _planes(path_a, set(frames_a)), _planes(path_b, set(frames_b))
    values = []
    for a, b in zip(frames_a, frames_b, strict=True):
        error = float(np.mean((planes_a[a].astype(np.float32) - planes_b[b].astype(np.float32)) ** 2))
        values.append(99.0 if error == 0 else 10 * float(np.log10(255**2 / error)))
    return values


def _decoded(path: Path) -> Iterator[VideoFrame]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        yield from container.decode(stream)


def _time(frame: VideoFrame) -> Fraction:
    if frame.pts is None or frame.time_base is None:
        raise ValueError("a decoded frame has no time")
    return frame.pts * frame.time_base


def _luma(frame: VideoFrame) -> NDArray[Any]:
    """Luma of a planar YUV frame, 8 bits, shape (height, width), turned as a player shows it."""
    depth = frame.format.components[0].bits
    plane = frame.planes[0]
    lines = np.frombuffer(memoryview(plane), np.dtype("u1" if depth == 8 else "<u2"))
    lines = lines.reshape(frame.height, -1)[:, : frame.width]
    luma = lines if depth == 8 else (lines >> (depth - 8)).astype(np.uint8)
    return np.rot90(luma, frame.rotation // 90) if frame.rotation else luma


def _planes(path: Path, wanted: set[int]) -> dict[int, NDArray[Any]]:
    found = {}
    for index, frame in enumerate(_decoded(path)):
        if index in wanted:
            found[index] = _luma(frame).copy()
        if len(found) == len(wanted):
            break
    return found


# --- sound -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Piece:
    """A segment as it has to be in the output: ``count`` frames of ``camera`` from frame ``first`` on.

    ``sound`` is the recording that is heard and ``sound_at`` the time in that file at which the piece begins;
    None: silence.
    """

    camera: Camera
    first: int
    count: int
    sound: Camera | None
    sound_at: Fraction


@dataclass(frozen=True)
class Heard:
    """Sound on one side of a join, against where it has to be."""

    piece: int
    side: str
    """``after`` the piece's first frame, or ``before`` its end."""
    error_ms: float
    """How much later than right its place in the recording is; NaN where it is silent as it has to be."""
    right: bool
    """Whether the signal expected (or silence) is there at all, within the reach of the search."""


def pieces(
    cameras: Sequence[Camera],
    segments: Sequence[dict[str, Any]],
    rate: Fraction,
    *,
    offsets: Sequence[Fraction] | None = None,
    include_audio: bool = True,
) -> list[Piece]:
    """What an export's ``segments`` (of the wire format) must become on the output's frame grid.

    A segment has round(end * rate) - round(begin * rate) frames of the cumulated edit; it starts on the
    source frame nearest to ``startTime``, and its sound starts at that frame's time. ``offsets`` are the
    sources' ``syncOffset`` (their start on the common clock).
    """
    offsets = offsets or [Fraction(0)] * len(cameras)
    total = Fraction(0)
    result: list[Piece] = []
    for segment in segments:
        start, end = Fraction(str(segment["startTime"])), Fraction(str(segment["endTime"]))
        count = _half_up((total + end - start) * rate) - _half_up(total * rate)
        total += end - start
        index = int(segment["sourceIndex"])
        camera = cameras[index]
        first = _half_up((start - camera.video_delay) * camera.rate)
        heard_index = int(segment.get("audioSourceIndex", index))
        heard: Camera | None = cameras[heard_index]
        at = camera.frame_time(first)
        if heard_index != index:
            at += offsets[index] - offsets[heard_index]
        if not include_audio or not segment.get("audioFromSource", True) or heard is None or not heard.audio:
            heard = None
        result.append(Piece(camera, first, count, heard, at))
    return result


def wrong_frames(shown: Sequence[codes.Code | None], expected: Sequence[Piece]) -> list[int]:
    """Output frames that are not the ones asked for, missing and surplus ones included (0-based)."""
    wanted = [
        (piece.camera.camera, piece.first + number) for piece in expected for number in range(piece.count)
    ]
    most = max(len(wanted), len(shown))
    return [
        index
        for index in range(most)
        if index >= len(wanted) or index >= len(shown) or shown[index] != wanted[index]
    ]


def decoded_sound(path: Path) -> tuple[NDArray[np.float32], int]:
    """The file's sound as mono samples from its time 0 on, shape (samples,), and the sample rate.

    Each decoded frame lies where its time stamp says; gaps are zero, so a hole or a shift is heard.
    """
    placed: list[tuple[int, NDArray[np.float32]]] = []
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        rate = stream.rate
        at = 0
        for frame in container.decode(stream):
            if frame.pts is None or frame.time_base is None:
                raise ValueError("decoded sound has no time")
            data = frame.to_ndarray()
            scale = 1.0 if data.dtype.kind == "f" else float(2 ** (8 * data.dtype.itemsize - 1))
            channels = len(frame.layout.channels)
            mono = data.reshape(-1, channels).mean(axis=1) if data.shape[0] == 1 else data.mean(axis=0)
            begin = frame.pts * frame.time_base * rate
            # Times of a coarse base (Matroska: 1 ms) are rounded: what begins within a tick follows directly.
            if not placed or abs(begin - at) > frame.time_base * rate:
                at = round(begin)
            placed.append((at, (mono / scale).astype(np.float32)))
            at += len(mono)
    length = max((first + len(mono) for first, mono in placed), default=0)
    samples = np.zeros(max(length, 0), dtype=np.float32)
    for first, mono in placed:
        kept = mono[max(0, -first) :]
        samples[max(0, first) : max(0, first) + len(kept)] = kept
    return samples, rate


def locate_sound(
    path: Path, expected: Sequence[Piece], rate: Fraction, start: Fraction = Fraction(0)
) -> list[Heard]:
    """Where the sound just after the beginning and just before the end of every piece comes from.

    ``rate`` is the output's frame rate and ``start`` the time of its first frame: joins are where the
    *picture* changes, so a sound that is late against the picture shows as an error.
    """
    samples, sample_rate = decoded_sound(path)
    heard: list[Heard] = []
    end = start
    for index, piece in enumerate(expected):
        begin, end = end, end + piece.count / rate
        length = min(EXCERPT_SECONDS, (end - begin) / 2)
        for side, at in (("after", begin), ("before", end - length)):
            first = round(at * sample_rate)
            excerpt = samples[first : first + round(length * sample_rate)].astype(np.float64)
            exact = Fraction(first, sample_rate) - begin
            heard.append(_heard(index, side, excerpt, sample_rate, piece, piece.sound_at + exact))
    return heard


def _heard(
    index: int, side: str, excerpt: NDArray[np.float64], sample_rate: int, piece: Piece, at: Fraction
) -> Heard:
    loud = float(np.sqrt(np.mean(excerpt**2))) if excerpt.size else 0.0
    late = piece.sound is not None and at < piece.sound.audio_delay
    if piece.sound is None or late:
        # Encoders ring a little around a join: a twentieth of the signal's own level is silence.
        return Heard(index, side, float("nan"), loud < sound.LEVEL / 20)
    if not excerpt.size or loud < sound.LEVEL / 20:
        return Heard(index, side, float("inf"), False)
    recording_time = float(at + piece.sound.start_offset)
    shift, score = sound.locate(excerpt, sample_rate, piece.sound.heard, recording_time)
    return Heard(index, side, shift * 1000, score >= FOUND)


def worst_sound_ms(heard: Sequence[Heard]) -> float:
    """The greatest error over all joins, milliseconds; infinite when the right sound isn't there."""
    if not all(one.right for one in heard):
        return float("inf")
    return max((abs(one.error_ms) for one in heard if not np.isnan(one.error_ms)), default=0.0)


def _half_up(value: Fraction) -> int:
    return int((value + Fraction(1, 2)) // 1)


# --- files -----------------------------------------------------------------------------------------------


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


def decode_messages(path: Path, ffmpeg: str | None = None, decoder: str | None = None) -> str:
    """All that FFmpeg has to say while it decodes the whole file, and an exit code that isn't 0."""
    command = [ffmpeg or ffmpeg_binary(), "-nostdin", "-hide_banner", "-loglevel", "warning"]
    command += ["-err_detect", "explode"] + (["-c:v", decoder] if decoder else [])
    command += ["-i", f"file:{path}", "-map", "0", "-fps_mode", "passthrough"]
    # A fine time base for the output: rounding to the nominal rate would make times of a VFR file collide.
    command += ["-enc_time_base:v", "1/1000000", "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    messages = done.stderr.strip()
    return messages if done.returncode == 0 else f"{messages}\nexit code {done.returncode}"


@dataclass(frozen=True)
class SecondDecoder:
    """What OpenH264 (Firefox's and WebRTC's decoder) makes of a file."""

    messages: str
    hashes: list[str]
    """A hash of each decoded frame."""


def openh264_decode(path: Path, ffmpeg: str | None = None) -> SecondDecoder:
    """Decode with FFmpeg's libopenh264 wrapper; `LookupError` when this FFmpeg has none."""
    binary = ffmpeg or ffmpeg_binary()
    listing = subprocess.run(
        [binary, "-hide_banner", "-decoders"], capture_output=True, text=True, check=True
    )
    if not re.search(r"^ V\S+ libopenh264 ", listing.stdout, re.MULTILINE):
        raise LookupError(f"{binary} has no libopenh264 decoder")
    return SecondDecoder(
        decode_messages(path, binary, "libopenh264"), frame_hashes(path, binary, "libopenh264")
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


def steps(times: Sequence[Fraction]) -> set[Fraction]:
    """The different distances between neighbouring times; a constant rate in a fine time base has one."""
    return {later - earlier for earlier, later in pairwise(times)}
