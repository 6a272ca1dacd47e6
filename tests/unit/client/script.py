"""A driver without network and without time: it answers what the test says and keeps what was yielded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from videocraft.client.config import Config
from videocraft.client.errors import ConnectionFailed
from videocraft.client.exchange import Exchange
from videocraft.client.wire import Effect, Receive, Reply, Request, Send, Steps, Wait

T = TypeVar("T")
Answer = Reply | ConnectionFailed | Callable[[Effect], Reply]

BASE = "http://server.test/api/v1"


class Stage:
    """One exchange whose clock moves only by waiting; ``exact`` when every answer has to be asked for."""

    def __init__(self, *answers: Answer, **config: Any) -> None:
        self.now = 1000.0
        self.exact = True
        self.answers = list(answers)
        self.requests: list[Request] = []
        self.timeouts: list[float] = []
        self.waits: list[float] = []
        self.exchange = Exchange(Config(BASE, "key", **config), clock=lambda: self.now, jitter=lambda: 1.0)

    def run(self, steps: Steps[T]) -> T:
        """Perform the steps; all answers must be used up at the end."""
        try:
            effect = next(steps)
            while True:
                try:
                    reply = self._perform(effect)
                except ConnectionFailed as failure:
                    effect = steps.throw(failure)
                else:
                    effect = steps.send(reply)
        except StopIteration as end:
            assert not (self.exact and self.answers), "the core asked less often than expected"
            return end.value
        finally:
            steps.close()

    def _perform(self, effect: Effect) -> Reply | None:
        if isinstance(effect, Wait):
            self.now += effect.seconds
            self.waits.append(effect.seconds)
            return None
        self.requests.append(effect.request)
        self.timeouts.append(effect.timeout)
        answer = self.answers.pop(0)
        if isinstance(answer, ConnectionFailed):
            raise answer
        if callable(answer):
            return answer(effect)
        if isinstance(effect, Receive):
            file = effect.accept(Reply(answer.status, answer.headers))
            if file:
                file.write(answer.body)
        return answer

    @property
    def sent(self) -> list[str]:
        """``METHOD /path`` of each request."""
        return [f"{one.method} {one.url.removeprefix(BASE)}" for one in self.requests]


def answer(data: Any, status: int = 200, **headers: str) -> Reply:
    """A successful answer."""
    return Reply(status, headers, json.dumps({"success": True, "data": data}).encode())


def refusal(status: int, code: str = "CODE", message: str = "Message", /, **more: Any) -> Reply:
    """An error as documented; ``headers`` apart."""
    headers = more.pop("headers", {})
    body = {"error": message, "code": code, "request_id": "req_1", **more}
    return Reply(status, headers, json.dumps(body).encode())


def token(value: str = "token", expires_at: str = "2024-01-01T13:00:00Z") -> Reply:
    """The answer to ``GET /csrf-token`` at 12:00."""
    data = {"csrf_token": value, "expires_at": expires_at}
    return answer(data, date="Mon, 01 Jan 2024 12:00:00 GMT")


def broken(*, sent: bool = True) -> ConnectionFailed:
    """A connection that failed."""
    return ConnectionFailed("broken", sent=sent)


def header(requests: Iterable[Request], name: str) -> list[str | None]:
    """The header's value in each request."""
    return [one.headers.get(name) for one in requests]


__all__ = ["BASE", "Send", "Stage", "answer", "broken", "header", "refusal", "token"]
