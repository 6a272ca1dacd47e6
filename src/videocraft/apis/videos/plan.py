"""From a checked project and its probed files to the frozen film that ``media.compose`` makes. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, cast

from videocraft.apis.videos.project import MOST_PIXELS, MOST_SIDE, Element, Look, Project, Scene
from videocraft.errors import InvalidInput
from videocraft.media.captions.style import FONT_LINES
from videocraft.media.compose import film as compose
from videocraft.media.compose.film import (
    LEAST_LUFS,
    AudioClip,
    Box,
    CaptionTrack,
    Film,
    FilmScene,
    ImageLayer,
    Layer,
    Loudness,
    Source,
    TextLayer,
    VideoLayer,
)
from videocraft.media.compose.motion import Motion, Rect
from videocraft.media.presets import Quality
from videocraft.media.time import frame_boundaries, to_fraction

RATE: Final = Fraction(30)
_LEAST_PAN: Final = 1.2
"""A pan needs room to move in: so much is zoomed in at least."""
_PAN_X: Final = {"left": 0.0, "right": 1.0}
_PAN_Y: Final = {"top": 0.0, "bottom": 1.0}

Sources = Mapping[str, Source]
"""The files of a project by ``src``."""


def scene_lengths(project: Project, sources: Sources) -> list[Fraction]:
    """The exact seconds of each scene: asked for, else of its longest sound or video, else of its stills."""
    return [_length(scene, sources) for scene in project.scenes]


def scene_starts(lengths: Sequence[Fraction]) -> list[Fraction]:
    """When each scene begins on the film's frame grid, in seconds, and the film's end."""
    return [Fraction(frame) / RATE for frame in _boundaries(lengths)]


def build_film(
    project: Project,
    sources: Sources,
    lengths: Sequence[Fraction],
    captions: Sequence[CaptionTrack | None],
) -> Film:
    """The film.

    Args:
        lengths: of ``scene_lengths``.
        captions: of each scene, in its own seconds.

    Raises:
        InvalidInput: a file does not have what its element needs, or the film is impossible.
    """
    boundaries = _boundaries(lengths)
    scenes = tuple(
        FilmScene(
            frames=end - start,
            layers=tuple(_layer(element, sources, project) for element in scene.of_type(*_DRAWN)),
            audio=tuple(_clip(element, sources) for element in scene.of_type("audio")),
            captions=track,
            background=scene.background,
            transition=compose.Transition(
                cast("compose.TransitionKind", scene.transition.kind), _exact(scene.transition.seconds)
            ),
        )
        for scene, track, start, end in zip(
            project.scenes, captions, boundaries[:-1], boundaries[1:], strict=True
        )
    )
    backdrop = _backdrop(project, sources)
    music = tuple(_music(element, sources, project) for element in project.of_type("audio"))
    return Film(
        width=project.width,
        height=project.height,
        scenes=scenes,
        rate=RATE,
        quality=cast("Quality", project.quality),
        background=project.background,
        backdrop=backdrop,
        audio=music,
        loudness=_loudness(project, _loudest(scenes, backdrop, music)),
    )


_DRAWN: Final = ("image", "video", "text")


def _loudest(scenes: Sequence[FilmScene], backdrop: VideoLayer | None, music: Sequence[AudioClip]) -> float:
    """The highest volume in a film, 0 to 1."""
    layers = [layer for scene in scenes for layer in scene.layers]
    clips = [*music, *(clip for scene in scenes for clip in scene.audio)]
    heard = [backdrop, *layers, *clips]
    return max((sound.volume for sound in heard if isinstance(sound, AudioClip | VideoLayer)), default=0.0)


def _loudness(project: Project, loudest: float) -> Loudness | None:
    """What the film is brought to. Unless a loudness is asked for, a film of low volumes stays low.

    Otherwise a film's only sound would be as loud at a volume of 0.1 as at 1.
    """
    if project.loudness == "off":
        return None
    if project.loudness is not None:
        return Loudness(target=project.loudness)
    usual = Loudness()
    if loudest == 0:
        return usual
    return Loudness(target=max(LEAST_LUFS, usual.target + 20 * math.log10(loudest)))


def has_scene_sound(project: Project) -> bool:
    """Whether a scene has an audio element: the film's own audio then is music under it."""
    return any(scene.of_type("audio") for scene in project.scenes)


def heard_seconds(element: Element, source: Source) -> Fraction:
    """How long an audio or video element lasts, its start not counted."""
    available = max(Fraction(0), source.info.duration - _exact(element.offset))
    if element.duration is None:
        return available
    wanted = _exact(element.duration)
    return wanted if element.loop or element.type == "video" else min(wanted, available)


def _length(scene: Scene, sources: Sources) -> Fraction:
    if scene.duration is not None:
        return _exact(scene.duration)
    timed = [
        _exact(element.start) + heard_seconds(element, _source(element, sources))
        for element in scene.of_type("audio", "video")
    ]
    if timed:
        return max(timed)
    return _exact(scene.still_seconds)


def _boundaries(lengths: Sequence[Fraction]) -> list[int]:
    boundaries = frame_boundaries(lengths, RATE)
    # A scene of a hundredth of a second still has its frame.
    for number in range(1, len(boundaries)):
        boundaries[number] = max(boundaries[number], boundaries[number - 1] + 1)
    return boundaries


def _layer(element: Element, sources: Sources, project: Project) -> Layer:
    duration = None if element.duration is None else _exact(element.duration)
    start, fade_in, fade_out = _exact(element.start), _exact(element.fade_in), _exact(element.fade_out)
    if element.type == "text":
        return TextLayer(
            text=element.text or "",
            box=_text_box(element, project),
            z_index=element.z_index,
            start=start,
            duration=duration,
            fade_in=fade_in,
            fade_out=fade_out,
            **_text_look(element.look, project.height),
        )
    source = _source(element, sources)
    if source.info.video is None:
        raise InvalidInput(f"{element.path}: the file of this {element.type} element has no picture.")
    box = _box(element, source, project)
    resize = cast("compose.Resize", element.resize or "cover")
    if element.type == "image":
        return ImageLayer(
            source=source,
            box=box,
            resize=resize,
            motion=_motion(element),
            z_index=element.z_index,
            start=start,
            duration=duration,
            fade_in=fade_in,
            fade_out=fade_out,
        )
    volume = 1.0 if element.volume is None else element.volume
    return VideoLayer(
        source=source,
        box=box,
        resize=resize,
        offset=_exact(element.offset),
        loop=element.loop or False,
        volume=volume if source.info.audio else 0.0,
        z_index=element.z_index,
        start=start,
        duration=duration,
        fade_in=fade_in,
        fade_out=fade_out,
    )


def _backdrop(project: Project, sources: Sources) -> VideoLayer | None:
    for element in project.of_type("video"):
        source = _source(element, sources)
        if source.info.video is None:
            raise InvalidInput(f"{element.path}: the file of this video element has no picture.")
        return VideoLayer(
            source=source,
            box=_box(element, source, project),
            resize=cast("compose.Resize", element.resize or "cover"),
            offset=_exact(element.offset),
            loop=True if element.loop is None else element.loop,
            # It is a background: its sound is wanted only where somebody says how loud.
            volume=(element.volume or 0.0) if source.info.audio else 0.0,
            start=_exact(element.start),
            duration=None if element.duration is None else _exact(element.duration),
            fade_in=_exact(element.fade_in),
            fade_out=_exact(element.fade_out),
        )
    return None


def _clip(element: Element, sources: Sources) -> AudioClip:
    return _sound(element, sources, loop=element.loop or False, is_ducked=False)


def _music(element: Element, sources: Sources, project: Project) -> AudioClip:
    loop = True if element.loop is None else element.loop
    return _sound(element, sources, loop=loop, is_ducked=has_scene_sound(project))


def _sound(element: Element, sources: Sources, *, loop: bool, is_ducked: bool) -> AudioClip:
    source = _source(element, sources)
    if not source.info.audio:
        raise InvalidInput(f"{element.path}: the file of this audio element has no sound.")
    return AudioClip(
        source=source,
        volume=1.0 if element.volume is None else element.volume,
        start=_exact(element.start),
        duration=None if element.duration is None else _exact(element.duration),
        fade_in=_exact(element.fade_in),
        fade_out=_exact(element.fade_out),
        offset=_exact(element.offset),
        loop=loop,
        is_ducked=is_ducked,
    )


def _source(element: Element, sources: Sources) -> Source:
    return sources[element.src or ""]


def _box(element: Element, source: Source, project: Project) -> Box | None:
    """Where a picture lies; nothing given: it fills the canvas. One side given: the other by its shape."""
    if (element.x, element.y, element.width, element.height) == (None,) * 4:
        return None
    width, height = _shown_size(source)
    if element.width is not None and element.height is not None:
        width, height = element.width, element.height
    elif element.width is not None:
        width, height = element.width, max(1, round(height * element.width / width))
    elif element.height is not None:
        width, height = max(1, round(width * element.height / height)), element.height
    x = (project.width - width) // 2 if element.x is None else element.x
    y = (project.height - height) // 2 if element.y is None else element.y
    if max(width, height) > MOST_SIDE:
        shown = f"{width}x{height}"
        raise InvalidInput(
            f"{element.path}: its picture would be shown at {shown}, and {MOST_SIDE} is the most."
        )
    return Box(x, y, width, height)


def _shown_size(source: Source) -> tuple[int, int]:
    """Upright and with square pixels."""
    video = source.info.video
    if video is None:
        raise InvalidInput("The file has no picture.")
    width, height = max(1, round(video.width * video.sample_aspect)), video.height
    return (height, width) if video.rotation in {90, 270} else (width, height)


def _text_box(element: Element, project: Project) -> Box | None:
    if (element.x, element.y, element.width, element.height) == (None,) * 4:
        return None
    x, y = element.x or 0, element.y or 0
    width = _room(project.width, x) if element.width is None else element.width
    height = _room(project.height, y) if element.height is None else element.height
    return Box(x, y, width, height)


def _room(side: int, begin: int) -> int:
    """From where a text begins to the canvas's other side."""
    return min(MOST_SIDE, max(1, side - begin))


def _text_look(look: Look, lines: int) -> dict[str, Any]:
    return {
        "font": look.font,
        "size": min(max(1.0, look.size * lines / FONT_LINES), float(MOST_PIXELS)),
        "bold": look.is_bold,
        "italic": look.is_italic,
        "colour": look.colour,
        "outline_colour": look.outline_colour,
        "outline_width": look.outline_width * lines / 1080,
        "box_colour": look.box_colour,
        "align": look.align,
        "anchor": look.anchor,
    }


def _motion(element: Element) -> Motion | None:
    """Pan and zoom: ``zoom`` 10 doubles the picture; above 0 the end is near, below 0 the start."""
    if not element.zoom and element.pan is None:
        return None
    near = 1 + abs(element.zoom) / 10
    if element.pan is None:
        still, moved = Rect(), Rect.around(0.5, 0.5, near)
        return Motion(still, moved) if element.zoom > 0 else Motion(moved, still)
    near = max(near, _LEAST_PAN)
    parts = element.pan.split("-")
    x = next((_PAN_X[part] for part in parts if part in _PAN_X), 0.5)
    y = next((_PAN_Y[part] for part in parts if part in _PAN_Y), 0.5)
    target, opposite = Rect.around(x, y, near), Rect.around(1 - x, 1 - y, near)
    if element.zoom > 0:
        return Motion(Rect(), target)
    return Motion(opposite, Rect()) if element.zoom < 0 else Motion(opposite, target)


def _exact(seconds: float) -> Fraction:
    return to_fraction(seconds)
