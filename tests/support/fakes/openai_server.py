"""A fake of OpenAI's API: ``POST /v1/chat/completions``, ``/v1/images/generations``, ``/v1/audio/speech``."""

from __future__ import annotations

import base64
import io
import json
import math
import struct
import wave
from collections.abc import Callable
from typing import Any

from tests.support.fakes.server import KEY, FakeServer, Received, Reply, png

Answer = Callable[[dict[str, Any]], str]
"""From a chat request's body to the content of the assistant's message."""


class FakeOpenAI(FakeServer):
    """Set ``chat`` to say what the model writes, ``picture`` and ``as_url`` for what it draws and how, and
    ``speech`` for what it speaks.

    Requests without the right key are refused as the real API refuses them, and so are bodies that it would
    not take (no model, no messages, an unknown size, ``response_format`` for models that have none).
    """

    prefix = "/v1"

    def __init__(self) -> None:
        super().__init__()
        self.chat: Answer = lambda body: json.dumps({"scenes": []})
        self.refusal: str | None = None
        """What the model says instead of an answer, as ``message.refusal``."""
        self.finish_reason = "stop"
        self.picture: bytes = png()
        self.picture_text: str | None = None
        """Sent as base64 as it is, instead of ``picture``."""
        self.as_url = ""
        """When set, pictures are answered with this address instead of base64."""
        self.speech: Callable[[str], bytes] = lambda text: tones(text.split())
        """From a text to a WAV file."""

    def reply(self, request: Received) -> Reply:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return _error(401, f"Incorrect API key provided: {request.headers.get('authorization')}")
        if request.path == "/v1/chat/completions":
            return self._chat(request.body)
        if request.path == "/v1/images/generations":
            return self._image(request.body)
        if request.path == "/v1/audio/speech":
            return self._speech(request.body)
        return _error(404, f"Invalid URL (POST {request.path})")

    def _chat(self, body: dict[str, Any]) -> Reply:
        if not body.get("model") or not body.get("messages"):
            return _error(400, "you must provide a model and messages parameter")
        format_ = body.get("response_format", {"type": "text"})
        if format_["type"] == "json_schema" and not {"name", "schema"} <= format_["json_schema"].keys():
            return _error(400, "Missing required parameter: 'response_format.json_schema'")
        content = None if self.refusal else self.chat(body)
        message = {"role": "assistant", "content": content, "refusal": self.refusal}
        return Reply(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1_750_000_000,
                "model": body["model"],
                "choices": [{"index": 0, "message": message, "finish_reason": self.finish_reason}],
                "usage": {"prompt_tokens": 100, "completion_tokens": 400, "total_tokens": 500},
            }
        )

    def _image(self, body: dict[str, Any]) -> Reply:
        sizes = {"1024x1024", "1536x1024", "1024x1536", "auto"}
        if body.get("model") == "dall-e-3":
            sizes = {"1024x1024", "1792x1024", "1024x1792"}
        elif body.get("model") == "dall-e-2":
            sizes = {"256x256", "512x512", "1024x1024"}
        elif "response_format" in body:
            return _error(400, "Unknown parameter: 'response_format'.")
        if not body.get("prompt") or body.get("size") not in sizes:
            return _error(400, f"Invalid value: '{body.get('size')}'.")
        if self.as_url:
            return Reply({"created": 1_750_000_000, "data": [{"url": self.as_url}]})
        text = self.picture_text if self.picture_text is not None else base64.b64encode(self.picture).decode()
        return Reply({"created": 1_750_000_000, "data": [{"b64_json": text}]})

    def _speech(self, body: dict[str, Any]) -> Reply:
        missing = {"model", "voice", "input"} - body.keys()
        if missing or not body["input"] or len(body["input"]) > 4096:
            return _error(400, f"Invalid or missing: {', '.join(sorted(missing)) or 'input'}.")
        if body.get("response_format", "mp3") != "wav":
            return Reply(b"\xff\xfb\x90\x00" * 100, kind="audio/mpeg")
        return Reply(self.speech(body["input"]), kind="audio/wav")


def tones(words: list[str], rate: int = 24_000) -> bytes:
    """A WAV file in which each word is a hum of 40 ms a letter, and a full stop or comma a pause of 0.3 s."""
    samples: list[int] = [0] * (rate // 5)
    for word in words:
        count = round(0.04 * rate) * len(word.rstrip(".,"))
        samples += [round(9000 * math.sin(2 * math.pi * 220 * n / rate)) for n in range(count)]
        samples += [0] * (round(0.3 * rate) if word.endswith((".", ",")) else 0)
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return file.getvalue()


def _error(status: int, message: str) -> Reply:
    return Reply({"error": {"message": message, "type": "invalid_request_error", "code": None}}, status)
