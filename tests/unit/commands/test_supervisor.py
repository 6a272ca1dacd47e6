"""Worker processes are kept alive, stopped in order, and never left behind."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

from videocraft.commands.supervisor import Supervisor, worker_command

GUARD_SECONDS = 20.0
NOTE_PID = "import os, pathlib, sys; pathlib.Path(sys.argv[1], str(os.getpid())).touch()\n"
OBEDIENT = NOTE_PID + "import signal; signal.sigwait([signal.SIGTERM])"
STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + NOTE_PID + "while True: signal.pause()"
)
SHORT_LIVED = NOTE_PID


def _command(code: str, folder: Path) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", code, str(folder)]


def _run(scene: Callable[[], Coroutine[None, None, None]]) -> None:
    asyncio.run(asyncio.wait_for(scene(), GUARD_SECONDS))


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - what is waited for happens in other processes
        await asyncio.sleep(0.01)


def _pids(folder: Path) -> list[int]:
    return [int(path.name) for path in folder.iterdir()]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_all_workers_start_and_all_are_reaped(tmp_path: Path) -> None:
    async def scene() -> None:
        supervisor = Supervisor(_command(OBEDIENT, tmp_path), 3)
        supervisor.start()
        await _until(lambda: len(_pids(tmp_path)) == 3)
        assert sorted(supervisor.pids) == sorted(_pids(tmp_path))
        await supervisor.stop()
        assert supervisor.pids == []
        assert not any(map(_is_alive, _pids(tmp_path)))

    _run(scene)


def test_a_worker_that_ends_is_started_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        supervisor = Supervisor(_command(SHORT_LIVED, tmp_path), 1, first_delay=0.01)
        supervisor.start()
        await _until(lambda: len(_pids(tmp_path)) >= 4)
        await supervisor.stop()

    _run(scene)
    told = [record.args for record in caplog.records if record.name == "videocraft.commands.supervisor"]
    delays = [arguments[2] for arguments in told if isinstance(arguments, tuple)]
    assert delays[:3] == [0.01, 0.02, 0.04], "each death in a row waits twice as long"


def test_a_killed_worker_is_started_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        supervisor = Supervisor(_command(OBEDIENT, tmp_path), 1, first_delay=0.01)
        supervisor.start()
        await _until(lambda: len(_pids(tmp_path)) == 1)
        os.kill(_pids(tmp_path)[0], 9)
        await _until(lambda: len(_pids(tmp_path)) == 2)
        await supervisor.stop()

    _run(scene)
    assert "ended (by SIGKILL)" in caplog.text


def test_a_worker_that_ignores_the_stop_is_killed(tmp_path: Path) -> None:
    async def scene() -> None:
        supervisor = Supervisor(_command(STUBBORN, tmp_path), 2)
        supervisor.start()
        await _until(lambda: len(_pids(tmp_path)) == 2)
        await supervisor.stop(seconds=0.1)
        assert not any(map(_is_alive, _pids(tmp_path)))

    _run(scene)


def test_kill_ends_a_stop_that_waits(tmp_path: Path) -> None:
    async def scene() -> None:
        supervisor = Supervisor(_command(STUBBORN, tmp_path), 1)
        supervisor.start()
        await _until(lambda: len(_pids(tmp_path)) == 1)
        stopping = asyncio.create_task(supervisor.stop(seconds=10 * GUARD_SECONDS))
        await asyncio.sleep(0)
        supervisor.kill()
        await stopping
        assert not any(map(_is_alive, _pids(tmp_path)))

    _run(scene)


def test_a_stop_during_the_start_leaves_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        supervisor = Supervisor(_command(OBEDIENT, tmp_path), 2)
        supervisor.start()
        await supervisor.stop()
        assert supervisor.pids == []
        assert not any(map(_is_alive, _pids(tmp_path)))

    _run(scene)


def test_no_workers_is_fine() -> None:
    async def scene() -> None:
        supervisor = Supervisor(["/nowhere"], 0)
        supervisor.start()
        await supervisor.stop()

    _run(scene)


def test_workers_see_the_death_of_their_supervisor(tmp_path: Path) -> None:
    """The supervisor is killed outright: each child reads end of file, whatever pipes the others hold."""
    child = NOTE_PID + "import os\nos.read(0, 1)\npathlib.Path(sys.argv[1], str(os.getpid())).unlink()"
    parent = f"""
import asyncio, os, pathlib, sys
from uvicorn.loops.auto import auto_loop_factory
from videocraft.commands.supervisor import Supervisor

async def main():
    supervisor = Supervisor([sys.executable, "-I", "-S", "-c", {child!r}, sys.argv[1]], 2)
    supervisor.start()
    while len(os.listdir(sys.argv[1])) < 2:
        await asyncio.sleep(0.01)
    os.kill(os.getpid(), 9)

with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
    runner.run(main())
"""
    killed = subprocess.run([sys.executable, "-c", parent, str(tmp_path)], check=False, timeout=GUARD_SECONDS)
    assert killed.returncode == -9

    async def scene() -> None:
        await _until(lambda: not _pids(tmp_path))

    _run(scene)


def test_the_worker_command_runs_this_package() -> None:
    command = worker_command("/data")
    assert command[1:] == ["-m", "videocraft", "worker", "--embedded", "--data-dir", "/data"]
