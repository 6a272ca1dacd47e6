"""Three cameras that filmed the same twenty seconds, made here, with running counters in their pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from videocraft.media.ffmpeg import Progress, ffmpeg
from videocraft.media.process import Limits

WIDTH, HEIGHT, RATE = 1280, 720, 30
SECONDS = 20
LIMITS = Limits(wall_seconds=300, cpu_seconds=600)

# A tune of plucked notes, two a second, the same in every camera as they stood in the same room.
TUNE = "0.4*sin(2*PI*t*(220+55*mod(3*floor(t*2)\\,8)))*exp(-3*mod(t*2\\,1))"

COUNTER_SCALE = "scale=iw*4:ih*4:flags=neighbor:out_color_matrix=bt709:out_range=tv"


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera of the demo."""

    name: str
    file_name: str
    picture: str
    """A lavfi source; it may be small, as it is scaled up."""
    level: float
    """Loudness of its microphone beside the others."""


CAMERAS = (
    Camera("Wide", "wide.mp4", f"testsrc2=size={WIDTH}x{HEIGHT}:rate={RATE}", 1.0),
    Camera("Close", "close.mp4", f"gradients=size=640x360:rate={RATE}:speed=0.02:nb_colors=4:seed=7", 0.8),
    Camera("Guest", "guest.mp4", f"mandelbrot=size=320x180:rate={RATE}", 0.65),
)


def camera_arguments(camera: Camera, path: Path) -> list[str]:
    """FFmpeg's arguments that make ``camera``'s recording: H.264 and AAC in an MP4."""
    graph = ";".join(
        (
            f"{camera.picture},scale={WIDTH}:{HEIGHT}:out_color_matrix=bt709:out_range=tv,format=yuv420p[scene]",
            # testsrc2 draws time and frame number with letters of its own: no font of the machine is needed.
            f"testsrc2=size=320x180:rate={RATE},crop=102:38:0:0,{COUNTER_SCALE},format=yuv420p[counter]",
            "[scene][counter]overlay=40:40:format=yuv420[video]",
            f"aevalsrc={TUNE}:sample_rate=48000,volume={camera.level},aformat=channel_layouts=stereo[audio]",
        )
    )
    return [
        *("-filter_complex", graph, "-map", "[video]", "-map", "[audio]", "-t", str(SECONDS)),
        *("-c:v", "libx264", "-preset", "superfast", "-crf", "23", "-bf", "2"),
        # A keyframe a second that nothing refers across (closed GOPs), as most cameras record.
        *("-g", str(RATE), "-keyint_min", str(RATE), "-sc_threshold", "0", "-flags", "+cgop"),
        *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"),
        *("-c:a", "aac", "-b:a", "128k", "-movflags", "+faststart", "-f", "mp4", f"file:{path}"),
    ]


def make_camera(camera: Camera, path: Path, *, binary: str, on_fraction: Callable[[float], None]) -> None:
    """Film with ``camera``; ``on_fraction`` hears how far it is (0-1).

    Raises:
        MediaError: FFmpeg failed.
    """

    def report(progress: Progress) -> None:
        on_fraction(min(1.0, progress.frame / (SECONDS * RATE)))

    ffmpeg(camera_arguments(camera, path), binary=binary, limits=LIMITS, on_progress=report)
