"""What a film is made of: one frozen plan, validated when it is built, before any media is touched.

Positions and sizes are pixels of the canvas, times are exact seconds (``Fraction``), a scene's length is
whole frames: whoever builds a film turns seconds into frames once, with ``media.time.frame_boundaries``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Final, Literal

from videocraft.errors import InvalidInput
from videocraft.media.captions.style import CaptionStyle
from videocraft.media.captions.transcript import Transcript
from videocraft.media.colours import parse_colour
from videocraft.media.compose.motion import Motion
from videocraft.media.presets import Quality
from videocraft.media.probe import MediaInfo

Resize = Literal["cover", "contain", "fit", "stretch", "center"]
"""How a picture gets into its box: ``cover`` fills it and cuts off what is over; ``contain`` and ``fit`` show
all of it, as large as it goes; ``stretch`` gives up its proportions; ``center`` keeps its size and cuts."""
TransitionKind = Literal["cut", "fade", "dissolve", "wipe", "slide"]
"""``fade`` goes through black, ``dissolve`` from picture to picture; ``wipe`` and ``slide`` come from the
right."""
Align = Literal["left", "center", "right"]

LEAST_SIDE: Final = 16
MOST_SIDE: Final = 4096
MOST_SCENES: Final = 2000
MOST_LAYERS: Final = 50
"""Of one scene: each is decoded at the same time."""
MOST_SECONDS: Final = 6 * 3600
LEAST_LUFS: Final = -69.0
"""Just above EBU R 128's absolute gate, under which nothing can be measured."""
CRF: Final = {"low": 28, "medium": 23, "high": 18}


@dataclass(frozen=True)
class Source:
    """A file that a film is made of.

    ``digest`` says what is in it (its SHA-256, or anything else that changes with the content): pieces that
    were rendered from it are found again by it. Empty: it is worked out when it is needed.
    """

    path: Path
    info: MediaInfo
    digest: str = ""

    @cached_property
    def identity(self) -> str:
        """``digest``, or the SHA-256 of the file."""
        if self.digest:
            return self.digest
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Box:
    """Where a layer lies on the canvas; it may stick out. Overlays lie on even pixels (4:2:0): odd ones are
    taken one to the left or up."""

    x: int
    y: int
    width: int
    height: int

    def __post_init__(self) -> None:
        """Raises InvalidInput: it has no area, or is far too large."""
        if not (1 <= self.width <= 2 * MOST_SIDE and 1 <= self.height <= 2 * MOST_SIDE):
            raise InvalidInput(f"A layer must be 1 to {2 * MOST_SIDE} pixels wide and high.")
        if max(abs(self.x), abs(self.y)) > 4 * MOST_SIDE:
            raise InvalidInput(f"A layer must lie within {4 * MOST_SIDE} pixels of the canvas.")


@dataclass(frozen=True, kw_only=True)
class _Layer:
    """What all layers have.

    Attributes:
        z_index: higher ones lie above; equal ones in the order of the list.
        start: seconds into the scene at which it appears.
        duration: seconds that it stays, None for the rest of the scene.
        fade_in, fade_out: seconds.
    """

    z_index: int = 0
    start: Fraction = Fraction(0)
    duration: Fraction | None = None
    fade_in: Fraction = Fraction(0)
    fade_out: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        _check_times(self.start, self.duration, self.fade_in, self.fade_out)


@dataclass(frozen=True, kw_only=True)
class VideoLayer(_Layer):
    """A moving picture, silent unless ``volume`` is above 0.

    Attributes:
        box: None for the whole canvas.
        offset: seconds into the source at which it starts.
        loop: starts again at its end (from its beginning); else its last picture stays.
        volume: of its sound, 0 to 4; 1 is as recorded.
    """

    source: Source
    box: Box | None = None
    resize: Resize = "cover"
    offset: Fraction = Fraction(0)
    loop: bool = False
    volume: float = 0.0

    def __post_init__(self) -> None:
        """Raises InvalidInput: there is no picture, or a number is out of range."""
        _check_times(self.start, self.duration, self.fade_in, self.fade_out, self.offset)
        _check_volume(self.volume)
        if self.source.info.video is None:
            raise InvalidInput("A video element's file has no picture.")


@dataclass(frozen=True, kw_only=True)
class ImageLayer(_Layer):
    """A still; with ``motion`` a part of it that pans and zooms and fills the box."""

    source: Source
    box: Box | None = None
    resize: Resize = "cover"
    motion: Motion | None = None

    def __post_init__(self) -> None:
        """Raises InvalidInput: there is no picture, or a number is out of range."""
        _check_times(self.start, self.duration, self.fade_in, self.fade_out)
        if self.source.info.video is None:
            raise InvalidInput("An image element's file has no picture.")


@dataclass(frozen=True, kw_only=True)
class TextLayer(_Layer):
    """Text in any script, wrapped to the width of its box and aligned in it.

    Attributes:
        box: None for the canvas within its safe areas.
        font: a family by name; what is not shipped becomes the nearest family that is.
        size: of the font, in pixels of the canvas.
        colour, outline_colour, box_colour: ``#RRGGBB``; a box is drawn when ``box_colour`` is given.
        align: of the lines.
        anchor: where the block of lines stands in the height of its box.
    """

    text: str
    box: Box | None = None
    font: str = "Arial"
    size: float = 64.0
    bold: bool = False
    italic: bool = False
    colour: str = "#FFFFFF"
    outline_colour: str = "#000000"
    outline_width: float = 0.0
    box_colour: str | None = None
    align: Align = "center"
    anchor: Literal["top", "middle", "bottom"] = "middle"

    def __post_init__(self) -> None:
        """Raises InvalidInput: a colour can't be read, or a number is out of range."""
        _check_times(self.start, self.duration, self.fade_in, self.fade_out)
        for colour in (self.colour, self.outline_colour, self.box_colour):
            if colour is not None:
                parse_colour(colour)
        if not 1 <= self.size <= MOST_SIDE:
            raise InvalidInput(f"A text's font size must be 1 to {MOST_SIDE} pixels.")
        if not 0 <= self.outline_width <= 100:
            raise InvalidInput("A text's outline width must be 0 to 100 pixels.")


Layer = VideoLayer | ImageLayer | TextLayer


@dataclass(frozen=True, kw_only=True)
class AudioClip:
    """Sound, mixed on the sample grid.

    Attributes:
        start: seconds into its scene (or into the film, for the film's own) at which it is heard first.
        duration: seconds, None for all of it; it never sounds beyond its scene.
        offset: seconds into the source at which it starts.
        loop: starts again at its end.
        is_ducked: gives way (by 12 dB) while a clip that is not ducked is heard: music under speech.
    """

    source: Source
    volume: float = 1.0
    start: Fraction = Fraction(0)
    duration: Fraction | None = None
    fade_in: Fraction = Fraction(0)
    fade_out: Fraction = Fraction(0)
    offset: Fraction = Fraction(0)
    loop: bool = False
    is_ducked: bool = False

    def __post_init__(self) -> None:
        """Raises InvalidInput: there is no sound, or a number is out of range."""
        _check_times(self.start, self.duration, self.fade_in, self.fade_out, self.offset)
        _check_volume(self.volume)
        if not self.source.info.audio:
            raise InvalidInput("An audio element's file has no sound.")


@dataclass(frozen=True)
class CaptionTrack:
    """What is said in a scene, in seconds of the scene, and how it is shown."""

    transcript: Transcript
    style: CaptionStyle


@dataclass(frozen=True)
class Transition:
    """How one scene becomes the next, with its middle on the cut; it makes the film no longer and no shorter.

    Both scenes go on below it: a still keeps moving, a video runs on where it has more, else its picture
    stands.
    """

    kind: TransitionKind = "cut"
    seconds: Fraction = Fraction(1, 2)

    def __post_init__(self) -> None:
        """Raises InvalidInput: longer than 10 s, or no length."""
        if self.kind != "cut" and not 0 < self.seconds <= 10:
            raise InvalidInput("A transition must last more than 0 and at most 10 seconds.")


@dataclass(frozen=True, kw_only=True)
class FilmScene:
    """One scene: everything in it counts its seconds from the scene's beginning.

    Attributes:
        frames: its exact length on the film's frame grid.
        layers: sorted by ``z_index`` when drawn; captions lie above all of them.
        background: ``#RRGGBB``, None for the film's.
        transition: to the next scene; of the last scene it is left out.
    """

    frames: int
    layers: tuple[Layer, ...] = ()
    audio: tuple[AudioClip, ...] = ()
    captions: CaptionTrack | None = None
    background: str | None = None
    transition: Transition = Transition()

    def __post_init__(self) -> None:
        """Raises InvalidInput: it has no length, too many layers, or a colour that can't be read."""
        if self.frames < 1:
            raise InvalidInput("A scene is shorter than one frame.")
        if len(self.layers) > MOST_LAYERS or len(self.audio) > MOST_LAYERS:
            raise InvalidInput(
                f"A scene can have at most {MOST_LAYERS} pictures and texts, and as many sounds."
            )
        if self.background is not None:
            parse_colour(self.background)


@dataclass(frozen=True)
class Loudness:
    """What the sound is brought to: integrated loudness (EBU R 128) in LUFS, and most true peak in dBTP."""

    target: float = -14.0
    peak: float = -1.0

    def __post_init__(self) -> None:
        """Raises InvalidInput: out of range."""
        if not (LEAST_LUFS <= self.target <= -5 and -20 <= self.peak <= 0):
            raise InvalidInput("The loudness must be -69 to -5 LUFS with peaks of at most -20 to 0 dBTP.")


@dataclass(frozen=True, kw_only=True)
class Film:
    """A whole film.

    Attributes:
        width, height: of the canvas, even. quality: ``low``, ``medium`` or ``high``: CRF 28, 23 or 18.
        background: ``#RRGGBB`` where nothing else is. backdrop: a video below all scenes, usually with
        ``loop``; its times count in the film. audio: under the whole film. loudness: None leaves the sound as
        loud as it is (only what would clip is limited). movable: the first and the last scene are cut into
        pieces, and move, as if they stood between others. A
            scene that only changes its place in the film is then found again instead of rendered again.
    """

    width: int
    height: int
    scenes: tuple[FilmScene, ...]
    rate: Fraction = Fraction(30)
    quality: Quality = "medium"
    background: str = "#000000"
    backdrop: VideoLayer | None = None
    audio: tuple[AudioClip, ...] = ()
    loudness: Loudness | None = Loudness()
    movable: bool = False

    def __post_init__(self) -> None:
        """Raises InvalidInput: the canvas is impossible, there is no scene, or a transition does not fit."""
        for side in (self.width, self.height):
            if side % 2 or not LEAST_SIDE <= side <= MOST_SIDE:
                raise InvalidInput(f"The canvas must have even sides of {LEAST_SIDE} to {MOST_SIDE} pixels.")
        if self.quality not in CRF:
            raise InvalidInput(f"The quality must be one of {', '.join(CRF)}.")
        if not 1 <= len(self.scenes) <= MOST_SCENES:
            raise InvalidInput(f"A film must have 1 to {MOST_SCENES} scenes.")
        if not 1 <= self.rate <= 120:
            raise InvalidInput("A film must have 1 to 120 frames a second.")
        if self.duration > MOST_SECONDS:
            raise InvalidInput(f"A film must not be longer than {MOST_SECONDS // 3600} hours.")
        if len(self.audio) > MOST_LAYERS:
            raise InvalidInput(f"A film can have at most {MOST_LAYERS} sounds of its own.")
        parse_colour(self.background)

    @property
    def starts(self) -> list[int]:
        """The first frame of each scene, and the film's end."""
        return [0, *accumulate(scene.frames for scene in self.scenes)]

    @property
    def frames(self) -> int:
        """Length in frames."""
        return sum(scene.frames for scene in self.scenes)

    @property
    def duration(self) -> Fraction:
        """Length in seconds."""
        return self.frames / self.rate


@dataclass(frozen=True)
class FilmReport:
    """What was made.

    Attributes:
        rendered, reused: pieces (scenes and transitions) that were encoded now, and that were there already.
        loudness: integrated, of the finished file, in LUFS; None when silent or without sound.
        warnings: every deviation from what was asked, in sentences.
    """

    frames: int
    duration: Fraction
    width: int
    height: int
    rendered: int
    reused: int
    loudness: float | None
    warnings: tuple[str, ...]
    wall_seconds: float


def _check_times(*times: Fraction | None) -> None:
    if any(time is not None and not 0 <= time <= MOST_SECONDS for time in times):
        raise InvalidInput(f"Times of an element must be 0 to {MOST_SECONDS} seconds.")


def _check_volume(volume: float) -> None:
    if not 0 <= volume <= 4:
        raise InvalidInput("A volume must be 0 to 4.")
