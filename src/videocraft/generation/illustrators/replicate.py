"""Pictures from Replicate, or a server that speaks its predictions protocol."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from videocraft.generation.base import (
    GenerationStopped,
    ImageRequest,
    Picture,
    ProviderConfig,
    ProviderError,
    ShouldStop,
)
from videocraft.generation.http import ProviderHttp, Turn, clean
from videocraft.generation.illustrators.files import accept_picture, decode_base64
from videocraft.generation.illustrators.openai import nearest_size, take_from_address
from videocraft.generation.illustrators.wording import describe

if TYPE_CHECKING:
    from videocraft.generation.illustrators import FetchFile

WHO = "Replicate"

_ASPECTS = ((1, 1), (16, 9), (9, 16), (4, 3), (3, 4), (3, 2), (2, 3), (21, 9), (9, 21), (5, 4), (4, 5))
"""What the models of the Flux family take as ``aspect_ratio``."""

_POLL_SECONDS = (0.5, 1.0, 1.0, 2.0)
"""Waits between looks at a prediction; the last one repeats."""

_CANCEL_SECONDS = 5.0
_PROMPT_LIMIT = 4000
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MODEL = re.compile(r"(?P<name>[\w.-]+/[\w.-]+)(?::(?P<version>[0-9a-f]{8,64}))?")


class ReplicateIllustrator:
    """Creates a prediction, looks until it is done, downloads its file; cancels it when told to stop.

    Polls ``{base_url}/predictions/{id}``, not the address in the answer: the token goes nowhere else.
    """

    name = "replicate"

    def __init__(
        self, config: ProviderConfig, fetch: FetchFile, *, poll_seconds: tuple[float, ...] = _POLL_SECONDS
    ) -> None:
        model = _MODEL.fullmatch(config.model)
        if model is None:
            raise ProviderError(
                f"'{config.model}' is not a model of Replicate: give owner/name or owner/name:version."
            )
        self._name, self._version = model["name"], model["version"]
        self.price = config.price
        self._config = config
        self._fetch = fetch
        self._poll_seconds = poll_seconds
        self._http = ProviderHttp(config, WHO)

    def illustrate(self, request: ImageRequest, into: Path, *, should_stop: ShouldStop) -> Picture:
        """See ``Illustrator``."""
        with self._http.turn(should_stop) as turn:
            prediction = self._create(request, turn)
            try:
                output = self._finished(prediction, turn)
            except GenerationStopped:
                self._cancel(prediction)
                raise
            except ProviderError as error:
                if error.retryable:
                    # A time limit or a broken connection: what still runs there would be paid for.
                    self._cancel(prediction)
                raise
            return self._take(output, request, into, turn)

    def _create(self, request: ImageRequest, turn: Turn) -> dict[str, Any]:
        across, down = nearest_size(request.width, request.height, _ASPECTS)
        body: dict[str, Any] = {
            "input": {
                "prompt": describe(request, _PROMPT_LIMIT),
                "aspect_ratio": f"{across}:{down}",
                "seed": request.seed % 2**31,
                "num_outputs": 1,
                "output_format": "png",
            }
        }
        path = f"/models/{self._name}/predictions"
        if self._version:
            body["version"] = self._version
            path = "/predictions"
        return self._prediction(self._http.post_json(path, body, turn))

    def _finished(self, prediction: dict[str, Any], turn: Turn) -> Any:
        looks = 0
        while prediction["status"] in {"starting", "processing", "queued"}:
            self._http.wait(self._poll_seconds[min(looks, len(self._poll_seconds) - 1)], turn)
            looks += 1
            known = prediction["id"]
            prediction = self._prediction(self._http.get_json(f"/predictions/{known}", turn))
            if prediction["id"] != known:
                raise ProviderError(f"{WHO} answered with another prediction than the one asked for.")
        if prediction["status"] != "succeeded":
            said = clean(prediction.get("error"))
            raise ProviderError(
                f"{WHO} made no picture ({prediction['status']}){': ' + said if said else '.'}"
            )
        return prediction.get("output")

    def _prediction(self, answer: Any) -> dict[str, Any]:
        known = {"starting", "processing", "queued", "succeeded", "failed", "canceled", "aborted"}
        if (
            not isinstance(answer, dict)
            or answer.get("status") not in known
            or not isinstance(answer.get("id"), str)
            or not _ID.fullmatch(answer["id"])
        ):
            raise ProviderError(f"{WHO} answered with something that is not a prediction.")
        return answer

    def _cancel(self, prediction: dict[str, Any]) -> None:
        turn = Turn(_CANCEL_SECONDS, lambda: False)
        try:
            self._http.post_json(f"/predictions/{prediction['id']}/cancel", {}, turn)
        except ProviderError:
            # It may be over by now, or out of reach: then nothing more can be done from here.
            return

    def _take(self, output: Any, request: ImageRequest, into: Path, turn: Turn) -> Picture:
        item = output[0] if isinstance(output, list) and output else output
        if not isinstance(item, str):
            raise ProviderError(f"{WHO} answered without a picture.", retryable=True)
        if item.startswith("data:"):
            data = decode_base64(item.partition(";base64,")[2], who=WHO)
            return accept_picture(data, request, into, who=WHO, cost=self.price)
        return take_from_address(item, request, into, turn, fetch=self._fetch, who=WHO, cost=self.price)
