"""Makes a film: scenes and transitions as pieces, the sound once, joined without encoding again, checked."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any

from videocraft.media import fonts
from videocraft.media.captions.ass import Event, events_of, script, shifted, styles_of
from videocraft.media.captions.layout import lay_out
from videocraft.media.check import Expected, check_file
from videocraft.media.compose import encoding, stills, texts
from videocraft.media.compose.film import Box, Film, FilmReport, ImageLayer, Source, TextLayer
from videocraft.media.compose.graph import Drawing, PieceGraph, still_filters
from videocraft.media.compose.join import Encoded, join
from videocraft.media.compose.progress import Meter
from videocraft.media.compose.soundtrack import Recording, Soundtrack
from videocraft.media.compose.stack import has_alpha, moving_place
from videocraft.media.compose.stills import Moving
from videocraft.media.compose.timeline import Piece, pieces_of
from videocraft.media.crew import Crew
from videocraft.media.edit import Stage, Tools
from videocraft.media.ffmpeg import ffmpeg, input_arguments, version
from videocraft.media.filters import ACCURATE, displayed
from videocraft.media.limits import file_url
from videocraft.media.time import round_half_up

ENGINE_VERSION = 2
"""Part of every stage's key: pieces of another version of this code are not taken up again."""


def make_film(
    film: Film,
    output: Path,
    *,
    workdir: Path,
    tools: Tools,
    stage: Stage,
    should_stop: Callable[[], bool],
    on_progress: Callable[[float, str], None],
    warn: Callable[[str], None],
) -> FilmReport:
    """Make ``output`` (MP4: H.264 High, AAC 48 kHz stereo, index in front), whole and checked.

    Args:
        workdir: a folder for what is of no use afterwards.
        tools: FFmpeg, limits of one process, processes at once.
        stage: keeps rendered pieces, so that only what changed is rendered the next time.
        on_progress: gets a fraction 0-1 that never goes back, and a message.
        warn: gets every deviation from what was asked, as a sentence.

    Raises:
        MediaError: the work failed, or the result is not what was asked for.
        process.Stopped: ``should_stop`` said so.
    """
    started = time.monotonic()
    warnings: list[str] = []

    def tell(sentence: str) -> None:
        if sentence not in warnings:
            warnings.append(sentence)
            warn(sentence)

    work = _Work(film, workdir=workdir, tools=tools, stage=stage, should_stop=should_stop, warn=tell)
    meter = Meter(film.frames, on_progress)
    encoded, track = work.make(meter)
    meter.joining()
    join(encoded, track.path, output, film.rate)
    meter.checking()
    expected = Expected(
        frames=film.frames,
        rate=film.rate,
        codec="h264",
        width=film.width,
        height=film.height,
        has_audio=True,
        joins=tuple(accumulate(piece.frames for piece in encoded))[:-1],
        joins_are_closed=True,
    )
    # The sound was measured when it was made, and is copied as it is.
    checked = check_file(output, expected, should_stop=should_stop)
    for sentence in (*checked.warnings, *track.warnings):
        tell(sentence)
    return FilmReport(
        frames=film.frames,
        duration=film.duration,
        width=film.width,
        height=film.height,
        rendered=work.rendered,
        reused=len(encoded) - work.rendered,
        loudness=track.loudness,
        warnings=tuple(warnings),
        wall_seconds=time.monotonic() - started,
    )


class _Work:
    """The pieces and the sound of one film."""

    def __init__(
        self,
        film: Film,
        *,
        workdir: Path,
        tools: Tools,
        stage: Stage,
        should_stop: Callable[[], bool],
        warn: Callable[[str], None],
    ) -> None:
        self.film = film
        self.rendered = 0
        self._workdir = workdir
        self._tools = tools
        self._stage = stage
        self._warn = warn
        self._lock = threading.Lock()
        self.pieces, shortened = pieces_of(film)
        for sentence in shortened:
            warn(sentence)
        at_once = max(1, min(tools.parallel, len(self.pieces)))
        self._threads = max(1, (os.cpu_count() or 1) // at_once)
        self._crew = Crew(at_once, "film", should_stop)
        self._captions = [self._caption_events(index) for index in range(len(film.scenes))]
        self._stills = self._decoded_stills()
        self._decoding = {still.path: threading.Lock() for still in self._stills.values()}
        self._drawing = Drawing(film, self._texts(), self._stills)

    def make(self, meter: Meter) -> tuple[list[Encoded], Soundtrack]:
        """Every piece and the sound track, as files."""
        recording = Recording(
            self.film,
            workdir=self._workdir,
            tools=self._tools,
            stage=self._stage,
            crew=self._crew,
            key=self._key(),
            warn=self._warn,
        )
        with self._crew as crew:
            # What takes longest goes first, so that nobody is left with it while the others have nothing to
            # do; the sound is one long piece of work.
            track = crew.submit(recording.make)
            longest_first = sorted(self.pieces, key=lambda piece: -piece.frames * len(piece.parts))
            made = {
                piece.start: crew.submit(self._piece, piece, meter.part(piece.frames))
                for piece in longest_first
            }
        encoded = [Encoded(made[piece.start].result(), piece.frames) for piece in self.pieces]
        return encoded, track.result()

    def _key(self, **what: Any) -> dict[str, Any]:
        return {"engine": ENGINE_VERSION, "ffmpeg": version(self._tools.ffmpeg), **what}

    # -- what is drawn -----------------------------------------------------------------------------------

    def _caption_events(self, index: int) -> list[Event]:
        scene, canvas = self.film.scenes[index], (self.film.width, self.film.height)
        if scene.captions is None:
            return []
        style = scene.captions.style
        family, is_known = fonts.family_of(style.font_family)
        if not is_known:
            self._warn(f"The font {style.font_family!r} is not available; {family} was used.")
        cues = lay_out(scene.captions.transcript, style, canvas)
        events = events_of(cues, style, canvas, self.film.rate)
        return shifted(events, 0, scene.frames)

    def _captions_of(self, piece: Piece) -> str | None:
        """The script of the captions within a piece, on its own clock."""
        canvas = (self.film.width, self.film.height)
        events: list[Event] = []
        styles = []
        for number, part in enumerate(piece.parts):
            track = self.film.scenes[part.scene].captions
            found = shifted(self._captions[part.scene], -part.first, piece.frames)
            if track is None or not found:
                continue
            # Two scenes may have two styles: their names get a number.
            styles += [style.numbered(number) for style in styles_of(track.style, canvas)]
            events += [event.numbered(number) for event in found]
        return script(canvas, styles, events, self.film.rate) if events else None

    def _texts(self) -> dict[tuple[int, int], str]:
        scripts = {}
        for index, scene in enumerate(self.film.scenes):
            for position, layer in enumerate(scene.layers):
                if isinstance(layer, TextLayer):
                    family, is_known = fonts.family_of(layer.font)
                    if not is_known:
                        self._warn(f"The font {layer.font!r} is not available; {family} was used.")
                    begin = round_half_up(layer.start * self.film.rate)
                    end = scene.frames
                    if layer.duration is not None:
                        end = min(end, round_half_up((layer.start + layer.duration) * self.film.rate))
                    # What touches the scene's ends goes on through the transitions there.
                    first = begin if begin or layer.fade_in else -texts.BEYOND
                    last = end if end < scene.frames or layer.fade_out else end + texts.BEYOND
                    scripts[index, position] = texts.text_script(self.film, layer, first, last)
        return scripts

    # -- stills that move --------------------------------------------------------------------------------

    def _decoded_stills(self) -> dict[tuple[int, int], Moving]:
        found: dict[tuple[int, int], Moving] = {}
        for index, scene in enumerate(self.film.scenes):
            for position, layer in enumerate(scene.layers):
                if isinstance(layer, ImageLayer) and layer.motion is not None:
                    found[index, position] = self._still(layer)
        return found

    def _still(self, layer: ImageLayer) -> Moving:
        video, motion = layer.source.info.video, layer.motion
        if video is None or motion is None:
            raise TypeError("not a still that moves")
        box = layer.box or Box(0, 0, self.film.width, self.film.height)
        kept = moving_place(box).kept
        size = stills.working_size(displayed(video), kept, motion)
        name = f"still-{layer.source.identity[:32]}-{size[0]}x{size[1]}.yuv"
        return Moving(self._workdir / name, *size, kept, has_alpha(video), motion, 0, 1)

    def _decode(self, still: Moving, source: Source) -> None:
        """Have a still that moves decoded, once for all pieces and films that show it."""
        video = source.info.video
        if video is None:
            raise TypeError("not a still")
        is_enlarged = still.width * still.height > math.prod(displayed(video))
        flags = f"{'bicubic' if is_enlarged else 'area'}+{ACCURATE}"
        chain = still_filters(video, [f"scale=w={still.width}:h={still.height}:flags={flags}"])

        def make(path: Path) -> None:
            self._ffmpeg(
                [
                    *input_arguments(source.path, source.info),
                    *("-map", f"0:{video.index}", "-frames:v", "1", "-vf", ",".join(chain)),
                    *stills.raw_arguments(still.has_alpha),
                    file_url(path),
                ]
            )

        with self._decoding[still.path]:
            if not still.path.exists():
                key = self._key(source=source.identity, stream=video.index, chain=chain)
                still.path.symlink_to(self._stage("still.yuv", key, make).absolute())

    # -- pieces ------------------------------------------------------------------------------------------

    def _piece(self, piece: Piece, report: Callable[[int], None]) -> Path:
        graph = self._drawing.piece(piece, self._captions_of(piece))
        how = encoding.arguments(self.film, piece, graph)

        def make(path: Path) -> None:
            with self._lock:
                self.rendered += 1
            self._render(piece, graph, path, how=how, report=report)

        path = self._stage("scene.mp4", self._piece_key(piece, graph, how), make)
        report(piece.frames)
        return path

    def _piece_key(self, piece: Piece, graph: PieceGraph, how: list[str]) -> dict[str, Any]:
        """Everything that the pictures depend on; sources by what is in them, not by where they lie."""
        sources = self._sources(piece)
        names = {file_url(source.path): source.identity for source in sources}
        return self._key(
            inputs=[names.get(argument, argument) for argument in graph.inputs],
            graph=graph.chains,
            texts=graph.texts,
            mixed=graph.is_mixed,
            moving=[
                [moving.path.name, repr(moving.motion), moving.first, moving.frames]
                for moving in graph.moving
            ],
            encoding=how,
        )

    def _sources(self, piece: Piece) -> list[Source]:
        layers = [layer for part in piece.parts for layer in self.film.scenes[part.scene].layers]
        found = [layer.source for layer in layers if not isinstance(layer, TextLayer)]
        return found + ([self.film.backdrop.source] if self.film.backdrop is not None else [])

    def _render(
        self,
        piece: Piece,
        graph: PieceGraph,
        path: Path,
        *,
        how: list[str],
        report: Callable[[int], None],
    ) -> None:
        for part in piece.parts:
            for position, layer in enumerate(self.film.scenes[part.scene].layers):
                still = self._stills.get((part.scene, position))
                if still is not None and isinstance(layer, ImageLayer):
                    self._decode(still, layer.source)
        folder = self._workdir / f"piece-{piece.start}"
        folder.mkdir(exist_ok=True)
        for name, text in graph.texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        feed = None
        if graph.moving:
            feed = stills.feed(graph.moving, piece.frames, self._crew.check, is_mixed=graph.is_mixed)
        ffmpeg(
            [
                *("-copyts", "-filter_complex_threads", str(self._threads), *graph.inputs),
                *("-filter_complex", ";".join(graph.chains), "-map", "[out]", *how),
                *("-threads", str(self._threads), "-f", "mp4", file_url(path)),
            ],
            binary=self._tools.ffmpeg,
            limits=self._tools.limits,
            should_stop=self._crew.stopped,
            on_progress=lambda progress: report(progress.frame),
            feed=feed,
            cwd=folder,
            environment=fonts.environment(),
        )

    def _ffmpeg(self, arguments: list[str]) -> None:
        ffmpeg(
            arguments, binary=self._tools.ffmpeg, limits=self._tools.limits, should_stop=self._crew.stopped
        )
