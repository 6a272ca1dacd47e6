"""A fake of OpenAI's API: ``POST /v1/chat/completions`` and ``POST /v1/images/generations``."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from tests.support.fakes.server import KEY, FakeServer, Received, Reply, png

Answer = Callable[[dict[str, Any]], str]
"""From a chat request's body to the content of the assistant's message."""


class FakeOpenAI(FakeServer):
    """Set ``chat`` to say what the model writes, ``picture`` and ``as_url`` for what it draws and how.

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

    def reply(self, request: Received) -> Reply:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return _error(401, f"Incorrect API key provided: {request.headers.get('authorization')}")
        if request.path == "/v1/chat/completions":
            return self._chat(request.body)
        if request.path == "/v1/images/generations":
            return self._image(request.body)
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


def _error(status: int, message: str) -> Reply:
    return Reply({"error": {"message": message, "type": "invalid_request_error", "code": None}}, status)
