"""Speech recognition by Whisper models in CTranslate2's form, through faster-whisper.

faster-whisper's parts are used (features, tokenizer, encoder, search, alignment), not its ``transcribe``:
that wants a recording in memory whole, can't be stopped, and gives times that are late. The recording is laid
out in windows (`activity`), several windows go through the model at once, and the times of the words are set
right by the sound (`timing`).
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from videocraft.media.captions.transcript import Transcript, Word
from videocraft.media.process import Stopped
from videocraft.speech import activity, phrases, timing
from videocraft.speech.activity import Window
from videocraft.speech.base import TranscriptionFailed, language_code
from videocraft.speech.models import SpeechModel, SpeechModelUnusable, locate
from videocraft.speech.sound import Sound

if TYPE_CHECKING:
    from faster_whisper import WhisperModel
    from faster_whisper.tokenizer import Tokenizer

VERSION = 1
"""Goes up when the same sound gives another transcript, so that cached ones are made anew."""

COMPUTE_TYPE = "int8"
"""On a CPU several times as fast as float32, with the same words but for one in a hundred."""

BATCH = 4
"""Windows at once: more are hardly quicker, take memory, and are as long before the work can be stopped."""

BEAM = 5

_PREPENDED = "\"'\u201c\u00bf([{-"
_APPENDED = "\"'.\u3002,\uff0c!\uff01?\uff1f:\uff1a\u201d)]}\u3001"
_MEDIAN_FILTER = 7

_LOG_PROBABILITY = -1.0
_COMPRESSION = 2.4
"""Of Whisper's own guards: below the one a text is unlikely, above the other it repeats itself."""
_NO_SPEECH = 0.6
_LANGUAGE_WINDOWS = 3

_HEARD_SHARE, _WINDOWS_SHARE = 0.1, 0.9


@dataclass(frozen=True, slots=True)
class _Text:
    """What the model makes of one window."""

    tokens: list[int]
    log_probability: float
    no_speech: float
    compression: float

    @property
    def is_doubtful(self) -> bool:
        return self.log_probability < _LOG_PROBABILITY or self.compression > _COMPRESSION

    @property
    def is_invented(self) -> bool:
        """Nobody said that: it is unlikely, and the model heard no speech; or it goes round in circles."""
        unlikely = self.log_probability < _LOG_PROBABILITY and self.no_speech > _NO_SPEECH
        return unlikely or self.compression > _COMPRESSION


class WhisperTranscriber:
    """A loaded model. See `base.Transcriber`."""

    def __init__(self, model: SpeechModel, threads: int) -> None:
        from faster_whisper import WhisperModel

        if not (model.folder / "tokenizer.json").is_file():
            # faster-whisper would fetch one.
            raise SpeechModelUnusable("The speech model is not whole: it lacks tokenizer.json")
        try:
            self._model: WhisperModel = WhisperModel(
                str(model.folder), device="cpu", compute_type=COMPUTE_TYPE, cpu_threads=threads
            )
        except (RuntimeError, ValueError) as error:
            raise SpeechModelUnusable(
                "The speech model can't be loaded", details={"model": str(model.folder), "error": str(error)}
            ) from error
        self._source = model

    @property
    def fingerprint(self) -> str:
        """See `base.Transcriber`."""
        weights = self._source.sha256 or _stamp(self._source.folder / "model.bin")
        return f"whisper-{VERSION} {weights} {COMPUTE_TYPE} beam {BEAM}"

    @property
    def languages(self) -> frozenset[str]:
        """See `base.Transcriber`."""
        return frozenset(self._model.supported_languages)

    def transcribe(
        self,
        sound: Sound,
        *,
        language: str | None,
        should_stop: Callable[[], bool],
        on_progress: Callable[[float], None],
    ) -> Transcript:
        """See `base.Transcriber`."""
        spoken = language_code(language) if language else self._only_language()
        if spoken is not None and spoken not in self.languages:
            raise TranscriptionFailed(f"The speech model does not understand the language {spoken!r}.")
        speech = activity.find_speech(
            sound, should_stop=should_stop, on_progress=lambda share: on_progress(_HEARD_SHARE * share)
        )
        layout = activity.windows(speech, sound)
        if not layout:
            on_progress(1.0)
            return Transcript(spoken, sound.seconds, ())
        words: list[Word] = []
        breaks: set[int] = set()
        total = sum(window.seconds for window in layout)
        done = 0.0
        for first in range(0, len(layout), BATCH):
            batch = layout[first : first + BATCH]
            _check(should_stop)
            encoded = self._model.encode(self._features(batch, sound))
            _check(should_stop)
            if spoken is None:
                spoken = self._language(encoded, len(batch))
            for found in self._recognise(encoded, batch, self._tokenizer(spoken), sound, should_stop):
                breaks.add(len(words))
                words += found
            done += sum(window.seconds for window in batch)
            on_progress(_HEARD_SHARE + _WINDOWS_SHARE * done / total)
        words = timing.in_order(words, sound.seconds)
        return Transcript(spoken, sound.seconds, tuple(phrases.segments(words, breaks, spoken)))

    def _only_language(self) -> str | None:
        return None if self._model.model.is_multilingual else "en"

    def _tokenizer(self, language: str) -> Tokenizer:
        from faster_whisper.tokenizer import Tokenizer

        is_multilingual = self._model.model.is_multilingual
        return Tokenizer(self._model.hf_tokenizer, is_multilingual, task="transcribe", language=language)

    def _features(self, batch: Sequence[Window], sound: Sound) -> NDArray[np.float32]:
        """Shape (windows, mels, frames of 10 ms)."""
        from faster_whisper.audio import pad_or_trim

        extract = self._model.feature_extractor
        return np.stack([pad_or_trim(extract(window.read(sound))[..., :-1]) for window in batch])

    def _language(self, encoded: Any, count: int) -> str:
        """The most likely language of the first windows together."""
        totals: dict[str, float] = {}
        for probabilities in self._model.model.detect_language(encoded)[: min(count, _LANGUAGE_WINDOWS)]:
            for token, probability in probabilities:
                totals[token] = totals.get(token, 0.0) + probability
        return max(totals, key=lambda token: totals[token]).strip("<|>")

    def _recognise(
        self,
        encoded: Any,
        batch: Sequence[Window],
        tokenizer: Tokenizer,
        sound: Sound,
        should_stop: Callable[[], bool],
    ) -> list[list[Word]]:
        """The words of each window, in recording time."""
        texts = self._search(encoded, tokenizer, len(batch))
        _check(should_stop)
        if any(text.is_doubtful for text in texts):
            # Once more, and it may not repeat itself; the better of both counts.
            again = self._search(encoded, tokenizer, len(batch), no_repeat_ngram_size=3)
            texts = [
                other if text.is_doubtful and other.log_probability > text.log_probability else text
                for text, other in zip(texts, again, strict=True)
            ]
        tokens = [[] if text.is_invented else text.tokens for text in texts]
        frames = [round(window.seconds * self._model.frames_per_second) for window in batch]
        aligned = self._align(encoded, tokenizer, tokens, frames)
        return [timing.placed(words, window, sound) for words, window in zip(aligned, batch, strict=True)]

    def _search(
        self, encoded: Any, tokenizer: Tokenizer, count: int, *, no_repeat_ngram_size: int = 0
    ) -> list[_Text]:
        from faster_whisper.transcribe import get_suppressed_tokens

        prompt = self._model.get_prompt(tokenizer, [], without_timestamps=True)
        results = self._model.model.generate(
            encoded,
            [prompt] * count,
            beam_size=BEAM,
            max_length=self._model.max_length,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=list(get_suppressed_tokens(tokenizer, [-1])),
            no_repeat_ngram_size=no_repeat_ngram_size,
        )
        found = []
        for result in results:
            tokens = result.sequences_ids[0]
            text = tokenizer.decode(tokens).encode()
            found.append(
                _Text(
                    tokens=tokens,
                    # The score is a mean already; the end of the text is one token more.
                    log_probability=result.scores[0] * len(tokens) / (len(tokens) + 1),
                    no_speech=result.no_speech_prob,
                    compression=len(text) / len(zlib.compress(text)),
                )
            )
        return found

    def _align(
        self, encoded: Any, tokenizer: Tokenizer, tokens: list[list[int]], frames: list[int]
    ) -> list[list[timing.Heard]]:
        from faster_whisper.transcribe import merge_punctuations

        plain = [[token for token in text if token < tokenizer.eot] for text in tokens]
        aligned = self._model.find_alignment(tokenizer, plain, encoded, frames, _MEDIAN_FILTER)
        is_spaced = tokenizer.language_code not in phrases.UNSPACED
        for words in aligned:
            merge_punctuations(words, _PREPENDED, _APPENDED)
        return [_joined(words, is_spaced=is_spaced) for words in aligned]


def _joined(words: Sequence[Mapping[str, Any]], *, is_spaced: bool) -> list[timing.Heard]:
    """Words as they are written: what follows without a space (``-hearted``) belongs to the word before."""
    found: list[timing.Heard] = []
    for word in words:
        text = word["word"].strip()
        if not text:
            continue
        start, end, probability = float(word["start"]), float(word["end"]), float(word["probability"])
        if is_spaced and found and not word["word"].startswith(" "):
            before = found.pop()
            text, start = before.text + text, before.start
            probability = min(before.probability, probability)
        found.append(timing.Heard(text, start, end, probability))
    return found


_loading = threading.Lock()


def load_whisper(model: str, threads: int) -> WhisperTranscriber:
    """See `base.load`."""
    with _loading:
        return _load(model, threads)


@lru_cache(maxsize=1)
def _load(model: str, threads: int) -> WhisperTranscriber:
    return WhisperTranscriber(locate(model), threads)


def _check(should_stop: Callable[[], bool]) -> None:
    if should_stop():
        raise Stopped


def _stamp(path: Path) -> str:
    """What tells two files apart that nobody has published a hash of."""
    status = path.stat()
    return f"{path} {status.st_size} {status.st_mtime_ns}"
