"""Plots: small, of the promised size, and there for every result."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.media.sync.test_report import PAIR
from videocraft.media.sync import PairResult
from videocraft.media.sync.judge import nothing
from videocraft.media.sync_plot import plot

WORDY = replace(PAIR, reasons=tuple(f"Reason {number}: " + "word " * 60 for number in range(5)))


@pytest.mark.parametrize("pair", [PAIR, WORDY, nothing("C", ["The sound of camera C is silent."])])
def test_a_plot_is_a_small_png_of_800_pixels(pair: PairResult, tmp_path: Path) -> None:
    plot(pair, tmp_path / "plot.png")
    data = (tmp_path / "plot.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    assert struct.unpack(">II", data[16:24]) == (800, 600)
    assert len(data) < 100_000
