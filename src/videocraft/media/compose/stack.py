"""What a part of a scene shows: which of its layers, when, and where. Pure: a plan in, numbers out."""

from __future__ import annotations

from dataclasses import dataclass

from videocraft.media.compose.film import Box, Film, ImageLayer, Layer, TextLayer, VideoLayer
from videocraft.media.compose.shapes import Fit, fit
from videocraft.media.compose.timeline import Part
from videocraft.media.filters import displayed
from videocraft.media.probe import VideoStream
from videocraft.media.time import round_half_up

_ALPHA_FORMATS = ("rgba", "bgra", "argb", "abgr", "ya8", "ya16", "pal8", "yuva", "gbrap")


@dataclass(frozen=True)
class Visible:
    """A layer's time on the scene's clock, and the frames of it that a part shows."""

    begin: int
    end: int
    first: int
    last: int

    @property
    def frames(self) -> int:
        return self.last - self.first


def layers_of(film: Film, part: Part) -> list[tuple[int, Layer, Visible]]:
    """Position, layer and time of what a part shows, lowest first; -1 is the film's backdrop.

    What lies below a layer that hides all of it is left out.
    """
    scene = film.scenes[part.scene]
    layers: list[tuple[int, Layer]] = sorted(enumerate(scene.layers), key=lambda item: item[1].z_index)
    if film.backdrop is not None:
        layers.insert(0, (-1, film.backdrop))
    found = []
    for position, layer in layers:
        visible = _visible(film, part, layer, is_backdrop=position == -1)
        if visible is not None:
            found.append((position, layer, visible))
    for at in range(len(found) - 1, -1, -1):
        if _hides_all(film, part, found[at][1], found[at][2]):
            return found[at:]
    return found


def is_whole(film: Film, part: Part, layer: Layer, visible: Visible) -> bool:
    """Whether a layer hides all below it and is as large as the canvas."""
    if isinstance(layer, TextLayer) or not _hides_all(film, part, layer, visible):
        return False
    place = place_of(film, layer)
    return (place.x, place.y, place.kept) == (0, 0, (film.width, film.height))


def is_one_still(film: Film, part: Part) -> bool:
    """Whether all that is seen of a part is a still that moves."""
    layers = layers_of(film, part)
    if len(layers) != 1:
        return False
    _, layer, visible = layers[0]
    is_moved = isinstance(layer, ImageLayer) and layer.motion is not None
    return is_moved and is_whole(film, part, layer, visible)


def place_of(film: Film, layer: VideoLayer | ImageLayer) -> Fit:
    """Where a layer lies on the canvas, and how its picture is cut and scaled for that."""
    box = layer.box or Box(0, 0, film.width, film.height)
    if isinstance(layer, ImageLayer) and layer.motion is not None:
        return moving_place(box)
    return fit(displayed(video_of(layer)), box, layer.resize)


def moving_place(box: Box) -> Fit:
    """Where a still goes that moves inside of its box: it fills it."""
    return fit((box.width, box.height), box, "stretch")


def has_alpha(video: VideoStream) -> bool:
    """Whether a picture may be transparent somewhere."""
    return video.pix_fmt.startswith(_ALPHA_FORMATS)


def video_of(layer: VideoLayer | ImageLayer) -> VideoStream:
    """The picture of a layer's source; the plan has refused sources without one."""
    video = layer.source.info.video
    if video is None:
        raise TypeError("a layer without a picture")
    return video


def _visible(film: Film, part: Part, layer: Layer, *, is_backdrop: bool) -> Visible | None:
    rate, length = film.rate, film.scenes[part.scene].frames
    shift = film.starts[part.scene] if is_backdrop else 0
    whole = film.frames if is_backdrop else length
    begin = round_half_up(layer.start * rate)
    end = whole
    if layer.duration is not None:
        end = min(whole, round_half_up((layer.start + layer.duration) * rate))
    # What touches the scene's ends goes on through the transitions there.
    shown_from = part.first if begin - shift <= 0 else max(part.first, begin - shift)
    part_end = part.first + part.frames
    shown_to = part_end if end - shift >= length else min(part_end, end - shift)
    if shown_to <= shown_from or end <= begin:
        return None
    return Visible(begin - shift, end - shift, shown_from, shown_to)


def _hides_all(film: Film, part: Part, layer: Layer, visible: Visible) -> bool:
    if isinstance(layer, TextLayer) or layer.fade_in or layer.fade_out or visible.frames < part.frames:
        return False
    if isinstance(layer, ImageLayer) and has_alpha(video_of(layer)):
        return False
    return place_of(film, layer).covers(film.width, film.height)
