"""Packages that sync recordings by their sound, each as the commands that somebody would type.

They want ``ffmpeg`` and ``ffprobe`` on the PATH. The first is the one that VideoCraft uses; for the second,
which comes with no wheel, this module stands in with the three answers that they ask for.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from videocraft.media import ffmpeg

_AUDALIGN = (
    "import sys, audalign; "
    "found = audalign.recognize(*sys.argv[1:3], recognizer=audalign.CorrelationRecognizer()); "
    "(match,) = found['match_info'].values(); "
    "print('offset', match['offset_seconds'][0])"
)


@dataclass(frozen=True)
class Peer:
    """One package."""

    command: Callable[[Path, str, str], list[str]]
    """From the Python that it is installed for, the reference and the other recording."""
    offset: Callable[[str, str], float]
    """Its answer in seconds, other start minus reference start, from what it printed and the other's path."""


def _number(pattern: str, text: str, sign: int) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise RuntimeError(f"no offset in what the peer says:\n{text[-2000:]}")
    return sign * float(found[1])


def _syncstart(text: str, other: str) -> float:
    found = re.search(r"^(.*),(-?[0-9.e+-]+)$", text, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"no offset in what the peer says:\n{text[-2000:]}")
    # It names the file that began earlier.
    return (-1 if found[1] == other else 1) * float(found[2])


PEERS: Mapping[str, Peer] = {
    "polysync": Peer(
        # Without "--partial" it refuses where fewer than three of its probes agree.
        lambda python, one, other: [str(python.with_name("polysync")), "sync", "--partial", one, other],
        lambda text, _: _number(r"delta=([-+0-9.]+)s", text, 1),
    ),
    "audio-offset-finder": Peer(
        lambda python, one, other: [
            str(python.with_name("audio-offset-finder")),
            *("--find-offset-of", other, "--within", one),
        ],
        lambda text, _: _number(r"Offset: ([-+0-9.e]+)", text, 1),
    ),
    "syncstart": Peer(
        lambda python, one, other: [
            # Its own command ends with an exit code that means failure, whatever it found.
            *(str(python), "-c", "import syncstart; syncstart.main()"),
            *("--quiet", "--show", "--take", "300", one, other),
        ],
        _syncstart,
    ),
    "audalign": Peer(
        lambda python, one, other: [str(python), "-c", _AUDALIGN, one, other],
        lambda text, _: _number(r"offset ([-+0-9.e]+)", text, 1),
    ),
}


def environment(folder: Path) -> dict[str, str]:
    """What peers run with: their tools first on the PATH, in a folder that is filled here."""
    (folder / "ffmpeg").symlink_to(ffmpeg.binary())
    probe = folder / "ffprobe"
    path = os.pathsep.join(filter(None, sys.path))
    probe.write_text(
        f'#!/bin/sh\nPYTHONPATH="{path}" exec "{sys.executable}" -m benchmarks.sync_peers "$@"\n'
    )
    probe.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "MPLBACKEND": "Agg"}


def main(arguments: Sequence[str]) -> None:
    """Answer as ``ffprobe`` would."""
    import av

    with av.open(arguments[-1]) as container:
        if "format=duration" in arguments:
            print((container.duration or 0) / 1e6)
        elif "stream=sample_rate" in arguments:
            print(f"sample_rate={container.streams.audio[0].sample_rate}")
        else:
            print(*(stream.index for stream in container.streams.audio), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
