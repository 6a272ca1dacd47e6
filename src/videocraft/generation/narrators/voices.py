"""Speaking in a process of its own: it can be ended at any moment, and takes its memory with it.

The synthesisers are programs of others (both under the GPL, which is why they are optional parts), so they
are run beside this program and not within it.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from videocraft.errors import MediaError
from videocraft.generation.base import GenerationStopped, ProviderError, ShouldStop
from videocraft.generation.narrators.sound import Samples
from videocraft.media.process import Limits, Stopped, run

_MOST_BYTES = 256 * 2**20
"""Of speech: more than an hour and a half."""


@dataclass(frozen=True)
class Said:
    """What a voice process has answered.

    Attributes:
        facts: its line of JSON; ``rate`` is in it.
        samples: the speech.
    """

    facts: Mapping[str, Any]
    samples: Samples

    @property
    def rate(self) -> int:
        """Samples a second."""
        return int(self.facts["rate"])


def require_package(package: str, extra: str, narrator: str) -> None:
    """Raise ProviderError if a Python package is not installed."""
    if importlib.util.find_spec(package) is None:
        raise ProviderError(
            f"The narrator '{narrator}' needs a package that is not installed: "
            f"pip install 'videocraft[{extra}]'."
        )


def say(script: str, asked: Mapping[str, Any], *, who: str, seconds: float, should_stop: ShouldStop) -> Said:
    """Let the program ``script`` of this folder speak what it is asked for.

    It reads JSON from the pipe with number 3, and writes a line of JSON and then 16-bit samples.

    Raises:
        ProviderError: it failed, or took longer than ``seconds``.
        GenerationStopped: ``should_stop`` said so.
    """

    def feed(pipe: BinaryIO) -> None:
        pipe.write(json.dumps(asked).encode())

    try:
        finished = run(
            [sys.executable, "-I", str(Path(__file__).parent / script)],
            limits=Limits(wall_seconds=seconds, memory_bytes=8 * 2**30),
            should_stop=should_stop,
            feed=feed,
            stdout_limit=_MOST_BYTES,
        )
    except Stopped as stopped:
        raise GenerationStopped from stopped
    except MediaError as error:
        raise ProviderError(f"{who} could not speak: {error.message}", retryable=True) from error
    if finished.exit_code:
        last = (finished.stderr_tail.strip().splitlines() or ["it ended without a word"])[-1]
        raise ProviderError(f"{who} could not speak: {last[:300]}")
    head, _, sound = finished.stdout.partition(b"\n")
    return Said(json.loads(head), np.frombuffer(sound, "<i2").astype(np.int16))
