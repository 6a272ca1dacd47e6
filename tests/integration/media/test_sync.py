"""The sync on real files: containers, codecs and rates, late tracks and gaps, and what it leaves behind."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks import sync_material as material
from benchmarks.sync_material import RATE, Samples
from scipy import signal
from scipy.io import wavfile

from tests.support.media import run_ffmpeg
from videocraft.errors import MediaError
from videocraft.media.probe import MediaInfo, probe
from videocraft.media.process import Stopped
from videocraft.media.sync import SyncReport, Track, apart, measure

SECONDS = 24
PICTURE = ["-f", "lavfi", "-i", f"testsrc2=size=320x180:rate=30:duration={SECONDS}"]
H264 = ["-c:v", "libx264", "-preset", "ultrafast"]


@pytest.fixture(scope="module")
def event() -> Samples:
    rng = np.random.default_rng(21)
    samples = material.speech(rng, 40) + 0.05 * rng.standard_normal(40 * RATE)
    return 0.1 * signal.resample_poly(samples, 6, 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sync")


@pytest.fixture(scope="module")
def master(event: Samples, folder: Path) -> Track:
    sound = wav(event, folder / "A.wav", 2, SECONDS)
    run_ffmpeg("-i", str(sound), *PICTURE, *H264, "-c:a", "aac", str(folder / "A.mp4"))
    return track(folder / "A.mp4")


def wav(event: Samples, path: Path, start: float, seconds: float, rate: int = 48_000) -> Path:
    samples = event[round(start * 48_000) : round((start + seconds) * 48_000)]
    divisor = np.gcd(rate, 48_000)
    samples = signal.resample_poly(samples, rate // divisor, 48_000 // divisor)
    wavfile.write(path, rate, (np.clip(samples, -1, 1) * 32767).astype(np.int16))
    return path


def track(path: Path) -> Track:
    (info,) = probe([path])
    assert isinstance(info, MediaInfo)
    return Track(path, info)


def synced(master: Track, camera: Track, workdir: Path) -> SyncReport:
    tracks = {"A": master, "B": camera}
    return measure(tracks, "A", workdir=workdir, should_stop=lambda: False, on_progress=lambda _: None)


@pytest.mark.parametrize(
    ("name", "rate", "codec", "padding_ms"),
    [
        ("b.m4a", 44_100, ["-c:a", "aac"], 0),
        ("b.wav", 8000, ["-c:a", "copy"], 0),
        ("b.webm", 48_000, ["-c:a", "libopus", "-b:a", "64k"], 0),
        ("b-51.mka", 48_000, ["-ac", "6", "-c:a", "flac"], 0),
        # MPEG-TS can't say that the first 481 samples are the MP2 encoder's padding.
        ("b.ts", 48_000, ["-c:a", "mp2", "-muxdelay", "1.4"], 481 / 48),
    ],
)
def test_containers_codecs_and_rates(
    master: Track, event: Samples, tmp_path: Path, name: str, rate: int, codec: list[str], padding_ms: float
) -> None:
    source = wav(event, tmp_path / "source.wav", 7.25, 20, rate)
    run_ffmpeg("-i", str(source), *codec, str(tmp_path / name))
    pair = synced(master, track(tmp_path / name), tmp_path).pairs["B"]
    assert pair.offset_ms == pytest.approx(5250 - padding_ms, abs=0.1)
    assert pair.classification == "looks-good"


@pytest.mark.parametrize("extension", ["mp4", "mkv"])
def test_sound_that_starts_later_than_the_picture_shifts_nothing(
    master: Track, event: Samples, tmp_path: Path, extension: str
) -> None:
    sound = wav(event, tmp_path / "late.wav", 7 + 0.49, 20)
    path = tmp_path / f"late.{extension}"
    late = ["-itsoffset", "0.49", "-i", str(sound), "-map", "0:v", "-map", "1:a"]
    run_ffmpeg(*PICTURE, *late, *H264, "-c:a", "aac", str(path))
    pair = synced(master, track(path), tmp_path).pairs["B"]
    assert pair.offset_ms == pytest.approx(5000, abs=0.1)


def test_a_gap_in_the_time_stamps_is_silence(master: Track, event: Samples, tmp_path: Path) -> None:
    sound = wav(event, tmp_path / "whole.wav", 5, 20)
    # What is left after the gap keeps its time stamps.
    drop = "aselect='not(between(t,6,8))'"
    run_ffmpeg("-i", str(sound), "-af", drop, "-c:a", "flac", str(tmp_path / "gap.mka"))
    pair = synced(master, track(tmp_path / "gap.mka"), tmp_path).pairs["B"]
    assert pair.offset_ms == pytest.approx(3000, abs=0.5)
    assert pair.jumps == ()
    assert pair.classification == "looks-good"


def test_three_cameras_progress_and_nothing_left_behind(
    master: Track, event: Samples, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    tracks = {"C": master}
    for label, start in (("A", 4.0), ("B", 0.5)):
        tracks[label] = track(wav(event, tmp_path / f"{label}.wav", start, 15))
    told: list[float] = []
    report = measure(tracks, "C", workdir=work, should_stop=lambda: False, on_progress=told.append)
    assert {label: round(pair.offset_ms, 1) for label, pair in report.pairs.items()} == {
        "A": 2000.0,
        "B": -1500.0,
    }
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert list(work.iterdir()) == []


def test_a_camera_without_sound_is_named(master: Track, tmp_path: Path) -> None:
    run_ffmpeg(*PICTURE, "-t", "1", *H264, str(tmp_path / "mute.mp4"))
    with pytest.raises(MediaError, match=r"mute\.mp4 has no sound") as caught:
        synced(master, track(tmp_path / "mute.mp4"), tmp_path)
    assert caught.value.code == "MISSING_AUDIO_TRACK"
    assert not list(tmp_path.glob("*.s16"))


def test_it_stops_while_it_listens(master: Track, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        measure(
            {"A": master, "B": master},
            "A",
            workdir=tmp_path,
            should_stop=lambda: True,
            on_progress=lambda _: None,
        )
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_master_is_a_mistake_of_the_caller(master: Track, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="none of A"):
        measure({"A": master}, "Z", workdir=tmp_path, should_stop=lambda: False, on_progress=lambda _: None)


def test_long_recordings_are_heard_in_processes_of_their_own_and_alike(
    master: Track, event: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = track(wav(event, tmp_path / "B.wav", 4.0, 15))
    work = tmp_path / "work"
    work.mkdir()
    here = synced(master, camera, work)
    measuring = importlib.import_module("videocraft.media.sync.measure")  # the package has it as a function
    monkeypatch.setattr(measuring, "SHORTEST_SECONDS", 10)
    monkeypatch.setattr(measuring, "listen", None)  # nobody listens here now
    monkeypatch.setattr(measuring.os, "sched_getaffinity", lambda _: {0, 1})
    assert synced(master, camera, work) == here
    assert list(work.iterdir()) == []


def test_listening_apart_says_what_is_wrong_and_stops(
    master: Track, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hear(heard: Track, *, stop: bool = False) -> None:
        apart.listen_apart(
            heard, tmp_path / "sound.s16", should_stop=lambda: stop, on_progress=lambda _: None
        )

    mute = Track(master.path, replace(master.info, audio=()))
    with pytest.raises(MediaError, match=r"A\.mp4 has no sound") as caught:
        hear(mute)
    assert caught.value.code == "MISSING_AUDIO_TRACK"
    with pytest.raises(Stopped):
        hear(master, stop=True)
    monkeypatch.setattr(apart, "_CHILD", (sys.executable, "-c", "import os; os.abort()"))
    with pytest.raises(MediaError, match="crashed the reader") as caught:
        hear(master)
    assert caught.value.details["exit_code"] < 0
    assert not list(tmp_path.glob("*.npy"))
