"""Memory that was freed goes back to the system."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
from pathlib import Path
from videocraft.core.jobs.memory import give_back

def megabytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

before = megabytes()
# Beyond the size that Python keeps in pools of its own, below the one that the system is asked for each time.
held = [bytearray(20_000) for _ in range(5_000)]
last = bytearray(20_000)  # nothing below it can go
used = megabytes()
del held
kept = megabytes()
give_back()
print(used - before, kept - before, megabytes() - before)
"""


def test_what_was_freed_goes_back() -> None:
    # In a process of its own: here other tests' memory comes and goes.
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)
    used, kept, left = map(float, done.stdout.split())
    assert used > 90
    assert kept > 90
    assert left < 20
