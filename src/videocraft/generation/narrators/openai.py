"""Speech from any server that speaks OpenAI's audio protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from videocraft.generation.base import ProviderConfig, ProviderError, ShouldStop, Speech
from videocraft.generation.http import ProviderHttp
from videocraft.generation.narrators.finishing import finish, silent
from videocraft.generation.narrators.sound import Samples

WHO = "The speech server"
DEFAULT_VOICE = "alloy"
MOST_CHARACTERS = 4096
"""Of one request, by the protocol."""

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE


class OpenAINarrator:
    """``POST {base_url}/audio/speech``, answered with a WAV file."""

    name = "openai"

    def __init__(self, config: ProviderConfig) -> None:
        self.voice = f"{config.model}/{config.voice or DEFAULT_VOICE}"
        self.price = config.price
        self._config = config
        self._http = ProviderHttp(config, WHO)

    def speak(self, text: str, into: Path, *, should_stop: ShouldStop) -> Speech:
        """See ``Narrator``."""
        if (nothing := silent(text, into)) is not None:
            return nothing
        if len(text) > MOST_CHARACTERS:
            raise ProviderError(f"{WHO} takes at most {MOST_CHARACTERS} characters at once.")
        body: dict[str, Any] = {
            "model": self._config.model,
            "voice": self._config.voice or DEFAULT_VOICE,
            "input": text,
            "response_format": "wav",
        }
        with self._http.turn(should_stop) as turn:
            samples, rate = read_wav(self._http.post_for_bytes("/audio/speech", body, turn))
        return finish(samples, rate, text, into, price=self.price)


def read_wav(data: bytes) -> tuple[Samples, int]:
    """Mono samples of a WAV file, and their rate.

    Servers that send speech while they make it do not know its length yet: a size beyond what a file can
    have, or of 0, means "to the end".

    Raises:
        ProviderError: it is none, of a kind that can't be read, or broken off.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise ProviderError(f"{WHO} sent something that is not a WAV file, which it was asked for.")
    at, layout = 12, b""
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8
        if name == b"fmt ":
            layout = data[at : at + size]
        elif name == b"data":
            is_streamed = size in {0, 0xFFFFFFFF} or size > 2**31 - 4096
            if not is_streamed and at + size > len(data):
                raise ProviderError(f"{WHO} sent half a WAV file.", retryable=True)
            return _decoded(data[at:] if is_streamed else data[at : at + size], layout)
        at += size + size % 2
    raise ProviderError(f"{WHO} sent a WAV file without sound.", retryable=True)


def _decoded(sound: bytes, layout: bytes) -> tuple[Samples, int]:
    kind, channels, rate, bits = (
        int.from_bytes(layout[begin:end], "little") for begin, end in ((0, 2), (2, 4), (4, 8), (14, 16))
    )
    if kind == _EXTENSIBLE:
        kind = int.from_bytes(layout[24:26], "little")
    types = {(_PCM, 16): ("<i2", 1.0), (_PCM, 32): ("<i4", 2.0**-16), (_FLOAT, 32): ("<f4", 32767.0)}
    if (kind, bits) not in types or not 1 <= channels <= 8 or not 8000 <= rate <= 192_000:
        raise ProviderError(f"{WHO} sent a WAV file of a kind that can't be read ({bits} bits, {rate} Hz).")
    name, scale = types[kind, bits]
    frame = channels * bits // 8
    values = np.frombuffer(sound[: len(sound) // frame * frame], name).reshape(-1, channels)
    mono = np.nan_to_num(values.mean(axis=1) * scale)
    return np.round(mono).clip(-32768, 32767).astype(np.int16), rate
