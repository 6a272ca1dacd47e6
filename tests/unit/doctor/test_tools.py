"""What the doctor says of FFmpeg, PyAV and the speech model."""

from __future__ import annotations

from pathlib import Path

import pytest

from videocraft.doctor import tools
from videocraft.doctor.finding import Level
from videocraft.settings import Settings


def _settings(tmp_path: Path, **values: str) -> Settings:
    return Settings(data_dir=tmp_path, **values)


def test_the_ffmpeg_that_comes_along_has_every_encoder(tmp_path: Path) -> None:
    version, encoders, hardware = tools.check_ffmpeg(_settings(tmp_path))
    assert (version.level, encoders.level, hardware.level) == (Level.OK, Level.OK, Level.OK)
    assert version.says.startswith("ffmpeg version ")
    for name in (*tools.NEEDED_ENCODERS, *tools.WANTED_ENCODERS):
        assert name in encoders.says


def test_an_ffmpeg_that_is_not_there_fails(tmp_path: Path) -> None:
    (found,) = tools.check_ffmpeg(_settings(tmp_path, ffmpeg=str(tmp_path / "none")))
    assert found.level is Level.FAIL
    assert "VIDEOCRAFT_FFMPEG" in found.mend


@pytest.mark.parametrize(
    ("broken", "level"), [("libx264", Level.FAIL), ("aac", Level.FAIL), ("libopus", Level.WARN)]
)
def test_an_encoder_that_is_built_in_but_does_not_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str, level: Level
) -> None:
    monkeypatch.setattr(tools, "_works", lambda _binary, name, _built_in: name != broken)
    found = tools.check_ffmpeg(_settings(tmp_path))[1]
    assert found.level is level
    assert f"not working: {broken}" in found.says


def test_an_old_ffmpeg_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("videocraft.media.ffmpeg.version", lambda _: "ffmpeg version 4.4.2-0ubuntu0.22.04.1")
    monkeypatch.setattr(tools, "_works", lambda *_: True)
    assert tools.check_ffmpeg(_settings(tmp_path))[0].level is Level.FAIL


@pytest.mark.parametrize(
    ("version", "number"),
    [
        ("ffmpeg version n9.0.2-17-g2a571b6068-20260930", (9, 0)),
        ("ffmpeg version 5.1.6-0+deb12u1", (5, 1)),
        ("ffmpeg version N-118000-gabcdef", None),
    ],
)
def test_the_number_of_a_version(version: str, number: tuple[int, int] | None) -> None:
    assert tools.version_number(version) == number


def test_pyav_is_there(tmp_path: Path) -> None:
    (found,) = tools.check_pyav(_settings(tmp_path))
    assert found.level is Level.OK


def test_a_missing_speech_model_is_a_warning_that_names_it(tmp_path: Path) -> None:
    (found,) = tools.check_speech_model(_settings(tmp_path, whisper_model=str(tmp_path / "model")))
    assert found.level is Level.WARN
    assert str(tmp_path / "model") in found.says


def test_a_narrator_is_checked_where_one_is_set(tmp_path: Path) -> None:
    assert tools.check_narrator(_settings(tmp_path)) == []
    (found,) = tools.check_narrator(_settings(tmp_path, narrator="espeak", narrator_voice="en-gb"))
    assert (found.level, found.says) == (Level.OK, "espeak, voice en-gb")
    (found,) = tools.check_narrator(_settings(tmp_path, narrator="piper"))
    assert found.level is Level.FAIL
    assert "needs a voice" in found.says
