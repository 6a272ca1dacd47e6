"""What the doctor says of disks and limits."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from videocraft.doctor import machine
from videocraft.doctor.finding import Level
from videocraft.doctor.machine import GIB, MIB, check_disk, check_limits, nearest_existing


@pytest.fixture
def small_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "SAMPLE_BYTES", MIB)


@pytest.mark.usefixtures("small_sample")
@pytest.mark.parametrize(
    ("free", "level"), [(10 * GIB, Level.OK), (1 * GIB, Level.WARN), (100 * MIB, Level.FAIL)]
)
def test_free_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: Level) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    found = check_disk(tmp_path / "not" / "there")[0]
    assert found.level is level
    assert bool(found.mend) is (level is not Level.OK)
    assert str(tmp_path) in found.says
    assert not list(tmp_path.iterdir()), "the doctor leaves nothing behind"


def test_a_slow_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_write_speed", lambda _: 3.0 * MIB)
    found = check_disk(tmp_path)[1]
    assert (found.level, found.says) == (Level.WARN, "writes about 3 MiB/s")


def test_a_disk_that_cannot_be_written_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_where: Path) -> float:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(machine, "_write_speed", refuse)
    found = check_disk(tmp_path)[1]
    assert found.level is Level.FAIL
    assert "Read-only file system" in found.says


def _limits(files: int, space: int) -> Callable[[int], tuple[int, int]]:
    return lambda kind: (files if kind == resource.RLIMIT_NOFILE else space, resource.RLIM_INFINITY)


def test_limits_that_are_wide_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", _limits(4096, resource.RLIM_INFINITY))
    found = {finding.name: finding for finding in check_limits()}
    assert found["open files"].level is Level.OK
    assert found["address space"].level is Level.OK


def test_limits_that_are_too_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", _limits(256, 2 * GIB))
    found = {finding.name: finding for finding in check_limits()}
    assert (found["open files"].level, found["address space"].level) == (Level.WARN, Level.WARN)
    assert "ulimit -n" in found["open files"].mend
    assert found["address space"].says == "limited to 2.0 GiB"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"memory.max": "1073741824\n"}, GIB),
        ({"memory.max": "max\n"}, None),
        ({"memory/memory.limit_in_bytes": "536870912\n"}, 512 * MIB),
        ({}, None),
    ],
)
def test_the_limit_of_a_container_is_read(
    tmp_path: Path, files: dict[str, str], expected: int | None
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert machine._cgroup_memory_limit(tmp_path) == expected


def test_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    assert nearest_existing(tmp_path / "a" / "b") == tmp_path
    assert nearest_existing(tmp_path) == tmp_path
