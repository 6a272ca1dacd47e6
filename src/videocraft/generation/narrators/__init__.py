"""Narrators: each speaks the text of a scene."""

from __future__ import annotations

from videocraft.generation.base import Narrator, ProviderConfig, ProviderError


def load_narrator(config: ProviderConfig) -> Narrator:
    """The narrator that ``config`` names. Cheap: a voice is loaded when something is to be spoken.

    Raises:
        ProviderError: there is none of that name, or what it needs is not there.
    """
    if config.provider == "espeak":
        from videocraft.generation.narrators.espeak import EspeakNarrator

        return EspeakNarrator(config)
    if config.provider == "piper":
        from videocraft.generation.narrators.piper import PiperNarrator

        return PiperNarrator(config)
    if config.provider == "openai":
        from videocraft.generation.narrators.openai import OpenAINarrator

        return OpenAINarrator(config)
    raise ProviderError(f"There is no narrator named '{config.provider}'.")
