"""The sound of a film: every clip placed on the sample grid, music lowered under speech, mixed once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from videocraft.media.audio import CHANNELS, SAMPLE_RATE, Span, pcm
from videocraft.media.compose.film import AudioClip, Film, FilmScene, Source, VideoLayer
from videocraft.media.edit import EditSource, origin_of
from videocraft.media.time import round_half_up

Samples = NDArray[np.float32]

DUCKED_GAIN = 10 ** (-12 / 20)
"""What is left of music while somebody speaks."""

_BLOCK = SAMPLE_RATE
_HOP = SAMPLE_RATE // 100
_VOICE_RMS = 10 ** (-45 / 20)
"""A hop of 10 ms that is louder counts as speech."""
_BEFORE_HOPS, _AFTER_HOPS = 15, 50
"""Music gives way this long before speech begins and comes back this long after it ends."""
_GLIDE_HOPS = 31
_SHORTEST_LOOP = SAMPLE_RATE // 20


@dataclass(frozen=True)
class Placed:
    """A clip on the film's sample grid.

    Attributes:
        begin: first sample in the film.
        spans: what is heard, one behind the other, in container time of the source.
        fade_in, fade_out: samples.
    """

    source: Source
    begin: int
    spans: tuple[Span, ...]
    gain: float
    fade_in: int
    fade_out: int
    is_ducked: bool

    @property
    def samples(self) -> int:
        """Length."""
        return sum(span.samples for span in self.spans)


def length_of(film: Film) -> int:
    """Samples of the film."""
    return round_half_up(film.duration * SAMPLE_RATE)


def place(film: Film) -> list[Placed]:
    """Everything that is heard, in order of its begin."""
    placed: list[Placed | None] = []
    starts = [round_half_up(frame / film.rate * SAMPLE_RATE) for frame in film.starts]
    for number, scene in enumerate(film.scenes):
        window = starts[number], starts[number + 1]
        placed += [_placed(clip, *window) for clip in (*scene.audio, *_of_videos(scene))]
    whole = 0, length_of(film)
    placed += [_placed(clip, *whole) for clip in film.audio]
    if film.backdrop is not None:
        placed += [_placed(clip, *whole) for clip in _of_video(film.backdrop)]
    return sorted((clip for clip in placed if clip is not None), key=lambda clip: clip.begin)


def _of_videos(scene: FilmScene) -> list[AudioClip]:
    return [clip for layer in scene.layers if isinstance(layer, VideoLayer) for clip in _of_video(layer)]


def _of_video(layer: VideoLayer) -> list[AudioClip]:
    """The sound of a video element, if it is to be heard and has one."""
    if not layer.volume or not layer.source.info.audio:
        return []
    return [
        AudioClip(
            source=layer.source,
            volume=layer.volume,
            start=layer.start,
            duration=layer.duration,
            fade_in=layer.fade_in,
            fade_out=layer.fade_out,
            offset=layer.offset,
            loop=layer.loop,
        )
    ]


def _placed(clip: AudioClip, begin: int, end: int) -> Placed | None:
    """``clip`` in a window of the film; None where nothing of it is heard."""
    begin += round_half_up(clip.start * SAMPLE_RATE)
    room = end - begin
    if clip.duration is not None:
        room = min(room, round_half_up(clip.duration * SAMPLE_RATE))
    spans = _spans(clip, room)
    if not spans or not clip.volume:
        return None
    return Placed(
        source=clip.source,
        begin=begin,
        spans=spans,
        gain=clip.volume,
        fade_in=round_half_up(clip.fade_in * SAMPLE_RATE),
        fade_out=round_half_up(clip.fade_out * SAMPLE_RATE),
        is_ducked=clip.is_ducked,
    )


def _spans(clip: AudioClip, room: int) -> tuple[Span, ...]:
    info = clip.source.info
    origin = origin_of(info)
    # A looped video starts again when its picture does.
    ends = [track.start_time + track.duration for track in info.audio[:1]]
    if info.video is not None:
        ends.append(info.video.end_time)
    length = round_half_up((max(ends) - origin) * SAMPLE_RATE)
    offset = round_half_up(clip.offset * SAMPLE_RATE)
    if room <= 0 or length <= 0:
        return ()
    if not clip.loop or length < _SHORTEST_LOOP:
        samples = min(room, length - offset)
        return (Span(0, origin + clip.offset, samples),) if samples > 0 else ()
    offset %= length
    spans = [Span(0, origin + Fraction(offset, SAMPLE_RATE), min(room, length - offset))]
    room -= spans[0].samples
    while room > 0:
        spans.append(Span(0, origin, min(room, length)))
        room -= spans[-1].samples
    return tuple(spans)


# --- mixing ---------------------------------------------------------------------------------------------


def mix(clips: Sequence[Placed], samples: int, path: Path, check: Callable[[], None]) -> None:
    """Write the mix as interleaved float32 of exactly ``samples`` samples; it may exceed full scale.

    Args:
        check: raises when the work is to end.
    """
    speech = [clip for clip in clips if not clip.is_ducked]
    music = [clip for clip in clips if clip.is_ducked]
    if not music:
        _write(_mixed(speech, samples, check), path)
        return
    voices = path.with_name(path.name + ".voices")
    levels: list[float] = []
    _write(_levelled(_mixed(speech, samples, check), levels), voices)
    gains = ducking(np.array(levels, np.float32))
    _write(_added(voices, _mixed(music, samples, check), gains), path)
    voices.unlink()


def _write(blocks: Iterator[Samples], path: Path) -> None:
    with path.open("wb") as file:
        for block in blocks:
            file.write(np.ascontiguousarray(block, np.float32).data)


def _mixed(clips: Sequence[Placed], samples: int, check: Callable[[], None]) -> Iterator[Samples]:
    """Blocks of one second, the last one shorter; a clip's file is open only while it is heard."""
    waiting = list(clips)
    playing: list[_Player] = []
    for at in range(0, samples, _BLOCK):
        check()
        block = np.zeros((min(_BLOCK, samples - at), CHANNELS), np.float32)
        while waiting and waiting[0].begin < at + len(block):
            playing.append(_Player(waiting.pop(0)))
        for player in playing:
            player.add_to(block, at)
        playing = [player for player in playing if player.end > at + len(block)]
        yield block


class _Player:
    """Adds a clip to blocks that come in order."""

    def __init__(self, clip: Placed) -> None:
        self._clip = clip
        self._blocks = pcm([EditSource(clip.source.path, clip.source.info)], clip.spans)
        self._kept = np.zeros((0, CHANNELS), np.float32)
        self._position = 0

    @property
    def end(self) -> int:
        return self._clip.begin + self._clip.samples

    def add_to(self, block: Samples, at: int) -> None:
        begin = max(at, self._clip.begin)
        count = min(at + len(block), self.end) - begin
        if count > 0:
            block[begin - at : begin - at + count] += self._take(count)

    def _take(self, count: int) -> Samples:
        parts, have = [self._kept], len(self._kept)
        while have < count:
            more = next(self._blocks)
            parts.append(more)
            have += len(more)
        samples = np.concatenate(parts)
        self._kept = samples[count:]
        taken = samples[:count] * self._envelope(count)[:, None]
        self._position += count
        return taken

    def _envelope(self, count: int) -> NDArray[np.float32]:
        clip = self._clip
        at = np.arange(self._position, self._position + count, dtype=np.float32) + 0.5
        envelope = np.full(count, clip.gain, np.float32)
        if clip.fade_in:
            envelope *= np.minimum(at / clip.fade_in, 1)
        if clip.fade_out:
            envelope *= np.clip((clip.samples - at) / clip.fade_out, 0, 1)
        return envelope


def _levelled(blocks: Iterator[Samples], levels: list[float]) -> Iterator[Samples]:
    """The blocks as they are; the level of every hop is added to ``levels``."""
    for block in blocks:
        padded = np.zeros((math.ceil(len(block) / _HOP) * _HOP, CHANNELS), np.float32)
        padded[: len(block)] = block
        levels += np.sqrt(np.mean(padded.reshape(-1, _HOP * CHANNELS) ** 2, axis=1)).tolist()
        yield block


def ducking(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """The gain of music at the middle of every hop, from the level of speech in it."""
    spoken = (levels > _VOICE_RMS).astype(np.float32)
    # A hop is lowered when there is speech in the hops behind it (about to come) or before it (pausing).
    window = np.ones(_BEFORE_HOPS + _AFTER_HOPS + 1, np.float32)
    near = np.convolve(spoken, window)[_BEFORE_HOPS : _BEFORE_HOPS + len(spoken)] > 0.5
    gains = np.where(near, DUCKED_GAIN, 1.0).astype(np.float32)
    glide = np.ones(_GLIDE_HOPS, np.float32) / _GLIDE_HOPS
    padded = np.pad(gains, _GLIDE_HOPS // 2, mode="edge")
    return np.convolve(padded, glide, mode="valid").astype(np.float32)


def _added(voices: Path, music: Iterator[Samples], gains: NDArray[np.float32]) -> Iterator[Samples]:
    middles = (np.arange(len(gains)) + 0.5) * _HOP
    at = 0
    with voices.open("rb") as file:
        for block in music:
            spoken = np.frombuffer(file.read(block.nbytes), np.float32).reshape(-1, CHANNELS)
            gain = np.interp(np.arange(at, at + len(block)), middles, gains).astype(np.float32)
            yield spoken + block * gain[:, None]
            at += len(block)
