"""Narrators: one contract for all of them, and what goes wrong with each."""

from __future__ import annotations

import struct
import sys
import wave
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.support.fakes.openai_server import FakeOpenAI, tones
from tests.support.fakes.server import KEY, Failure
from videocraft.generation.base import (
    GenerationStopped,
    Narrator,
    ProviderConfig,
    ProviderError,
    Speech,
)
from videocraft.generation.narrators import load_narrator, sound, voices
from videocraft.generation.narrators.openai import read_wav

TEXT = "The hero enters the ruins, torch in hand. Somewhere behind, a door closes."
NAMES = ("espeak", "piper", "openai")

FAKE_PIPER = """
import json
import math
import struct
from pathlib import Path


class _Chunk:
    def __init__(self, text, rate):
        hums = (round(9000 * math.sin(2 * math.pi * 220 * n / rate)) for n in range(len(text) * rate // 20))
        self.audio_int16_bytes = b"".join(struct.pack("<h", hum) for hum in hums)


class PiperVoice:
    def __init__(self, rate):
        self.config = type("Config", (), {"sample_rate": rate})

    @staticmethod
    def load(model):
        if not Path(model).read_bytes():
            raise ValueError("the model is empty")
        return PiperVoice(json.loads(Path(f"{model}.json").read_text())["audio"]["sample_rate"])

    def synthesize(self, text):
        spoken = [each for each in text.split(". ") if any(map(str.isalnum, each))]
        return [_Chunk(each, self.config.sample_rate) for each in spoken]
"""
"""Stands for the package, which is an optional part: the same calls, a hum for a voice."""


def never() -> bool:
    return False


@pytest.fixture(scope="module")
def server() -> Iterator[FakeOpenAI]:
    with FakeOpenAI() as fake:
        yield fake


@pytest.fixture
def openai(server: FakeOpenAI) -> FakeOpenAI:
    server.reset()
    server.speech = lambda text: tones(text.split())
    return server


@pytest.fixture
def voice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a voice, and a package that speaks with it: in this process to be found, in the voice's
    process to be used."""
    packages, folder = tmp_path / "packages", tmp_path / "voice"
    folder.mkdir()
    (packages / "piper").mkdir(parents=True)
    (packages / "piper" / "__init__.py").write_text(FAKE_PIPER)
    (folder / "en.onnx").write_bytes(b"weights")
    (folder / "en.onnx.json").write_text('{"audio": {"sample_rate": 22050}}')
    script = Path(voices.__file__).with_name("_piper.py").read_text()
    (tmp_path / "_piper.py").write_text(
        script.replace("import os\n", f"import os\nimport sys\n\nsys.path.insert(0, {str(packages)!r})\n", 1)
    )
    real = voices.say
    monkeypatch.setattr(
        "videocraft.generation.narrators.piper.say",
        lambda name, asked, **rest: real(str(tmp_path / name), asked, **rest),
    )
    monkeypatch.syspath_prepend(packages)
    return folder


@pytest.fixture
def narrators(openai: FakeOpenAI, voice: Path) -> dict[str, Narrator]:
    config = ProviderConfig(price=0.5, timeout_seconds=20.0, backoff_seconds=0.01)
    return {
        "espeak": load_narrator(replace(config, provider="espeak")),
        "piper": load_narrator(replace(config, provider="piper", voice=str(voice))),
        "openai": load_narrator(
            replace(config, provider="openai", base_url=openai.base_url, api_key=KEY, model="tts-1")
        ),
    }


def samples_of(speech: Speech) -> tuple[sound.Samples, int]:
    with wave.open(str(speech.path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2"), file.getframerate()


@pytest.mark.parametrize("name", NAMES)
def test_a_text_becomes_a_trimmed_level_file_with_the_times_of_its_words(
    name: str, narrators: dict[str, Narrator], tmp_path: Path
) -> None:
    speech = narrators[name].speak(TEXT, tmp_path / "speech.wav", should_stop=never)
    samples, rate = samples_of(speech)
    assert speech.seconds == pytest.approx(len(samples) / rate)
    assert speech.cost == pytest.approx(0.5 * len(TEXT) / 1000)
    assert [word.text for word in speech.words] == TEXT.split()
    times = [time for word in speech.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= speech.seconds + 0.001
    # No silence around it, and as loud as any other narrator.
    voiced = sound.is_voiced(samples, rate)
    assert np.flatnonzero(voiced)[0] <= 5
    assert len(voiced) - np.flatnonzero(voiced)[-1] <= 6
    power = 10 ** (sound.levels(samples, rate)[voiced] / 10)
    assert 10 * np.log10(power.mean()) == pytest.approx(sound.LEVEL_DB, abs=2.5)
    assert not list(tmp_path.glob(".speech*")), "nothing half-written is left"


@pytest.mark.parametrize("name", NAMES)
def test_the_pause_of_a_full_stop_lies_between_its_words(
    name: str, narrators: dict[str, Narrator], tmp_path: Path
) -> None:
    words = narrators[name].speak(TEXT, tmp_path / "speech.wav", should_stop=never).words
    before, behind = words[7], words[8]
    assert (before.text, behind.text) == ("hand.", "Somewhere")
    assert behind.start - before.end > 0.15


@pytest.mark.parametrize("name", NAMES)
def test_what_can_not_be_spoken_is_no_failure(
    name: str, narrators: dict[str, Narrator], openai: FakeOpenAI, tmp_path: Path
) -> None:
    speech = narrators[name].speak("🐉🔥… — !", tmp_path / "speech.wav", should_stop=never)
    assert (speech.seconds, speech.words, speech.cost) == (0.0, (), 0.0)
    assert not speech.path.exists()
    assert not openai.requests


def test_a_server_that_sends_silence_has_said_nothing(
    narrators: dict[str, Narrator], openai: FakeOpenAI, tmp_path: Path
) -> None:
    openai.speech = lambda text: tones([])
    speech = narrators["openai"].speak(TEXT, tmp_path / "speech.wav", should_stop=never)
    assert (speech.seconds, speech.words) == (0.0, ())
    assert not speech.path.exists()


@pytest.mark.parametrize("name", NAMES)
def test_it_ends_when_it_is_told_to(name: str, narrators: dict[str, Narrator], tmp_path: Path) -> None:
    with pytest.raises(GenerationStopped):
        narrators[name].speak(TEXT, tmp_path / "speech.wav", should_stop=lambda: True)
    assert not (tmp_path / "speech.wav").exists()


def test_espeak_speaks_the_same_text_alike_and_reads_other_scripts(
    narrators: dict[str, Narrator], tmp_path: Path
) -> None:
    one, two = (
        narrators["espeak"].speak("Twice the same.", tmp_path / name, should_stop=never)
        for name in ("1.wav", "2.wav")
    )
    assert one.path.read_bytes() == two.path.read_bytes()
    # A voice for English would spell the letters' names for twenty seconds.
    arabic = narrators["espeak"].speak(
        "قصة عن صياد عجوز يبحر وحده في الفجر", tmp_path / "3.wav", should_stop=never
    )
    assert arabic.seconds < 8
    assert len(arabic.words) == 8


def test_numbers_and_dashes_are_one_word_each(narrators: dict[str, Narrator], tmp_path: Path) -> None:
    text = "In 1066 a hand-made ship - 35 m long - lands."
    words = narrators["espeak"].speak(text, tmp_path / "speech.wav", should_stop=never).words
    assert [word.text for word in words] == [
        "In",
        "1066",
        "a",
        "hand-made",
        "ship",
        "35",
        "m",
        "long",
        "lands.",
    ]


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (ProviderConfig("nobody"), "There is no narrator named 'nobody'."),
        (ProviderConfig("espeak", voice="../en"), "is not the name of a voice of eSpeak NG"),
        (ProviderConfig("piper"), "needs a voice"),
        (ProviderConfig("piper", voice="/nowhere"), "is not there with"),
        (ProviderConfig("piper", voice="/"), "must hold one .onnx file; it holds 0"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_spoken(config: ProviderConfig, sentence: str) -> None:
    with pytest.raises(ProviderError, match=sentence):
        load_narrator(config)


def test_a_package_that_is_not_installed_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(ProviderError, match=r"pip install 'videocraft\[espeak\]'"):
        load_narrator(ProviderConfig("espeak"))


def test_a_voice_that_fails_says_why(voice: Path, tmp_path: Path) -> None:
    (voice / "en.onnx").write_bytes(b"")
    narrator = load_narrator(ProviderConfig("piper", voice=str(voice), timeout_seconds=20.0))
    with pytest.raises(ProviderError, match="Piper could not speak: ValueError: the model is empty"):
        narrator.speak(TEXT, tmp_path / "speech.wav", should_stop=never)


@pytest.mark.parametrize("failure", [Failure.BUSY, Failure.BROKEN, Failure.HALF, Failure.HANG_UP])
def test_a_passing_failure_is_tried_again(
    failure: Failure, narrators: dict[str, Narrator], openai: FakeOpenAI, tmp_path: Path
) -> None:
    openai.fail(failure, failure)
    assert narrators["openai"].speak(TEXT, tmp_path / "speech.wav", should_stop=never).seconds > 1
    assert [request.body["voice"] for request in openai.requests] == ["alloy"] * 3


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (Failure.REFUSED, "did not accept the request"),
        (Failure.QUOTA, "You exceeded your current quota"),
        (Failure.WRONG_TYPE, "is not a WAV file"),
        (Failure.REDIRECT, "redirect"),
        (Failure.FLOOD, "sent more than"),
    ],
)
def test_a_lasting_failure_is_told_without_the_key(
    failure: Failure, sentence: str, openai: FakeOpenAI, tmp_path: Path
) -> None:
    config = ProviderConfig(
        "openai", base_url=openai.base_url, api_key=KEY, model="tts-1", max_bytes=2**20, backoff_seconds=0.01
    )
    openai.fail(failure)
    with pytest.raises(ProviderError, match=sentence) as raised:
        load_narrator(config).speak(TEXT, tmp_path / "speech.wav", should_stop=never)
    assert KEY not in raised.value.message
    assert not raised.value.retryable
    assert list(tmp_path.iterdir()) == []


def header(kind: int, channels: int, rate: int, bits: int, size: int) -> bytes:
    frame = channels * bits // 8
    layout = struct.pack("<HHIIHH", kind, channels, rate, rate * frame, frame, bits)
    return b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0" + layout + b"data" + struct.pack("<I", size)


@pytest.mark.parametrize("size", [0, 2**32 - 1, 2**31 - 37])
def test_a_stream_that_did_not_know_its_length_is_read_to_its_end(size: int) -> None:
    samples, rate = read_wav(header(1, 1, 24000, 16, size) + struct.pack("<4h", 1, 2, 3, 4) + b"\x05")
    assert (samples.tolist(), rate) == ([1, 2, 3, 4], 24000)


def test_other_sample_formats_become_mono_of_16_bits() -> None:
    stereo = header(1, 2, 48000, 16, 8) + struct.pack("<4h", 100, 300, -10, 10)
    assert read_wav(stereo)[0].tolist() == [200, 0]
    floats = header(3, 1, 22050, 32, 12) + struct.pack("<3f", 0.5, -2.0, float("nan"))
    assert read_wav(floats)[0].tolist() == [16384, -32768, 0]


@pytest.mark.parametrize(
    ("data", "is_retryable"),
    [
        (b"ID3\x04 an MP3 file that nobody asked for", False),
        (b"RIFF\0\0\0\0WAVE", True),
        (header(1, 1, 24000, 16, 100) + b"\0" * 50, True),
        (header(6, 1, 8000, 8, 4) + b"\0" * 4, False),
        (header(1, 0, 24000, 16, 4) + b"\0" * 4, False),
        (b"RIFF\0\0\0\0WAVEdata\x04\0\0\0\0\0\0\0", False),
    ],
)
def test_what_is_no_sound_is_refused(data: bytes, *, is_retryable: bool) -> None:
    with pytest.raises(ProviderError) as raised:
        read_wav(data)
    assert raised.value.retryable is is_retryable
