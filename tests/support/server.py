"""A real ``videocraft serve`` for tests: a process of its own, on a free port, with its own data."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

import videocraft
from tests.support.memory import command_line, descendants

START_SECONDS = 60.0
"""Bound for the start-up line; a start takes a second or two, a busy machine more."""
STOP_SECONDS = 30.0
_ADDRESS = re.compile(r"VideoCraft listens on (http://\S+)")


@dataclass(frozen=True)
class Server:
    """A running server."""

    process: subprocess.Popen[bytes]
    address: str
    data_dir: Path
    log_path: Path
    http: httpx.Client
    """A client whose base is the server's address."""

    @property
    def media(self) -> Path:
        """The media root, where sources lie."""
        return self.data_dir / "media"

    @property
    def log(self) -> str:
        """All that server and workers have printed."""
        return self.log_path.read_text(errors="replace")

    def workers(self) -> list[int]:
        """Process ids of the worker processes that live now."""
        return [pid for pid in descendants(self.process.pid) if _is_worker(command_line(pid))]

    def media_processes(self) -> list[int]:
        """Process ids of everything that the workers have started and that lives now."""
        return [pid for worker in self.workers() for pid in descendants(worker)]


@contextmanager
def running_server(
    data_dir: Path,
    *,
    workers: int = 1,
    environment: Mapping[str, str] | None = None,
    inside: Sequence[str] = (),
) -> Iterator[Server]:
    """Start ``videocraft serve``, wait until it is ready, and stop it in the end.

    Args:
        inside: the beginning of a command line whose last part is the command that it becomes.

    Raises:
        RuntimeError: it did not start, or did not stop by itself in time; with its log.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    log_path = data_dir.with_name(f"{data_dir.name}.log")
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [*inside, *_command(data_dir, workers)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=process_environment(environment or {}),
        )
    try:
        address = _wait_for_address(process, log_path)
        # Proxies of the machine are not for a server on it.
        with httpx.Client(base_url=address, timeout=60, trust_env=False) as http:
            yield Server(process, address, data_dir, log_path, http)
    finally:
        _stop(process, log_path)


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for something that another process does.

    Raises:
        TimeoutError: it did not happen in time; the message says what.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds:g} seconds")
        time.sleep(0.02)


def _command(data_dir: Path, workers: int) -> list[str]:
    command = [sys.executable, "-m", "videocraft", "serve", "--port", "0", "--data-dir", str(data_dir)]
    return [*command, "--workers", str(workers)]


def process_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """What a process of VideoCraft is started with: no settings but ``extra``, and the code under test."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("VIDEOCRAFT_")}
    # The package that the tests run on, wherever the server's current folder is.
    own["PYTHONPATH"] = str(Path(videocraft.__file__).parents[1])
    if "VIDEOCRAFT_FFMPEG" in os.environ:
        own["VIDEOCRAFT_FFMPEG"] = os.environ["VIDEOCRAFT_FFMPEG"]
    return own | dict(extra)


def _wait_for_address(process: subprocess.Popen[bytes], log_path: Path) -> str:
    found: list[str] = []

    def announced() -> bool:
        text = log_path.read_text(errors="replace")
        found.extend(_ADDRESS.findall(text))
        if not found and process.poll() is not None:
            raise RuntimeError(f"the server ended with exit code {process.returncode}:\n{text}")
        return bool(found)

    wait_until(announced, START_SECONDS, "the start of the server")
    return found[0]


def _stop(process: subprocess.Popen[bytes], log_path: Path) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        for pid in descendants(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.kill()
        process.wait()
        text = log_path.read_text(errors="replace")
        raise RuntimeError(f"the server did not stop within {STOP_SECONDS:g} seconds:\n{text}") from None


def _is_worker(arguments: list[str]) -> bool:
    return "videocraft" in arguments and "worker" in arguments
