"""Writers: each turns a prompt into the scenes of a storyboard."""

from __future__ import annotations

from videocraft.generation.base import ProviderConfig, ProviderError, Writer


def load_writer(config: ProviderConfig) -> Writer:
    """The writer that ``config`` names.

    Raises:
        ProviderError: there is none of that name.
    """
    if config.provider == "builtin":
        from videocraft.generation.writers.builtin import BeatWriter

        return BeatWriter(price=config.price)
    if config.provider == "openai":
        from videocraft.generation.writers.openai import OpenAIWriter

        return OpenAIWriter(config)
    raise ProviderError(f"There is no writer named '{config.provider}'.")
