"""Checks of what VideoCraft works with: FFmpeg and its encoders, PyAV, the speech model."""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING

from videocraft.doctor.finding import Finding, fail, ok, warn
from videocraft.errors import MediaError

if TYPE_CHECKING:
    from videocraft.settings import Settings

OLDEST_FFMPEG = (5, 1)
NEEDED_ENCODERS = ("libx264", "aac")
"""Without these nothing can be made."""
WANTED_ENCODERS = ("libx265", "libvpx-vp9", "libsvtav1", "libopus")
"""Without these one output format or another can't be made."""
HARDWARE_SUFFIXES = ("_nvenc", "_qsv", "_vaapi", "_amf", "_videotoolbox", "_v4l2m2m")
OTHER_FFMPEG = (
    "Set VIDEOCRAFT_FFMPEG to an FFmpeg of version 5.1 or later, or unset it to use the one that comes along."
)


def check_ffmpeg(settings: Settings) -> list[Finding]:
    """FFmpeg's version, and which encoders really work: each encodes a picture or a sound."""
    from videocraft.media import ffmpeg

    try:
        binary = ffmpeg.binary(settings.ffmpeg)
        version = ffmpeg.version(binary)
        built_in = ffmpeg.encoders(binary)
    except MediaError as error:
        return [fail("ffmpeg", error.message, OTHER_FFMPEG)]
    says = f"{version} ({binary})"
    number = version_number(version)
    if number is not None and number < OLDEST_FFMPEG:
        found = fail("ffmpeg", says, OTHER_FFMPEG)
    else:
        found = ok("ffmpeg", says)
    return [found, _check_software(binary, built_in), _check_hardware(binary, built_in)]


def version_number(version: str) -> tuple[int, int] | None:
    """Major and minor number in FFmpeg's first line; None for a build from a branch, which has none."""
    match = re.search(r"version n?(\d+)\.(\d+)", version)
    return (int(match[1]), int(match[2])) if match else None


def _check_software(binary: str, built_in: frozenset[str]) -> Finding:
    broken = {name for name in (*NEEDED_ENCODERS, *WANTED_ENCODERS) if not _works(binary, name, built_in)}
    working = [name for name in (*NEEDED_ENCODERS, *WANTED_ENCODERS) if name not in broken]
    says = f"working: {', '.join(working) or 'none'}"
    if broken:
        says += f"; not working: {', '.join(sorted(broken))}"
    if broken & set(NEEDED_ENCODERS):
        return fail("encoders", says, OTHER_FFMPEG)
    if broken:
        return warn("encoders", says, f"Their formats can't be made with this FFmpeg. {OTHER_FFMPEG}")
    return ok("encoders", says)


def _check_hardware(binary: str, built_in: frozenset[str]) -> Finding:
    candidates = sorted(
        name
        for name in built_in
        if name.startswith(("h264_", "hevc_", "av1_")) and name.endswith(HARDWARE_SUFFIXES)
    )
    working = [name for name in candidates if _works(binary, name, built_in)]
    if working:
        return ok("hardware", f"working encoders: {', '.join(working)}")
    return ok(
        "hardware",
        f"none of the {len(candidates)} hardware encoders in this FFmpeg works here; software does it",
    )


def _works(binary: str, encoder: str, built_in: frozenset[str]) -> bool:
    """Whether ``encoder`` encodes something: being built in says nothing about a driver or a device."""
    from videocraft.media.ffmpeg import capture
    from videocraft.media.process import Limits

    if encoder not in built_in:
        return False
    is_sound = encoder in {"aac", "libopus"}
    source = "sine=duration=0.1:sample_rate=48000" if is_sound else "color=size=320x192:rate=30:duration=0.1"
    pick = ["-c:a", encoder] if is_sound else ["-pix_fmt", "yuv420p", "-c:v", encoder]
    arguments = ["-loglevel", "error", "-f", "lavfi", "-i", source, *pick, "-f", "null", "-"]
    try:
        capture(arguments, binary=binary, limits=Limits(wall_seconds=20, cpu_seconds=20))
    except MediaError:
        return False
    return True


def check_pyav(_settings: Settings) -> list[Finding]:
    """Whether PyAV, which reads packets and sound, can be loaded."""
    try:
        av = importlib.import_module("av")
    except ImportError as error:
        return [fail("pyav", f"it can't be loaded: {error}", "Install VideoCraft again: `make install`.")]
    libraries = av.library_versions
    return [ok("pyav", f"PyAV {av.__version__}, libavcodec {'.'.join(map(str, libraries['libavcodec']))}")]


def check_speech_model(settings: Settings) -> list[Finding]:
    """Whether the speech model is there, whole and the published one."""
    from videocraft.speech.models import SpeechModelUnusable, locate

    try:
        model = locate(settings.whisper_model)
    except SpeechModelUnusable as error:
        where = error.details.get("model")
        says = f"{error.message} ({where})" if where else error.message
        return [
            warn("speech model", says, "Install again, or set VIDEOCRAFT_WHISPER_MODEL to a model's folder.")
        ]
    checked = "SHA-256 as published" if model.sha256 else "a folder of your own"
    return [ok("speech model", f"{model.name} in {model.folder} ({checked})")]


def check_narrator(settings: Settings) -> list[Finding]:
    """Whether the narrator of storyboards can speak, where one is configured."""
    from videocraft.apis.storyboards.providers import narrator_of
    from videocraft.generation.base import ProviderError

    if not settings.narrator:
        return []
    try:
        narrator = narrator_of(settings)
    except ProviderError as error:
        return [
            fail("narrator", error.message, "Install it, or set VIDEOCRAFT_NARRATOR_VOICE; or unset both.")
        ]
    return [ok("narrator", f"{narrator.name}, voice {narrator.voice}")]
