"""Runs Piper once and prints what it made; a program of its own, started by ``voices.say``.

Pipe 3: JSON ``{text, model}``, the latter a voice's ``.onnx`` file with its ``.onnx.json`` beside it.
Standard output: a line of JSON ``{rate}``, then the samples, with a pause between sentences.
"""

from __future__ import annotations

import json
import os
import sys

from piper import PiperVoice

_PAUSE_SECONDS = 0.25


def main() -> None:
    """Say what pipe 3 asks for."""
    with os.fdopen(3, "rb") as pipe:
        asked = json.load(pipe)
    voice = PiperVoice.load(asked["model"])
    rate = voice.config.sample_rate
    pieces = [chunk.audio_int16_bytes for chunk in voice.synthesize(asked["text"])]
    pause = bytes(2 * round(rate * _PAUSE_SECONDS))
    sys.stdout.buffer.write(json.dumps({"rate": rate}).encode() + b"\n" + pause.join(pieces))


if __name__ == "__main__":
    main()
