"""Makes one finished file out of an edit: plan, encode what must be encoded, join, check."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from videocraft.errors import MediaError
from videocraft.media import audio, edges, encode, smartcut
from videocraft.media.check import Expected, check_file
from videocraft.media.crew import Crew
from videocraft.media.edge_encoder import EdgeEncoder
from videocraft.media.edges import Batch
from videocraft.media.edit import Edit, ExportReport, Stage, Tools
from videocraft.media.ffmpeg import Progress, ffmpeg, version, working_encoder
from videocraft.media.meter import AUDIO_COST, CHECK_SHARE, Meter
from videocraft.media.muxer import OutputPicture, write_output
from videocraft.media.pictures import NotCopyable, PictureReader
from videocraft.media.presets import SOFTWARE, STREAM_CODECS, Codec, Encoder, encoder
from videocraft.media.reader import open_media
from videocraft.media.smartcut import Edge, Plan, Whole
from videocraft.media.splice import Splice

ENGINE_VERSION = 1
"""Part of every stage's key: pieces of another version of this code are not taken up again."""


@dataclass(frozen=True)
class Control:
    """How the work is watched and stopped, and where what is done is kept."""

    stage: Stage
    should_stop: Callable[[], bool]
    on_progress: Callable[[float, str], None]
    warn: Callable[[str], None]


def make_export(
    edit: Edit,
    output: Path,
    *,
    workdir: Path,
    tools: Tools,
    stage: Stage,
    should_stop: Callable[[], bool],
    on_progress: Callable[[float, str], None],
    warn: Callable[[str], None],
) -> ExportReport:
    """Make ``output``; it is whole and checked when this returns.

    Args:
        workdir: a folder for what is of no use afterwards.
        stage: keeps finished pieces for a later try.
        on_progress: gets a fraction 0-1 that never goes back, and a message.
        warn: gets every deviation from what was asked, as a sentence.

    Raises:
        MediaError: the work failed, or the result is not what was asked for.
        process.Stopped: ``should_stop`` said so.
    """
    started = time.monotonic()
    control = Control(stage, should_stop, on_progress, warn)
    excluded: dict[int, str] = {}
    while True:
        try:
            attempt = _Export(edit, output, workdir=workdir, tools=tools, control=control, excluded=excluded)
            plan, expected = attempt.run()
            break
        except NotCopyable as error:
            # What a stream is like in the middle shows only there: that source is then encoded instead.
            if error.source is None or error.source in excluded:
                raise MediaError(f"A source could not be joined: {error}.") from error
            excluded[error.source] = str(error)
    for reason in plan.reasons:
        warn(reason)
    on_progress(1 - CHECK_SHARE, "Checking the finished file")
    checked = check_file(
        output, expected, ffmpeg_binary=tools.ffmpeg, limits=tools.limits, should_stop=should_stop
    )
    for warning in checked.warnings:
        warn(warning)
    return ExportReport(
        frames=plan.frames,
        frames_copied=plan.frames_copied,
        frames_encoded=plan.frames - plan.frames_copied,
        duration=plan.frames / plan.rate,
        warnings=(*plan.reasons, *checked.warnings),
        wall_seconds=time.monotonic() - started,
    )


@dataclass(frozen=True)
class _Target:
    """How whole segments are encoded."""

    codec: Codec
    encoder: Encoder
    picture: encode.Picture


class _Export:
    """One attempt at an export."""

    def __init__(
        self,
        edit: Edit,
        output: Path,
        *,
        workdir: Path,
        tools: Tools,
        control: Control,
        excluded: Mapping[int, str],
    ) -> None:
        self.edit = edit
        self.output = output
        self.workdir = workdir
        self.tools = tools
        self.control = control
        self.excluded = excluded
        self._crew = Crew(tools.parallel, "encode", control.should_stop)

    def run(self) -> tuple[Plan, Expected]:
        """Make the output; tell what it was made of and what it must be."""
        with ExitStack() as stack:
            readers, reasons = self._readers(stack)
            if readers:
                plan = smartcut.plan_copy(self.edit, readers, reasons)
            else:
                plan = smartcut.plan_encode(self.edit, reasons)
            if not plan.frames:
                raise MediaError("The edit is shorter than one frame.")
            target = self._target(beside_copies=bool(readers))
            self._make(plan, readers, target)
        expected = Expected(
            frames=plan.frames,
            rate=plan.rate,
            codec=STREAM_CODECS[target.codec],
            width=target.picture.width,
            height=target.picture.height,
            has_audio=self.edit.output.include_audio,
            joins=plan.joins(),
        )
        return plan, expected

    def _readers(self, stack: ExitStack) -> tuple[dict[int, PictureReader], list[str]]:
        """Readers of the sources that can be copied from, and why the others can't."""
        if self.edit.output.codec != "copy":
            return {}, []
        target = smartcut.target_of(self.edit)
        reason = smartcut.why_not_at_all(self.edit)
        if reason is not None:
            return {}, [f"Everything was encoded: {reason}."]
        readers: dict[int, PictureReader] = {}
        reasons = []
        for index in smartcut.used_sources(self.edit):
            source = self.edit.sources[index]
            why = self.excluded.get(index) or smartcut.why_not(source, target)
            codec = smartcut.codec_of(source)
            if why is None and codec is not None:
                container = stack.enter_context(open_media(source.path, source.info, source.fill))
                stream = container.streams.video[0]
                try:
                    readers[index] = PictureReader(container, stream, codec, smartcut.grid_of(source))
                except NotCopyable as error:
                    why = str(error)
            if why is not None:
                reasons.append(f"{source.name} was encoded: {why}.")
        return readers, reasons

    # -- making ---------------------------------------------------------------------------------------

    def _make(self, plan: Plan, readers: Mapping[int, PictureReader], target: _Target) -> None:
        meter = Meter(plan, self.edit.output.include_audio, self.control.on_progress)
        open_sources = {index for index, reader in readers.items() if reader.has_open_groups}
        all_edges = [piece for piece in plan.all_pieces() if isinstance(piece, Edge)]
        groups = edges.batches(all_edges, open_sources)
        wholes = [piece for piece in plan.all_pieces() if isinstance(piece, Whole)]
        with self._crew as crew:
            # The sound is one long piece of work: it starts first so as not to be the last to end.
            sound = [crew.submit(self._sound, plan, meter)] if self.edit.output.include_audio else []
            segments = [crew.submit(self._whole, piece, target, meter) for piece in wholes]
            encoders = {
                source: EdgeEncoder(self.edit.sources[source], readers[source], self.workdir, self._run)
                for source in {group.source for group in groups}
            }
            encoded = [crew.submit(self._edges, group, encoders[group.source], meter) for group in groups]
        with Splice(
            readers,
            {piece.segment: future.result() for piece, future in zip(wholes, segments, strict=True)},
            [(group, future.result()) for group, future in zip(groups, encoded, strict=True)],
            plan.rate,
        ) as splice:
            pictures = self._watched(splice.pictures(plan), meter)
            audio_file = sound[0].result() if sound else None
            write_output(self.output, self.edit.output.container, splice.track(plan), pictures, audio_file)

    def _watched(self, pictures: Iterator[OutputPicture], meter: Meter) -> Iterator[OutputPicture]:
        for picture in pictures:
            self._crew.check()
            meter.joined()
            yield picture

    # -- pieces ---------------------------------------------------------------------------------------

    def _key(self, *sources: int, **what: Any) -> dict[str, Any]:
        """What a piece depends on: this code, FFmpeg, the sources as they are, and ``what``."""
        return {
            "engine": ENGINE_VERSION,
            "ffmpeg": version(self.tools.ffmpeg),
            "sources": [self.edit.sources[index].identity for index in sources],
            "output": repr(self.edit.output),
            **what,
        }

    def _run(
        self,
        arguments: list[str],
        report: Callable[[Progress], None],
        feed: Callable[[BinaryIO], None] | None = None,
    ) -> None:
        ffmpeg(
            arguments,
            binary=self.tools.ffmpeg,
            limits=self.tools.limits,
            should_stop=self._crew.stopped,
            on_progress=report,
            feed=feed,
        )

    def _sound(self, plan: Plan, meter: Meter) -> Path:
        spans = audio.plan_spans(smartcut.heard(self.edit, plan), plan.rate)
        container = self.edit.output.container
        report = meter.part(AUDIO_COST * plan.frames, plan.frames)

        def make(path: Path) -> None:
            self._run(
                audio.encoder_arguments(container, path),
                lambda progress: report(int(progress.out_time * plan.rate)),
                audio.feed_pcm(self.edit.sources, spans, self._crew.check),
            )

        heard = sorted({span.source for span in spans if span.source is not None})
        path = self.control.stage("sound", self._key(*heard, spans=repr(spans)), make)
        report(plan.frames)
        return path

    def _whole(self, piece: Whole, target: _Target, meter: Meter) -> Path:
        report = meter.part(piece.frames, piece.frames)

        def make(path: Path) -> None:
            arguments = encode.segment_arguments(
                self.edit,
                piece.segment,
                piece.frames,
                target.picture,
                path,
                encoder=target.encoder,
                threads=self._threads(),
            )
            source.complete(self._crew.check)
            self._run(arguments, lambda progress: report(progress.frame))

        segment = self.edit.segments[piece.segment]
        source = self.edit.sources[segment.source]
        what = {"segment": repr(segment), "picture": repr(target.picture), "frames": piece.frames}
        key = self._key(segment.source, **what, encoder=target.encoder.name)
        path = self.control.stage("segment", key, make)
        report(piece.frames)
        return path

    def _target(self, beside_copies: bool) -> _Target:
        """What whole segments become: pictures that can stand beside copied ones, or on their own."""
        output = self.edit.output
        if beside_copies:
            picture = encode.joinable_picture(self.edit)
            codec: Codec = "h265" if picture.like.codec == "hevc" else "h264"
            # A hardware encoder's stream may lack what must match; a software encoder's never does.
            return _Target(codec, SOFTWARE[codec], picture)
        codec = "h264" if output.codec == "copy" else output.codec
        if output.container == "webm" and codec != "av1":
            codec = "vp9"
        name = working_encoder(self.tools.ffmpeg, codec)
        return _Target(codec, encoder(name), encode.output_picture(self.edit, codec))

    def _threads(self) -> int:
        """Threads of one encoder, so that all that run at once fill the cores and no more."""
        return max(1, (os.cpu_count() or 1) // self.tools.parallel)

    def _edges(self, batch: Batch, encoder: EdgeEncoder, meter: Meter) -> Path:
        report = meter.part(batch.frames, batch.frames)
        key = self._key(batch.source, edges=repr(batch.edges))
        path = self.control.stage("edges", key, lambda path: encoder.encode(batch, path, report))
        report(batch.frames)
        return path
