"""``videocraft doctor``: what VideoCraft needs, whether it is there, and how to mend it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from videocraft.doctor.finding import Finding, Level

if TYPE_CHECKING:
    from videocraft.settings import Settings

COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


def examine(settings: Settings) -> list[Finding]:
    """Make every check."""
    from videocraft.doctor import machine, state, tools

    checks: list[Callable[[Settings], list[Finding]]] = [
        tools.check_ffmpeg,
        tools.check_pyav,
        tools.check_speech_model,
        tools.check_narrator,
        lambda settings: machine.check_disk(settings.data_dir),
        lambda _: machine.check_limits(),
        state.check_database,
        state.check_queue,
        state.check_storage,
    ]
    return [finding for check in checks for finding in check(settings)]


def run(settings: Settings, *, as_json: bool) -> bool:
    """Print the findings; False when something that is needed does not work."""
    findings = examine(settings)
    healthy = all(finding.level is not Level.FAIL for finding in findings)
    if as_json:
        json.dump(
            {"healthy": healthy, "checks": [asdict(finding) for finding in findings]}, sys.stdout, indent=2
        )
        sys.stdout.write("\n")
    else:
        _print(findings)
    return healthy


def _print(findings: Sequence[Finding]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console()
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        line = Text(f"{finding.level:<4} ", style=COLOURS[finding.level])
        line.append(f"{finding.name:<{width}}  ", style="bold")
        line.append(finding.says, style="default")
        console.print(line, soft_wrap=True)
        if finding.mend:
            console.print(Text(f"{'':<{width + 7}}-> {finding.mend}"), soft_wrap=True)
    for level in (Level.FAIL, Level.WARN):
        count = sum(finding.level is level for finding in findings)
        if count:
            console.print(f"{count} x {level}", soft_wrap=True)
            return
    console.print("All is well.")
