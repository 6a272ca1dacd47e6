"""Pictures from any server that speaks OpenAI's images protocol."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from videocraft.errors import VideoCraftError
from videocraft.generation.base import ImageRequest, Picture, ProviderConfig, ProviderError, ShouldStop
from videocraft.generation.http import ProviderHttp, Turn
from videocraft.generation.illustrators.files import accept_picture, decode_base64
from videocraft.generation.illustrators.wording import describe

if TYPE_CHECKING:
    from videocraft.generation.illustrators import FetchFile

WHO = "The image server"

_SIZES: dict[str, tuple[tuple[int, int], ...]] = {
    "dall-e-2": ((1024, 1024),),
    "dall-e-3": ((1024, 1024), (1792, 1024), (1024, 1792)),
}
_DEFAULT_SIZES = ((1024, 1024), (1536, 1024), (1024, 1536))
_PROMPT_LIMITS = {"dall-e-2": 1000}
_DEFAULT_PROMPT_LIMIT = 4000


class OpenAIIllustrator:
    """``POST {base_url}/images/generations``: answers hold base64, or an address that ``fetch`` downloads.

    The protocol has no seeds: the same request gives another picture each time.
    """

    name = "openai"

    def __init__(self, config: ProviderConfig, fetch: FetchFile) -> None:
        self.price = config.price
        self._config = config
        self._fetch = fetch
        self._http = ProviderHttp(config, WHO)

    def illustrate(self, request: ImageRequest, into: Path, *, should_stop: ShouldStop) -> Picture:
        """See ``Illustrator``."""
        with self._http.turn(should_stop) as turn:
            answer = self._http.post_json("/images/generations", self._body(request), turn)
            return self._take(answer, request, into, turn)

    def _body(self, request: ImageRequest) -> dict[str, Any]:
        model = self._config.model
        width, height = nearest_size(request.width, request.height, _SIZES.get(model, _DEFAULT_SIZES))
        body: dict[str, Any] = {
            "model": model,
            "prompt": describe(request, _PROMPT_LIMITS.get(model, _DEFAULT_PROMPT_LIMIT)),
            "size": f"{width}x{height}",
            "n": 1,
        }
        if model.startswith("dall-e"):
            # Later models always answer with base64 and refuse the parameter.
            body["response_format"] = "b64_json"
        return body

    def _take(self, answer: Any, request: ImageRequest, into: Path, turn: Turn) -> Picture:
        data = answer.get("data") if isinstance(answer, dict) else None
        item = data[0] if isinstance(data, list) and data else None
        if not isinstance(item, dict) or not (item.get("b64_json") or item.get("url")):
            raise ProviderError(f"{WHO} answered without a picture.", retryable=True)
        if item.get("b64_json"):
            picture = decode_base64(item["b64_json"], who=WHO)
            return accept_picture(picture, request, into, who=WHO, cost=self.price)
        return take_from_address(
            item["url"], request, into, turn, fetch=self._fetch, who=WHO, cost=self.price
        )


def nearest_size(width: int, height: int, sizes: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    """The size whose aspect is nearest by ratio, so that least is cropped away."""
    wanted = width / height
    return min(sizes, key=lambda size: max(wanted * size[1] / size[0], size[0] / (wanted * size[1])))


def take_from_address(
    url: object, request: ImageRequest, into: Path, turn: Turn, *, fetch: FetchFile, who: str, cost: float
) -> Picture:
    """Download a picture from where a provider says it lies, with the caller's address check, and accept it.

    Raises:
        ProviderError: no address, one that may not be fetched, or no good picture behind it.
    """
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise ProviderError(f"{who} named its picture by something that is not a web address.")
    with tempfile.TemporaryDirectory(prefix=".picture-", dir=into.parent) as folder:
        try:
            path = fetch(url, Path(folder) / "picture", turn.should_stop)
        except VideoCraftError as error:
            message = f"{who} named a picture that could not be fetched: {error.message}"
            raise ProviderError(message, retryable=error.status >= 500) from error
        return accept_picture(path, request, into, who=who, cost=cost)
