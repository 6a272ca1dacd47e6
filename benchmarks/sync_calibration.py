"""How the sync's confidence separates right offsets from wrong ones, on labelled cases.

``python -m benchmarks.sync_calibration [--share 1.0] [--seed 1] [--output FILE] [--cases FILE]`` writes
Markdown, and each case as a line of JSON. A full run is 420 cases; they are the same for the same seed."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.sync_cases import KINDS, Case
from benchmarks.sync_material import RATE, Samples
from videocraft.media.sync.measure import compare
from videocraft.media.sync.report import LOOKS_GOOD, PairResult
from videocraft.media.sync.sound import Sound, Writer

RIGHT_MS = 1.0
"""An answer further off than this is wrong."""


@dataclass(frozen=True)
class Outcome:
    """What came out for one case; ``error_ms`` is None where there is no right answer."""

    kind: str
    number: int
    overlap_s: float
    snr_db: float
    error_ms: float | None
    drift_error_ppm: float | None
    confidence: float
    classification: str
    reasons: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """The offset is the true one."""
        return self.error_ms is not None and abs(self.error_ms) <= RIGHT_MS


def sound_of(samples: Samples, path: Path) -> Sound:
    """What the sync keeps of a recording at ``RATE``; full scale is 10 times the level 1."""
    plain = np.clip(np.round(samples * 3276.7), -32768, 32767).astype(np.int16)
    writer = Writer(path, limit=len(plain))
    with path.open("wb") as file:
        for first in range(0, len(plain), 4 * RATE):
            writer.put(file.fileno(), first, plain[first : first + 4 * RATE])
        return writer.finish(file.fileno())


def run(kind: str, number: int, seed: int, folder: Path) -> Outcome:
    """Make one case and measure it."""
    make, _ = KINDS[kind]
    case: Case = make(np.random.default_rng([seed, list(KINDS).index(kind), number]))
    master, camera = sound_of(case.master, folder / "master"), sound_of(case.camera, folder / "camera")
    found: PairResult = compare("B", master, camera, should_stop=lambda: False)
    is_match = case.offset_s is not None
    return Outcome(
        kind=kind,
        number=number,
        overlap_s=case.overlap_s,
        snr_db=case.snr_db,
        error_ms=found.offset_ms - case.offset_s * 1000 if case.offset_s is not None else None,
        drift_error_ppm=found.drift_ppm - case.drift_ppm if is_match else None,
        confidence=found.confidence,
        classification=found.classification,
        reasons=found.reasons,
    )


def report(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Markdown: what became of each kind, and how many of each sort every confidence keeps."""
    yield "| kind | cases | right | looks-good | review | nudge | wrong looks-good | median error | worst looks-good |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for kind in KINDS:
        mine = [one for one in outcomes if one.kind == kind]
        if mine:
            yield _row(kind, mine)
    yield _row("all", outcomes)
    promised = [
        one for one in outcomes if one.error_ms is not None and one.overlap_s >= 10 and one.snr_db >= 0
    ]
    good = sum(one.is_right and one.classification == LOOKS_GOOD for one in promised)
    yield ""
    yield f"Matches of 10 s and more at 0 dB and better: {good} of {len(promised)} look good."
    yield ""
    yield "| confidence at least | right offsets | wrong offsets |"
    yield "| ---: | ---: | ---: |"
    for least in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 30, 40):
        kept = [one for one in outcomes if one.confidence >= least]
        yield f"| {least} | {sum(one.is_right for one in kept)} | {sum(not one.is_right for one in kept)} |"


def _row(kind: str, mine: Sequence[Outcome]) -> str:
    right = [one for one in mine if one.is_right]
    counts = {name: sum(one.classification == name for one in mine) for name in _NAMES}
    wrong = sum(one.classification == LOOKS_GOOD and not one.is_right for one in mine)
    errors = [abs(one.error_ms) for one in right if one.error_ms is not None]
    good = [
        abs(one.error_ms) for one in right if one.classification == LOOKS_GOOD and one.error_ms is not None
    ]
    middle = f"{np.median(errors):.3f} ms" if errors else ""
    worst = f"{max(good):.3f} ms" if good else ""
    shown = " | ".join(str(counts[name]) for name in _NAMES)
    return f"| {kind} | {len(mine)} | {len(right)} | {shown} | {wrong} | {middle} | {worst} |"


_NAMES = ("looks-good", "review-suggested", "needs-manual-nudge")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the cases of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--cases", type=Path, help="write each case as a line of JSON")
    arguments = parser.parse_args()
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        for kind, (_, count) in KINDS.items():
            for number in range(max(1, round(count * arguments.share))):
                outcomes.append(run(kind, number, arguments.seed, Path(folder)))
    text = "\n".join(report(outcomes)) + "\n"
    if arguments.output:
        arguments.output.write_text(text)
    if arguments.cases:
        arguments.cases.write_text("".join(json.dumps(asdict(one)) + "\n" for one in outcomes))
    print(text)


if __name__ == "__main__":
    main()
