"""Flags, environment and the sentence for a wrong value."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from videocraft.commands import CommandFailed
from videocraft.commands.options import load_settings


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VIDEOCRAFT_")}
    # A copy takes the place of os.environ, so what a flag sets ends with the test.
    monkeypatch.setattr(os, "environ", kept)


def test_a_flag_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEOCRAFT_PORT", "8100")
    monkeypatch.setenv("VIDEOCRAFT_WORKERS", "3")
    settings = load_settings(port=8200, workers=None)
    assert (settings.port, settings.workers) == (8200, 3)


def test_worker_processes_inherit_what_flags_set(tmp_path: Path) -> None:
    load_settings(data_dir=tmp_path, workers=2)
    assert os.environ["VIDEOCRAFT_DATA_DIR"] == str(tmp_path)
    assert os.environ["VIDEOCRAFT_WORKERS"] == "2"


def test_a_wrong_flag_is_named_as_it_was_typed() -> None:
    with pytest.raises(CommandFailed, match=r"^--port is wrong: .*65535, but it is '70000'$") as caught:
        load_settings(port=70000)
    assert caught.value.exit_code == 2


def test_a_wrong_variable_is_named_and_every_wrong_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEOCRAFT_LOG_LEVEL", "loud")
    monkeypatch.setenv("VIDEOCRAFT_QUEUE_URL", "amqp://localhost")
    with pytest.raises(CommandFailed) as caught:
        load_settings()
    assert "VIDEOCRAFT_LOG_LEVEL is wrong: input should be 'debug'" in caught.value.message
    assert "VIDEOCRAFT_QUEUE_URL must be 'embedded'" in caught.value.message
    assert "\n" not in caught.value.message
