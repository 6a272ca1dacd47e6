"""FFmpeg's arguments for one piece of a film: inputs and a filter graph of numbers, enums and our own names.

Every chain of a scene runs on the *scene's clock*: frame ``n`` of the scene (negative before its cut) stands
at ``n + LEAD`` ticks of one frame, so that fades and texts mean the same in every piece that the scene is
part of. Texts are files in the folder in which FFmpeg runs, and are named by us.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

from videocraft.media.colours import parse_colour
from videocraft.media.compose.film import Film, ImageLayer, Layer, TextLayer, VideoLayer
from videocraft.media.compose.stack import (
    Visible,
    has_alpha,
    is_one_still,
    is_whole,
    layers_of,
    place_of,
    video_of,
)
from videocraft.media.compose.stills import Moving, sheet
from videocraft.media.compose.timeline import Part, Piece, transition_frames
from videocraft.media.edit import origin_of
from videocraft.media.ffmpeg import input_arguments
from videocraft.media.filters import ACCURATE, convert_colour, deinterlace
from videocraft.media.presets import color_filter
from videocraft.media.probe import VideoStream
from videocraft.media.time import microseconds, round_half_up

LEAD: Final = 1200
"""Ticks of the scene's clock before its first frame: more than half of the longest transition at 120 fps."""

BT709: Final = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"

_SEEK_MARGIN = Fraction(1, 2)
_XFADES: Final = {"fade": "fadeblack", "dissolve": "fade", "wipe": "wipeleft", "slide": "slideleft"}


@dataclass
class PieceGraph:
    """What one FFmpeg is to do: inputs, chains, the texts that it reads, the stills that it is fed."""

    inputs: list[str] = field(default_factory=list)
    chains: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    """Name of a file in the working directory -> its content."""
    moving: list[Moving] = field(default_factory=list)
    is_mixed: bool = False
    """The stills are two, and FFmpeg is fed with the one dissolving into the other."""
    has_video: bool = False
    """Whether a moving picture is shown, in which anything may happen."""
    _inputs: int = 0
    _labels: int = 0

    def input(self, arguments: list[str]) -> int:
        """Add an input; its number."""
        self.inputs += arguments
        self._inputs += 1
        return self._inputs - 1

    def chain(self, sources: str, filters: list[str]) -> str:
        """Add a chain from labels (``[0:v][a]``) and return the label of its end."""
        label = self.label()
        self.chains.append(f"{sources}{','.join(filters)}{label}")
        return label

    def label(self) -> str:
        """A label that nobody has."""
        self._labels += 1
        return f"[s{self._labels}]"


class Drawing:
    """Draws pieces of one film.

    Args:
        film: the plan.
        texts: for each text layer, by scene and position, an ASS script on the scene's clock.
        stills: decoded pictures of layers with motion, the same way; ``first`` and ``frames`` are filled in
            here.
    """

    def __init__(
        self, film: Film, texts: Mapping[tuple[int, int], str], stills: Mapping[tuple[int, int], Moving]
    ) -> None:
        self._film = film
        self._texts = texts
        self._stills = stills
        self._transitions = transition_frames(film)

    def piece(self, piece: Piece, captions: str | None) -> PieceGraph:
        """The graph of a piece; its last label is ``[out]``.

        Args:
            captions: an ASS script on the piece's own clock (0 is its first frame), or None.
        """
        graph = PieceGraph(
            is_mixed=piece.kind == "dissolve" and all(is_one_still(self._film, part) for part in piece.parts)
        )
        feeds = self._reserve(graph, piece)
        rate = _ratio(self._film.rate)
        ends = []
        for part in piece.parts[:1] if graph.is_mixed else piece.parts:
            end = self._part(graph, part, feeds)
            ends.append(graph.chain(end, [f"settb={_ratio(1 / self._film.rate)}", "setpts=N", f"fps={rate}"]))
        label = ends[0]
        if len(ends) == 2:
            seconds = microseconds(piece.frames / self._film.rate + Fraction(1, 2_000_000))
            xfade = f"xfade=transition={_XFADES[piece.kind]}:duration={seconds}:offset=0"
            label = graph.chain("".join(ends), [xfade])
        last = [f"settb={_ratio(1 / self._film.rate)}", "setpts=N"]
        if captions is not None:
            graph.texts["captions.ass"] = captions
            last.append("ass=filename=captions.ass:shaping=complex")
        graph.chains.append(f"{label}{','.join([*last, 'format=yuv420p', BT709])}[out]")
        return graph

    # -- one scene ------------------------------------------------------------------------------------------

    def _base(
        self,
        graph: PieceGraph,
        part: Part,
        layers: list[tuple[int, Layer, Visible]],
        feeds: dict[tuple[int, int], str],
    ) -> tuple[str, int]:
        """What the other layers are laid on, and how many layers it is made of.

        A layer that is all of the canvas needs nothing below it.
        """
        if layers:
            position, layer, visible = layers[0]
            if is_whole(self._film, part, layer, visible) and not isinstance(layer, TextLayer):
                return self._picture(graph, part, position, layer, visible, feeds=feeds, as_base=True), 1
        return self._background(graph, part), 0

    def _part(self, graph: PieceGraph, part: Part, feeds: dict[tuple[int, int], str]) -> str:
        layers = layers_of(self._film, part)
        base, drawn = self._base(graph, part, layers, feeds)
        for position, layer, visible in layers[drawn:]:
            if isinstance(layer, TextLayer):
                name = f"text-{len(graph.texts)}.ass"
                graph.texts[name] = self._texts[part.scene, position]
                base = graph.chain(base, [f"ass=filename={name}:shaping=complex"])
                continue
            over = self._picture(graph, part, position, layer, visible, feeds=feeds, as_base=False)
            place = place_of(self._film, layer)
            overlay = f"overlay=x={place.x}:y={place.y}:eof_action=pass:repeatlast=0:format=yuv420"
            base = graph.chain(base + over, [overlay])
        return base

    def _background(self, graph: PieceGraph, part: Part) -> str:
        film = self._film
        red, green, blue = parse_colour(film.scenes[part.scene].background or film.background)
        source = (
            f"color=c=0x{red:02X}{green:02X}{blue:02X}:s={film.width}x{film.height}:r={_ratio(film.rate)}"
        )
        # Made as RGB: FFmpeg's drawing would take another matrix than the one that the film is tagged with.
        filters = [source, "format=gbrp", "trim=end_frame=1", *_TO_709, "format=yuv420p", BT709, *_HELD]
        return graph.chain("", [*filters, *self._clock(part.first, part.frames)])

    def _clock(self, first: int, frames: int) -> list[str]:
        """From frame ``first`` of the scene, on the scene's clock."""
        return [
            f"trim=end_frame={frames}",
            f"settb={_ratio(1 / self._film.rate)}",
            f"setpts=N+{first + LEAD}",
        ]

    def _picture(
        self,
        graph: PieceGraph,
        part: Part,
        position: int,
        layer: VideoLayer | ImageLayer,
        visible: Visible,
        *,
        feeds: dict[tuple[int, int], str],
        as_base: bool,
    ) -> str:
        """A chain of a layer's frames, in its own size, on the scene's clock."""
        if isinstance(layer, VideoLayer):
            label, filters = self._video(graph, layer, visible)
        else:
            label, filters = self._image(graph, part, position, layer, visible, feeds=feeds)
        if not as_base:
            # Alpha: what the overlay needs, and what fades.
            filters.append("format=yuva420p")
            filters += self._fades(layer, visible)
        return graph.chain(label, filters)

    def _fades(self, layer: VideoLayer | ImageLayer, visible: Visible) -> list[str]:
        rate, filters = self._film.rate, []
        begin, end = ((at + LEAD) / rate for at in (visible.begin, visible.end))
        if layer.fade_in:
            filters.append(f"fade=t=in:st={microseconds(begin)}:d={microseconds(layer.fade_in)}:alpha=1")
        if layer.fade_out:
            start = microseconds(max(begin, end - layer.fade_out))
            filters.append(f"fade=t=out:st={start}:d={microseconds(layer.fade_out)}:alpha=1")
        return filters

    # -- stills ---------------------------------------------------------------------------------------------

    def _image(
        self,
        graph: PieceGraph,
        part: Part,
        position: int,
        layer: ImageLayer,
        visible: Visible,
        *,
        feeds: dict[tuple[int, int], str],
    ) -> tuple[str, list[str]]:
        if layer.motion is not None:
            skipped = visible.first - part.first
            filters = [f"trim=start_frame={skipped}", *self._clock(visible.first, visible.frames)]
            return feeds[part.scene, position], filters
        video = video_of(layer)
        source = graph.input(input_arguments(layer.source.path, layer.source.info))
        filters = still_filters(video, place_of(self._film, layer).filters())
        return f"[{source}:{video.index}]", [*filters, *_HELD, *self._clock(visible.first, visible.frames)]

    def _reserve(self, graph: PieceGraph, piece: Piece) -> dict[tuple[int, int], str]:
        """One pipe for all stills that move in a piece: they stand below one another in its frames."""
        wanted: list[tuple[tuple[int, int], Moving]] = []
        for part in piece.parts:
            for position, layer, visible in layers_of(self._film, part):
                if isinstance(layer, ImageLayer) and layer.motion is not None:
                    still = self._stills[part.scene, position]
                    begin, end = self._motion_span(part.scene, visible)
                    moving = replace(still, first=part.first - begin, frames=end - begin)
                    wanted.append(((part.scene, position), moving))
        if not wanted:
            return {}
        graph.moving = [moving for _, moving in wanted]
        width, height = sheet(graph.moving[:1] if graph.is_mixed else graph.moving)
        with_alpha = any(moving.has_alpha for moving in graph.moving)
        source = graph.input(
            [
                *("-f", "rawvideo", "-pixel_format", "yuva420p" if with_alpha else "yuv420p"),
                *("-video_size", f"{width}x{height}", "-framerate", _ratio(self._film.rate), "-i", "pipe:3"),
            ]
        )
        if graph.is_mixed:
            return {wanted[0][0]: graph.chain(f"[{source}:0]", [BT709])}
        copies = [graph.label() for _ in wanted]
        graph.chains.append(f"[{source}:0]{BT709},split={len(copies)}{''.join(copies)}")
        feeds, top = {}, 0
        for copy, (where, moving) in zip(copies, wanted, strict=True):
            wide, high = moving.box
            feeds[where] = graph.chain(copy, [f"crop=w={wide}:h={high}:x=0:y={top}"])
            top += high
        return feeds

    def _motion_span(self, scene: int, visible: Visible) -> tuple[int, int]:
        """Frames over which a still moves: its time on screen, with the transitions at the scene's ends."""
        length = self._film.scenes[scene].frames
        before = self._transitions[scene - 1] if scene else 0
        after = self._transitions[scene]
        if self._film.movable and scene == 0:
            before = after
        if self._film.movable and scene == len(self._film.scenes) - 1:
            after = before
        begin = -(before // 2) if visible.begin <= 0 else visible.begin
        end = length + after - after // 2 if visible.end >= length else visible.end
        return begin, end

    # -- videos ---------------------------------------------------------------------------------------------

    def _video(self, graph: PieceGraph, layer: VideoLayer, visible: Visible) -> tuple[str, list[str]]:
        """The label and the filters that give exactly ``visible.frames`` frames."""
        video, rate = video_of(layer), self._film.rate
        elapsed = visible.first - visible.begin
        held = max(0, -elapsed)
        at = layer.offset + max(0, elapsed) / rate
        length = video.end_time - origin_of(layer.source.info)
        filters = [f"tpad=start_mode=clone:start={held}:stop_mode=clone:stop=-1"]
        filters += self._clock(visible.first, visible.frames)
        filters += [*convert_colour(video, _as_bt709(video)), *place_of(self._film, layer).filters()]
        filters += ["setsar=1", "format=yuv420p", BT709]
        if not layer.loop or at + (visible.frames - held) / rate <= length:
            return self._taken(graph, layer, min(at, length - 1 / video.rate)), filters
        # The rest of the round that the piece begins in, then whole rounds from the beginning.
        rest = at % length
        frames = max(1, round_half_up((length - rest) * rate))
        begun = graph.chain(
            self._taken(graph, layer, rest), [f"trim=end_frame={frames}", "setpts=PTS-STARTPTS"]
        )
        again = self._taken(graph, layer, Fraction(0), loops=True)
        return graph.chain(begun + again, ["concat=n=2:v=1:a=0", f"fps={_ratio(rate)}"]), filters

    def _taken(self, graph: PieceGraph, layer: VideoLayer, at: Fraction, *, loops: bool = False) -> str:
        """Frames at the film's rate from second ``at`` of a source on."""
        video, info = video_of(layer), layer.source.info
        graph.has_video = True
        instant = origin_of(info) + at
        first = round_half_up(max(instant, video.start_time) / video.time_base)
        arguments = ["-stream_loop", "-1"] if loops else []
        seek = first * video.time_base - _SEEK_MARGIN
        if not loops and seek > video.start_time:
            # Frames are picked by the source's own clock behind the seek: early costs little, late is wrong.
            arguments += ["-seek_timestamp", "1", "-noaccurate_seek", "-ss", microseconds(seek)]
        source = graph.input([*arguments, *input_arguments(layer.source.path, info)])
        filters = [f"setpts=PTS-{first}", color_filter(video), *deinterlace(video)]
        filters.append(f"fps=fps={_ratio(self._film.rate)}:start_time=0:round=near")
        return graph.chain(f"[{source}:{video.index}]", filters)


_TO_709: Final = [f"scale=out_color_matrix=bt709:out_range=tv:flags={ACCURATE}"]
_HELD: Final = ["loop=loop=-1:size=1:start=0"]


def still_filters(video: VideoStream, geometry: list[str]) -> list[str]:
    """From one decoded picture of any kind to 4:2:0 in BT.709, with alpha where there is some."""
    if not has_alpha(video):
        return ["format=gbrp", *geometry, "setsar=1", *_TO_709, "format=yuv420p", BT709]
    # Scaled with its colour weighted by its alpha: what is transparent must not bleed into what is not.
    return [
        *("format=gbrap", "premultiply=inplace=1", *geometry, "unpremultiply=inplace=1"),
        *("setsar=1", *_TO_709, "format=yuva420p", BT709),
    ]


def _as_bt709(video: VideoStream) -> VideoStream:
    return replace(
        video, color_space="bt709", color_primaries="bt709", color_transfer="bt709", color_range="tv"
    )


def _ratio(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"
