"""Real processes: limits hold, stopping works, and nothing stays behind."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from videocraft.errors import MediaError, StorageFull
from videocraft.media import ffmpeg
from videocraft.media.process import Limits, OutputTooLarge, Stopped, TimedOut, run

LIMITS = Limits(wall_seconds=30)
ENDLESS = ["-re", "-f", "lavfi", "-i", "testsrc2=size=64x64", "-f", "null", "-"]


def shell(script: str, **options: object) -> object:
    return run(["/bin/sh", "-c", script], **{"limits": LIMITS, **options})


def wait_gone(pid: int) -> bool:
    """Whether the process is gone within ten seconds."""
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        ready, _, _ = select.select([watch], [], [], 10)
        return bool(ready)
    finally:
        os.close(watch)


def test_output_and_exit_code_come_back() -> None:
    finished = shell("echo out; echo err >&2; exit 3")
    assert (finished.exit_code, finished.stdout, finished.stderr_tail) == (3, b"out\n", "err\n")


def test_standard_input_is_empty() -> None:
    assert shell("cat").stdout == b""


def test_lines_are_handed_on_as_they_are() -> None:
    lines: list[str] = []
    shell("printf 'a\\nb\\n\\nc'", on_line=lines.append)
    assert lines == ["a", "b", "", "c"]


def test_only_the_end_of_stderr_is_kept() -> None:
    tail = shell("i=0; while [ $i -lt 5000 ]; do echo line $i >&2; i=$((i+1)); done").stderr_tail
    assert tail.endswith("line 4999\n")
    assert len(tail) == 16 * 1024


def test_too_much_output_ends_the_process() -> None:
    with pytest.raises(OutputTooLarge):
        shell("yes", stdout_limit=1000)


def test_the_wall_clock_ends_it() -> None:
    with pytest.raises(TimedOut, match=r"longer than 0\.2 s") as caught:
        shell("echo before >&2; exec sleep 600", limits=Limits(wall_seconds=0.2))
    assert caught.value.details["stderr"] == "before\n"


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(MediaError, match="could not be started") as caught:
        run(["/no/such/program"], limits=LIMITS)
    assert "/no/such/program" not in caught.value.message


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="could not be started"):
        shell("true", cwd=tmp_path / "gone")


def stop_after_line(lines: list[str]) -> Callable[[], bool]:
    return lambda: bool(lines)


def test_stopping_ends_even_what_ignores_sigterm() -> None:
    lines: list[str] = []
    script = "trap '' TERM; sleep 600 & echo $!; wait; sleep 600"
    with pytest.raises(Stopped):
        shell(script, on_line=lines.append, should_stop=stop_after_line(lines))
    assert wait_gone(int(lines[0]))


def test_what_the_process_leaves_running_is_ended() -> None:
    assert wait_gone(int(shell("sleep 600 & echo $!").stdout))


def test_an_error_of_the_caller_ends_the_process() -> None:
    pids: list[str] = []

    def fail(line: str) -> None:
        pids.append(line)
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        shell("echo $$; exec sleep 600", on_line=fail)
    assert wait_gone(int(pids[0]))


@pytest.mark.parametrize("outcome", ["ends", "fails", "is stopped"])
def test_no_descriptor_thread_or_zombie_stays(outcome: str) -> None:
    def once() -> None:
        if outcome == "ends":
            shell("exec cat <&3", feed=lambda stream: stream.write(b"x"))
        elif outcome == "fails":
            with pytest.raises(MediaError):
                run(["/no/such/program"], limits=LIMITS, feed=lambda stream: stream.write(b"x"))
        else:
            with pytest.raises(Stopped):
                shell("exec sleep 600", should_stop=lambda: True)

    once()

    def held() -> tuple[int, int, int]:
        # Other tests' servers may be children of this process too.
        children = sum(len(path.read_text().split()) for path in Path("/proc/self/task").glob("*/children"))
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count(), children

    before = held()
    for _ in range(3):
        once()
    assert held() == before


# --- feeding --------------------------------------------------------------------------------------------


def test_feeding() -> None:
    def write(stream: BinaryIO) -> None:
        stream.writelines(bytes(100_000) for _ in range(100))

    assert shell("wc -c <&3", feed=write).stdout.strip() == b"10000000"


def test_a_process_that_has_enough_is_no_error() -> None:
    def write(stream: BinaryIO) -> None:
        while True:
            stream.write(bytes(100_000))

    assert shell("head -c 5 <&3 | wc -c", feed=write).stdout.strip() == b"5"


def test_an_error_while_feeding_is_the_result() -> None:
    def fail(stream: BinaryIO) -> None:
        stream.write(b"x")
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        shell("exec sleep 600", feed=fail)


# --- rights ---------------------------------------------------------------------------------------------


def test_secrets_of_the_server_stay_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEOCRAFT_API_KEY", "secret")
    output = shell("env", environment={"SVT_LOG": "1"}).stdout
    assert b"secret" not in output
    assert b"SVT_LOG=1" in output


def test_no_descriptor_is_inherited() -> None:
    descriptor = os.open("/", os.O_RDONLY)
    os.set_inheritable(descriptor, True)
    try:
        assert shell("ls /proc/$$/fd").stdout.split() == [b"0", b"1", b"2"]
    finally:
        os.close(descriptor)


def test_signals_are_as_a_program_expects_them() -> None:
    ignored = int(shell("grep SigIgn /proc/self/status").stdout.split()[1], 16)
    blocked = int(shell("grep SigBlk /proc/self/status").stdout.split()[1], 16)
    # Only SIGXFSZ is ignored: a file that grows too large is then a plain error of write. (What is above 31
    # can't be reset by a program: it is as the shell that the tests were started from has it.)
    assert ignored & 0x7FFF_FFFF == 1 << (signal.SIGXFSZ - 1)
    assert blocked == 0


CAN_UNSHARE = """
import ctypes, os
libc = ctypes.CDLL(None)
print(int(libc.unshare(0x40000000) == 0 or (os.geteuid() != 0 and libc.unshare(0x50000000) == 0)))
"""
INTERFACES = "import socket; print(sorted(name for _, name in socket.if_nameindex()))"


def test_there_is_no_network_where_the_system_allows_that() -> None:
    def python(code: str, *, network: bool) -> bytes:
        return run([sys.executable, "-c", code], limits=Limits(wall_seconds=30, network=network)).stdout

    outside = python(INTERFACES, network=True)
    allowed = python(CAN_UNSHARE, network=True).strip() == b"1"
    inside = python(INTERFACES, network=False)
    assert inside.strip() == b"['lo']" if allowed else inside == outside


def test_memory_is_limited() -> None:
    with pytest.raises(MediaError, match="more memory"):
        ffmpeg.ffmpeg(
            ["-f", "lavfi", "-i", "color=size=8000x4000:duration=1", "-f", "null", "-"],
            binary=ffmpeg.binary(),
            limits=Limits(wall_seconds=30, memory_bytes=300 * 2**20),
        )


def test_processor_time_is_limited() -> None:
    endless = ["-f", "lavfi", "-i", "testsrc2", "-f", "null", "-"]
    with pytest.raises(MediaError, match="processor time"):
        ffmpeg.ffmpeg(endless, binary=ffmpeg.binary(), limits=Limits(wall_seconds=60, cpu_seconds=1))


def test_the_size_of_a_file_is_limited(tmp_path: Path) -> None:
    output = tmp_path / "big.raw"
    source = ["-f", "lavfi", "-i", "color=size=640x360:duration=10", "-f", "rawvideo", str(output)]
    with pytest.raises(MediaError, match="beyond the size"):
        ffmpeg.ffmpeg(source, binary=ffmpeg.binary(), limits=Limits(wall_seconds=30, file_bytes=2**20))
    assert output.stat().st_size <= 2**20


def test_a_full_disk_is_said_so() -> None:
    source = ["-f", "lavfi", "-i", "color=size=640x360:duration=1", "-f", "rawvideo", "file:/dev/full"]
    with pytest.raises(StorageFull):
        ffmpeg.ffmpeg(source, binary=ffmpeg.binary(), limits=LIMITS)


# --- FFmpeg ---------------------------------------------------------------------------------------------


def test_progress_is_reported_while_ffmpeg_runs() -> None:
    reports: list[ffmpeg.Progress] = []
    with pytest.raises(Stopped):
        ffmpeg.ffmpeg(
            ENDLESS,
            binary=ffmpeg.binary(),
            limits=LIMITS,
            on_progress=reports.append,
            should_stop=lambda: bool(reports and reports[-1].frame),
        )
    assert reports[-1].out_time > 0


def test_a_failure_tells_users_and_operators_what_each_needs() -> None:
    with pytest.raises(MediaError, match="A source file is gone") as caught:
        ffmpeg.ffmpeg(["-i", "/no/such.mp4", "-f", "null", "-"], binary=ffmpeg.binary(), limits=LIMITS)
    details = caught.value.details
    assert "/no/such.mp4" not in caught.value.message
    assert "/no/such.mp4" in details["command"]
    assert details["exit_code"] != 0
    assert "No such file" in details["stderr"]


def test_the_binary_is_found_or_its_lack_explained(tmp_path: Path) -> None:
    assert ffmpeg.version(ffmpeg.binary()).startswith("ffmpeg version ")
    assert "libx264" in ffmpeg.encoders(ffmpeg.binary())
    with pytest.raises(MediaError, match="VIDEOCRAFT_FFMPEG"):
        ffmpeg.binary(str(tmp_path / "none"))


@pytest.mark.parametrize("codec", ["h264", "h265", "vp9", "av1"])
def test_the_encoder_that_is_found_encodes(codec: str, tmp_path: Path) -> None:
    name = ffmpeg.working_encoder(ffmpeg.binary(), codec)
    source = ["-f", "lavfi", "-i", "color=size=128x128:rate=5:duration=0.4"]
    output = tmp_path / "out.mp4"
    ffmpeg.ffmpeg(
        [*source, "-c:v", name, "-pix_fmt", "yuv420p", str(output)], binary=ffmpeg.binary(), limits=LIMITS
    )
    assert output.stat().st_size


PARENT = """
import sys
from videocraft.media import ffmpeg
from videocraft.media.process import Limits, run
command = [ffmpeg.binary(), "-loglevel", "error", *sys.argv[1:]]
run(
    ["/bin/sh", "-c", 'echo $$; exec "$@"', "sh", *command],
    limits=Limits(wall_seconds=600),
    on_line=lambda line: print(line, flush=True),
)
"""


@pytest.mark.parametrize("is_thread", [False, True])
def test_a_killed_server_leaves_no_ffmpeg_behind(is_thread: bool) -> None:
    code = PARENT
    if is_thread:
        body = PARENT.replace("\n", "\n    ")
        code = f"import threading\ndef work():{body}\nthreading.Thread(target=work).start()"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen(
        [sys.executable, "-c", code, *ENDLESS], stdout=subprocess.PIPE, env=environment, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert Path(f"/proc/{child}").exists()
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert wait_gone(child)
