"""Runs eSpeak NG once and prints what it made; a program of its own, started by ``voices.say``.

The synthesiser keeps state from one text to the next, so only the first one of a process always sounds the
same. Pipe 3: JSON ``{text, words_per_minute, voice, pitch}``. Standard output: a line of JSON
``{rate, events}``, each event being (type, position in the text from 1, length, sample), then the samples.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any

import espeakng_loader

_SYNCHRONOUS = 2
_PHONEME_EVENTS = 1
_UTF8 = 1
_POSITION_CHARACTER = 1
_LIST_END = 0
_RATE, _PITCH = 1, 3


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


def main() -> None:
    """Say what pipe 3 asks for."""
    with os.fdopen(3, "rb") as pipe:
        asked = json.load(pipe)
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    data = str(espeakng_loader.get_data_path()).encode()
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, data, _PHONEME_EVENTS)
    if rate <= 0:
        raise SystemExit("eSpeak NG could not be initialised")
    pieces: list[bytes] = []
    events: list[tuple[int, int, int, int]] = []

    def collect(samples: Any, count: int, event: Any) -> int:
        if samples and count > 0:
            pieces.append(ctypes.string_at(samples, 2 * count))
        index = 0
        while event[index].type != _LIST_END:
            found = event[index]
            events.append((found.type, found.text_position, found.length, found.sample))
            index += 1
        return 0

    callback = _Callback(collect)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(asked["voice"].encode()):
        raise SystemExit(f"eSpeak NG has no voice {asked['voice']!r}")
    library.espeak_SetParameter(_RATE, asked["words_per_minute"], 0)
    library.espeak_SetParameter(_PITCH, asked["pitch"], 0)
    text = asked["text"].encode() + b"\0"
    library.espeak_Synth(text, len(text), 0, _POSITION_CHARACTER, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    sys.stdout.buffer.write(json.dumps({"rate": rate, "events": events}).encode() + b"\n" + b"".join(pieces))


if __name__ == "__main__":
    main()
