"""The sound of an edit: cut by sample on decoded PCM, then encoded once for the whole output.

Encoded audio can't be cut where the picture is cut (an AAC frame is 1,024 samples, and its overlap-add needs
its neighbours), so joining pieces of it leaves gaps or drifts. Decoding is cheap; joining happens in PCM.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from videocraft.media.edit import EditSource
from videocraft.media.presets import Container, audio_arguments
from videocraft.media.reader import open_media
from videocraft.media.time import round_half_up

if TYPE_CHECKING:
    from av import AudioFrame, AudioResampler
    from av.container import InputContainer
    from numpy.typing import NDArray

SAMPLE_RATE = 48_000
CHANNELS = 2
FADE_SAMPLES = SAMPLE_RATE * 3 // 1000
"""Length of the fade on either side of a cut: 3 ms hides the click and is too short to hear as a fade."""

_BLOCK_SAMPLES = SAMPLE_RATE
_PREROLL_SECONDS = Fraction(1, 5)
"""Decoding starts this much early: codecs that overlap (AAC, Opus) get the first frame after a seek wrong."""
_JITTER_SAMPLES = SAMPLE_RATE // 100
"""A timestamp this close to the end of the samples so far is rounding; beyond, it is a gap or an overlap."""


@dataclass(frozen=True)
class Span:
    """A stretch of the output's sound.

    Attributes:
        source: index of the source that is heard, or None for silence.
        start: where it starts in that source, in seconds of container time.
        samples: its length at ``SAMPLE_RATE``.
    """

    source: int | None
    start: Fraction
    samples: int


@dataclass(frozen=True)
class Heard:
    """What one segment of an edit wants to hear, before spans are joined.

    Attributes:
        source: as in `Span`.
        start: the instant of the segment's first picture, on the clock of the source that is heard.
        wanted: the half-open range that the edit asked for, on the same clock, not rounded to frames.
        frames: length on the output's frame grid.
        is_own: the sound belongs to the picture that is shown.
    """

    source: int | None
    start: Fraction
    wanted: tuple[Fraction, Fraction]
    frames: int
    is_own: bool


def plan_spans(heard: Sequence[Heard], rate: Fraction) -> list[Span]:
    """Spans that last exactly as long as the picture, with uninterrupted sound left in one piece.

    A microphone that the edit lets run on through a cut between cameras runs on: it would otherwise jump by
    the fraction of a frame that each camera's first picture is off the asked time. Everything else starts
    at the instant of its picture, to the sample.

    Args:
        heard: one for each segment, in output order.
        rate: frames per second of the output.
    """
    spans: list[Span] = []
    before: Heard | None = None
    frame = 0
    for item in heard:
        begin = round_half_up(frame * SAMPLE_RATE / rate)
        frame += item.frames
        samples = round_half_up(frame * SAMPLE_RATE / rate) - begin
        if not samples:
            continue
        if before is not None and _runs_on(spans[-1], before, item, rate):
            spans[-1] = replace(spans[-1], samples=spans[-1].samples + samples)
        else:
            spans.append(Span(item.source, item.start, samples))
        before = item
    return spans


def _runs_on(last: Span, before: Heard, item: Heard, rate: Fraction) -> bool:
    if before.source != item.source:
        return False
    if item.source is None:
        return True
    if item.is_own:
        end = last.start + Fraction(last.samples, SAMPLE_RATE)
        return abs(end - item.start) <= Fraction(1, SAMPLE_RATE)
    return abs(before.wanted[1] - item.wanted[0]) < 1 / (2 * rate)


def pcm(sources: Sequence[EditSource], spans: Iterable[Span]) -> Iterator[NDArray[np.float32]]:
    """The spans as blocks of shape (samples, ``CHANNELS``), float32, -1 to 1; faded where they meet."""
    with _Listener() as listener:
        for span in spans:
            position = 0
            for block in _span_blocks(sources, span, listener):
                _fade(block, position, span.samples)
                position += len(block)
                yield block


class _Listener(ExitStack):
    """Keeps the source that is heard open: the index of a recording of hours takes a while to read."""

    _source: EditSource | None = None
    _container: InputContainer

    def opened(self, source: EditSource, *, afresh: bool) -> InputContainer:
        """The source, to be sought in; or as it is when it is opened, ``afresh``."""
        if afresh or source is not self._source:
            self.close()
            self._container = self.enter_context(open_media(source.path, source.info, source.fill))
            self._source = source
        return self._container


def _fade(block: NDArray[np.float32], position: int, total: int) -> None:
    """Fade the parts of a block that lie at the start or the end of its span, in place."""
    fade = min(FADE_SAMPLES, total // 2)
    if not fade or (position >= fade and position + len(block) <= total - fade):
        return
    at = np.arange(position, position + len(block), dtype=np.float32) + 0.5
    gain = np.minimum(np.minimum(at, total - at) / fade, 1.0).astype(np.float32)
    block *= gain[:, None]


def _silence(samples: int) -> Iterator[NDArray[np.float32]]:
    while samples > 0:
        count = min(samples, _BLOCK_SAMPLES)
        yield np.zeros((count, CHANNELS), np.float32)
        samples -= count


def _span_blocks(
    sources: Sequence[EditSource], span: Span, listener: _Listener
) -> Iterator[NDArray[np.float32]]:
    """Exactly ``span.samples`` samples; silence where the source has none (a track that starts late)."""
    if span.source is None:
        yield from _silence(span.samples)
        return
    begin = round_half_up(span.start * SAMPLE_RATE)
    end = begin + span.samples
    done = begin
    for first, samples in _decoded(sources[span.source], span.start, listener):
        if first >= end:
            break
        if first > done:
            yield from _silence(first - done)
            done = first
        wanted = samples[done - first : end - first]
        if len(wanted):
            yield np.array(wanted)
            done += len(wanted)
        if done >= end:
            return
    yield from _silence(end - done)


def _decoded(
    source: EditSource, start: Fraction, listener: _Listener
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Decoded, resampled sound from about ``start`` on: (sample number in container time, samples)."""
    import av

    first = source.info.audio[0].start_time
    is_within = start - _PREROLL_SECONDS > first
    container = listener.opened(source, afresh=not is_within)
    stream = container.streams[source.info.audio[0].index]
    assert isinstance(stream, av.AudioStream)  # noqa: S101 -- narrows the type; the probe found it to be one
    time_base = Fraction(stream.time_base or Fraction(1, SAMPLE_RATE))
    if is_within:
        container.seek(round_half_up((start - _PREROLL_SECONDS) / time_base), stream=stream, backward=True)
    resampler = av.AudioResampler(format="flt", layout="stereo", rate=SAMPLE_RATE)
    position: int | None = None
    for frame in _resampled(container.decode(stream), resampler):
        if frame.pts is None:
            stamped = position or 0
        else:
            stamped = round_half_up(frame.pts * Fraction(frame.time_base or time_base) * SAMPLE_RATE)
        if position is None or abs(stamped - position) > _JITTER_SAMPLES:
            position = stamped
        samples = frame.to_ndarray().reshape(-1, CHANNELS).astype(np.float32, copy=False)
        yield position, samples
        position += len(samples)


def _resampled(frames: Iterable[AudioFrame], resampler: AudioResampler) -> Iterator[AudioFrame]:
    for frame in frames:
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def feed_pcm(
    sources: Sequence[EditSource], spans: Iterable[Span], check: Callable[[], None]
) -> Callable[[BinaryIO], None]:
    """A writer of the spans as interleaved float32, for the pipe of an encoder."""

    def write(pipe: BinaryIO) -> None:
        for block in pcm(sources, spans):
            check()
            pipe.write(np.ascontiguousarray(block).data)

    return write


def encoder_arguments(container: Container, output: Path) -> list[str]:
    """FFmpeg arguments that encode the fed PCM into a file of its own."""
    return [
        *("-f", "f32le", "-ar", str(SAMPLE_RATE), "-ac", str(CHANNELS), "-i", "pipe:3"),
        *audio_arguments(container, channels=CHANNELS),
        *("-f", "webm" if container == "webm" else "mp4", f"file:{output}"),
    ]
