"""A server of the demo's own: the real one, as a child process on a free port."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from videocraft.commands.lifeline import STOP_SECONDS
from videocraft.commands.options import PREFIX
from videocraft.commands.serve import READY_PREFIX
from videocraft.demo.stage import DemoFailed

KEPT_SETTINGS = frozenset({"VIDEOCRAFT_FFMPEG", "VIDEOCRAFT_LOG_LEVEL"})
LOG_NAME = "server.log"


@contextmanager
def running_server(data_dir: Path) -> Iterator[str]:
    """Run ``videocraft serve`` on ``data_dir`` and a free port; gives its address once it answers.

    Raises:
        DemoFailed: it did not start; the message holds what it said.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    options = ["--port", "0", "--data-dir", str(data_dir), "--follow-parent"]
    command = [sys.executable, "-m", "videocraft", "serve", *options]
    log = data_dir / LOG_NAME
    environment = own_environment(os.environ)
    with (
        log.open("wb") as errors,
        # This interpreter, this package and a folder: nothing that came from outside.
        subprocess.Popen(  # noqa: S603 - see above
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            # Ctrl-C is for the demo, which then stops the server.
            start_new_session=True,
        ) as server,
    ):
        try:
            yield _address(server, log)
        finally:
            server.terminate()
            try:
                server.wait(timeout=2 * STOP_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()


def own_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """``environment`` without the user's settings: the demo touches no database or folder of theirs."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(PREFIX) or name in KEPT_SETTINGS
    }


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    if server.stdout is None:
        raise DemoFailed("the server has no output to read")
    for raw in server.stdout:
        line = raw.decode("utf-8", "replace")
        if line.startswith(READY_PREFIX):
            return line.removeprefix(READY_PREFIX).strip()
    said = log.read_text(encoding="utf-8", errors="replace").strip()
    raise DemoFailed(f"the server did not start: {said or 'it said nothing'}")
