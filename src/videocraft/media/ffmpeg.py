"""Running FFmpeg: which binary, how it is told its input, its progress, and what its errors mean."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from videocraft import telemetry
from videocraft.errors import MediaError, StorageFull
from videocraft.media import presets, process
from videocraft.media.diagnosis import is_disk_full, sentence_of
from videocraft.media.limits import file_url, format_options
from videocraft.media.probe import MediaInfo
from videocraft.media.process import Finished, Limits

# SVT-AV1 talks to stderr by itself, whatever FFmpeg's log level: only its errors are wanted.
_ENVIRONMENT = {"SVT_LOG": "1"}
_QUERY_LIMITS = Limits(wall_seconds=30, cpu_seconds=30)
_TRIAL_LIMITS = Limits(wall_seconds=10, cpu_seconds=10)
_TICKS_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Progress:
    """One report of a running FFmpeg; what it did not say is 0."""

    frame: int = 0
    out_time: Fraction = Fraction(0)
    """Seconds of output written."""
    fps: float = 0.0
    speed: float = 0.0
    """Seconds of output for each second of wall clock."""


def binary(setting: str = "") -> str:
    """The absolute path of FFmpeg: ``setting`` (a path, or a name to look up), else the one from the wheel.

    Raises:
        MediaError: there is none, with what to do about it.
    """
    if setting:
        found = shutil.which(setting)
        if found is None:
            raise MediaError(f"VIDEOCRAFT_FFMPEG names {setting!r}, which is not a program that can be run.")
        return str(Path(found).absolute())
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise MediaError("There is no FFmpeg; set VIDEOCRAFT_FFMPEG to one, 5.1 or later.") from error


def ffmpeg(
    arguments: Sequence[str],
    *,
    binary: str,
    limits: Limits,
    should_stop: Callable[[], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    feed: Callable[[BinaryIO], None] | None = None,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Finished:
    """Run FFmpeg with ``arguments`` (inputs, filters, outputs) to its end.

    Args:
        on_progress: called in this thread about twice a second, and once at the end.
        feed: writes to what FFmpeg reads as ``-i pipe:3``.
        environment: variables beside the few that every media process gets.

    Raises:
        MediaError: FFmpeg failed; the sentence says why as far as it can be told, ``details`` the rest.
        StorageFull: the disk is full.
        process.Stopped: ``should_stop`` returned true.
    """
    parser = _ProgressParser(on_progress)
    argv = [
        binary,
        "-nostdin",
        "-hide_banner",
        "-y",
        "-loglevel",
        "level+warning",
        "-nostats",
        "-progress",
        "pipe:1",
        *arguments,
    ]
    with _traced(limits) as done:
        finished = process.run(
            argv,
            limits=limits,
            should_stop=should_stop,
            on_line=parser.line,
            feed=feed,
            cwd=cwd,
            environment={**_ENVIRONMENT, **(environment or {})},
        )
        return done(finished)


def capture(
    arguments: Sequence[str],
    *,
    binary: str,
    limits: Limits,
    should_stop: Callable[[], bool] | None = None,
    stdout_limit: int = 64 * 2**20,
) -> Finished:
    """Run FFmpeg for what it writes to ``pipe:1`` or reports at level ``info`` on standard error."""
    argv = [binary, "-nostdin", "-hide_banner", "-nostats", *arguments]
    with _traced(limits) as done:
        return done(process.run(argv, limits=limits, should_stop=should_stop, stdout_limit=stdout_limit))


@contextmanager
def _traced(limits: Limits) -> Iterator[Callable[[Finished], Finished]]:
    """Around a run of FFmpeg; what it gives looks at how the run ended, and raises if that was not well."""
    with telemetry.span("ffmpeg") as span:

        def done(finished: Finished) -> Finished:
            if span is not None:
                span.set_attribute("process.exit_code", finished.exit_code)
                span.set_attribute("process.cpu_seconds", finished.cpu_seconds)
            if finished.exit_code != 0:
                raise error_of(finished, limits)
            return finished

        yield done


def input_arguments(path: Path, info: MediaInfo) -> list[str]:
    """``-i`` and everything before it that a file from outside needs.

    The demuxer is the one that the probe chose, so a playlist under a media file's name stays unread, and
    no other file is opened from inside this one.
    """
    arguments = ["-f", info.format]
    for name, value in format_options(info.format).items():
        arguments += [f"-{name}", value]
    return [*arguments, "-i", file_url(path)]


@lru_cache
def version(binary: str) -> str:
    """The first line of ``ffmpeg -version`` without the copyright: ``ffmpeg version n9.0.2``."""
    finished = process.run([binary, "-version"], limits=_QUERY_LIMITS)
    if finished.exit_code != 0:
        raise error_of(finished, _QUERY_LIMITS)
    return finished.stdout.decode("utf-8", "replace").partition("\n")[0].partition(" Copyright")[0].strip()


@lru_cache
def encoders(binary: str) -> frozenset[str]:
    """Names of the encoders built into this FFmpeg (built in, not: working on this machine)."""
    finished = capture(["-encoders"], binary=binary, limits=_QUERY_LIMITS)
    listing = finished.stdout.decode("utf-8", "replace").partition("------")[2]
    return frozenset(re.findall(r"^ [VAS][A-Z.]{5} (\S+)", listing, re.MULTILINE))


@lru_cache
def working_encoder(binary: str, codec: str) -> str:
    """FFmpeg's name of the best encoder for ``codec`` (``h264``, ``h265``, ``vp9``, ``av1``) on this machine.

    Hardware encoders are built into every FFmpeg and work on few machines, so each is asked to encode a
    picture first. The answer holds for the life of the process.

    Raises:
        MediaError: this FFmpeg has none at all.
    """
    built_in = encoders(binary)
    for candidate in presets.HARDWARE[codec]:
        if candidate.name in built_in and _can_encode(binary, candidate):
            return candidate.name
    software = presets.SOFTWARE[codec].name
    if software not in built_in:
        raise MediaError(f"This FFmpeg has no {software}, so it can't make {codec}; use another FFmpeg.")
    return software


def _can_encode(binary: str, candidate: presets.Encoder) -> bool:
    source = ["-f", "lavfi", "-i", "color=size=256x256:rate=25:duration=0.2"]
    encoding = [*candidate.quality_arguments("medium"), "-pix_fmt", "yuv420p", "-f", "null", "-"]
    try:
        ffmpeg([*source, *encoding], binary=binary, limits=_TRIAL_LIMITS)
    except MediaError:
        return False
    return True


def error_of(finished: Finished, limits: Limits) -> MediaError | StorageFull:
    """The error that says for a user why FFmpeg failed, with everything else in ``details``."""
    details = process.failure_details(finished)
    if is_disk_full(finished.stderr_tail):
        return StorageFull("There is no room left on the disk for the output.", details=details)
    # The kernel counts for the limit in ticks, and for this figure more exactly.
    if finished.cpu_seconds >= limits.cpu_seconds - _TICKS_SECONDS:
        return MediaError("The work needs more processor time than it may use.", details=details)
    sentence = sentence_of(finished.stderr_tail)
    if sentence is not None:
        return MediaError(sentence, details=details)
    if finished.exit_code < 0:
        return MediaError(f"FFmpeg was ended by signal {-finished.exit_code}.", details=details)
    return MediaError(f"FFmpeg failed with exit code {finished.exit_code}.", details=details)


_NUMBER = re.compile(r"\d+(\.\d+)?")


class _ProgressParser:
    """Turns the ``key=value`` lines of ``-progress`` into reports; a block ends with ``progress=``."""

    def __init__(self, report: Callable[[Progress], None] | None) -> None:
        self._report = report
        self._current = Progress()

    def line(self, line: str) -> None:
        key, _, value = line.strip().partition("=")
        value = value.strip()
        if key == "progress" and self._report is not None:
            self._report(self._current)
        elif key == "frame" and value.isdecimal():
            self._current = replace(self._current, frame=int(value))
        # out_time_ms is in microseconds too (an old mistake), so only this is read; "N/A" before the start.
        elif key == "out_time_us" and value.lstrip("-").isdecimal():
            self._current = replace(self._current, out_time=max(Fraction(0), Fraction(int(value), 1_000_000)))
        elif key == "fps" and (number := _NUMBER.match(value)):
            self._current = replace(self._current, fps=float(number[0]))
        elif key == "speed" and (number := _NUMBER.match(value)):
            self._current = replace(self._current, speed=float(number[0]))
