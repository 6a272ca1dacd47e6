"""Is a finished file what it was meant to be? Read back through the same doors as a stranger's file."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from av.container import InputContainer
from av.error import InvalidDataError
from av.packet import Packet
from av.stream import Discard, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from videocraft.errors import MediaError
from videocraft.media import ffmpeg
from videocraft.media.probe import MediaInfo, probe
from videocraft.media.process import Limits, Stopped
from videocraft.media.reader import open_media

_ASK_EVERY = 1_000
_FRAMES_BEHIND = 8
"""Pictures decoded behind a join: a wrong reference shows within the first few."""
_FRAMES_BEHIND_CLOSED = 2
"""The same where no picture refers to one before the join: what may be wrong is how it is to be decoded."""
_MOST_JOINS = 12
# A keyframe of an open group can't be decoded from: its neighbours need the one before.
_KEYFRAMES_BACK = 3
_SILENCE_LUFS = -69.0
_SILENCE_DB = -60.0
_CLIPPED_DB = -0.05


@dataclass(frozen=True, slots=True)
class Expected:
    """What a finished file must be."""

    frames: int
    rate: Fraction
    codec: str
    """As a probe names it: ``h264``, ``hevc``, ``vp9``, ``av1``."""
    width: int
    height: int
    has_audio: bool
    joins: Sequence[int] = ()
    """Frame numbers at which pieces meet; the pictures around them are decoded."""
    joins_are_closed: bool = False
    """Pieces that were encoded one by one, each beginning with an IDR picture: what lies before a join does
    not depend on what is behind it, so that only the beginnings of pieces are decoded, not the groups before
    them too."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """A file that passed."""

    info: MediaInfo
    loudness: float | None
    """Integrated, in LUFS; ``None`` when not measured or silent."""
    warnings: tuple[str, ...]


@dataclass(slots=True)
class _Seen:
    """What the packets of one stream say, in ticks of ``time_base``."""

    time_base: Fraction
    times: array[int] = field(default_factory=lambda: array("q"))
    keys: array[int] = field(default_factory=lambda: array("q"))
    """Presentation times of keyframes, in packet order."""
    starts_with_key: bool = False
    last_decode: int | None = None
    longest: int = 0
    """Duration of the longest packet."""


def check_file(
    path: Path,
    expected: Expected,
    *,
    info: MediaInfo | MediaError | None = None,
    ffmpeg_binary: str = "",
    limits: Limits | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> CheckReport:
    """Compare a finished file with what was meant: every packet's time, and the pictures at ends and joins.

    Args:
        info: what a probe of the file found; without it one is made.
        ffmpeg_binary: measures loudness, which decodes all of the sound; empty: not measured.

    Raises:
        MediaError: the file is wrong; the sentence says how.
        Stopped: ``should_stop`` returned true.
    """
    if info is None:
        (info,) = probe([path])
    if isinstance(info, MediaError):
        raise MediaError(f"The finished file can't be read: {info.message}", details=info.details)
    _check_streams(info, expected)
    with open_media(path, info) as container:
        seen = _read(container, should_stop)
    _check_video(seen, info, expected)
    _check_audio(seen, info, expected)
    _check_pictures(path, info, seen, expected, should_stop)
    loudness, warnings = None, list(info.warnings)
    if ffmpeg_binary and expected.has_audio:
        loudness, heard = _measure_loudness(path, info, ffmpeg_binary, limits or Limits(), should_stop)
        warnings += heard
    return CheckReport(info=info, loudness=loudness, warnings=tuple(warnings))


# --- what there is --------------------------------------------------------------------------------------


def _check_streams(info: MediaInfo, expected: Expected) -> None:
    video = info.video
    if video is None:
        raise _wrong("has no picture")
    if (video.codec, video.width, video.height) != (expected.codec, expected.width, expected.height):
        raise _wrong(
            f"is {video.codec} of {video.width}x{video.height} instead of "
            f"{expected.codec} of {expected.width}x{expected.height}"
        )
    if len(info.audio) != int(expected.has_audio):
        raise _wrong(f"has {len(info.audio)} sound tracks instead of {int(expected.has_audio)}")
    if info.stream_count != 1 + len(info.audio):
        raise _wrong("has streams that nobody asked for")


def _wrong(how: str) -> MediaError:
    return MediaError(f"The finished file is wrong: it {how}.", code="CHECK_FAILED")


def _read(container: InputContainer, should_stop: Callable[[], bool] | None) -> dict[int, _Seen]:
    """The times of all packets; no more than a few bytes of each are kept."""
    seen = {stream.index: _Seen(stream.time_base or Fraction(1)) for stream in container.streams}
    for count, packet in enumerate(container.demux()):
        if count % _ASK_EVERY == 0 and should_stop is not None and should_stop():
            raise Stopped
        if packet.size == 0 or packet.is_discard:
            continue
        _note(seen[packet.stream_index], packet)
    return seen


def _note(seen: _Seen, packet: Packet[Stream]) -> None:
    time = packet.pts
    if time is None:
        raise _wrong("has packets without a time")
    if packet.dts is not None:
        if seen.last_decode is not None and packet.dts <= seen.last_decode:
            raise _wrong(f"has decoding times that do not ascend (stream {packet.stream_index})")
        seen.last_decode = packet.dts
    if not seen.times:
        seen.starts_with_key = packet.is_keyframe
    seen.times.append(time)
    if packet.is_keyframe and packet.stream.type == "video":
        seen.keys.append(time)
    seen.longest = max(seen.longest, packet.duration or 0)


def _check_video(seen: dict[int, _Seen], info: MediaInfo, expected: Expected) -> None:
    if info.video is None:
        raise _wrong("has no picture")
    track = seen[info.video.index]
    if len(track.times) != expected.frames:
        raise _wrong(f"has {len(track.times)} frames instead of {expected.frames}")
    if not track.starts_with_key:
        raise _wrong("does not begin with a keyframe")
    times = sorted(track.times)
    step = 1 / (expected.rate * info.video.time_base)
    for number, time in enumerate(times):
        # In whole numbers: |time - first - number * step| <= 1 tick.
        if abs((time - times[0]) * step.denominator - number * step.numerator) > step.denominator:
            raise _wrong(f"has an uneven frame time at frame {number}")


def _check_audio(seen: dict[int, _Seen], info: MediaInfo, expected: Expected) -> None:
    if info.video is None or not expected.has_audio:
        return
    sound = info.audio[0]
    track = seen[sound.index]
    if not track.times:
        raise _wrong("has a sound track without sound")
    if track.longest and any(after - before > 2 * track.longest for before, after in pairwise(track.times)):
        raise _wrong("has a gap in the sound")
    tolerance = 1 / expected.rate + track.longest * track.time_base
    apart = abs(sound.start_time - info.video.start_time)
    if apart > tolerance:
        raise _wrong(f"begins with sound and picture {float(apart):.3f} s apart")
    apart = abs(sound.start_time + sound.duration - info.video.end_time)
    if apart > tolerance:
        raise _wrong(f"ends with sound and picture {float(apart):.3f} s apart")


# --- what can be seen -----------------------------------------------------------------------------------


def _check_pictures(
    path: Path,
    info: MediaInfo,
    seen: dict[int, _Seen],
    expected: Expected,
    should_stop: Callable[[], bool] | None,
) -> None:
    """Decode the first picture, everything from the last keyframe on, and around joins."""
    if info.video is None:
        raise _wrong("has no picture")
    track = seen[info.video.index]
    times, keys = sorted(track.times), sorted(track.keys)
    last = len(times) - 1
    before, behind = (0, _FRAMES_BEHIND_CLOSED) if expected.joins_are_closed else (1, _FRAMES_BEHIND)
    if expected.joins_are_closed and not {times[join] for join in expected.joins} <= set(keys):
        raise _wrong("has pieces that do not begin with a keyframe")
    stretches = [
        (times[0], times[0]),
        *(
            (times[max(join - before, 0)], times[min(join + behind, last)])
            for join in _spread(expected.joins)
        ),
        (keys[-1], times[last]),
    ]
    with open_media(path, info) as container:
        (video,) = container.streams.video
        # A damaged picture must be an error, not a guess of what it may have been.
        video.codec_context.options = {**video.codec_context.options, "err_detect": "explode"}
        for stream in container.streams:
            stream.discard = Discard.default if stream is video else Discard.all
        for begin, end in stretches:
            if should_stop is not None and should_stop():
                raise Stopped
            wanted = set(times[bisect_left(times, begin) : bisect_right(times, end)])
            if not _decodes(container, video, keys, begin, wanted):
                seconds = float(begin * track.time_base)
                raise _wrong(f"has pictures at {seconds:.2f} s that can't be decoded")


def _spread(joins: Sequence[int]) -> list[int]:
    """At most ``_MOST_JOINS`` of the joins, evenly spread."""
    step = max(1, -(-len(joins) // _MOST_JOINS))
    return list(joins[::step])


def _decodes(
    container: InputContainer, video: VideoStream, keys: Sequence[int], begin: int, wanted: set[int]
) -> bool:
    """Whether every wanted picture comes out whole when decoding starts at a keyframe before."""
    position = max(bisect_right(keys, begin), 1)
    for key in reversed(keys[max(0, position - _KEYFRAMES_BACK) : position]):
        try:
            if wanted <= _whole_pictures(container, video, key, max(wanted)):
                return True
        except InvalidDataError:
            continue
    return False


def _whole_pictures(container: InputContainer, video: VideoStream, key: int, end: int) -> set[int]:
    """Times of the undamaged pictures from a keyframe on, up to ``end``."""
    container.seek(key, stream=video)
    whole: set[int] = set()
    for packet in container.demux(video):
        for frame in packet.decode():
            if isinstance(frame, VideoFrame) and frame.pts is not None and not frame.is_corrupt:
                whole.add(frame.pts)
        if end in whole:
            break
    return whole


# --- what can be heard ----------------------------------------------------------------------------------


def _measure_loudness(
    path: Path, info: MediaInfo, binary: str, limits: Limits, should_stop: Callable[[], bool] | None
) -> tuple[float | None, list[str]]:
    """Integrated loudness (EBU R 128) and what is odd about it; never a reason to fail."""
    finished = ffmpeg.capture(
        [
            *("-loglevel", "info"),
            *ffmpeg.input_arguments(path, info),
            *("-map", f"0:{info.audio[0].index}"),
            # One summary at the end instead of ten lines for each second.
            *("-af", "ebur128=peak=sample:framelog=verbose"),
            *("-f", "null", "-"),
        ],
        binary=binary,
        limits=limits,
        should_stop=should_stop,
    )
    loudness = re.search(r"I:\s+(-?\d+\.\d+) LUFS", finished.stderr_tail)
    peak = re.search(r"Peak:\s+(-?\d+\.\d+|-inf) dBFS", finished.stderr_tail)
    if loudness is None or peak is None:
        return None, ["The loudness of the sound could not be measured."]
    highest = float(peak[1])
    if highest < _SILENCE_DB:
        return None, peak_warnings(highest)
    if float(loudness[1]) < _SILENCE_LUFS:
        return None, []  # shorter than the 400 ms that a measurement takes
    return float(loudness[1]), peak_warnings(highest)


def peak_warnings(peak: float | None) -> list[str]:
    """What is odd about a sound whose peak is so high, in dB of full scale; None: it has none."""
    if peak is None or peak < _SILENCE_DB:
        return ["The sound is silent."]
    return ["The sound reaches full scale: it may be clipped."] if peak > _CLIPPED_DB else []
