"""Illustrators: each makes one picture for one scene."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from videocraft.generation.base import Illustrator, ProviderConfig, ProviderError, ShouldStop

FetchFile = Callable[[str, Path, ShouldStop], Path]
"""Downloads an address that a provider named into a file (``fetch(url, into, should_stop) -> into``).

The caller's own, because it must refuse addresses inside the network: a provider's answer is not trusted.
"""


def load_illustrator(config: ProviderConfig, fetch: FetchFile) -> Illustrator:
    """The illustrator that ``config`` names.

    Raises:
        ProviderError: there is none of that name.
    """
    if config.provider == "builtin":
        from videocraft.generation.illustrators.builtin import AnimaticIllustrator

        return AnimaticIllustrator(price=config.price)
    if config.provider == "openai":
        from videocraft.generation.illustrators.openai import OpenAIIllustrator

        return OpenAIIllustrator(config, fetch)
    if config.provider == "replicate":
        from videocraft.generation.illustrators.replicate import ReplicateIllustrator

        return ReplicateIllustrator(config, fetch)
    raise ProviderError(f"There is no illustrator named '{config.provider}'.")
