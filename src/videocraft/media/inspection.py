"""What a probe finds in one file. Runs in the probe's child process only: see ``probe.py``."""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream as AvAudio
from av.container import InputContainer
from av.error import InvalidDataError
from av.packet import Packet
from av.stream import Discard, Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream as AvVideo

from videocraft.errors import MediaError
from videocraft.media import cadence, isobmff, limits, matroska, names
from videocraft.media.filling import Fill, FilledFile
from videocraft.media.packets import Packets, read_packets
from videocraft.media.probe import AudioStream, MediaInfo, VideoStream
from videocraft.media.reader import open_as
from videocraft.media.sniff import is_playlist, sniff
from videocraft.media.time import snap_rate
from videocraft.media.timing import Timing, has_odd_edits, timing_from_index, timing_from_packets

_HEAD_PACKETS = 2_000
_HEAD_BYTES = 64 * 2**20
_MICROSECOND = Fraction(1, 1_000_000)
# It goes back to FFmpeg as an option: digits and separators only.
_TIMECODE = re.compile(r"[0-2][0-9]:[0-5][0-9]:[0-5][0-9][:;.][0-9]{2,3}")
_COVER = Disposition.attached_pic | Disposition.timed_thumbnails
# Their demuxers guess a length from the bit rate.
_GUESSED_LENGTH = frozenset({"mp3", "aac"})


def inspect(path: Path, *, images: bool = False, fill: Fill | None = None) -> MediaInfo:
    """Everything that a probe reports of one file.

    Args:
        images: take a single picture (PNG, JPEG, WebP) too.
        fill: of a file that is fetched as it is read.

    Raises:
        MediaError: it is no media file, or breaks a limit; the sentence says which.
        OSError: it can't be opened.
    """
    # Not blocking: the file may be a FIFO, whose opening would wait for a writer.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY), "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise MediaError("The path is not a regular file.")
        if status.st_size == 0:
            raise MediaError("The file is empty.")

        def read(offset: int, length: int) -> bytes:
            if fill is not None:
                fill(offset, offset + length)
            return os.pread(stream.fileno(), length, offset)

        demuxer = sniff(read)
        if demuxer in limits.IMAGE_CONTAINERS and not images:
            raise MediaError("The file is a still picture, not video or sound.")
        if demuxer is None and is_playlist(read):
            raise MediaError("The file is a playlist: it only names other files.")
        if demuxer is None:
            raise MediaError("The file is not a media file that can be read here.")
        movie = _read_movie(path, stream, fill) if demuxer == "mov" else None
        promised = matroska.promised_size(read) if demuxer == "matroska" else None
    if movie is not None and any(track.is_encrypted for track in movie.tracks):
        raise MediaError("The file is encrypted.")
    return replace(_describe(path, demuxer, status.st_size, movie, fill), promised_size=promised)


def _read_movie(path: Path, stream: BinaryIO, fill: Fill | None) -> isobmff.Movie | None:
    size = os.fstat(stream.fileno()).st_size
    try:
        if fill is None:
            return isobmff.read_movie(stream, size)
        with io.BufferedReader(FilledFile(path, fill)) as filled:
            return isobmff.read_movie(filled, size)
    except ValueError:
        # FFmpeg says better what is wrong, or copes.
        return None


def _describe(
    path: Path, demuxer: str, size: int, movie: isobmff.Movie | None, fill: Fill | None
) -> MediaInfo:
    warnings: list[str] = []
    with open_as(path, demuxer, fill) as container:
        video = _choose_video(container)
        audio = _choose_audio(container, warnings)
        if video is None and not audio:
            raise MediaError("The file has no picture or sound track that can be read.")
        picture, sounds = _first_frames(container, video, audio)
        track = _track_of(video, movie)
        timing = timing_from_index(video, track, movie) if video and track and movie else None
        packets = None
        if _needs_packets(demuxer, video, timing, audio):
            with open_as(path, demuxer, fill) as again:
                packets = read_packets(again, [stream.index for stream in (video, *audio) if stream], size)
        tracks = tuple(
            _describe_audio(stream, sounds.get(stream.index), packets, container) for stream in audio
        )
        described = None
        if video is not None:
            if picture is None:
                raise MediaError("No picture of the video can be decoded.")
            odd = track is not None and movie is not None and has_odd_edits(track, movie)
            timing = timing or timing_from_packets(video, packets)
            described = _describe_video(video, timing, picture, track, has_odd_edit_list=odd)
        start = (container.start_time or 0) * _MICROSECOND
        duration = _duration(container, start, described, tracks)
        _check_sanity(duration, start, described)
        return MediaInfo(
            path=str(path),
            size=size,
            format=demuxer,
            duration=duration,
            start_time=start,
            video=described,
            audio=tracks,
            stream_count=len(container.streams),
            warnings=tuple(warnings),
            timecode=_timecode(container, video),
        )


def _timecode(container: InputContainer, video: AvVideo | None) -> str | None:
    """What the recorder's clock showed at the first picture, where the file says so in the usual form."""
    if video is None:
        return None
    for metadata in (video.metadata, *(stream.metadata for stream in container.streams), container.metadata):
        text = metadata.get("timecode", "")
        if _TIMECODE.fullmatch(text):
            return text
    return None


def _track_of(stream: Stream | None, movie: isobmff.Movie | None) -> isobmff.Track | None:
    if stream is None or movie is None:
        return None
    return next((track for track in movie.tracks if track.id == stream.id), None)


def _needs_packets(
    demuxer: str, video: AvVideo | None, timing: Timing | None, audio: Sequence[AvAudio]
) -> bool:
    if demuxer in limits.IMAGE_CONTAINERS:
        return False
    if video is not None and timing is None:
        return True
    return demuxer in _GUESSED_LENGTH or any(stream.duration is None for stream in audio)


# --- choosing -------------------------------------------------------------------------------------------


def _choose_video(container: InputContainer) -> AvVideo | None:
    video = next((stream for stream in container.streams.video if not stream.disposition & _COVER), None)
    if video is None:
        return None
    context = video.codec_context
    if context is None or context.codec.name not in limits.VIDEO_DECODERS:
        raise MediaError(f"The video codec {_codec_name(video)} is not supported.")
    if context.width <= 0 or context.height <= 0:
        raise MediaError("The size of the picture can't be found out: the file is damaged.")
    if (
        context.width * context.height > limits.MAX_PIXELS
        or max(context.width, context.height) > limits.MAX_SIDE
    ):
        raise MediaError(
            f"The picture of {context.width}x{context.height} is larger than what can be processed."
        )
    return video


def _choose_audio(container: InputContainer, warnings: list[str]) -> list[AvAudio]:
    chosen = []
    for stream in container.streams.audio:
        context = stream.codec_context
        if context is None or context.codec.name not in limits.AUDIO_DECODERS:
            warnings.append(f"The sound of stream {stream.index} ({_codec_name(stream)}) is not supported.")
        elif not (
            0 < context.sample_rate <= limits.MAX_SAMPLE_RATE and 0 < context.channels <= limits.MAX_CHANNELS
        ):
            warnings.append(f"The sound of stream {stream.index} is damaged.")
        else:
            chosen.append(stream)
    return chosen


def _codec_name(stream: Stream) -> str:
    return "(unknown)" if stream.codec_context is None else stream.codec_context.codec.canonical_name


def _first_frames(
    container: InputContainer, video: AvVideo | None, audio: Sequence[AvAudio]
) -> tuple[VideoFrame | None, dict[int, AudioFrame]]:
    """Decode the first picture, and the first sound of each track, within bounds.

    Only a decoded picture tells its rotation in every container and that there is one at all; only decoded
    sound tells where it begins behind an encoder's priming samples.
    """
    missing: dict[int, AvVideo | AvAudio] = {stream.index: stream for stream in audio}
    if video is not None:
        missing[video.index] = video
    for stream in container.streams:
        if stream.index not in missing:
            stream.discard = Discard.all
    for stream in missing.values():
        # Threads would decode ahead, and cost address space.
        stream.codec_context.thread_count = 1
    picture: VideoFrame | None = None
    sounds: dict[int, AudioFrame] = {}
    size = 0
    for count, packet in enumerate(container.demux(list(missing.values()))):
        size += packet.size
        if not missing or count >= _HEAD_PACKETS or size > _HEAD_BYTES:
            break
        if packet.stream_index not in missing:
            continue
        for frame in _decode(packet):
            missing.pop(packet.stream_index, None)
            if isinstance(frame, VideoFrame):
                picture = picture or frame
            elif isinstance(frame, AudioFrame):
                sounds.setdefault(packet.stream_index, frame)
    return picture, sounds


def _decode(packet: Packet[Stream]) -> list[VideoFrame | AudioFrame]:
    try:
        return [frame for frame in packet.decode() if isinstance(frame, (VideoFrame, AudioFrame))]
    except InvalidDataError:
        # A recording that starts within a group of pictures: the next keyframe will do.
        return []


# --- describing -----------------------------------------------------------------------------------------


def _describe_video(
    video: AvVideo,
    timing: Timing,
    picture: VideoFrame,
    track: isobmff.Track | None,
    *,
    has_odd_edit_list: bool,
) -> VideoStream:
    context = video.codec_context
    time_base = video.time_base or _MICROSECOND
    guess = video.guessed_rate or video.average_rate or Fraction(25)
    measured = timing.cadence or cadence.Cadence(snap_rate(guess), is_constant=True, longest_gap=Fraction(0))
    if not 0 < measured.rate <= limits.MAX_RATE:
        raise MediaError("The frame rate of the video makes no sense: the file is damaged.")
    return VideoStream(
        index=video.index,
        codec=_codec_name(video),
        profile=video.profile,
        level=context.level if context.level >= 0 else None,
        width=context.width,
        height=context.height,
        pix_fmt=context.pix_fmt or picture.format.name,
        sample_aspect=video.sample_aspect_ratio or Fraction(1),
        rate=measured.rate,
        is_constant_rate=measured.is_constant,
        time_base=time_base,
        start_pts=timing.start,
        end_pts=timing.end,
        frames=timing.frames,
        duration=(timing.end - timing.start) * time_base,
        longest_gap=measured.longest_gap,
        color_space=names.COLOR_SPACES.get(context.colorspace, names.UNKNOWN),
        color_primaries=names.COLOR_PRIMARIES.get(context.color_primaries, names.UNKNOWN),
        color_transfer=names.COLOR_TRANSFERS.get(context.color_trc, names.UNKNOWN),
        color_range=names.COLOR_RANGES.get(context.color_range, names.UNKNOWN),
        field_order=names.FIELD_ORDERS.get(context.field_order, names.UNKNOWN),
        # FFmpeg counts against the clock.
        rotation=-picture.rotation % 360,
        is_mirrored=track is not None and track.rotation is None,
        has_odd_edit_list=has_odd_edit_list,
        bit_rate=context.bit_rate or None,
        b_frames=context.reorder_depth,
    )


def _describe_audio(
    stream: AvAudio, first: AudioFrame | None, packets: Packets | None, container: InputContainer
) -> AudioStream:
    time_base = stream.time_base or _MICROSECOND
    track = packets.tracks[stream.index] if packets else None
    start = stream.start_time if stream.start_time is not None else (track.first if track else None)
    end: int | None = None
    if track is not None and track.end is not None:
        end = track.end
    elif stream.duration is not None:
        end = (start or 0) + stream.duration
    begin = (start or 0) * time_base
    if first is not None and first.pts is not None and first.time_base is not None:
        begin = first.pts * first.time_base
    stop = ((container.start_time or 0) + (container.duration or 0)) * _MICROSECOND
    if end is not None:
        stop = end * time_base
    return AudioStream(
        index=stream.index,
        codec=_codec_name(stream),
        sample_rate=stream.codec_context.sample_rate,
        channels=stream.codec_context.channels,
        layout=stream.codec_context.layout.name,
        start_time=begin,
        duration=max(Fraction(0), stop - begin),
    )


def _duration(
    container: InputContainer, start: Fraction, video: VideoStream | None, audio: Sequence[AudioStream]
) -> Fraction:
    ends = [track.start_time + track.duration for track in audio]
    if video is not None:
        ends.append(video.end_time)
    measured = max(ends) - start
    claimed = (container.duration or 0) * _MICROSECOND
    # A guess from the bit rate may lie on either side; what the streams say is known.
    return measured if measured > 0 else claimed


def _check_sanity(duration: Fraction, start: Fraction, video: VideoStream | None) -> None:
    if video is not None:
        gap = max(video.longest_gap, video.start_time - start)
        if gap > limits.MAX_GAP_SECONDS:
            raise MediaError(f"The video has a gap of {float(gap):.0f} s between two frames.")
    if duration > limits.MAX_DURATION_SECONDS:
        raise MediaError(
            f"The file claims to last {float(duration / 3600):.0f} hours; "
            f"{limits.MAX_DURATION_SECONDS // 3600} are possible."
        )
