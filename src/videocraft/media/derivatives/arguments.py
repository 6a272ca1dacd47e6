"""A plan as FFmpeg's arguments: one input, one filter graph, an output for each file."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from videocraft.media.derivatives.plan import SAMPLE_RATE, DerivativePlan, Derivatives, PicturePlan, SoundPlan
from videocraft.media.ffmpeg import input_arguments
from videocraft.media.filters import convert_colour, deinterlace, is_hdr
from videocraft.media.presets import audio_arguments, color_filter
from videocraft.media.probe import AudioStream, MediaInfo
from videocraft.media.time import round_half_up

HELD_FRAMES = 2
"""Pictures may end up to so many frames before the index says; anything more is missing."""
_GOP_SECONDS = Fraction(1, 2)
# Fast, because a proxy is for looking and is made while people wait.
_PROXY_ENCODER = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "24")
_PROXY_BITS, _PROXY_PIXELS, _PROXY_LEAST_BITS = 5_000_000, 1280 * 720, 2_000_000
"""At most so many a second for so many pixels, so that grain can't blow it up; for few pixels the least. No
fewer at a low rate: a slide a second is made of keyframes."""
_FEW_PROCESSORS = 2
"""So many are kept busy by the stages themselves: decoder, filters and encoders each have a thread."""
_LAYOUT_UNKNOWN = re.compile(r"(\d+) channels")


def arguments(
    path: Path, info: MediaInfo, made: DerivativePlan, files: Derivatives, *, processors: int
) -> list[str]:
    """FFmpeg's arguments: one input, one graph, an output for each of ``files`` but the waveform.

    Args:
        processors: how many the work may keep busy.
    """
    picture, sound = made.picture, made.sound
    graph = []
    if picture is not None:
        graph += _picture_graph(picture, made.origin)
    if sound is not None:
        graph += _sound_graph(sound, picture, made.origin)
    outputs: list[str] = []
    if picture is not None:
        outputs += _proxy_output(picture, files, processors, has_sound=sound is not None)
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
    clock = ["-copyts"]
    decoding = ["-threads", str(_decoder_threads(picture, processors))] if picture else []
    # Slices of a picture are filtered side by side only where a processor is free for it.
    filtering = ["-filter_complex_threads", "1"] if processors <= _FEW_PROCESSORS else []
    filtering += ["-filter_complex", ";".join(graph)]
    return [*clock, *decoding, *input_arguments(path, info), *filtering, *outputs]


def _decoder_threads(picture: PicturePlan, processors: int) -> int:
    """Beside a mezzanine, which is most of the work, several only cost more; else the others wait for one."""
    if processors > _FEW_PROCESSORS:
        return processors
    return 1 if processors == 1 or picture.mezzanine is not None else 2 * processors


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
        f"tpad=stop_mode=clone:stop={HELD_FRAMES}",
    ]
    to_display = replace(video, color_range="tv")
    if is_hdr(video):
        to_display = replace(to_display, color_space="bt709", color_primaries="bt709", color_transfer="bt709")
    proxy = [
        # Before the tone mapping, which costs far more for each pixel.
        f"scale=w={picture.proxy.width}:h={picture.proxy.height}:flags=bilinear",
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


def _proxy_output(picture: PicturePlan, files: Derivatives, processors: int, *, has_sound: bool) -> list[str]:
    sound = ["-map", "[heard]", *audio_arguments("mp4", channels=2)] if has_sound else []
    keyframes = str(max(1, int(_GOP_SECONDS * picture.video.rate)))
    pixels = picture.proxy.width * picture.proxy.height
    bits = max(_PROXY_LEAST_BITS, _PROXY_BITS * pixels // _PROXY_PIXELS)
    return [
        *("-map", "[proxy]", *sound, *_video_arguments(picture), *_PROXY_ENCODER),
        *("-maxrate", str(bits), "-bufsize", str(2 * bits)),
        *("-threads:v", str(processors if processors > _FEW_PROCESSORS else 1)),
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
