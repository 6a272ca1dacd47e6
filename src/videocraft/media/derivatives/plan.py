"""Decides what is made of a recording, before a process starts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from videocraft.media.edit import origin_of
from videocraft.media.filters import displayed, even
from videocraft.media.probe import AudioStream, MediaInfo, VideoStream
from videocraft.media.time import round_half_up

SAMPLE_RATE: Final = 48_000
PROXY_LINES: Final = 720
_POSTER_SHARE = Fraction(1, 10)
_POSTER_LATEST = Fraction(10)
_DEEP = re.compile(r"(?:p|gray|x2rgb|gbrap?)(?:10|12|14|16)|^(?:rgb48|rgba64|bgr48|v210|y210|p0(?:10|12|16))")


@dataclass(frozen=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int


@dataclass(frozen=True)
class PicturePlan:
    """What becomes of the picture."""

    video: VideoStream
    frames: int
    """On the grid of ``video.rate`` from second 0 to the end of the last picture."""
    proxy: Size
    mezzanine: Size | None
    """``None``: there is none."""
    is_deep: bool
    """Ten bits or more."""
    poster: int
    """The frame that is the poster."""


@dataclass(frozen=True)
class SoundPlan:
    """What becomes of the sound."""

    track: AudioStream
    tracks: int
    """How many the recording has; the first is used."""
    samples: int
    """Of the wav, as the index promises, from second 0 on."""


@dataclass(frozen=True)
class DerivativePlan:
    """Everything that is decided before a process starts; there is a picture, or sound, or both."""

    origin: Fraction
    """The container time of second 0."""
    picture: PicturePlan | None
    sound: SoundPlan | None
    timecode: str | None = None
    """Of the first picture, for the mezzanine."""
    missing_bytes: Fraction = Fraction(0)
    """The share of the file that its header promises and that is not there."""


@dataclass(frozen=True)
class Derivatives:
    """The files that were made; ``None`` for what the recording has no material for."""

    proxy: Path | None
    mezzanine: Path | None
    audio_wav: Path | None
    waveform: Path | None
    poster: Path | None
    warnings: tuple[str, ...] = ()

    def by_kind(self) -> dict[str, Path]:
        """The files there are, by the names that the API has for them."""
        kinds = {
            "proxy": self.proxy,
            "mezzanine": self.mezzanine,
            "audio-wav": self.audio_wav,
            "waveform": self.waveform,
            "poster": self.poster,
        }
        return {kind: path for kind, path in kinds.items() if path is not None}


def plan(info: MediaInfo, *, mezzanine: bool) -> DerivativePlan:
    """Decide what is made of a recording.

    Args:
        mezzanine: make one, where there is a picture.
    """
    origin = origin_of(info)
    picture = sound = None
    if info.video is not None:
        picture = _plan_picture(info.video, origin, mezzanine=mezzanine)
    if info.audio:
        track = info.audio[0]
        end = track.start_time + track.duration - origin
        sound = SoundPlan(track, len(info.audio), max(0, round_half_up(end * SAMPLE_RATE)))
    missing = Fraction(0)
    if info.promised_size is not None and info.promised_size > info.size:
        missing = 1 - Fraction(info.size, info.promised_size)
    return DerivativePlan(origin, picture, sound, info.timecode, missing)


def _plan_picture(video: VideoStream, origin: Fraction, *, mezzanine: bool) -> PicturePlan:
    frames = max(1, round_half_up((video.end_time - origin) * video.rate))
    latest = min(_POSTER_SHARE * frames, _POSTER_LATEST * video.rate)
    return PicturePlan(
        video=video,
        frames=frames,
        proxy=_proxy_size(video),
        mezzanine=_upright(video) if mezzanine else None,
        is_deep=_DEEP.search(video.pix_fmt) is not None,
        poster=min(int(latest), frames - 1),
    )


def _proxy_size(video: VideoStream) -> Size:
    # A whole fraction (1080 lines become 540, 2160 become 720), as editing programs offer: a pixel of the
    # proxy stands for a block of the source, and the usual camera's costs half of what 720 lines would.
    width, height = displayed(video)
    divisor = -(-height // PROXY_LINES)
    return Size(even(round_half_up(Fraction(width, divisor))), even(round_half_up(Fraction(height, divisor))))


def _upright(video: VideoStream) -> Size:
    """The coded size, turned; 4:2:2 shares colour between two pixels of a line, so the width is even."""
    turned = video.rotation in {90, 270}
    width, height = (video.height, video.width) if turned else (video.width, video.height)
    return Size(even(width), height)
