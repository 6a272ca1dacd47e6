"""Makes and checks the files of a plan, in one decode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from videocraft.media import waveform
from videocraft.media.derivatives.arguments import arguments
from videocraft.media.derivatives.checks import check, check_wholeness
from videocraft.media.derivatives.plan import SAMPLE_RATE, DerivativePlan, Derivatives
from videocraft.media.edit import Tools
from videocraft.media.ffmpeg import Progress, ffmpeg
from videocraft.media.probe import MediaInfo

_WAVEFORM_SHARE = 0.02


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
        arguments(path, info, made, files, processors=tools.parallel),
        binary=tools.ffmpeg,
        limits=tools.limits,
        should_stop=should_stop,
        on_progress=report,
    )
    warnings = check_wholeness(made, frames, files)
    check(made, frames, files, tools, should_stop)
    if files.audio_wav is not None and files.waveform is not None:
        waveform.write_peaks(files.audio_wav, files.waveform, should_stop=should_stop)
    on_progress(1.0)
    return replace(files, warnings=tuple(warnings))
