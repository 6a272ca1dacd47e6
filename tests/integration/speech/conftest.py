"""One loaded model for all tests, and sounds for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import resample_poly

from tests.support.speech_samples import Spoken
from videocraft.media.captions.transcript import Transcript
from videocraft.speech.base import Transcriber, load
from videocraft.speech.sound import RATE, Sound

MODEL = "tiny.en"
READING = Path(__file__).parents[3] / "src" / "videocraft" / "demo" / "data" / "reading.ogg"


@pytest.fixture(scope="session")
def transcriber() -> Transcriber:
    """The bundled model."""
    return load(MODEL, threads=2)


Transcribe = Callable[..., Transcript]


def never() -> bool:
    """Nothing is to stop."""
    return False


def sound_of(samples: NDArray[np.float64], path: Path) -> Sound:
    """Samples, -1 to 1 at 16 kHz, as decoded sound."""
    np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tofile(path)
    return Sound(path, len(samples), "")


def sound_of_speech(spoken: Spoken, path: Path) -> Sound:
    """Synthesised speech as decoded sound."""
    assert spoken.rate == 22050
    return sound_of(resample_poly(spoken.samples / 32768, 320, 441), path)


@pytest.fixture
def transcribe(transcriber: Transcriber, tmp_path: Path) -> Transcribe:
    """The transcript of samples or of synthesised speech."""

    def call(what: Spoken | NDArray[np.float64]) -> Transcript:
        path = tmp_path / "sound.pcm"
        sound = sound_of_speech(what, path) if isinstance(what, Spoken) else sound_of(what, path)
        return transcriber.transcribe(sound, language=None, should_stop=never, on_progress=lambda share: None)

    return call


def seconds(count: float) -> NDArray[np.float64]:
    """Times of samples."""
    return np.arange(round(count * RATE)) / RATE
