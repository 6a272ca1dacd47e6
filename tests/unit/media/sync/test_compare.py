"""Measuring pairs whose truth is known: offsets, drift, jumps, and what must not be trusted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks import sync_cases
from benchmarks import sync_material as material
from benchmarks.sync_material import RATE, Samples

from tests.unit.media.sync.sounds import never, sound_of
from videocraft.media.process import Stopped
from videocraft.media.sync import PairResult
from videocraft.media.sync.measure import compare


@pytest.fixture(scope="module")
def fine() -> Samples:
    """Seventy seconds of an event."""
    rng = np.random.default_rng(11)
    return material.fine_event(material.speech(rng, 70) + 0.4 * material.music(rng, 70))


def measured(folder: Path, master: Samples, camera: Samples, *, level: float = 0.1) -> PairResult:
    ours = sound_of(master, folder / "master")
    return compare("B", ours, sound_of(camera, folder / "camera", level=level), should_stop=never)


def noisy(samples: Samples, seed: int, level: float = 0.3) -> Samples:
    return samples + level * material.noise(np.random.default_rng(seed), len(samples))


@pytest.mark.parametrize("offset", [0.0, 5.0, 17.30004, -6.123456])
def test_offsets_of_either_sign_are_found_between_samples(
    tmp_path: Path, fine: Samples, offset: float
) -> None:
    master = noisy(material.record(fine, 10, 30), 1)
    camera = noisy(material.record(fine, 10 + offset, 30), 2)
    pair = measured(tmp_path, master, camera)
    assert pair.classification == "looks-good"
    assert pair.offset_ms == pytest.approx(offset * 1000, abs=0.05)
    assert pair.overlap_ms == pytest.approx(30_000 - abs(offset) * 1000, abs=20)
    assert pair.reasons == ()


@pytest.mark.parametrize("ppm", [-180.0, 37.0, 120.0])
def test_drift_has_the_sign_of_a_slow_camera_clock(tmp_path: Path, fine: Samples, ppm: float) -> None:
    master = noisy(material.record(fine, 1, 65), 1)
    camera = noisy(material.record(fine, 8, 50, ppm * 1e-6), 2)
    pair = measured(tmp_path, master, camera)
    assert pair.drift_ppm == pytest.approx(ppm, abs=2)
    assert pair.offset_ms == pytest.approx(7000, abs=0.1)
    assert pair.offset_mid_ms == pytest.approx(7000 + 25 * ppm * 1e-3, abs=0.1)
    assert any(f"{ppm:.0f} ppm" in reason for reason in pair.reasons)


def test_inverted_polarity_and_other_gains_are_told_and_no_harm(tmp_path: Path, fine: Samples) -> None:
    master = noisy(material.record(fine, 5, 30), 1)
    camera = noisy(-material.record(fine, 9, 20), 2)
    pair = measured(tmp_path, master, camera, level=0.001)
    assert pair.inverted
    assert pair.reasons == ("The polarity of camera B is inverted.",)
    assert (pair.classification, round(pair.offset_ms, 1)) == ("looks-good", 4000.0)


@pytest.mark.parametrize("lost_s", [0.02, 0.25])
def test_a_hole_in_a_recording_is_told_with_its_place_and_size(
    tmp_path: Path, fine: Samples, lost_s: float
) -> None:
    camera = material.record(fine, 10, 50)
    hole = round(lost_s * RATE)
    camera = np.concatenate([camera[: 30 * RATE], camera[30 * RATE + hole :]])
    pair = measured(tmp_path, noisy(material.record(fine, 5, 60), 1), noisy(camera, 2))
    (jump,) = pair.jumps
    assert jump.size_ms == pytest.approx(lost_s * 1000, abs=0.5)
    assert jump.time_s == pytest.approx(30, abs=4)
    assert pair.classification == "review-suggested"
    assert any("jumps by" in reason for reason in pair.reasons)


def test_a_long_hole_is_a_jump_too(tmp_path: Path, fine: Samples) -> None:
    camera = material.record(fine, 10, 55)
    camera = np.concatenate([camera[: 30 * RATE], camera[33 * RATE :]])
    pair = measured(tmp_path, noisy(material.record(fine, 5, 64), 1), noisy(camera, 2))
    (jump,) = pair.jumps
    assert abs(jump.size_ms) == pytest.approx(3000, abs=1)
    assert pair.classification == "review-suggested"


@pytest.mark.parametrize("kind", ["no overlap", "other room", "silence", "hum", "loop"])
@pytest.mark.parametrize("number", [0, 1])
def test_what_has_no_right_answer_is_not_trusted(tmp_path: Path, kind: str, number: int) -> None:
    make, _ = sync_cases.KINDS[kind]
    case = make(np.random.default_rng([5, number]))
    pair = measured(tmp_path, case.master, case.camera)
    assert pair.classification == "needs-manual-nudge"
    assert pair.reasons


def test_reasons_name_silence_and_loops(tmp_path: Path, fine: Samples) -> None:
    master = noisy(material.record(fine, 5, 30), 1)
    silent = measured(tmp_path, master, np.zeros(20 * RATE))
    assert silent.reasons == ("The sound of camera B is silent.",)
    bar = material.music(np.random.default_rng(3), 2.0)
    rounds = noisy(np.tile(bar, 20), 1, 0.1)
    looped = measured(tmp_path, rounds, noisy(np.tile(bar, 8), 2, 0.1))
    assert any("repeats itself" in reason for reason in looped.reasons)


@pytest.mark.parametrize("samples", [0, 1, 100, RATE // 2])
def test_almost_no_sound_is_no_error(tmp_path: Path, fine: Samples, samples: int) -> None:
    pair = measured(tmp_path, material.record(fine, 5, 20), material.record(fine, 8, 1)[:samples])
    assert (pair.confidence, pair.classification) == (0.0, "needs-manual-nudge")
    assert pair.reasons


def test_it_stops_when_told(tmp_path: Path, fine: Samples) -> None:
    sound = sound_of(material.record(fine, 5, 20), tmp_path / "a")
    asked = iter([False] * 5)
    with pytest.raises(Stopped):
        compare("B", sound, sound, should_stop=lambda: next(asked, True))


def test_a_recording_and_itself_agree_to_the_microsecond(tmp_path: Path, fine: Samples) -> None:
    sound = sound_of(material.record(fine, 5, 20), tmp_path / "a")
    pair = compare("B", sound, sound, should_stop=never)
    assert pair.offset_ms == pytest.approx(0, abs=0.001)
    assert pair.drift_ppm == pytest.approx(0, abs=0.1)
