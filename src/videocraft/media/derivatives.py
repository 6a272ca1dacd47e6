"""What a recording is turned into when it arrives, by one FFmpeg process that decodes it once.

- *proxy*: H.264 of at most 720 lines in MP4, upright, square pixels, SDR, constant frame rate, an IDR picture
  every half second; AAC. For players and for looking.
- *mezzanine*: ProRes 422 (HQ from ten bits on) of the source's size and rate in MOV, upright, constant frame
  rate, with the track's own channels as 24-bit PCM. For editors. Its colour is the source's, also HDR.
- *audio-wav*: 16-bit PCM, 48 kHz, stereo (RF64 beyond 4 GB). For measuring.
- *poster*: a JPEG; *waveform*: peaks of the wav (``waveform.py``).

Second 0 of each is second 0 of the recording (``edit.origin_of``): a track that begins later has silence, or
its first picture, before it; what lies before second 0 is left out. The sound of proxy and mezzanine lasts as
long as the picture; the wav has all of the sound there is. Interlaced pictures are woven into whole ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from videocraft.errors import MediaError
from videocraft.media import waveform
from videocraft.media.check import Expected, check_file
from videocraft.media.edit import Tools, origin_of
from videocraft.media.ffmpeg import Progress, ffmpeg, input_arguments
from videocraft.media.filters import convert_colour, deinterlace, displayed, even, is_hdr, is_interlaced
from videocraft.media.presets import audio_arguments, color_filter
from videocraft.media.probe import AudioStream, MediaInfo, VideoStream, probe
from videocraft.media.time import round_half_up

SAMPLE_RATE: Final = 48_000
PROXY_LINES: Final = 720
_GOP_SECONDS = Fraction(1, 2)
_HELD_FRAMES = 2
"""Pictures may end up to so many frames before the index says; anything more is missing."""
_POSTER_SHARE = Fraction(1, 10)
_POSTER_LATEST = Fraction(10)
# Fast, because a proxy is for looking and is made while people wait; bounded, so that grain can't blow it up.
_PROXY_ENCODER = (
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-crf",
    "24",
    "-maxrate",
    "5M",
    "-bufsize",
    "10M",
)
_MOST_LOST = Fraction(2, 100)
_LEAST_LOST_SECONDS = Fraction(1, 2)
"""A recording that ends this much and this share before its promised end is truncated; less is a warning."""
_DEEP = re.compile(r"(?:p|gray|x2rgb|gbrap?)(?:10|12|14|16)|^(?:rgb48|rgba64|bgr48|v210|y210|p0(?:10|12|16))")
_LAYOUT_UNKNOWN = re.compile(r"(\d+) channels")
_WAVEFORM_SHARE = 0.02


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


class Truncated(MediaError):
    """The recording ends long before its index says."""


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


# --- planning -------------------------------------------------------------------------------------------


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
    return DerivativePlan(origin, picture, sound, info.timecode)


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
    width, height = displayed(video)
    if height > PROXY_LINES:
        width, height = round_half_up(Fraction(width * PROXY_LINES, height)), PROXY_LINES
    return Size(even(width), even(height))


def _upright(video: VideoStream) -> Size:
    """The coded size, turned; 4:2:2 shares colour between two pixels of a line, so the width is even."""
    turned = video.rotation in {90, 270}
    width, height = (video.height, video.width) if turned else (video.width, video.height)
    return Size(even(width), height)


def arguments(path: Path, info: MediaInfo, made: DerivativePlan, files: Derivatives) -> list[str]:
    """FFmpeg's arguments: one input, one graph, an output for each of ``files`` but the waveform."""
    picture, sound = made.picture, made.sound
    graph = []
    if picture is not None:
        graph += _picture_graph(picture, made.origin)
    if sound is not None:
        graph += _sound_graph(sound, picture, made.origin)
    outputs: list[str] = []
    if picture is not None:
        outputs += _proxy_output(picture, files, has_sound=sound is not None)
        if picture.mezzanine is not None:
            outputs += _mezzanine_output(picture, files, made.timecode, has_sound=sound is not None)
    if sound is not None:
        # RF64 when it outgrows what the header of a WAV can say; bitexact: nothing but format and samples.
        outputs += ["-map", "[wav]", "-c:a", "pcm_s16le", "-rf64", "auto", "-fflags", "+bitexact"]
        outputs += ["-f", "wav", f"file:{files.audio_wav}"]
    if picture is not None:
        outputs += ["-map", "[poster]", "-frames:v", "1", "-c:v", "mjpeg", "-q:v", "4"]
        outputs += ["-f", "mjpeg", f"file:{files.poster}"]
    # The container's own clock: every track is then moved by the same amount.
    return ["-copyts", *input_arguments(path, info), "-filter_complex", ";".join(graph), *outputs]


def _picture_graph(picture: PicturePlan, origin: Fraction) -> list[str]:
    video, rate = picture.video, picture.video.rate
    shared = [
        # In the source's own timebase, so before any filter that may change it.
        f"setpts=PTS-{round_half_up(origin / video.time_base)}",
        color_filter(video, rgb_as="yuv422p10le" if picture.mezzanine else "yuv420p"),
        *deinterlace(video),
        # The one place where the rate becomes constant: gaps are filled, and a late first picture is shown
        # from second 0 on.
        f"fps=fps={rate.numerator}/{rate.denominator}:start_time=0:round=near",
        f"tpad=stop_mode=clone:stop={_HELD_FRAMES}",
    ]
    to_display = replace(video, color_range="tv")
    if is_hdr(video):
        to_display = replace(to_display, color_space="bt709", color_primaries="bt709", color_transfer="bt709")
    proxy = [
        # Before the tone mapping, which costs far more for each pixel.
        f"scale=w={picture.proxy.width}:h={picture.proxy.height}:flags=fast_bilinear",
        "setsar=1",
        *convert_colour(video, to_display),
        "format=yuv420p",
        color_filter(to_display),
    ]
    # JPEG is full range; without saying so FFmpeg's encoder refuses the usual kind.
    poster = [f"select=eq(n\\,{picture.poster})", "scale=out_range=pc", "format=yuvj420p"]
    branches = 2 if picture.mezzanine else 1
    graph = [
        f"[0:{video.index}]{','.join(shared)},split={branches}[small]{'[large]' if branches == 2 else ''}",
        f"[small]{','.join(proxy)},split=2[proxy][still]",
        f"[still]{','.join(poster)}[poster]",
    ]
    if picture.mezzanine is not None:
        size = picture.mezzanine
        graph.append(f"[large]format=yuv422p10le,crop=w={size.width}:h={size.height}:x=0:y=0[mezzanine]")
    return graph


def _sound_graph(sound: SoundPlan, picture: PicturePlan | None, origin: Fraction) -> list[str]:
    track = sound.track
    shared = [
        f"asetpts=round(PTS-{origin.numerator}/{origin.denominator}/TB)",
        # Begins at second 0 to the sample, with silence or by leaving out; gaps in the timestamps longer than
        # 10 ms are filled with silence, and nothing is ever stretched.
        f"aresample={SAMPLE_RATE}:async=1:first_pts=0:min_comp=0.00001:min_hard_comp=0.01",
        # The output's bound, whatever the timestamps say.
        f"atrim=end_sample={sound.samples + SAMPLE_RATE}",
    ]
    branches = {"wav": [_stereo(track)]}
    if picture is not None:
        samples = round_half_up(picture.frames * SAMPLE_RATE / picture.video.rate)
        as_long = [f"apad=whole_len={samples}", f"atrim=end_sample={samples}"]
        branches["heard"] = [_stereo(track), *as_long]
        if picture.mezzanine is not None:
            branches["full"] = as_long
    split = "".join(f"[{name}_]" for name in branches)
    return [
        f"[0:{track.index}]{','.join(shared)},asplit={len(branches)}{split}",
        *(f"[{name}_]{','.join(filters)}[{name}]" for name, filters in branches.items()),
    ]


def _stereo(track: AudioStream) -> str:
    unknown = _LAYOUT_UNKNOWN.fullmatch(track.layout)
    if unknown and int(unknown[1]) > 2:
        # Channels that no layout names can't be mixed by one: left and right are the first two.
        return "pan=stereo|c0=c0|c1=c1"
    # A filter of its own: else all branches behind the split would agree on stereo, the mezzanine's too.
    return "aresample=out_chlayout=stereo"


def _video_arguments(picture: PicturePlan) -> list[str]:
    rate = picture.video.rate
    # For pictures alone: sound timed in frames would come apart.
    time_base = ["-enc_time_base:v", f"{rate.denominator}/{rate.numerator}"]
    return ["-frames:v", str(picture.frames), "-fps_mode:v", "passthrough", *time_base]


def _proxy_output(picture: PicturePlan, files: Derivatives, *, has_sound: bool) -> list[str]:
    sound = ["-map", "[heard]", *audio_arguments("mp4", channels=2)] if has_sound else []
    keyframes = str(max(1, int(_GOP_SECONDS * picture.video.rate)))
    return [
        *("-map", "[proxy]", *sound, *_video_arguments(picture), *_PROXY_ENCODER),
        # An IDR picture at each multiple and nowhere else, so that any player seeks to any half second.
        *("-g", keyframes, "-keyint_min", keyframes, "-sc_threshold", "0", "-flags", "+cgop"),
        *("-map_metadata", "-1", "-write_tmcd", "0", "-movflags", "+faststart", "-f", "mp4"),
        f"file:{files.proxy}",
    ]


def _mezzanine_output(
    picture: PicturePlan, files: Derivatives, timecode: str | None, *, has_sound: bool
) -> list[str]:
    sound = ["-map", "[full]", "-c:a", "pcm_s24le"] if has_sound else []
    clock = ["-timecode", timecode] if timecode else ["-write_tmcd", "0"]
    return [
        *("-map", "[mezzanine]", *sound, *_video_arguments(picture)),
        # prores_ks would compress better at eight times the work.
        *("-c:v", "prores_aw", "-profile:v", "3" if picture.is_deep else "2", "-vendor", "apl0"),
        *("-map_metadata", "-1", *clock, "-f", "mov", f"file:{files.mezzanine}"),
    ]


# --- making ---------------------------------------------------------------------------------------------


def make(
    path: Path,
    info: MediaInfo,
    made: DerivativePlan,
    outdir: Path,
    *,
    tools: Tools,
    should_stop: Callable[[], bool],
    on_progress: Callable[[float], None],
) -> Derivatives:
    """Make and check all files of a plan in ``outdir``, whose files of the same names are replaced.

    Args:
        on_progress: gets a fraction 0-1 that never goes back.

    Raises:
        Truncated: the recording ends long before its index says; the sentence says where.
        MediaError: it can't be decoded, or a result is wrong (code ``CHECK_FAILED``).
        StorageFull: the disk is full.
        process.Stopped: ``should_stop`` returned true.
    """
    picture, sound = made.picture, made.sound
    files = Derivatives(
        proxy=outdir / "proxy.mp4" if picture else None,
        mezzanine=outdir / "mezzanine.mov" if picture and picture.mezzanine else None,
        audio_wav=outdir / "audio.wav" if sound else None,
        waveform=outdir / "waveform.json" if sound else None,
        poster=outdir / "poster.jpg" if picture else None,
    )
    samples = sound.samples if sound else 0
    share = 1.0 - _WAVEFORM_SHARE
    frames = 0

    def report(progress: Progress) -> None:
        nonlocal frames
        frames = progress.frame
        done = frames / picture.frames if picture else progress.out_time * SAMPLE_RATE / max(1, samples)
        on_progress(share * min(1.0, float(done)))

    ffmpeg(
        arguments(path, info, made, files),
        binary=tools.ffmpeg,
        limits=tools.limits,
        should_stop=should_stop,
        on_progress=report,
    )
    warnings = _check_wholeness(made, frames, files)
    _check(made, frames, files, tools, should_stop)
    if files.audio_wav is not None and files.waveform is not None:
        waveform.write_peaks(files.audio_wav, files.waveform, should_stop=should_stop)
    on_progress(1.0)
    return replace(files, warnings=tuple(warnings))


def _check_wholeness(made: DerivativePlan, frames: int, files: Derivatives) -> list[str]:
    """Compare how much was decoded with what the index promises."""
    warnings = []
    if made.picture is not None:
        rate = made.picture.video.rate
        # What is short was stretched as far as the graph allows.
        decoded = frames if frames >= made.picture.frames else max(0, frames - _HELD_FRAMES)
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


def _check(
    made: DerivativePlan, frames: int, files: Derivatives, tools: Tools, should_stop: Callable[[], bool]
) -> None:
    picture = made.picture
    if picture is None or files.proxy is None or files.poster is None:
        return
    rate, has_audio = picture.video.rate, made.sound is not None
    expected = Expected(frames, rate, "h264", picture.proxy.width, picture.proxy.height, has_audio=has_audio)
    check_file(files.proxy, expected, limits=tools.limits, should_stop=should_stop)
    if picture.mezzanine is not None and files.mezzanine is not None:
        _check_mezzanine(files.mezzanine, picture.mezzanine, frames, rate, has_audio=has_audio)
    if not files.poster.stat().st_size:
        raise _wrong("The poster", "is empty")


def _check_mezzanine(path: Path, size: Size, frames: int, rate: Fraction, *, has_audio: bool) -> None:
    """By its index and first picture: reading hundreds of gigabytes again would take as long as writing."""
    (info,) = probe([path])
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
