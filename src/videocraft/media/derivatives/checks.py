"""Whether a recording was whole, and whether what was made of it is as planned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from videocraft.errors import MediaError
from videocraft.media import waveform
from videocraft.media.check import Expected, check_file
from videocraft.media.derivatives.arguments import HELD_FRAMES
from videocraft.media.derivatives.plan import SAMPLE_RATE, DerivativePlan, Derivatives, Size
from videocraft.media.edit import Tools
from videocraft.media.probe import MediaInfo, probe
from videocraft.media.time import round_half_up

_MOST_LOST = Fraction(2, 100)
_LEAST_LOST_SECONDS = Fraction(1, 2)
"""A recording that ends this much and this share before its promised end is truncated; less is a warning."""


class Truncated(MediaError):
    """The recording ends long before its index says."""


def check_wholeness(made: DerivativePlan, frames: int, files: Derivatives) -> list[str]:
    """Compare how much was decoded with what the index promises; returns what is odd, in sentences.

    Raises:
        Truncated: far less was there.
    """
    warnings = []
    if made.missing_bytes:
        percent = round_half_up(100 * (1 - made.missing_bytes))
        if made.missing_bytes > _MOST_LOST:
            raise Truncated(
                f"The file is truncated: {percent} % of its bytes are there.",
                details={"what": "file", "percent": percent},
            )
        warnings.append("The file ends a little early: its last bytes are missing.")
    if made.picture is not None:
        rate = made.picture.video.rate
        # What is short was stretched as far as the graph allows.
        decoded = frames if frames >= made.picture.frames else max(0, frames - HELD_FRAMES)
        warnings += _missing("picture", decoded / rate, made.picture.frames / rate)
    if made.sound is not None and files.audio_wav is not None:
        samples = waveform.read_header(files.audio_wav).frames
        found = Fraction(samples, SAMPLE_RATE)
        warnings += _missing("sound", found, Fraction(made.sound.samples, SAMPLE_RATE))
        if made.sound.tracks > 1:
            warnings.append(f"The recording has {made.sound.tracks} sound tracks; the first one is used.")
    return warnings


def _missing(what: str, found: Fraction, promised: Fraction) -> list[str]:
    """Nothing, a warning, or ``Truncated``."""
    lost = promised - found
    if lost <= Fraction(1, 10):
        return []
    where = f"{float(found):.1f} s of {float(promised):.1f} s"
    if lost > _LEAST_LOST_SECONDS and lost > _MOST_LOST * promised:
        percent = round_half_up(100 * found / promised)
        raise Truncated(
            f"The file is truncated: its {what} ends at {percent} % ({where}).",
            details={"what": what, "percent": percent, "foundSeconds": float(found)},
        )
    return [f"The {what} ends a little early: {where} can be read."]


def check(
    made: DerivativePlan, frames: int, files: Derivatives, tools: Tools, should_stop: Callable[[], bool]
) -> None:
    """Read the finished files as a stranger would.

    Args:
        frames: how many pictures FFmpeg says it has written.

    Raises:
        MediaError: one of them is not as planned (code ``CHECK_FAILED``).
    """
    picture = made.picture
    if picture is None or files.proxy is None or files.poster is None:
        return
    rate, has_audio = picture.video.rate, made.sound is not None
    expected = Expected(frames, rate, "h264", picture.proxy.width, picture.proxy.height, has_audio=has_audio)
    # One process inspects both.
    proxy, *others = probe([path for path in (files.proxy, files.mezzanine) if path is not None])
    check_file(files.proxy, expected, info=proxy, limits=tools.limits, should_stop=should_stop)
    if picture.mezzanine is not None:
        for mezzanine in others:
            _check_mezzanine(mezzanine, picture.mezzanine, frames, rate, has_audio=has_audio)
    if not files.poster.stat().st_size:
        raise _wrong("The poster", "is empty")


def _check_mezzanine(
    info: MediaInfo | MediaError, size: Size, frames: int, rate: Fraction, *, has_audio: bool
) -> None:
    """By its index and first picture: reading hundreds of gigabytes again would take as long as writing."""
    if isinstance(info, MediaError):
        raise MediaError(f"The mezzanine can't be read: {info.message}", details=info.details)
    video = info.video
    found: Mapping[str, object] = {
        "codec": video.codec if video else None,
        "size": (video.width, video.height) if video else None,
        "frames": video.frames if video else 0,
        "rate": video.rate if video else None,
        "sound": [track.codec for track in info.audio],
    }
    wanted: Mapping[str, object] = {
        "codec": "prores",
        "size": (size.width, size.height),
        "frames": frames,
        "rate": rate if frames > 1 else found["rate"],
        "sound": ["pcm_s24le"] if has_audio else [],
    }
    for name, value in wanted.items():
        if found[name] != value:
            raise _wrong(
                "The mezzanine", f"has another {name} than planned: {found[name]} instead of {value}"
            )


def _wrong(what: str, how: str) -> MediaError:
    return MediaError(f"{what} is wrong: it {how}.", code="CHECK_FAILED")
