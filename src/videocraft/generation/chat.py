"""Asking a model behind OpenAI's chat protocol for JSON, until its answer can be used."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from videocraft.generation.base import ProviderConfig, ProviderError, ShouldStop
from videocraft.generation.http import ProviderHttp, Turn, clean

T = TypeVar("T")

ASKS: Final = 3
"""How often a model is asked until its answer can be used."""
_MOST_QUOTED: Final = 8000


class UnusableAnswer(Exception):
    """A model's answer can't be used; the sentence, without a full stop, says why and goes back to it."""


class Chat:
    """``POST {base_url}/chat/completions``.

    Args:
        config: address, key, model, limits.
        who: the server as error messages call it ("The writing server").
    """

    def __init__(self, config: ProviderConfig, who: str) -> None:
        self._who = who
        self._model = config.model
        self._http = ProviderHttp(config, who)

    def ask(
        self,
        messages: Sequence[Mapping[str, str]],
        schema: Mapping[str, Any],
        read: Callable[[str], T],
        *,
        what: str,
        should_stop: ShouldStop,
        seed: int | None = None,
    ) -> T:
        """What ``read`` makes of the answer; what it can't use is asked for again with the reason.

        Args:
            messages: instructions and material.
            schema: ``response_format.json_schema``: ``name``, ``strict`` and ``schema``.
            read: from the text of an answer; raises UnusableAnswer.
            what: is asked for, as in "gave no storyboard that can be used".
            should_stop: asked while a request is under way.
            seed: for models that know seeds.

        Raises:
            ProviderError: the server can't be used, the model refused, or no answer could be used.
            GenerationStopped: ``should_stop`` said so.
        """
        told: list[Mapping[str, str]] = list(messages)
        format_ = {"type": "json_schema", "json_schema": schema}
        body: dict[str, Any] = {"model": self._model, "messages": told, "response_format": format_}
        if seed is not None:
            body["seed"] = seed
        with self._http.turn(should_stop) as turn:
            for attempt in range(1, ASKS + 1):
                text = self._answer(body, turn)
                try:
                    return read(text)
                except UnusableAnswer as unusable:
                    if attempt == ASKS:
                        message = f"{self._who} gave no {what} that can be used: {unusable}."
                        raise ProviderError(message, retryable=True) from unusable
                    told += [
                        {"role": "assistant", "content": text[:_MOST_QUOTED]},
                        {"role": "user", "content": f"That can't be used: {unusable}. Answer again."},
                    ]
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _answer(self, body: dict[str, Any], turn: Turn) -> str:
        try:
            return self._content(self._http.post_json("/chat/completions", body, turn))
        except ProviderError as error:
            # Older servers know no schemas; the words of the request say all that the schema says.
            if "response_format" not in body or not re.search(r"response_format|schema", error.message):
                raise
        del body["response_format"]
        return self._content(self._http.post_json("/chat/completions", body, turn))

    def _content(self, answer: Any) -> str:
        """The text of the first choice.

        Raises:
            ProviderError: the model refused, or the answer has another shape.
        """
        try:
            choice = answer["choices"][0]
            message = choice["message"]
            refusal, content = message.get("refusal"), message.get("content")
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise ProviderError(f"{self._who} sent an answer without a message.", retryable=True) from error
        if refusal:
            raise ProviderError(f"{self._who} refused the prompt: {clean(refusal) or 'it gives no reason'}")
        if isinstance(content, list):  # some servers send parts
            content = "".join(part.get("text", "") for part in content if isinstance(part, Mapping))
        return content if isinstance(content, str) else ""
