"""Peaks of a wav, against numpy on all of it at once; and headers that can't be read."""

from __future__ import annotations

import json
import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from videocraft.errors import MediaError
from videocraft.media.process import Stopped
from videocraft.media.waveform import read_header, write_peaks


def wav(path: Path, samples: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def peaks(path: Path) -> dict[str, object]:
    target = path.with_suffix(".json")
    write_peaks(path, target, should_stop=lambda: False)
    result: dict[str, object] = json.loads(target.read_text())
    return result


@pytest.mark.parametrize("frames", [1, 479, 480, 481, 48_000 * 10, 48_000 * 25 + 7])
def test_each_ten_milliseconds_has_its_lowest_and_highest_sample(tmp_path: Path, frames: int) -> None:
    samples = np.random.default_rng(frames).integers(-32768, 32768, (frames, 2))
    found = peaks(wav(tmp_path / "a.wav", samples))
    steps = [samples[begin : begin + 480] for begin in range(0, frames, 480)]
    wanted = [value for step in steps for value in (int(step.min() / 256), int(step.max() / 256))]
    assert found["data"] == wanted
    assert found["length"] == len(steps)
    assert (found["version"], found["channels"], found["bits"]) == (2, 1, 8)
    assert (found["sample_rate"], found["samples_per_pixel"]) == (48_000, 480)


def test_dither_is_drawn_as_silence(tmp_path: Path) -> None:
    samples = np.random.default_rng(1).integers(-1, 2, (4800, 2))
    assert set(peaks(wav(tmp_path / "a.wav", samples))["data"]) == {0}  # type: ignore[call-overload]


def test_no_sample_at_all_is_an_empty_drawing(tmp_path: Path) -> None:
    found = peaks(wav(tmp_path / "a.wav", np.zeros((0, 2))))
    assert (found["length"], found["data"]) == (0, [])


def test_a_wav_beyond_four_gigabytes_tells_its_length_elsewhere(tmp_path: Path) -> None:
    format_ = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, 48_000, 192_000, 4, 16)
    sizes = struct.pack("<4sIQQQI", b"ds64", 28, 5 * 2**30, 5 * 2**30 - 80, 0, 0)
    head = struct.pack("<4sI4s", b"RF64", 0xFFFFFFFF, b"WAVE") + sizes + format_
    path = tmp_path / "a.wav"
    path.write_bytes(head + struct.pack("<4sI", b"data", 0xFFFFFFFF))
    header = read_header(path)
    assert (header.frames, header.data_start) == ((5 * 2**30 - 80) // 4, len(head) + 8)


@pytest.mark.parametrize(
    "data",
    [b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WAVEdata\x04\0\0\0abcd", b"x" * 100],
)
def test_what_is_no_wav_is_told(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(data)
    with pytest.raises(MediaError):
        read_header(path)


def test_a_wav_that_lost_its_end_is_told(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", np.zeros((4800, 2)))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(MediaError, match="shorter than its header says"):
        peaks(path)


def test_it_stops_when_told_to(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", np.zeros((4800, 2)))
    with pytest.raises(Stopped):
        write_peaks(path, tmp_path / "a.json", should_stop=lambda: True)
