"""The writer, the illustrator and the narrator that the settings choose."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pydantic import SecretStr

from videocraft.core.storage.contents import Kind
from videocraft.core.storage.fetch import DownloadFailed, fetch
from videocraft.generation.base import (
    Illustrator,
    Narrator,
    ProviderConfig,
    ProviderError,
    ShouldStop,
    Writer,
)
from videocraft.generation.illustrators import load_illustrator
from videocraft.generation.narrators import load_narrator
from videocraft.generation.writers import load_writer
from videocraft.settings import Settings


def writer_of(settings: Settings) -> Writer:
    """What writes the scenes."""
    if settings.writer == "builtin":
        return load_writer(ProviderConfig())
    return load_writer(
        ProviderConfig(
            provider=settings.writer,
            base_url=settings.openai_base_url,
            api_key=_secret(settings.openai_api_key),
            model=settings.openai_model,
        )
    )


def illustrator_of(settings: Settings) -> Illustrator:
    """What draws the pictures."""
    of_provider = {
        "builtin": ("", None, ""),
        "openai": (settings.openai_base_url, settings.openai_api_key, settings.openai_image_model),
        "replicate": (settings.replicate_base_url, settings.replicate_api_token, settings.replicate_model),
    }
    base_url, key, model = of_provider[settings.illustrator]
    config = ProviderConfig(
        provider=settings.illustrator,
        base_url=base_url,
        api_key=_secret(key),
        model=model,
        price=settings.image_price,
    )
    return load_illustrator(config, partial(_fetch, settings))


def narrator_of(settings: Settings) -> Narrator:
    """What speaks the scenes.

    Raises:
        ProviderError: it is not there, or can't be used.
    """
    is_asked = settings.narrator == "openai"
    config = ProviderConfig(
        provider=settings.narrator,
        base_url=(settings.openai_speech_base_url or settings.openai_base_url) if is_asked else "",
        api_key=_secret(settings.openai_api_key) if is_asked else "",
        model=settings.openai_speech_model,
        price=settings.narration_price if is_asked else 0.0,
        voice=settings.narrator_voice,
    )
    return load_narrator(config)


def _fetch(settings: Settings, url: str, into: Path, should_stop: ShouldStop) -> Path:
    """Download a picture that a provider named: from public addresses only."""
    kinds: tuple[Kind, ...] = ("image",)
    try:
        return fetch(url, into, settings=settings, should_stop=should_stop, kinds=kinds).path
    except DownloadFailed as error:
        raise ProviderError(
            f"The picture that the provider named could not be fetched: {error.reason}."
        ) from error


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value is not None else ""
