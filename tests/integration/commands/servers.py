"""Real ``videocraft serve`` processes for tests, and what is left of them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

GUARD_SECONDS = 30.0


def command(*arguments: object) -> list[str]:
    """The command line of ``videocraft ARGUMENTS``."""
    return [sys.executable, "-m", "videocraft", *map(str, arguments)]


def environment(**values: str) -> dict[str, str]:
    """This process's environment with no settings but ``values``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VIDEOCRAFT_")}
    return kept | values


def run(*arguments: object, **values: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command(*arguments),
        env=environment(**values),
        capture_output=True,
        text=True,
        timeout=GUARD_SECONDS,
        check=False,
    )


@contextmanager
def serving(data_dir: Path, *arguments: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a free port, and its address; killed at the end if it is still there."""
    log = data_dir.with_name(data_dir.name + ".log")
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(
            command("serve", "--port", 0, "--data-dir", data_dir, *arguments),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment(),
        ) as server,
    ):
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            assert line.startswith("VideoCraft listens on "), log.read_text()
            yield server, line.split()[-1]
        finally:
            server.kill()


def workers_of(data_dir: Path) -> set[int]:
    """Process ids of the embedded workers on ``data_dir``, whoever their parent is."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue  # it ended while we looked
            if b"--embedded" in words and str(data_dir).encode() in words:
                found.add(int(entry.name))
    return found


def until(condition: Callable[[], bool]) -> None:
    """Wait for what other processes do."""
    end = time.monotonic() + GUARD_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
