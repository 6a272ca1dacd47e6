"""A fake of Replicate's API: predictions that take a few looks to finish, and the files they leave."""

from __future__ import annotations

import re
from typing import Any

from tests.support.fakes.server import KEY, FakeServer, Received, Reply, png


class FakeReplicate(FakeServer):
    """Predictions finish after ``looks`` polls with ``picture`` under ``/files/…``.

    ``ending`` is their last status, ``output`` overrides what they answer with; ``canceled`` lists the ids of
    those that were cancelled, ``held`` keeps them processing for ever.
    """

    prefix = "/v1"

    def __init__(self) -> None:
        super().__init__()
        self.looks = 2
        self.held = False
        self.ending = "succeeded"
        self.output: Any = None
        self.picture: bytes = png()
        self.canceled: list[str] = []
        self._seen: dict[str, int] = {}

    def reply(self, request: Received) -> Reply:
        if request.path.startswith("/files/"):
            return Reply(self.picture, kind="image/png")
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return Reply(
                {"title": "Unauthenticated", "detail": "You did not pass a token", "status": 401}, 401
            )
        if request.method == "POST" and (
            request.path == "/v1/predictions"
            or re.fullmatch(r"/v1/models/[\w.-]+/[\w.-]+/predictions", request.path)
        ):
            return self._create(request)
        found = re.fullmatch(r"/v1/predictions/(\w+)(/cancel)?", request.path)
        if found is None or found[1] not in self._seen:
            return Reply({"detail": "The requested resource could not be found.", "status": 404}, 404)
        if found[2]:
            self.canceled.append(found[1])
            return Reply(self._prediction(found[1], "canceled"))
        return self._look(found[1])

    def _create(self, request: Received) -> Reply:
        if request.path == "/v1/predictions" and "version" not in request.body:
            return Reply(
                {"title": "Input validation failed", "detail": "- version is required", "status": 422}, 422
            )
        name = f"prediction{len(self._seen)}"
        self._seen[name] = 0
        return Reply(self._prediction(name, "starting"), 201)

    def _look(self, name: str) -> Reply:
        self._seen[name] += 1
        done = self._seen[name] >= self.looks and not self.held
        return Reply(self._prediction(name, self.ending if done else "processing"))

    def _prediction(self, name: str, status: str) -> dict[str, Any]:
        output = self.output if self.output is not None else [f"{self.address}/files/{name}.png"]
        return {
            "id": name,
            "status": status,
            "output": output if status == "succeeded" else None,
            "error": "NSFW content detected" if status == "failed" else None,
            "urls": {
                # As the real API does, and never to be followed with the token.
                "get": f"http://127.0.0.1:9/v1/predictions/{name}",
                "cancel": f"http://127.0.0.1:9/v1/predictions/{name}/cancel",
            },
        }
