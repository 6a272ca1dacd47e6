"""What the bundled model makes of speech, and of what is none."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest

from tests.integration.speech.conftest import Transcribe, never, seconds, sound_of, sound_of_speech
from tests.support.speech_samples import Spoken, say
from videocraft.media.captions.transcript import Transcript
from videocraft.media.process import Stopped
from videocraft.speech.base import Transcriber, TranscriptionFailed, load

COOKING = (
    "Welcome to our video about cooking. Today we will make a simple soup with carrots, onions and potatoes."
)
FILMS = "Please remember to subscribe to the channel. New films come out every Friday evening."


def plain(word: str) -> str:
    return "".join(char for char in word.casefold() if char.isalnum())


@dataclass(frozen=True)
class Compared:
    """``missed``: words of the truth that are not in the transcript; errors of the others in seconds."""

    missed: int
    starts: list[float]
    ends: list[float]


def compare(found: Transcript, truth: Spoken) -> Compared:
    """Pair the words of a transcript with those that were said."""
    ours, theirs = [plain(w.text) for w in found.words], [plain(w.text) for w in truth.words]
    pairs = [
        (found.words[block.a + i], truth.words[block.b + i])
        for block in SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
        for i in range(block.size)
    ]
    return Compared(
        missed=len(theirs) - len(pairs),
        starts=[ours.start - truth.start for ours, truth in pairs],
        ends=[ours.end - truth.end for ours, truth in pairs],
    )


def require_honest(found: Transcript) -> None:
    """Words are in order, inside of the recording, none over the next; segments hold them all."""
    for word in found.words:
        assert 0 <= word.start < word.end <= found.duration + 1e-6
        assert word.text == word.text.strip() != ""
        assert word.confidence is not None
        assert 0 <= word.confidence <= 1
    for one, other in itertools.pairwise(found.words):
        assert one.end <= other.start
    for segment in found.segments:
        assert (segment.start, segment.end) == (segment.words[0].start, segment.words[-1].end)


def test_words_are_heard_when_they_are_said(transcribe: Transcribe) -> None:
    # A pause of four seconds between the two, and silence around them.
    truth = say(COOKING).padded(1.3, 4.0).then(say(FILMS, words_per_minute=140)).padded(0, 2.0)
    found = transcribe(truth)
    require_honest(found)
    result = compare(found, truth)
    assert found.language == "en"
    assert result.missed <= 1
    assert np.median(np.abs(result.starts)) <= 0.08
    assert np.percentile(np.abs(result.starts), 95) <= 0.25
    assert abs(np.median(result.starts)) <= 0.05
    assert np.median(np.abs(result.ends)) <= 0.08
    # The first words after the pauses: the sound says exactly when.
    firsts = [next(w for w in found.words if w.text == text) for text in ("Welcome", "Please")]
    said = [next(w for w in truth.words if w.text == text) for text in ("Welcome", "Please")]
    for ours, truly in zip(firsts, said, strict=True):
        assert ours.start == pytest.approx(truly.start, abs=0.08)
    assert [segment.text.split()[0] for segment in found.segments] == ["Welcome", "Today", "Please", "New"]


def _music() -> np.ndarray:
    """Plucked notes with overtones and a beat."""
    random = np.random.default_rng(7)
    times = seconds(12)
    sound = np.zeros(len(times))
    for step in range(24):
        begin = step * 8000
        part = times[: len(times) - begin][:16000]
        pitch = float(random.choice([196, 220, 247, 262, 294, 330, 392]))
        for overtone in range(1, 8):
            decay = np.exp(-3 * part) * 0.2 / overtone
            sound[begin : begin + len(part)] += decay * np.sin(2 * np.pi * pitch * overtone * part)
        sound[begin : begin + 400] += 0.2 * random.standard_normal(400)
    return sound


def _hum() -> np.ndarray:
    return 0.2 * np.sin(2 * np.pi * 50 * seconds(6)) + 0.1 * np.sin(2 * np.pi * 150 * seconds(6))


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(0),
        np.zeros(1),
        np.full(700, 0.3),
        np.zeros(16000 * 40),
        _hum(),
        0.1 * np.random.default_rng(1).standard_normal(16000 * 8),
        _music(),
    ],
    ids=["nothing", "one sample", "a click", "silence", "hum", "noise", "music"],
)
def test_where_nobody_speaks_nothing_is_invented(transcribe: Transcribe, samples: np.ndarray) -> None:
    found = transcribe(samples)
    assert (found.segments, found.duration) == ((), len(samples) / 16000)


def test_speech_is_found_within_music(transcribe: Transcribe) -> None:
    truth = say(FILMS).padded(3.0, 3.0)
    music = np.interp(np.arange(len(truth.samples)) / truth.rate, seconds(12), _music())
    found = transcribe(truth.mixed(np.round(music * 2000).astype(np.int16)))
    require_honest(found)
    assert compare(found, truth).missed <= 3
    assert all(2.8 <= word.start <= truth.duration - 2.8 for word in found.words)


def test_it_stops_between_windows(transcriber: Transcriber, tmp_path: Path) -> None:
    sound = sound_of_speech(say(FILMS), tmp_path / "speech.pcm")
    for allowed in (0, 1):
        asked = iter(range(100))
        with pytest.raises(Stopped):
            transcriber.transcribe(
                sound,
                language=None,
                should_stop=lambda asked=asked, allowed=allowed: next(asked) >= allowed,  # type: ignore[misc]  # typed defaults
                on_progress=lambda share: None,
            )


def test_progress_only_grows_and_ends_at_one(transcriber: Transcriber, tmp_path: Path) -> None:
    for samples in (seconds(3), np.zeros(16000)):
        told: list[float] = []
        transcriber.transcribe(
            sound_of(samples * 0.001, tmp_path / "x.pcm"),
            language=None,
            should_stop=never,
            on_progress=told.append,
        )
        assert told == sorted(told)
        assert told[-1] == pytest.approx(1.0)


def test_a_language_that_the_model_does_not_know_is_refused(transcriber: Transcriber, tmp_path: Path) -> None:
    sound = sound_of(np.zeros(100), tmp_path / "x.pcm")
    assert transcriber.languages == {"en"}
    for language in ("de", "xx"):
        with pytest.raises(TranscriptionFailed, match=f"does not understand the language '{language}'"):
            transcriber.transcribe(
                sound, language=language, should_stop=never, on_progress=lambda share: None
            )
    found = transcriber.transcribe(sound, language="en-US", should_stop=never, on_progress=lambda share: None)
    assert found.language == "en"


def test_the_model_is_loaded_once() -> None:
    assert load("tiny.en", threads=2) is load("tiny.en", threads=2)
