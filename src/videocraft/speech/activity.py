"""Where somebody speaks, and how that is laid out in windows for the model.

Silero's voice activity detector (it comes with faster-whisper) gives a probability for every 32 ms. It is run
here, block by block with its state carried on, because faster-whisper's own function wants a recording in
memory whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videocraft.media.process import Stopped
from videocraft.speech.sound import RATE, Sound

FRAME = 512
"""Samples of one probability."""

WINDOW_SECONDS = 29.0
"""The model hears 30 s at once; the rest is room for rounding."""

_CONTEXT = 64
_BLOCK_FRAMES = 60 * RATE // FRAME
_STATE = (1, 1, 128)

_STARTS, _GOES_ON = 0.5, 0.35
"""Speech begins above the one probability and ends below the other."""
_SHORTEST_PAUSE = round(0.2 * RATE)
_SHORTEST_SPEECH = round(0.1 * RATE)
_PAD = round(0.3 * RATE)
"""Kept around speech: the detector is late at soft beginnings."""
_LONGEST_PAUSE = round(1.5 * RATE)
"""Longer pauses are cut short: the model fills long silence with words of its own."""


@dataclass(frozen=True, slots=True)
class Span:
    """Samples from ``start`` up to ``end``."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Window:
    """What the model hears at once: stretches of the recording, one after the other.

    ``speech`` is how many samples of it the detector takes for speech.
    """

    spans: tuple[Span, ...]
    speech: int

    @property
    def seconds(self) -> float:
        """Its length."""
        return sum(map(len, self.spans)) / RATE

    def read(self, sound: Sound) -> NDArray[np.float32]:
        """Its samples."""
        return np.concatenate([sound.read(span.start, span.end) for span in self.spans])

    def recording_time(self, seconds: float, near: float) -> float:
        """When in the recording a moment of the window is.

        Args:
            near: another moment of the window (the middle of a word): where the moment itself falls into
                another stretch, the nearest moment of this one's stretch is taken.
        """
        begin = 0.0
        for index, span in enumerate(self.spans):
            length = len(span) / RATE
            if near < begin + length or index == len(self.spans) - 1:
                return span.start / RATE + min(max(seconds - begin, 0.0), length)
            begin += length
        raise ValueError("a window has at least one span")


def find_speech(
    sound: Sound, *, should_stop: Callable[[], bool], on_progress: Callable[[float], None]
) -> list[Span]:
    """Where somebody speaks, in order, without pads.

    Raises:
        process.Stopped: ``should_stop`` said so.
    """
    found: list[Span] = []
    is_speech = False
    begin = pause = 0
    for index, probability in enumerate(_probabilities(sound, should_stop, on_progress)):
        at = index * FRAME
        if probability >= (_GOES_ON if is_speech else _STARTS):
            if not is_speech:
                is_speech, begin = True, at
            pause = at + FRAME
        elif is_speech and at + FRAME - pause >= _SHORTEST_PAUSE:
            is_speech = False
            found.append(Span(begin, pause))
    if is_speech:
        found.append(Span(begin, min(pause, sound.samples)))
    return [span for span in found if len(span) >= _SHORTEST_SPEECH]


def _probabilities(
    sound: Sound, should_stop: Callable[[], bool], on_progress: Callable[[float], None]
) -> Iterator[float]:
    from faster_whisper.vad import get_vad_model

    session = get_vad_model().session
    state = cell = np.zeros(_STATE, np.float32)
    before = np.zeros(_CONTEXT, np.float32)
    for start in range(0, sound.samples, _BLOCK_FRAMES * FRAME):
        if should_stop():
            raise Stopped
        samples = sound.read(start, start + _BLOCK_FRAMES * FRAME)
        samples = np.pad(samples, (0, -len(samples) % FRAME))
        if not samples.any():
            yield from [0.0] * (len(samples) // FRAME)
            state = cell = np.zeros(_STATE, np.float32)
        else:
            frames = samples.reshape(-1, FRAME)
            ends = np.concatenate([before[None], frames[:-1, -_CONTEXT:]])
            batch = np.concatenate([ends, frames], axis=1)
            output, state, cell = session.run(None, {"input": batch, "h": state, "c": cell})
            yield from output.reshape(-1).tolist()
        before = samples[-_CONTEXT:]
        on_progress(min(1.0, (start + len(samples)) / sound.samples))


def windows(speech: list[Span], sound: Sound) -> list[Window]:
    """Windows that hold all speech, cut in pauses; only speech without any pause is cut within."""
    limit = round(WINDOW_SECONDS * RATE)
    made: list[Window] = []
    spans: list[Span] = []
    voiced = 0
    pieces = [piece for found in speech for piece in _cut(found, limit, sound)]
    for span in _padded(pieces, sound.samples):
        if spans and span.start - spans[-1].end <= _LONGEST_PAUSE - 2 * _PAD:
            joined = [*spans[:-1], Span(spans[-1].start, span.end)]
        else:
            joined = [*spans, span]
        if spans and sum(map(len, joined)) > limit:
            made.append(Window(tuple(spans), voiced))
            joined, voiced = [span], 0
        spans = joined
        voiced += len(span)
    if spans:
        made.append(Window(tuple(spans), voiced))
    return made


def _padded(speech: list[Span], samples: int) -> list[Span]:
    """Each with what is before and after it, up to half of the pause to its neighbour."""
    padded = []
    for index, span in enumerate(speech):
        before = speech[index - 1].end if index else -2 * _PAD
        after = speech[index + 1].start if index + 1 < len(speech) else samples + 2 * _PAD
        start = span.start - min(_PAD, (span.start - before) // 2)
        end = span.end + min(_PAD, (after - span.end + 1) // 2)
        padded.append(Span(max(start, 0), min(end, samples)))
    return padded


def _cut(span: Span, limit: int, sound: Sound) -> Iterator[Span]:
    """A span without pauses in pieces of at most ``limit``, less the pads, cut where it is quietest."""
    limit -= 2 * _PAD
    while len(span) > limit:
        tail = span.start + limit // 2
        samples = sound.read(tail, span.start + limit)
        step = RATE // 50
        levels = np.square(samples[: len(samples) // step * step].reshape(-1, step)).mean(axis=1)
        smooth = np.convolve(levels, np.ones(5) / 5, mode="same")
        smooth[:3] = smooth[-3:] = np.inf  # a sum over less than five is no fair comparison
        cut = tail + int(np.argmin(smooth)) * step + step // 2
        yield Span(span.start, cut)
        span = Span(cut, span.end)
    yield span
