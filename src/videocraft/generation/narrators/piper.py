"""Speech by Piper: a neural voice from a folder of files, on the processor, without an account."""

from __future__ import annotations

import hashlib
from pathlib import Path

from videocraft.generation.base import ProviderConfig, ProviderError, ShouldStop, Speech
from videocraft.generation.narrators.finishing import finish, silent
from videocraft.generation.narrators.voices import require_package, say

WHO = "Piper"


class PiperNarrator:
    """Speaks with the voice that ``config.voice`` names: an ``.onnx`` file, or a folder that holds one.

    A voice sounds a little different each time; the times of words come from the sound.
    """

    name = "piper"

    def __init__(self, config: ProviderConfig) -> None:
        self._model = model_of(config.voice)
        # The settings beside a model say all that tells it from another of the same name.
        settings = hashlib.sha256(Path(f"{self._model}.json").read_bytes()).hexdigest()
        self.voice = f"{self._model.stem}-{settings[:12]}"
        self.price = config.price
        self._seconds = config.timeout_seconds
        require_package("piper", "piper", self.name)

    def speak(self, text: str, into: Path, *, should_stop: ShouldStop) -> Speech:
        """See ``Narrator``."""
        if (nothing := silent(text, into)) is not None:
            return nothing
        # [[ ]] would be read as phonemes.
        plain = text.replace("[[", "[ [")
        asked = {"text": plain, "model": str(self._model)}
        said = say("_piper.py", asked, who=WHO, seconds=self._seconds, should_stop=should_stop)
        return finish(said.samples, said.rate, text, into, price=self.price)


def model_of(voice: str) -> Path:
    """The ``.onnx`` file of a voice.

    Raises:
        ProviderError: there is none, there are several, or its settings are missing.
    """
    if not voice:
        raise ProviderError("The narrator 'piper' needs a voice: the folder of an .onnx file and its .json.")
    path = Path(voice).expanduser().absolute()
    models = sorted(path.glob("*.onnx")) if path.is_dir() else [path]
    if len(models) != 1:
        raise ProviderError(f"The folder of Piper's voice must hold one .onnx file; it holds {len(models)}.")
    if not models[0].is_file() or not Path(f"{models[0]}.json").is_file():
        raise ProviderError(
            f"Piper's voice {models[0].name} is not there with {models[0].name}.json beside it."
        )
    return models[0]
