"""Writes the files that hold pictures and sound made elsewhere: the output, and pieces to decode from.

Pictures come in decode order with their number in display order; the muxer numbers decode times itself, on
one timebase, so joins leave no trace in the timestamps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream

from videocraft.media.reader import media_error

_LEAST_TIMESCALE = 10_000
# A sample's entries in a moov are at most: size 4, composition offset 8, decode delta 8, sync 4, and, were
# each sample a chunk of its own, chunk offset 8 and chunk description 12.
_MOOV_BYTES_A_SAMPLE = 44
_MOOV_BYTES_FIXED = 256 * 1024
FIRST_NUMBER = 32
"""The first frame number of a run: decode times count from 0 and must not be behind display times."""


@dataclass(frozen=True)
class VideoTrack:
    """The output's picture track.

    Attributes:
        template: an open stream of the same codec, size and colour.
        rate: frames per second; every frame lasts ``1 / rate``.
        frames: how many there will be.
        reorder_delay: most frames that a picture is decoded ahead of being shown.
        config: the decoder configuration, or None for the template's own.
        tag: the sample entry (``avc1``, ``hvc1``), or None for the container's default.
    """

    template: Stream
    rate: Fraction
    frames: int
    reorder_delay: int
    config: bytes | None = None
    tag: str | None = None


@dataclass(frozen=True)
class OutputPicture:
    """A coded picture: its number in the output's display order, its bytes, whether it is a sync sample."""

    number: int
    data: bytes
    is_sync: bool


def write_output(
    path: Path, container: str, track: VideoTrack, pictures: Iterable[OutputPicture], sound: Path | None
) -> None:
    """Write the finished file: pictures and, when there is any, the already encoded sound.

    The index is written in front of the media (faststart) into room that is reserved for it beforehand: the
    usual way, moving all media by the size of the index at the end, writes everything twice.

    Raises:
        MediaError: the disk is full, or FFmpeg refuses.
    """
    with _media_errors(), _sound(sound) as audio:
        samples = track.frames + (_sound_packets(audio) if audio else 0)
        options = {}
        if container in {"mp4", "mov"}:
            options["moov_size"] = str(_MOOV_BYTES_FIXED + _MOOV_BYTES_A_SAMPLE * samples)
            options["video_track_timescale"] = str(_timescale(track.rate))
        with av.open(str(path), "w", format=container, container_options=options) as output:
            video = _video_stream(output, track)
            _interleave(output, video, track, pictures, audio)


def _timescale(rate: Fraction) -> int:
    return rate.numerator * -(-_LEAST_TIMESCALE // rate.numerator)


def _video_stream(output: OutputContainer, track: VideoTrack) -> Stream:
    stream = output.add_stream_from_template(track.template, opaque=True)
    stream.time_base = Fraction(1, _timescale(track.rate))
    context: Any = stream.codec_context
    if track.config is not None:
        context.extradata = track.config
    if track.tag is not None:
        context.codec_tag = track.tag
    return stream


@contextmanager
def _media_errors() -> Iterator[None]:
    try:
        yield
    except FFmpegError as error:
        raise media_error(error) from error


@contextmanager
def open_own(path: Path) -> Iterator[InputContainer]:
    """Open a file that we made ourselves, for reading its packets."""
    # FFmpeg decodes the first pictures to learn what the headers have told it already: thirty times the work.
    undecoded: Any = [{"skip_frame": "all"}]  # one for each stream, which its type does not say
    with _media_errors(), av.open(str(path), stream_options=undecoded) as container:
        yield container


@contextmanager
def _sound(path: Path | None) -> Iterator[InputContainer | None]:
    if path is None:
        yield None
    else:
        with open_own(path) as container:
            yield container


def _sound_packets(audio: InputContainer) -> int:
    stream = audio.streams.audio[0]
    seconds = Fraction(audio.duration or 0, 1_000_000)
    # Opus frames may be 20 ms, AAC's are 1,024 samples.
    return int(seconds * 50) + 100 + int(stream.frames or 0)


def _interleave(
    output: OutputContainer,
    video: Stream,
    track: VideoTrack,
    pictures: Iterable[OutputPicture],
    audio: InputContainer | None,
) -> None:
    packets: Iterator[Packet[Any]] = iter(())
    video_scale = _timescale(track.rate)
    if audio is not None:
        source = audio.streams.audio[0]
        sound = output.add_stream_from_template(source, opaque=True)
        packets = (packet for packet in audio.demux(source) if packet.size)
        # A sound packet goes before the picture that is decoded after it: compared in whole ticks.
        sound_scale = round(1 / Fraction(source.time_base or 0))
    waiting = next(packets, None)
    for picture in _timed(video, track, pictures):
        while waiting is not None and (waiting.dts or 0) * video_scale <= (picture.dts or 0) * sound_scale:
            waiting.stream = sound
            output.mux_one(waiting)
            waiting = next(packets, None)
        output.mux_one(picture)
    while waiting is not None:
        waiting.stream = sound
        output.mux_one(waiting)
        waiting = next(packets, None)


def _timed(stream: Stream, track: VideoTrack, pictures: Iterable[OutputPicture]) -> Iterator[Packet[Any]]:
    """Packets of the pictures: dts follow the decode order, pts the display order, both on the frame grid."""
    time_base = Fraction(1, _timescale(track.rate))
    step = int(1 / track.rate / time_base)
    for decoded, picture in enumerate(pictures):
        packet = Packet(picture.data)
        packet.stream = stream
        packet.time_base = time_base
        packet.dts = (decoded - track.reorder_delay) * step
        packet.pts = picture.number * step
        packet.duration = step
        packet.is_keyframe = picture.is_sync
        if packet.pts < packet.dts:
            raise ValueError("a picture is shown before it is decoded")
        yield packet


def write_run(
    path: Path, template: Stream, rate: Fraction, packets: Iterable[tuple[int, Packet[Any]]]
) -> None:
    """Write coded pictures, as they are, into a NUT file with display times of our own choosing.

    Args:
        rate: frame ``n`` is shown at ``n / rate``; NUT keeps this timebase exactly.
        packets: (frame number, packet) in decode order; numbers start at ``FIRST_NUMBER`` and may have holes.
    """
    with (
        _media_errors(),
        av.open(str(path), "w", format="nut") as output,
    ):
        stream = output.add_stream_from_template(template, opaque=True)
        stream.time_base = 1 / rate
        for decoded, (number, packet) in enumerate(packets):
            copy = Packet(bytes(packet))
            copy.stream = stream
            copy.time_base = 1 / rate
            copy.dts, copy.pts = decoded, number
            copy.is_keyframe = packet.is_keyframe
            output.mux_one(copy)
