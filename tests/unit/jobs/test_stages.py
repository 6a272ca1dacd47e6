"""Stages: made once for what they are made from, whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from videocraft.core.jobs import stages


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    folder = tmp_path / "parts"
    folder.mkdir()
    return folder


def test_a_stage_is_made_once_for_its_key(tmp_path: Path, parts: Path) -> None:
    made: list[Path] = []

    def make(path: Path) -> None:
        made.append(path)
        path.write_text(f"made {len(made)}")

    first = stages.produce(tmp_path, "cut.mp4", {"start": 1, "end": 2}, make, parts=parts)
    again = stages.produce(tmp_path, "cut.mp4", {"end": 2, "start": 1}, make, parts=parts)
    other = stages.produce(tmp_path, "cut.mp4", {"start": 1, "end": 3}, make, parts=parts)
    assert first == again != other
    assert (first.read_text(), other.read_text()) == ("made 1", "made 2")
    assert {path.suffix for path in (first, *made)} == {".mp4"}
    assert [path.parent for path in made] == [parts, parts]
    assert list(parts.iterdir()) == []


def test_the_digest_depends_on_name_key_and_version(monkeypatch: pytest.MonkeyPatch) -> None:
    digests = [stages.digest("a", {"x": 1}), stages.digest("b", {"x": 1}), stages.digest("a", {"x": "1"})]
    monkeypatch.setattr(stages, "__version__", "next")
    digests.append(stages.digest("a", {"x": 1}))
    assert len(set(digests)) == 4


@pytest.mark.parametrize("key", [{"a": float("nan")}, {"a": Path("x")}])
def test_a_key_must_be_json(key: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        stages.digest("a", key)


def test_a_stage_that_fails_leaves_nothing_and_is_made_anew(tmp_path: Path, parts: Path) -> None:
    def fail(path: Path) -> None:
        path.write_text("half")
        raise InterruptedError

    with pytest.raises(InterruptedError):
        stages.produce(tmp_path, "a", {}, fail, parts=parts)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    path = stages.produce(tmp_path, "a", {}, lambda path: path.touch(), parts=parts)
    assert path.is_file()


def test_a_stage_that_writes_nothing_is_an_error(tmp_path: Path, parts: Path) -> None:
    with pytest.raises(FileNotFoundError):
        stages.produce(tmp_path, "a", {}, lambda path: None, parts=parts)


def test_pruning_removes_what_was_not_used_for_long(tmp_path: Path, parts: Path) -> None:
    old = stages.produce(tmp_path, "old", {}, lambda path: path.touch(), parts=parts)
    used = stages.produce(tmp_path, "used", {}, lambda path: path.touch(), parts=parts)
    new = stages.produce(tmp_path, "new", {}, lambda path: path.touch(), parts=parts)
    for path in (old, used):
        os.utime(path, (1, 1))
    assert stages.produce(tmp_path, "used", {}, lambda path: path.touch(), parts=parts) == used
    stages.prune(tmp_path)
    assert (old.exists(), used.exists(), new.exists(), parts.exists()) == (False, True, True, True)
    stages.prune(tmp_path / "missing")
