"""Recordings made for tests: each frame (codes.py) and each moment of sound (sound.py) tells itself."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from tests.support import codes, sound

Plane = NDArray[np.uint8]

RECIPE = 3
"""Raise it when the same parameters give another file, so that kept files are made anew."""

ENCODERS = {
    "h264": "libx264",
    "h265": "libx265",
    "vp9": "libvpx-vp9",
    "av1": "libsvtav1",
    "mpeg4": "mpeg4",
    "prores": "prores_ks",
}


@dataclass(frozen=True, kw_only=True)
class Camera:
    """A generated recording and how it was made.

    Picture: frame ``n`` of the file carries the code (camera, n) and is shown at ``frame_time(n)``.
    Sound: at time ``t`` of the file the signal of ``voice`` at recording time ``t + start_offset`` is heard;
    the track begins at ``audio_delay``. All times are seconds within the file (its start is 0).
    """

    camera: int = 1
    seconds: Fraction = Fraction(10)
    size: tuple[int, int] = (320, 180)
    """Width and height as shown; with a rotation of 90 or 270 the coded picture is the other way round."""
    rate: Fraction = Fraction(30)
    codec: str = "h264"
    gop: int = 60
    bframes: int = 2
    open_gop: bool = False
    audio: str | None = "aac"
    sample_rate: int = 48000
    channels: int = 2
    audio_delay: Fraction = Fraction(0)
    video_delay: Fraction = Fraction(0)
    bit_rate: int | None = None
    """Bits per second; None means constant quality."""
    pix_fmt: str = "yuv420p"
    profile: str | None = None
    preset: str = "veryfast"
    interlaced: bool = False
    vfr: bool = False
    """Every seventh frame left out, every fifth of the rest a third late; numbers stay those of all."""
    rotation: int = 0
    """Degrees anticlockwise by which a player turns the coded picture; shown, the code is upright."""
    start_offset: Fraction = Fraction(0)
    """Recording time at which this camera starts."""
    voice: int | None = None
    """Whose sound is heard; None: the camera's own. Cameras in one room share one."""
    colour: str | None = "bt709"
    """Primaries, transfer and matrix that the file is tagged with; None leaves them unspecified."""
    full_range: bool = False
    encoder_params: str = ""
    """More x264/x265 parameters, as ``key=value:key=value``."""
    suffix: str = ".mp4"
    code_period: int | None = None
    """Frames after which the codes begin again: of a file that repeats a shorter recording's pictures."""
    path: Path = Path()

    @property
    def frames(self) -> int:
        """Frames recorded (of a VFR one: before any is left out)."""
        return int(self.seconds * self.rate)

    def frame_time(self, frame: int) -> Fraction:
        """When frame ``frame`` is shown, seconds within the file (VFR: up to a third of a frame later)."""
        return self.video_delay + frame / self.rate

    def code(self, frame: int) -> codes.Code:
        """What is burned into frame ``frame``."""
        return self.camera, frame % self.code_period if self.code_period else frame

    @property
    def heard(self) -> int:
        """The voice of the sound track."""
        return self.camera if self.voice is None else self.voice

    def recipe(self) -> str:
        """A hash of all that makes the file what it is."""
        facts = {key: str(value) for key, value in asdict(self).items() if key not in {"path", "code_period"}}
        return hashlib.sha256(repr((RECIPE, sorted(facts.items()))).encode()).hexdigest()[:24]


def make_camera(
    path: Path,
    *,
    seconds: Fraction | float,
    rate: Fraction | int = Fraction(30),
    audio_delay: Fraction | float = 0,
    video_delay: Fraction | float = 0,
    start_offset: Fraction | float = 0,
    **parameters: object,
) -> Camera:
    """Make the recording ``path`` (mp4, mov, mkv or ts by its suffix); ``parameters`` are `Camera`'s fields.

    Equal recordings are made once in a process and copied.
    """
    camera = replace(
        Camera(suffix=path.suffix),
        seconds=_exact(seconds),
        rate=Fraction(rate),
        audio_delay=_exact(audio_delay),
        video_delay=_exact(video_delay),
        start_offset=_exact(start_offset),
        **parameters,  # type: ignore[arg-type]  # replace() itself refuses names that are no fields
    )
    made = kept_camera(camera, _session_folder())
    path.parent.mkdir(parents=True, exist_ok=True)
    # A copy, not a link: a test may damage its file.
    shutil.copyfile(made.path, path)
    return replace(made, path=path)


def kept_camera(camera: Camera, folder: Path) -> Camera:
    """The recording in ``folder``, made if it isn't there yet; safe when several processes ask at once."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"camera-{camera.recipe()}{camera.suffix}"
    if not target.exists():
        with tempfile.TemporaryDirectory(dir=folder, prefix="making-") as working:
            whole = _record(camera, Path(working))
            whole.replace(target)
    return replace(camera, path=target)


def ffmpeg_binary() -> str:
    """The FFmpeg that makes and checks test media: ``VIDEOCRAFT_FFMPEG`` or the bundled one."""
    return os.environ.get("VIDEOCRAFT_FFMPEG") or imageio_ffmpeg.get_ffmpeg_exe()


def _exact(value: Fraction | float) -> Fraction:
    return value if isinstance(value, Fraction) else Fraction(repr(value))


@cache
def _session_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="videocraft-cameras-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _record(camera: Camera, working: Path) -> Path:
    """Encode the recording into ``working``; returns the finished file."""
    output = working / f"recorded{camera.suffix}"
    arguments = [ffmpeg_binary(), "-nostdin", "-hide_banner", "-loglevel", "error", "-y"]
    arguments += _video_input(camera)
    if camera.audio:
        pcm = working / "sound.pcm"
        write_sound(camera, pcm)
        arguments += ["-f", "s16le", "-ar", str(camera.sample_rate), "-ac", str(camera.channels)]
        arguments += ["-i", f"file:{pcm}"]
    arguments += _video_output(camera)
    if camera.audio:
        # Without perceptual noise substitution and intensity stereo the phase of the signal survives.
        arguments += ["-c:a", camera.audio]
        # A filter, because -itsoffset does nothing to raw PCM.
        arguments += ["-af", f"asetpts=PTS+{camera.audio_delay}/TB"]
        arguments += ["-b:a", "160k", "-aac_pns", "0", "-aac_is", "0"] if camera.audio == "aac" else []
    arguments += ["-map_metadata", "-1", "-fflags", "+bitexact", f"file:{output}"]
    log = working / "log"
    with (
        log.open("wb") as messages,
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=messages, stderr=messages) as process,
    ):
        assert process.stdin is not None
        try:
            with process.stdin as pipe:
                for picture in _pictures(camera):
                    pipe.write(picture.data)
        except BrokenPipeError:
            process.wait()  # FFmpeg has ended early; its exit code and messages say why
    if process.returncode != 0:
        raise RuntimeError(f"FFmpeg could not make {camera}: {log.read_text(errors='replace')[-2000:]}")
    return _turned(camera, output) if camera.rotation else output


def _turned(camera: Camera, recorded: Path) -> Path:
    """The same file with a display matrix; an option of the input, so it needs a second pass."""
    turned = recorded.with_stem("turned")
    command = [ffmpeg_binary(), "-nostdin", "-loglevel", "error", "-display_rotation", str(camera.rotation)]
    subprocess.run(
        [*command, "-i", f"file:{recorded}", "-map", "0", "-c", "copy", f"file:{turned}"], check=True
    )
    return turned


def _coded_size(camera: Camera) -> tuple[int, int]:
    width, height = camera.size
    return (height, width) if camera.rotation % 180 else (width, height)


def _video_input(camera: Camera) -> list[str]:
    width, height = _coded_size(camera)
    return [
        *("-itsoffset", str(float(camera.video_delay)), "-f", "rawvideo", "-pix_fmt", "yuv420p"),
        *("-video_size", f"{width}x{height}", "-framerate", str(camera.rate)),
        *("-i", "pipe:0"),
    ]


def _video_output(camera: Camera) -> list[str]:
    filters = []
    if camera.vfr:
        filters += ["select='not(eq(mod(n,7),3))'", "settb=1/90000", "setpts='PTS+eq(mod(N,5),2)/3/FR/TB'"]
    if camera.full_range:
        filters.append("scale=in_range=tv:out_range=pc")
    if camera.interlaced:
        filters.append("setfield=tff")
    if camera.colour:
        tags = f"color_primaries={camera.colour}:color_trc={camera.colour}:colorspace={camera.colour}"
        filters.append(f"setparams={tags}")
    filters.append(f"format={camera.pix_fmt}")
    # Passthrough: every frame that is fed in comes out, at its own time.
    arguments = ["-vf", ",".join(filters).replace("FR", f"({camera.rate})"), "-fps_mode", "passthrough"]
    arguments += ["-c:v", ENCODERS[camera.codec], *_encoder_options(camera)]
    if camera.vfr:
        arguments += ["-enc_time_base", "1/90000"]
    if camera.vfr and camera.suffix in {".mp4", ".mov"}:
        arguments += ["-video_track_timescale", "90000"]
    if camera.colour:
        arguments += [
            "-color_primaries",
            camera.colour,
            "-color_trc",
            camera.colour,
            "-colorspace",
            camera.colour,
        ]
    return arguments


def _encoder_options(camera: Camera) -> list[str]:
    rate = camera.bit_rate
    bits = ["-b:v", str(rate), "-maxrate", str(rate * 3 // 2), "-bufsize", str(rate * 2)] if rate else []
    profile = ["-profile:v", camera.profile] if camera.profile else []
    if camera.codec in {"h264", "h265"}:
        h265 = camera.codec == "h265"
        params = f"keyint={camera.gop}:min-keyint={camera.gop}:scenecut=0:bframes={camera.bframes}"
        params += f":open-gop={int(camera.open_gop)}"
        params += ":tff=1" if camera.interlaced and not h265 else ""
        params += ":log-level=error" if h265 else ""
        params += f":{camera.encoder_params}" if camera.encoder_params else ""
        quality = bits or ["-crf", "23"]
        tag = ["-tag:v", "hvc1"] if h265 and camera.suffix in {".mp4", ".mov"} else []
        named = "-x265-params" if h265 else "-x264-params"
        flags = ["-flags", "+ilme+ildct"] if camera.interlaced else []
        return ["-preset", camera.preset, *profile, *quality, *tag, *flags, named, params]
    if camera.codec == "vp9":
        speed = ["-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1"]
        return [*speed, "-g", str(camera.gop), *(bits or ["-crf", "33", "-b:v", "0"])]
    if camera.codec == "av1":
        return ["-preset", "10", "-g", str(camera.gop), *(bits or ["-crf", "35"])]
    if camera.codec == "mpeg4":
        return ["-g", str(camera.gop), "-bf", str(camera.bframes), *(bits or ["-q:v", "4"])]
    return [*profile, *bits]


def write_sound(camera: Camera, path: Path) -> None:
    """Raw 16-bit PCM of the sound track, from its first moment on; ten seconds at a time."""
    total = int((camera.seconds - camera.audio_delay + camera.video_delay) * camera.sample_rate)
    begin = float(camera.start_offset + camera.audio_delay)
    step = camera.sample_rate * 10
    with path.open("wb") as file:
        for first in range(0, total, step):
            times = begin + np.arange(first, min(first + step, total)) / camera.sample_rate
            mono = np.round(sound.signal(camera.heard, times) * 32767).astype("<i2")
            file.write(np.repeat(mono, camera.channels).tobytes())


def _pictures(camera: Camera) -> Iterator[Plane]:
    """Frames as yuv420p, shape (height * 3 / 2, width): a background that pans and flickers, and the code."""
    width, height = camera.size
    scene = _Scene(camera.camera, width, height)
    for number in range(camera.frames):
        if camera.interlaced:
            # Two fields of two moments: the background of a moving picture combs, as in a real recording.
            planes = scene.planes(2 * number)
            for plane, later in zip(
                planes, [plane.copy() for plane in scene.planes(2 * number + 1)], strict=True
            ):
                plane[1::2] = later[1::2]
        else:
            planes = scene.planes(number)
        codes.draw(planes[0], camera.camera, number)
        if camera.rotation:
            turned = [np.rot90(plane, -camera.rotation // 90) for plane in planes]
            yield np.concatenate([plane.ravel() for plane in turned])
        else:
            yield scene.frame


class _Scene:
    """A background that costs a few copies for each frame: windows sliding over big textures, and grain."""

    def __init__(self, seed: int, width: int, height: int) -> None:
        random = np.random.default_rng(1000 + seed)
        self.width, self.height, self.seed = width, height, seed
        self.margin = 64
        self.texture = _texture(random, width + self.margin, height + self.margin)
        self.colours = [_texture(random, width // 2 + 64, height // 2 + 64) // 2 + 64 for _ in range(2)]
        # Grain of up to 3 levels at twice the window's room: no two frames near each other have the same.
        self.grain = random.integers(0, 8, (height + 256, width + 256), dtype=np.uint8)
        self.offsets = random.integers(0, 256, (997, 2))
        self.frame = np.empty((height * 3 // 2, width), dtype=np.uint8)

    def planes(self, number: int) -> list[Plane]:
        """Y, U and V of moment ``number``: views into ``frame``, which the next call overwrites."""
        width, height = self.width, self.height
        luma = self.frame[:height]
        x = round((np.sin(number / (19 + self.seed)) + 1) * (self.margin // 2 - 1))
        y = round((np.cos(number / (31 + self.seed)) + 1) * (self.margin // 2 - 1))
        down, right = self.offsets[number % len(self.offsets)]
        np.add(
            self.texture[y : y + height, x : x + width],
            self.grain[down : down + height, right : right + width],
            out=luma,
        )
        chroma = self.frame[height:].reshape(2, height // 2, width // 2)
        for plane, texture in zip(chroma, self.colours, strict=True):
            plane[:] = texture[y // 2 : y // 2 + height // 2, x // 2 : x // 2 + width // 2]
            # Grey under the code: its luma alone is read.
            plane[: round(height * codes.HEIGHT_SHARE) // 2] = 128
        return [luma, chroma[0], chroma[1]]


def _texture(random: np.random.Generator, width: int, height: int) -> Plane:
    """Noise at four scales, 24 to 216, shape (height, width): something to see at every bit rate."""
    total = np.zeros((height, width))
    for scale, weight in ((32, 3.0), (12, 2.0), (5, 1.2), (2, 0.6)):
        coarse = random.random((height // scale + 2, width // scale + 2))
        total += weight * np.kron(coarse, np.ones((scale, scale)))[:height, :width]
    total -= total.min()
    texture: Plane = (24 + total / total.max() * 192).astype(np.uint8)
    return texture
