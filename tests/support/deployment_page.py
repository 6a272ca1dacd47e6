"""What ``docs/deployment.md`` tells to type and to write into files."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "deployment.md"


def block(language: str, beginning: str) -> str:
    """The page's one block of a language ("" for none) that begins so."""
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    (found,) = (text for kind, text in fences if kind == language and text.startswith(beginning))
    return str(found)


def services() -> list[list[str]]:
    """The arguments of ``videocraft`` that the units start and the compose file has as commands."""
    text = PAGE.read_text(encoding="utf-8")
    lines = re.findall(
        r"^(?:ExecStart=/opt/videocraft/\.venv/bin/|    command: )(videocraft .*)$", text, re.MULTILINE
    )
    return [shlex.split(line)[1:] for line in lines]
