"""Where a session's cameras lie on one timeline, to the frame: what every hand-over format writes down.

Offsets are measured to a fraction of a millisecond, but an editing timeline only has frames. Each camera is
put on the frame nearest to its offset, so picture and sound of one camera stay together and are at most half
a frame off; the measured offset goes along as metadata.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

from videocraft.errors import InvalidInput
from videocraft.media.time import round_half_up, snap_rate

EDITING_RATES = tuple(
    sorted(
        (
            *(Fraction(whole) for whole in (24, 25, 30, 50, 60)),
            *(Fraction(whole * 1000, 1001) for whole in (24, 30, 60)),
        )
    )
)
"""Frame rates that editing programs have timelines for. (48 and what is above 60 exist for media only.)"""

DEFAULT_RATE = Fraction(30)
"""Of a session in which nobody filmed."""

_TIMECODE = re.compile(r"(\d{2}):(\d{2}):(\d{2})([:;.,])(\d{2,3})", re.ASCII)
_LENGTH_SLACK = Fraction(1, 20)
"""Part of a frame by which a file may seem short because its container counts milliseconds."""


@dataclass(frozen=True)
class HandoverCamera:
    """One camera's recording, and where it lies."""

    label: str
    """``A`` to ``Z``."""
    name: str
    """The file's name, as the crew knows it; any text."""
    url: str
    """Where an editing program looks for the file: absolute, or relative to the hand-over file."""
    offset_ms: Fraction
    """Its start minus the master's start."""
    duration: Fraction
    """Seconds."""
    rate: Fraction | None
    """Frames per second; ``None`` where there is no picture."""
    width: int = 0
    height: int = 0
    channels: int = 0
    """Of its sound; 0 is none."""
    sample_rate: int = 48_000
    start_timecode: str | None = None
    """As recorded in the file: ``HH:MM:SS:FF``, with ``;`` before the frames when it drops."""
    drift_ppm: float = 0.0
    """How its offset grows, in microseconds per second of its recording: above 0, its clock is the slower."""
    confidence: float | None = None
    classification: str | None = None
    """What the sync said of it; ``None`` for the master."""


@dataclass(frozen=True)
class HandoverSession:
    """The synced cameras of a session."""

    id: str
    title: str
    """Any text."""
    master: str
    """Label of the camera that the offsets are relative to."""
    cameras: tuple[HandoverCamera, ...]
    """At least one, each label once."""
    operator_status: str = "approved"
    """``approved`` as computed, or ``corrected`` by hand."""


@dataclass(frozen=True)
class Placed:
    """A camera on the timeline. The timeline's frames have the layout's rate, the source's their own."""

    camera: HandoverCamera
    start: int
    """First frame on the timeline."""
    frames: int
    """Length on the timeline."""
    source_rate: Fraction
    source_start: int
    """The first frame's number in the source: its timecode, else 0."""
    source_frames: int
    speed: Fraction
    """Seconds of the source that pass in one of the timeline; 1 unless its drift amounts to something."""

    @property
    def end(self) -> int:
        """The frame on the timeline behind the last one."""
        return self.start + self.frames


@dataclass(frozen=True)
class Layout:
    """Every camera on one timeline, whose frame 0 is the earliest camera's first."""

    session: HandoverSession
    rate: Fraction
    clips: tuple[Placed, ...]
    """In the order of the labels."""

    @property
    def frames(self) -> int:
        """Length of the timeline."""
        return max(clip.end for clip in self.clips)

    @property
    def master(self) -> Placed:
        """The camera that the offsets are relative to."""
        return next(clip for clip in self.clips if clip.camera.label == self.session.master)


def lay_out(session: HandoverSession) -> Layout:
    """Put every camera on the frame nearest to its offset.

    Raises:
        InvalidInput: a camera is shorter than a frame.
    """
    rate = session_rate(session)
    earliest = min(camera.offset_ms for camera in session.cameras)
    cameras = sorted(session.cameras, key=lambda camera: camera.label)
    return Layout(session, rate, tuple(_place(camera, earliest, rate) for camera in cameras))


def session_rate(session: HandoverSession) -> Fraction:
    """The timeline's frame rate: the master's, else that of the first camera that has a picture."""
    cameras = sorted(session.cameras, key=lambda camera: (camera.label != session.master, camera.label))
    rates = (camera.rate for camera in cameras if camera.rate is not None)
    return next((editing_rate(rate) for rate in rates), DEFAULT_RATE)


def editing_rate(rate: Fraction) -> Fraction:
    """The timeline rate for material of ``rate``: its own, else one with whole frames for each of its frames.

    120 becomes 60 and 12.5 becomes 25; what has no such relation becomes the nearest.
    """
    rate = snap_rate(rate)
    if rate in EDITING_RATES:
        return rate
    multiples = [known for known in EDITING_RATES if (known / rate).denominator == 1]
    divisors = [known for known in EDITING_RATES if (rate / known).denominator == 1]
    if multiples:
        return min(multiples)
    if divisors:
        return max(divisors)
    return min(EDITING_RATES, key=lambda known: abs(known - rate))


def is_drop_frame(rate: Fraction) -> bool:
    """Whether timecode at this rate is counted in drop-frame, so that it keeps up with the clock."""
    return rate in {Fraction(30_000, 1001), Fraction(60_000, 1001)}


def timecode_frames(text: str, rate: Fraction) -> int | None:
    """Number of the frame that a timecode names; ``None`` when it is no timecode of that rate.

    Drop-frame timecode leaves out two numbers (four at 59.94) each minute but every tenth (SMPTE ST 12-1).
    """
    match = _TIMECODE.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes, seconds, frames = (int(match.group(group)) for group in (1, 2, 3, 5))
    counted = math.ceil(rate)
    if minutes > 59 or seconds > 59 or frames >= counted:
        return None
    number = ((hours * 60 + minutes) * 60 + seconds) * counted + frames
    if match.group(4) == ":" or not is_drop_frame(rate):
        return number
    dropped = counted // 15
    if frames < dropped and seconds == 0 and minutes % 10:
        return None
    whole_minutes = hours * 60 + minutes
    return number - dropped * (whole_minutes - whole_minutes // 10)


def timecode(frame: int, rate: Fraction) -> str:
    """The timecode of a frame: drop-frame, with a semicolon, at 29.97 and 59.94."""
    counted = math.ceil(rate)
    separator = ":"
    if is_drop_frame(rate):
        separator = ";"
        dropped = counted // 15
        tens, rest = divmod(frame, counted * 600 - dropped * 9)
        minute = counted * 60 - dropped
        frame += dropped * 9 * tens
        if rest >= counted * 60:
            frame += dropped * (1 + (rest - counted * 60) // minute)
    seconds, frames = divmod(frame, counted)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{separator}{frames:02d}"


def one_line(text: str) -> str:
    """Text that stays on one line in every format: control characters and line ends become blanks."""
    parted = (" " if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} else letter for letter in text)
    return "".join(parted).strip()


def _place(camera: HandoverCamera, earliest: Fraction, rate: Fraction) -> Placed:
    source_rate = rate if camera.rate is None else snap_rate(camera.rate)
    source_frames = math.floor(camera.duration * source_rate + _LENGTH_SLACK)
    length = source_frames / source_rate
    speed = _speed(camera, length, rate)
    # Where a file plays faster than it was recorded it is the shorter; where it plays slower, the added
    # frames are left out, as few programs take a clip that says it is longer than its file.
    frames = math.floor(min(length, length / speed) * rate)
    if frames < 1:
        raise InvalidInput(f"Camera {camera.label} is shorter than a frame")
    first = timecode_frames(camera.start_timecode, source_rate) if camera.start_timecode else None
    return Placed(
        camera=camera,
        start=round_half_up((camera.offset_ms - earliest) / 1000 * rate),
        frames=frames,
        source_rate=source_rate,
        source_start=first or 0,
        source_frames=source_frames,
        speed=speed,
    )


def _speed(camera: HandoverCamera, length: Fraction, rate: Fraction) -> Fraction:
    """What makes up for the drift; 1 where that stays within half a frame, as a retime costs quality.

    Second ``u`` of the camera is at ``offset + u * (1 + drift)`` of the master.
    """
    if not math.isfinite(camera.drift_ppm):
        return Fraction(1)
    drift = Fraction(camera.drift_ppm).limit_denominator(10_000) / 1_000_000
    return 1 / (1 + drift) if abs(drift) * length * rate >= Fraction(1, 2) else Fraction(1)
